"""The one policy for trying calls again: reads freely, submits only after a definite refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from pulumi_alicdn.core.errors import ApiError, ThrottledError, UnknownOutcomeError, UnreachableError
from pulumi_alicdn.core.faults import least_wait_s
from pulumi_alicdn.core.retry import backoff_s
from pulumi_alicdn.ports import Clock, Random

T = TypeVar("T")

READ_PATIENCE_S: Final = 30.0
"""Seconds for which a read outside a wait is tried again. [chosen: a short outage passes, a wrong
endpoint is told within half a minute]"""

SUBMIT_PATIENCE_S: Final = 300.0
"""Seconds for which a submit is tried again while the service says that it is busy. [chosen: five times the minute of
QuotaPerMinuteExceeded.Refresh]"""

_SAFE_FOR_READS: Final = (ThrottledError, UnreachableError, UnknownOutcomeError)
_SAFE_FOR_SUBMITS: Final = (ThrottledError, UnreachableError)


def _always() -> None:
    """Nobody can be gone."""


class Caller:
    """Makes calls, and makes them again where that is safe, until a deadline."""

    def __init__(self, clock: Clock, random: Random, wanted: Callable[[], None] = _always) -> None:
        """Take time and jitter from *clock* and *random*.

        *wanted* is asked before every submit; it raises InterruptedWaitError where whoever wanted it is gone.
        """
        self.clock = clock
        self._random = random
        self._wanted = wanted

    def read(
        self,
        call: Callable[[], T],
        until: float | None = None,
        told: Callable[[ApiError], None] | None = None,
    ) -> T:
        """Call a read; again after anything that may pass.

        *until* is a monotonic instant that no wait crosses; by default :data:`READ_PATIENCE_S` from now. *told* hears
        of each failure that another try follows.
        Raises the last ApiError after a try at that instant, and at once what will not pass.
        """
        return self._call(call, _SAFE_FOR_READS, self._until(READ_PATIENCE_S) if until is None else until, told)

    def submit(self, call: Callable[[], T], until: float | None = None) -> T:
        """Call a submit; again only where the service definitely did nothing.

        *until* as for a read; by default :data:`SUBMIT_PATIENCE_S` from now, which is the most in any case.
        Raises UnknownOutcomeError at once: what became of the request has to be looked up.
        """

        def submit() -> T:
            self._wanted()
            return call()

        patience = self._until(SUBMIT_PATIENCE_S)
        return self._call(submit, _SAFE_FOR_SUBMITS, patience if until is None else min(patience, until))

    def _until(self, patience_s: float) -> float:
        return self.clock.monotonic() + patience_s

    def _call(
        self,
        call: Callable[[], T],
        passing: tuple[type[ApiError], ...],
        until: float,
        told: Callable[[ApiError], None] | None = None,
    ) -> T:
        failures = 0
        while True:
            try:
                return call()
            except passing as error:
                failures += 1
                left_s = until - self.clock.monotonic()
                if left_s <= 0:
                    raise
                # The last try is at the deadline itself: what was asked for may have come true by then.
                wait_s = min(left_s, backoff_s(failures, least_wait_s(error.fault), self._random.uniform()))
                if told is not None:
                    told(error)
                self.clock.sleep(wait_s)
