"""Virtual time: an emulator whose clock moves only when somebody sleeps, and what a wait tells meanwhile."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.tasks.progress import Progress


class VirtualClock:
    """A clock whose sleep moves the emulator's time, and its own by the same."""

    def __init__(self, cloud: Emulator) -> None:
        self._cloud = cloud
        self._now_s = 0.0
        self._events: list[tuple[float, Callable[[], object]]] = []
        self.slept: list[float] = []
        cloud.admin("clock", {"frozen": True})

    def monotonic(self) -> float:
        return self._now_s

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0, "nobody sleeps backwards"
        self.slept.append(seconds)
        until = self._now_s + seconds
        while self._events and self._events[0][0] <= until:
            at, happen = self._events.pop(0)
            self._move(at)
            happen()
        self._move(until)

    def at(self, seconds: float, happen: Callable[[], object]) -> None:
        """Have something happen once the clock shows that instant."""
        self._events.append((seconds, happen))
        self._events.sort(key=lambda event: event[0])

    def _move(self, to_s: float) -> None:
        if to_s > self._now_s:
            self._cloud.advance(to_s - self._now_s)
            self._now_s = to_s


class SeededRandom:
    """Jitter that is the same in every run."""

    def __init__(self, seed: int = 7) -> None:
        self._random = random.Random(seed)  # noqa: S311  jitter, repeatable on purpose

    def uniform(self) -> float:
        return self._random.random()


class Listener:
    """Keeps what a wait tells."""

    def __init__(self) -> None:
        self.seen: list[Progress] = []
        self.warnings: list[str] = []
        self.submits: list[tuple[tuple[str, ...], str]] = []

    def report(self, progress: Progress) -> None:
        self.seen.append(progress)

    def warn(self, message: str) -> None:
        self.warnings.append(message)

    def submitted(self, task_ids: Sequence[str], request_id: str) -> None:
        self.submits.append((tuple(task_ids), request_id))


def break_calls(cloud: Emulator, *faults: Mapping[str, Any]) -> None:
    """Set these faults, and no others."""
    cloud.admin("faults", {"faults": list(faults)})
