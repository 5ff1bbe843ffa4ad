"""The virtual clock: real time, faster or slower, moved or stopped by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)
"""The instant at which the clock stays. [chosen: dates end with the year 9999, and expiries lie after now]"""


class VirtualClock:
    """``now = base + real time passed * speed + what was advanced by hand``; it never goes backwards."""

    def __init__(self, base: datetime, monotonic: Callable[[], float], speed: float = 1.0) -> None:
        """Start at *base* (aware UTC) with *speed* virtual seconds per real second; *monotonic* is real seconds."""
        self._base = base
        self._monotonic = monotonic
        self._mark = monotonic()
        self._speed = speed
        self._frozen = False

    @property
    def speed(self) -> float:
        """Virtual seconds per real second, as set; also while the clock is frozen."""
        return self._speed

    @property
    def frozen(self) -> bool:
        """Whether the clock moves only by hand."""
        return self._frozen

    def now(self) -> datetime:
        """The virtual instant."""
        return _later(self._base, self._passed_s())

    def advance(self, seconds: float) -> None:
        """Move forward by virtual seconds, at once; ValueError for a negative number."""
        if seconds < 0:
            raise ValueError("The clock does not go backwards.")
        self._base = _later(self._base, seconds)

    def set_speed(self, speed: float) -> None:
        """Change the speed from now on."""
        self._rebase()
        self._speed = speed

    def set_frozen(self, frozen: bool) -> None:
        """Stop the clock, or let it continue from where it stopped."""
        self._rebase()
        self._frozen = frozen

    def real_seconds_until(self, instant: datetime) -> float | None:
        """Return the real seconds until a virtual instant: 0 for a past one, None if the clock never reaches it."""
        left_s = (instant - self.now()).total_seconds()
        if left_s <= 0:
            return 0.0
        if self._frozen or self._speed == 0:
            return None
        return left_s / self._speed

    def _passed_s(self) -> float:
        return 0.0 if self._frozen else (self._monotonic() - self._mark) * self._speed

    def _rebase(self) -> None:
        self._base = self.now()
        self._mark = self._monotonic()


def _later(instant: datetime, seconds: float) -> datetime:
    """The instant that much later, at most the latest."""
    try:
        return min(instant + timedelta(seconds=seconds), LATEST)
    except OverflowError:
        return LATEST
