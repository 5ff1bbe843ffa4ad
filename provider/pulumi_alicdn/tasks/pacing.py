"""The pace of calls and retries: slow enough for many clients, fast for a single one.

Many clients share the few requests per second of one account, without knowing of each other. Each knows only the
results of its own calls. These rules keep the requests of all clients close to the number that the service answers:

- **Credit.** A failed call is retried within :data:`QUICK_S` if there is credit for it: enough for one such retry at
  first, and for one more after every 20 calls that succeed. An outage soon uses up the credit.
- **Own pace.** Without credit, retries are no faster than the calls before the failure: the first comes after the time
  between the last success and the failed call, and each further one after twice as long, up to :data:`MAX_INTERVAL_S`.
- **Gap.** A throttled client keeps a gap between *all* its calls. Each further refusal makes it 4 times as wide, up to
  :data:`MAX_GAP_S`, and each success 10 % narrower. Without credit, a throttled call is retried after that gap.
- **Jitter.** Every pause is spread over a range as wide as its length, also at the maximum, so that clients that failed
  together do not retry together.

A client without failures has no gap and never waits. A single failure costs it 2 seconds on average.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

QUICK_S: Final = 4.0
"""The longest pause before a quick retry, in seconds. [chosen: costs 2 s on average, and 100 clients that start at the
same instant retry at 25 requests a second, not at 100]"""

CREDIT_PER_SUCCESS: Final = 0.05
"""The credit for each success; a quick retry costs 1. [chosen: 5 % more requests, a quarter of all allowed retries]"""

MIN_INTERVAL_S: Final = 2.0
"""The shortest first pause without credit, in seconds. [chosen: the average of a quick retry]"""

MAX_INTERVAL_S: Final = 20.0
"""The longest interval, in seconds. [chosen: every client is back within 70 s after an outage]"""

SPREAD: Final = 2.5
"""The number of intervals over which a pause without credit is spread, in addition to one interval at least. [chosen:
after an outage of a minute 100 clients come back over 50 s, 2 a second, and few of them retry twice during it]"""

FIRST_GAP_S: Final = 4.0
"""The gap after the first refusal, in seconds. [chosen: the longest pause of a quick retry]"""

GAP_GROWTH: Final = 4.0
GAP_SHRINKAGE: Final = 0.9
"""The factors of the gap for a refusal and for a success. [chosen: in balance, 1 call in 14 is refused; few clients
reach that balance, since their polls are further apart anyway]"""

MAX_GAP_S: Final = 12.0
"""The widest gap, in seconds. [chosen: 100 clients then make fewer than the 10 calls a second that DescribeRefreshTasks
allows a whole account (CDN 2018-05-10)]"""

NO_GAP_S: Final = 0.5
"""Seconds; a shorter gap counts as none, because the calls of a client are further apart anyway."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The pace of a client: the gap between its calls, and its credit for quick retries (0 to 1)."""

    gap_s: float = 0.0
    credit: float = 1.0

    def succeeded(self) -> Pace:
        """Return the pace after a call that was answered."""
        gap_s = self.gap_s * GAP_SHRINKAGE
        return Pace(gap_s if gap_s >= NO_GAP_S else 0.0, min(1.0, self.credit + CREDIT_PER_SUCCESS))

    def throttled(self) -> Pace:
        """Return the pace after a refusal because of too many requests, of whichever client."""
        return replace(self, gap_s=min(MAX_GAP_S, max(FIRST_GAP_S, GAP_GROWTH * self.gap_s)))

    @property
    def quick(self) -> bool:
        """Whether there is credit for a quick retry."""
        return self.credit >= 1.0

    def charged(self) -> Pace:
        """Return the pace after a quick retry."""
        return replace(self, credit=self.credit - 1.0)


def gap_s(pace: Pace, uniform: float) -> float:
    """Return the seconds between two calls: 0.5 to 1.5 times the gap, with *uniform* drawn from [0, 1)."""
    return pace.gap_s * (0.5 + uniform)


def quick_s(least_s: float, uniform: float) -> float:
    """Return the seconds before a quick retry: full jitter below :data:`QUICK_S`, after the service's *least_s*."""
    return least_s + uniform * QUICK_S


def interval_s(own_s: float, failures: int) -> float:
    """Return the interval of retries without credit: *own_s* (the pace before), doubled by each further failure."""
    return min(MAX_INTERVAL_S, max(MIN_INTERVAL_S, own_s) * 2.0 ** min(failures - 1, 16))


def slow_s(interval_s: float, least_s: float, uniform: float) -> float:
    """Return the seconds before a retry without credit.

    These are the interval, or *least_s* if the service requires more, and full jitter below 2.5 intervals. Without the
    jitter, clients that the service asks to come back in a minute would all come back at the same instant.
    """
    return max(interval_s, least_s) + uniform * SPREAD * interval_s
