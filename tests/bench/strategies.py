"""Ways to decide when to poll next: the usual pollers, and ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pulumi_alicdn.api.limits import DEFAULT_TIMEOUT_S
from pulumi_alicdn.api.spec import Kind
from pulumi_alicdn.tasks.waiting.samples import Sample
from pulumi_alicdn.tasks.waiting.schedule import next_poll_s


class Strategy(Protocol):
    """Someone who waits for a task."""

    @property
    def name(self) -> str:
        """How tables call it."""

    @property
    def remembers(self) -> bool:
        """Whether it knows how long earlier tasks took."""

    def wait_s(self, kind: Kind, polls: Sequence[Sample], durations_s: Sequence[float]) -> float:
        """Seconds from the last of *polls* to the next."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """Polls at equal distances."""

    period_s: float
    remembers: bool = False

    @property
    def name(self) -> str:
        """The distance."""
        return f"every {self.period_s:g} s"

    def wait_s(self, kind: Kind, polls: Sequence[Sample], durations_s: Sequence[float]) -> float:
        """Always the same."""
        del kind, polls, durations_s
        return self.period_s


@dataclass(frozen=True, slots=True)
class Exponential:
    """Doubles its waits up to a cap."""

    first_s: float = 1.0
    most_s: float = 30.0
    remembers: bool = False
    name: str = "exponential"

    def wait_s(self, kind: Kind, polls: Sequence[Sample], durations_s: Sequence[float]) -> float:
        """1, 2, 4 … 30 s."""
        del kind, durations_s
        return min(self.most_s, self.first_s * 2.0 ** min(len(polls) - 1, 30))


@dataclass(frozen=True, slots=True)
class Ours:
    """`tasks/waiting/schedule.py`, as the engine calls it."""

    name: str
    remembers: bool

    def wait_s(self, kind: Kind, polls: Sequence[Sample], durations_s: Sequence[float]) -> float:
        """What the schedule says, with the default timeout as the deadline."""
        return next_poll_s(kind, polls, durations_s, DEFAULT_TIMEOUT_S[kind] - polls[-1].age_s)


EVERY_5_S, EVERY_10_S, EVERY_30_S = Fixed(5.0), Fixed(10.0), Fixed(30.0)
FIRST_RUN = Ours("ours, first run", remembers=False)
WITH_HISTORY = Ours("ours, with history", remembers=True)
STRATEGIES: tuple[Strategy, ...] = (EVERY_5_S, EVERY_10_S, EVERY_30_S, Exponential(), FIRST_RUN, WITH_HISTORY)
OURS = (FIRST_RUN, WITH_HISTORY)
