"""Virtual time: an emulator whose clock moves only when somebody sleeps; seeded jitter; a sink that keeps reports."""

from __future__ import annotations

import random
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.errors import InterruptedWaitError
from pulumi_alicdn.ports import Chance
from pulumi_alicdn.tasks.progress import Progress


class Sleeper(ABC):
    """A clock for waits that no other thread notifies, so that each ends when its time is over."""

    @abstractmethod
    def sleep(self, seconds: float) -> None:
        """Let *seconds* pass."""

    def wait(self, condition: threading.Condition, ready: Callable[[], bool], timeout_s: float) -> None:
        """See Clock."""
        del condition  # nobody needs its lock
        if not ready():
            self.sleep(timeout_s)


class VirtualClock(Sleeper):
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


def seeded_chance(seed: int = 7) -> Chance:
    """Jitter that is the same in every run."""
    return random.Random(seed).random  # noqa: S311  jitter, repeatable on purpose


class Listener:
    """Keeps what a wait reports."""

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


class Gone:
    """A sink whose user leaves after a few reports."""

    def __init__(self, reports: int) -> None:
        self.left = reports

    def report(self, _: Progress) -> None:
        self.left -= 1
        if self.left < 0:
            raise InterruptedWaitError("the engine is gone")

    def warn(self, message: str) -> None:
        raise AssertionError(message)

    def submitted(self, task_ids: Sequence[str], _request_id: str) -> None:
        raise AssertionError(task_ids)


def break_calls(cloud: Emulator, *faults: Mapping[str, Any]) -> None:
    """Set these faults, and no others."""
    cloud.admin("faults", {"faults": list(faults)})
