"""What all parts need from outside: a clock. Chance is a plain function, :data:`Chance`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import threading  # a type only: releases use a clock, and no threads

Chance = Callable[[], float]
"""Draws a number evenly from [0, 1), as `random.random` does."""


class Clock(Protocol):
    """Time as a process sees it, in seconds."""

    def monotonic(self) -> float:
        """Seconds since some fixed instant; never goes back."""

    def sleep(self, seconds: float) -> None:
        """Return after *seconds*."""

    def wait(self, condition: threading.Condition, ready: Callable[[], bool], timeout_s: float) -> None:
        """Return once *ready* holds, at the latest after *timeout_s* seconds.

        The caller holds the lock of *condition*, which is released meanwhile. A thread that makes *ready* true
        notifies *condition*. The clocks of tests need *ready*: they move the time on only while no thread is about to
        go on.
        """
