"""Real time and real chance."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime


def utc_now() -> datetime:
    """The machine's idea of the time, aware UTC."""
    return datetime.now(UTC)


class SystemClock:
    """The machine's monotonic clock."""

    def monotonic(self) -> float:
        """Seconds since some fixed instant; setting the machine's clock does not move it."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Return after *seconds*."""
        if seconds > 0:
            time.sleep(seconds)

    def wait(self, condition: threading.Condition, ready: Callable[[], bool], timeout_s: float) -> None:
        """Return once *ready* holds, at the latest after *timeout_s* seconds; the caller holds *condition*."""
        condition.wait_for(ready, min(timeout_s, threading.TIMEOUT_MAX))


def chance() -> float:
    """A number drawn evenly from [0, 1). Nothing secret depends on it."""
    return random.random()  # noqa: S311
