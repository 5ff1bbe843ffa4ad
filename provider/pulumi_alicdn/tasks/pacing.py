"""When to try a failed call again, and how far apart calls stay from then on: polite in a crowd, quick when alone.

Many clients share the few requests a second of one account and know nothing of each other. Each knows only how its own
calls ended. These rules keep the requests of all clients close to the number that is answered:

- **Credit.** A failed call is tried again within :data:`QUICK_S` if there is credit for it: one such try at first, and
  then one for every 20 calls that succeed. An outage soon uses up the credit.
- **Own pace.** Without credit, retries are no faster than the calls before the failure: the first comes after the time
  between the last success and the failed call, and each further one after twice as long, up to :data:`MAX_INTERVAL_S`.
- **Gap.** A throttled client keeps a gap between *all* its calls. Each further refusal makes it 4 times as wide, up to
  :data:`MAX_GAP_S`, and each success 10 % narrower. Without credit, a throttled call is tried again after that gap.
- **Jitter.** All waits are spread over a range that is as wide as they are long, at the caps too, so that clients that
  failed together do not come back together.

A client without failures has no gap and never waits. A single failure costs it 2 seconds on average.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

QUICK_S: Final = 4.0
"""A quick wait is shorter than this, in seconds. [chosen: costs 2 s on average, and 100 clients that start at the same
instant come back at 25 requests a second, not at 100]"""

CREDIT_PER_SUCCESS: Final = 0.05
"""What a success adds to the credit, of which a quick try takes 1. [chosen: 5 % more requests, a quarter of what is
allowed in all]"""

MIN_INTERVAL_S: Final = 2.0
"""The first wait without credit is no shorter, in seconds. [chosen: as long as a quick wait takes on average]"""

MAX_INTERVAL_S: Final = 20.0
"""No interval grows beyond this, in seconds. [chosen: after an outage everybody is back within 70 s]"""

SPREAD: Final = 2.5
"""A wait without credit is spread over this many intervals on top of the one that it takes at least. [chosen: after an
outage of a minute 100 clients come back over 50 s, 2 a second, and few of them try twice while it lasts]"""

FIRST_GAP_S: Final = 4.0
"""The gap after the first refusal, in seconds. [chosen: as long as a quick wait at most]"""

GAP_GROWTH: Final = 4.0
GAP_SHRINKAGE: Final = 0.9
"""What a refusal and a success multiply the gap by. [chosen: in balance 1 call in 14 is refused, and few clients reach
it: their polls are further apart anyway]"""

MAX_GAP_S: Final = 12.0
"""No gap grows beyond this, in seconds. [chosen: 100 clients then ask for less than the 10 calls a second that
DescribeRefreshTasks allows to a whole account (CDN 2018-05-10)]"""

NO_GAP_S: Final = 0.5
"""A gap shorter than this counts as none, in seconds: the calls of a client are further apart anyway."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What a client has learnt from its calls: the gap that it keeps, and its credit for quick tries (0 to 1)."""

    gap_s: float = 0.0
    credit: float = 1.0

    def succeeded(self) -> Pace:
        """After a call that was answered."""
        gap_s = self.gap_s * GAP_SHRINKAGE
        return Pace(gap_s if gap_s >= NO_GAP_S else 0.0, min(1.0, self.credit + CREDIT_PER_SUCCESS))

    def throttled(self) -> Pace:
        """After a refusal because of too many requests, no matter which client made them."""
        return replace(self, gap_s=min(MAX_GAP_S, max(FIRST_GAP_S, GAP_GROWTH * self.gap_s)))

    @property
    def quick(self) -> bool:
        """Whether there is credit for a quick try."""
        return self.credit >= 1.0

    def charged(self) -> Pace:
        """After a quick try."""
        return replace(self, credit=self.credit - 1.0)


def gap_s(pace: Pace, uniform: float) -> float:
    """Seconds from one call to the next: half the gap to one and a half, with *uniform* drawn from [0, 1)."""
    return pace.gap_s * (0.5 + uniform)


def quick_s(least_s: float, uniform: float) -> float:
    """Seconds to wait before a quick try: full jitter below :data:`QUICK_S`, on top of what the service asks for."""
    return least_s + uniform * QUICK_S


def interval_s(own_s: float, failures: int) -> float:
    """Seconds between tries without credit: *own_s* (the pace before the trouble), doubled after the first failure."""
    return min(MAX_INTERVAL_S, max(MIN_INTERVAL_S, own_s) * 2.0 ** min(failures - 1, 16))


def slow_s(interval_s: float, least_s: float, uniform: float) -> float:
    """Seconds to wait before a try without credit.

    At least the interval, or *least_s* if the service asks for more, and full jitter below 2.5 intervals on top: if the
    service asks all clients to come back in a minute, they do not come back at the same instant.
    """
    return max(interval_s, least_s) + uniform * SPREAD * interval_s
