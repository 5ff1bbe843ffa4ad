"""SIGKILL of the real command line, of its providers, and of both, at moments drawn from a seed."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from crash.processes import kill_providers, providers
from pulumi_alicdn.emulator.running import Emulator
from support.call_log import submits
from support.scale import runs
from support.stack import Stack, eventually

URLS = ["https://media.example.com/a.m3u8", "https://other.example.com/b.m3u8"]
PROGRAM = f"""
for name, url in zip("ab", {URLS!r}):
    release = alicdn.RefreshTask(name, service="vod", object_paths=[url])
    pulumi.export(name, release.status)
"""
WHOM = ("command line", "providers", "both")


@dataclass(frozen=True)
class Strike:
    """Kill *whom* once the cloud has seen *calls* calls, and then *later_s* after that."""

    whom: str
    calls: int
    later_s: float

    @classmethod
    def of(cls, number: int) -> Strike:
        drawn = random.Random(number)  # noqa: S311  repeatable on purpose
        calls = drawn.randrange(0, 9)
        return cls(WHOM[number % 3], calls, drawn.uniform(0, 2.0 if calls == 0 else 0.3))


def strike(blow: Strike, stack: Stack, cloud: Emulator) -> None:
    child = stack.popen("up", "--yes", "--skip-preview")
    eventually(
        lambda: len(cloud.calls()) >= blow.calls and bool(blow.whom == "command line" or providers(child.pid)),
        f"{blow} can happen",
    )
    time.sleep(blow.later_s)  # the moment itself, not a wait for something
    assert child.poll() is None, "over before it was to be killed"
    if blow.whom != "providers":
        os.kill(child.pid, signal.SIGKILL)
    if blow.whom != "command line":
        assert kill_providers(child.pid) or blow.calls == 0
    output, _ = child.communicate(timeout=60)
    assert child.returncode != 0, output


@pytest.mark.parametrize("number", range(runs(20)))
def test_killed_at_any_moment_the_next_up_ends_clean(
    number: int, emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=6, edges=1)
    stack = stacks(PROGRAM, cloud)
    blow = Strike.of(number)

    strike(blow, stack, cloud)
    # Graces and what is left of the effect pass in no time from here on.
    cloud.admin("clock", {"speed": 30})
    stack.cancel()
    stack.up().expect_ok()

    assert stack.outputs() == {"a": "Complete", "b": "Complete"}
    assert sorted(str(row["ObjectPath"]) for row in cloud.tasks()) == URLS, blow
    assert len(submits(cloud)) == 2, blow
    assert stack.up().expect_ok().changes()["unchanged"] == 10
