"""What the engine needs from the world: the service's API, a clock, a listener, a die."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Time as a process sees it, in seconds."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""

    def sleep(self, seconds: float) -> None:
        """Return after *seconds*."""


class Random(Protocol):
    """A source of jitter."""

    def uniform(self) -> float:
        """A number drawn evenly from [0, 1)."""
