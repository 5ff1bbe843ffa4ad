"""Calls and their retries: reads are retried freely, submits only after a definite refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from pulumi_alicdn.api.error_codes import least_wait_s
from pulumi_alicdn.errors import ApiError, ApiFault, ThrottledError, UnreachableError
from pulumi_alicdn.ports import Chance, Clock
from pulumi_alicdn.tasks.pacing import MAX_GAP_S, Pace, gap_s, interval_s, quick_s, slow_s
from pulumi_alicdn.time_limits import allowing

T = TypeVar("T")
OnRetry = Callable[[ApiError], None]
"""Called with each error after which the call is retried."""

READ_PATIENCE_S: Final = 30.0
"""Seconds for which a read outside a wait is retried if the service has never answered. [chosen: covers a short outage,
and a wrong endpoint is reported within half a minute]"""

OUTAGE_PATIENCE_S: Final = 120.0
"""The same if the service has answered before. [chosen: twice an outage of a minute]"""

SUBMIT_PATIENCE_S: Final = 300.0
"""Seconds for which any call outside a wait is retried while the service is busy, and a submit also while there is no
connection. [chosen: five times the minute of QuotaPerMinuteExceeded.Refresh]"""

LAST_S: Final = 6.0
"""Seconds after the deadline of a read until which an answer may still come; then the read fails. [chosen: a poll at
the deadline takes a second or two, and a wait ends within its timeout and 10 seconds, whatever the service sends]"""


def _never_cancelled() -> None:
    """Do nothing; the default for calls that are never cancelled."""


@dataclass(slots=True)
class SharedPace:
    """The pace that all callers of a process share for one service. Threads may use it: a lost update is harmless.

    ``pace``: the gap between calls, and the credit for quick tries.
    ``answered``: whether the service ever answered, even with a refusal.
    """

    pace: Pace = field(default_factory=Pace)
    answered: bool = False

    def take_over(self, gap_s: float) -> None:
        """Begin with the gap of another process of the same run, unless this process has already made calls."""
        if not self.answered:
            self.pace = replace(self.pace, gap_s=max(self.pace.gap_s, min(gap_s, MAX_GAP_S)))


class Caller:
    """Makes calls, and retries them until a deadline where that is safe. tasks/pacing.py decides how fast."""

    def __init__(
        self,
        clock: Clock,
        chance: Chance,
        wanted: Callable[[], None] = _never_cancelled,
        shared_pace: SharedPace | None = None,
    ) -> None:
        """Take the time from *clock* and the jitter from *chance*.

        *wanted* is called before every submit; it raises InterruptedWaitError if the process that requested the submit
        has exited. *shared_pace* is shared with other callers of the process; the default is a new one.
        """
        self.clock = clock
        self._chance = chance
        self._wanted = wanted
        self._shared_pace = SharedPace() if shared_pace is None else shared_pace
        self._last_call = clock.monotonic()
        self._last_success: float | None = None

    def read(
        self,
        call: Callable[[], T],
        until: float | None = None,
        on_retry: OnRetry | None = None,
    ) -> T:
        """Make a read call, and retry it after any error that may pass.

        *until*: the monotonic instant of the last try. By default, the retries last for :data:`SUBMIT_PATIENCE_S` while
        the service is busy, for :data:`OUTAGE_PATIENCE_S` in an outage, and for :data:`READ_PATIENCE_S` if the service
        has never answered, all from the first error. *on_retry*: called with each error after which the call is
        retried. Raises the ApiError of the last try; raises an error that cannot pass at once. A try that has no answer
        :data:`LAST_S` after *until* fails, and no try begins after that.
        """
        began = self.clock.monotonic()

        def read() -> T:
            now = self.clock.monotonic()
            left_s = LAST_S + (max(began + self._patience_s(busy=False), now) if until is None else until) - now
            if left_s <= 0:
                raise UnreachableError("the time was up before all was read", ApiFault("poll"))
            with allowing(left_s):
                return call()

        return self._call(read, lambda error: error.retryable, until, on_retry)

    def submit(self, call: Callable[[], T], until: float | None = None) -> T:
        """Make a submit call, and retry it only if the service certainly did nothing.

        *until* as for a read, but at most, and by default, :data:`SUBMIT_PATIENCE_S` from now. It shortens no try: an
        answer that is cut off leaves open whether the service did it.
        Raises UnknownOutcomeError at once: the caller has to look up first whether the service accepted the request.
        """

        def submit() -> T:
            self._wanted()
            return call()

        latest = self.clock.monotonic() + SUBMIT_PATIENCE_S
        return self._call(submit, lambda error: error.retry_submit, latest if until is None else min(latest, until))

    def _call(
        self,
        call: Callable[[], T],
        may_retry: Callable[[ApiError], bool],
        until: float | None,
        on_retry: OnRetry | None = None,
    ) -> T:
        own_s = 0.0 if self._last_success is None else self.clock.monotonic() - self._last_success
        self._keep_gap(until)
        began: dict[bool, float] = {}
        slow_tries = 0
        while True:
            sent = self.clock.monotonic()
            try:
                answer = call()
            except ApiError as error:
                if not may_retry(error):
                    raise
                now = self._last_call = self.clock.monotonic()
                busy = isinstance(error, ThrottledError)
                last = began.setdefault(busy, sent) + self._patience_s(busy) if until is None else until
                if busy:
                    self._shared_pace.pace = self._shared_pace.pace.throttled()
                    self._shared_pace.answered = True
                if now >= last:
                    raise
                slow_tries += not self._shared_pace.pace.quick
                wait_s = self._wait_s(error.fault, interval_s(own_s, slow_tries), busy=busy)
                if on_retry is not None:
                    on_retry(error)
                # Make the last try at the deadline itself: the task may be effective by then.
                self.clock.sleep(min(wait_s, last - now))
            else:
                self._last_call = self._last_success = self.clock.monotonic()
                self._shared_pace.pace = self._shared_pace.pace.succeeded()
                self._shared_pace.answered = True
                return answer

    def _patience_s(self, busy: bool) -> float:
        if busy:
            return SUBMIT_PATIENCE_S
        return OUTAGE_PATIENCE_S if self._shared_pace.answered else READ_PATIENCE_S

    def _keep_gap(self, until: float | None) -> None:
        """Wait until the shared gap since the last call, or since the start, is over; at most until *until*."""
        pace = self._shared_pace.pace
        if not pace.gap_s:
            return
        now = self.clock.monotonic()
        at = self._last_call + gap_s(pace, self._chance())
        self.clock.sleep(max(0.0, (at if until is None else min(at, until)) - now))

    def _wait_s(self, fault: ApiFault, interval_s: float, *, busy: bool) -> float:
        """Return the seconds until the next try. It is quick if there is credit for it, which is then used up."""
        pace, uniform = self._shared_pace.pace, self._chance()
        if pace.quick:
            self._shared_pace.pace = pace.charged()
            return quick_s(least_wait_s(fault), uniform)
        return slow_s(pace.gap_s if busy else interval_s, least_wait_s(fault), uniform)
