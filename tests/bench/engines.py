"""What the newest engine takes, against the pinned one: its start, a first `up`, and an `up` without changes.

In turns, in one run, so that a busy machine slows down both. Each costs time and computing: time is what a user waits,
and computing is what hardly depends on what else the machine does.
"""

from __future__ import annotations

import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final, Literal

from bench.goals import Verdict
from bench.overhead import OURS, engine_path, stacks
from pulumi_alicdn.emulator.running import start

EFFECT_S: Final = 1.0
"""Seconds until a task is effective. [chosen: short, because both engines wait for it alike]"""

STARTS: Final = 9
UPS: Final = 5
UNCHANGED_UPS: Final = 9

NO_WORSE: Final = 1.05
"""What counts as no worse. [chosen: two runs of one engine differ by about as much]"""

Name = Literal["pinned", "newest"]
NAMES: Final[tuple[Name, ...]] = ("pinned", "newest")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds that one command took, and seconds of computing of it and all that it started."""

    wall_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Found:
    """The costs of each engine, run by run."""

    versions: Mapping[Name, str]
    start: Mapping[Name, list[Cost]]
    first_up: Mapping[Name, list[Cost]]
    unchanged_up: Mapping[Name, list[Cost]]

    def parts(self) -> Iterator[tuple[str, Mapping[Name, list[Cost]]]]:
        """What was measured, by the name that people read."""
        yield "pulumi version", self.start
        yield "first up", self.first_up
        yield "up without changes", self.unchanged_up


def wall_s(costs: list[Cost]) -> float:
    """The median of the seconds."""
    return median(cost.wall_s for cost in costs)


def cpu_s(costs: list[Cost]) -> float:
    """The median of the seconds of computing."""
    return median(cost.cpu_s for cost in costs)


def _cost(act: Callable[[], object]) -> Cost:
    """What *act* takes; its processes have ended when it returns."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    act()
    took_s = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(took_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _in_turns(act: Callable[[Name, int], object], runs: int) -> dict[Name, list[Cost]]:
    found: dict[Name, list[Cost]] = {name: [] for name in NAMES}
    for number in range(runs):
        # Each is as often the first of its turn: the second one finds files that the first has read.
        for name in NAMES if number % 2 else NAMES[::-1]:
            found[name].append(_cost(partial(act, name, number)))
    return found


def run() -> Found:
    """Measure both; takes about two minutes, and seven more where the newest engine has to be built first."""
    folders: dict[Name, str] = {name: engine_path(name) for name in NAMES}

    def version(name: Name) -> str:
        done = subprocess.run([f"{folders[name]}/pulumi", "version"], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    with ExitStack() as opened:
        root = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="pulumi-alicdn-bench-")))
        cloud = opened.enter_context(start(effect_s=EFFECT_S))
        made = {}
        for name in NAMES:
            (root / name).mkdir()
            make = opened.enter_context(stacks(root / name, cloud, folders[name]))
            # The first one is warm before anything is measured: no measured run is the first to read the files.
            made[name] = [make(f"stack-{number}", OURS) for number in range(UPS + 1)]
            made[name][UPS].up().expect_ok()
        versions = {name: version(name) for name in NAMES}
        started = _in_turns(lambda name, _: version(name), STARTS)
        first = _in_turns(lambda name, number: made[name][number].up().expect_ok(), UPS)
        unchanged = _in_turns(lambda name, _: made[name][UPS].up().expect_ok(), UNCHANGED_UPS)
    return Found(versions, started, first, unchanged)


def verdicts(found: Found) -> list[Verdict]:
    """The newest engine becomes the one that is built by default only if nothing takes longer with it."""
    return [
        Verdict(f"{what}: {unit}, newest / pinned", of(costs["newest"]) / of(costs["pinned"]), NO_WORSE)
        for what, costs in found.parts()
        for unit, of in (("time", wall_s), ("computing", cpu_s))
    ]


def plain(found: Found) -> dict[str, Any]:
    """As JSON takes it."""
    return {"effect_s": EFFECT_S, **asdict(found)}
