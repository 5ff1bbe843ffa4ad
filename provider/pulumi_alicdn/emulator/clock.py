"""The virtual clock: real time, faster or slower, moved or stopped by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class VirtualClock:
    """``now = base + real time passed * speed + what was advanced by hand``.

    It never goes backwards. ``monotonic`` returns real seconds and is passed in, so tests need no real time.
    """

    def __init__(self, base: datetime, monotonic: Callable[[], float], speed: float = 1.0) -> None:
        """Start at ``base`` (aware UTC) with ``speed`` virtual seconds per real second."""
        self._base = base
        self._monotonic = monotonic
        self._mark = monotonic()
        self._speed = speed
        self._frozen = False

    @property
    def speed(self) -> float:
        """Virtual seconds per real second, as set; the clock may be frozen all the same."""
        return self._speed

    @property
    def frozen(self) -> bool:
        """Whether the clock moves only by hand."""
        return self._frozen

    def now(self) -> datetime:
        """Return the virtual instant."""
        return self._base + timedelta(seconds=self._passed_s())

    def advance(self, seconds: float) -> None:
        """Move forward by virtual seconds, at once."""
        if seconds < 0:
            message = "The clock does not go backwards."
            raise ValueError(message)
        self._base += timedelta(seconds=seconds)

    def set_speed(self, speed: float) -> None:
        """Change the speed from now on."""
        self._rebase()
        self._speed = speed

    def set_frozen(self, frozen: bool) -> None:
        """Stop the clock, or let it run on from where it stopped."""
        self._rebase()
        self._frozen = frozen

    def real_seconds_until(self, instant: datetime) -> float | None:
        """Return the real seconds until a virtual instant (0 when it is past), or None if it never comes by itself."""
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
