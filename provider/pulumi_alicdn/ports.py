"""The ports that all parts share: a clock, and the time of day and chance as plain functions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import threading  # a type only: releases use a clock, and no threads

Chance = Callable[[], float]
"""Draws a number evenly from [0, 1), as `random.random` does."""

Now = Callable[[], datetime]
"""Returns this machine's idea of the current time, aware UTC."""


class Clock(Protocol):
    """Time as a process sees it, in seconds."""

    def monotonic(self) -> float:
        """Return the seconds since some fixed instant; the value never decreases."""

    def sleep(self, seconds: float) -> None:
        """Return after *seconds*."""

    def wait(self, condition: threading.Condition, ready: Callable[[], bool], timeout_s: float) -> None:
        """Return once *ready* holds, at the latest after *timeout_s* seconds.

        The caller holds the lock of *condition*, which is released meanwhile. A thread that makes *ready* true has to
        notify *condition*. The clocks of tests need *ready*: they advance the time only if every thread is waiting.
        """
