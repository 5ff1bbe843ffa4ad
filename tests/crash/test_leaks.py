"""A provider process that submits and waits a thousand times is no larger afterwards."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from crash.engine_side import STEPS, Engine, Provider, environment, refresh
from pulumi_alicdn.emulator.running import Emulator
from support.call_log import submits
from support.scale import runs

AT_ONCE = 4
"""What the dynamic provider serves at a time."""
TOGETHER = 50
"""Tasks whose steps are made together, so that none waits for the first second of its intent alone."""


@dataclass(frozen=True)
class Footprint:
    """What a process holds: resident memory in MiB, threads, open sockets and other open files."""

    rss_mib: float
    threads: int
    sockets: int
    files: int

    @classmethod
    def of(cls, pid: int) -> Footprint:
        process = Path("/proc") / str(pid)
        opened = []
        for link in (process / "fd").iterdir():
            with suppress(FileNotFoundError):  # closed meanwhile
                opened.append(str(link.readlink()))
        sockets = sum(name.startswith("socket:") for name in opened)
        said = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
        return cls(
            rss_mib=int(said["VmRSS"].split()[0]) / 1024,
            threads=int(said["Threads"]),
            sockets=sockets,
            files=len(opened) - sockets,
        )


def cycles(provider: Provider, pool: ThreadPoolExecutor, numbers: range) -> None:
    """Submit and wait for one URL each."""
    stacks = [refresh(f"https://media.example.com/{number}.m3u8", ("vod", "cdn")[number % 2]) for number in numbers]
    for step in STEPS:
        list(pool.map(lambda stack, step=step: stack.make(provider, step), stacks))
    assert {stack.status() for stack in stacks} == {"Complete"}


@pytest.mark.timeout(runs(600))
def test_a_thousand_cycles_leave_nothing_behind(
    emulators: Callable[..., Emulator], engine: Engine, tmp_path: Path
) -> None:
    count = runs(1000)
    cloud = emulators(effect_s=0, speed=30, edges=1)
    with Provider(engine, environment(tmp_path, cloud), {}) as provider, ThreadPoolExecutor(AT_ONCE) as pool:
        cycles(provider, pool, range(10))
        early = Footprint.of(provider.pid)
        cycles(provider, pool, range(10, TOGETHER))
        warm = Footprint.of(provider.pid)
        for first in range(TOGETHER, count, TOGETHER):
            cloud.admin("quota", {"UrlRemain": 2 * TOGETHER})
            cycles(provider, pool, range(first, first + TOGETHER))
        late = Footprint.of(provider.pid)
    print(early, warm, late, sep="\n")  # noqa: T201  pytest shows it with a failure
    assert len(submits(cloud)) == count
    assert late.rss_mib - warm.rss_mib < 10
    # Python's pool and gRPC make a thread when work waits while none of theirs is idle: a few, and how early depends on
    # the machine's load. A thread that one cycle in a hundred leaves behind would be more.
    assert late.threads <= early.threads + AT_ONCE
    assert late.files <= early.files
    # A pool keeps as many connections to the cloud as calls were ever under way at once: at first perhaps one.
    assert late.sockets < early.sockets + AT_ONCE
