"""Real time and real chance."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime


def utc_now() -> datetime:
    """The machine's idea of the time, aware UTC."""
    return datetime.now(UTC)


class SystemClock:
    """The machine's monotonic clock."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; setting the machine's clock does not move it."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Return after *seconds*."""
        if seconds > 0:
            time.sleep(seconds)


class SystemRandom:
    """Jitter; nothing secret depends on it."""

    def uniform(self) -> float:
        """A number drawn evenly from [0, 1)."""
        return random.random()  # noqa: S311
