"""Real time and real chance."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the machine's time, aware UTC."""
    return datetime.now(UTC)


class SystemClock:
    """The machine's monotonic clock."""

    def monotonic(self) -> float:
        """Return the seconds since some fixed instant; changes of the machine's clock do not affect them."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Return after *seconds*."""
        if seconds > 0:
            time.sleep(seconds)

    def wait(self, condition: threading.Condition, ready: Callable[[], bool], timeout_s: float) -> None:
        """Return once *ready* holds, at the latest after *timeout_s* seconds; the caller holds *condition*."""
        condition.wait_for(ready, min(timeout_s, threading.TIMEOUT_MAX))


def chance() -> float:
    """Draw a number evenly from [0, 1). No secret depends on it."""
    return random.random()  # noqa: S311
