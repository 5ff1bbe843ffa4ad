"""The schedule of polls while a task is running.

**The model.** The end of a task is not known in advance. The schedule assumes a probability density over the time that
is left (time_left.py), and computes it again at each poll from

- the documented duration of a task (a refresh 5 to 6 minutes, a prefetch 5 to 30): most of the weight;
- the durations of earlier tasks of the same resource: most of the weight once there are some;
- any other duration, with little weight: up to half a minute, as on a small network, or any other time;
- the progress, if the service reports any. If it is even, the time left is about ``age * (100 - percent) / percent``,
  plus or minus half of it. The more the latest estimates differ, the less they count. If the percentage has not changed
  for some time, at least part of that time is assumed to be still to come.

**The status may be asynchronous.** The help page of DescribeRefreshTasks says that API calls trigger asynchronous
updates to the task status: an answer shows what was true at the poll before. Then progress belongs to the age at the
poll before, and the time left begins there. The service does not say whether it works that way, so both are possible,
and both densities count by their weight: how likely an asynchronous status is from the beginning, when progress
appeared (samples.py), and how well age and progress fit what tasks take.

**The rule.** A late poll costs lag, an early poll costs a call. The next poll is at the instant at which the expected
lag since the last known state reaches :func:`_price_s`. If the density is narrow, polls are close together and soon see
the end. If an end is improbable, they are far apart. If the service reports no progress (0 % until it jumps to 100 %),
they are spread evenly over the documented time. If the status is asynchronous, much of that lag has accumulated once a
poll was long awaited: a second poll follows after :data:`AGAIN_S`, and shows what the first one caused to be updated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, log
from typing import Final

from pulumi_alicdn.api.spec import Kind
from pulumi_alicdn.tasks.waiting.samples import Sample, evidence, of_poll_before
from pulumi_alicdn.tasks.waiting.time_left import TimeLeft, time_left

MIN_S: Final = 0.5
"""The shortest time between two polls, in seconds."""

CALLS_PER_S: Final = 2.0
"""The most calls per second of one wait. DescribeRefreshTasks allows 5 to 10 for a whole account (CDN 2018-05-10)."""

MAX_S: Final = 170.0
"""The longest time between two polls, in seconds. [chosen: half of a refresh; benchmark row `prefetch`, first run]"""

MAX_SHOWN_S: Final = 120.0
"""The same once there is progress, in seconds: a task that shows progress may also show a failure. Benchmark rows:
`refresh-smooth` and `stall`."""

MAX_STEADY_S: Final = 37.0
"""The same while progress is steady, in seconds: few polls suffice at the end then, so more can be made before it.
Benchmark row: `prefetch`, with history. [both chosen: no refresh takes more polls than one every 30 s]"""

AGAIN_S: Final = 1.5
"""The time until a second poll that is to show what the first one caused to be updated, in seconds, and the shortest
time between two polls if the status is asynchronous. [chosen: no document says how long an update takes]"""

# All constants below are [chosen] by the benchmark of lag and calls (`make bench ARGS=lag`). Each docstring names the
# benchmark rows that change most when the constant changes by half; "first run" is without earlier tasks.
_PRICE_S: Final = 0.04
"""The lag that a call is worth in a task that has just begun, in seconds: row `short`, with history."""
_PRICE_PER_AGE: Final = 0.00028
"""The increase of that lag per second of a task's age, in seconds: rows `refresh-stepwise` and `refresh-silent`."""
_PRICE_SILENT: Final = 5.2
"""The factor of that increase while there is no progress: row `refresh-silent`."""
_PRICE_EARLIER: Final = 0.8
"""The factor of the whole price once there are earlier tasks: rows `stall` and `prefetch`, with history."""
_PRICE_ASYNCHRONOUS: Final = 12.0
"""The factor of the whole price if the status is asynchronous, because a known state takes two calls then: rows
`refresh-stepwise` and `refresh-smooth`, asynchronous."""
_PRICE_AGAIN: Final = 0.235
"""The price of a second poll as a share of the price: it shows the progress, and often whether the status is
asynchronous. Rows `short` and `prefetch`, asynchronous, first run; less costs `refresh-stepwise` calls."""
_ASYNCHRONOUS_ODDS: Final = -3.5
"""How likely an asynchronous status is from the beginning, as the logarithm of its odds: 1 to 33. Rows `short`,
asynchronous, and `refresh-stepwise`, first run: if it is higher, second polls of a live status cost calls."""
_NEGLIGIBLE: Final = 0.004
"""The probability below which one of both densities does not count: row `short`, asynchronous, first run."""
_IMPLAUSIBLE: Final = 1e-9
"""How plausible at least anything is, as a factor. [chosen: a task older than all others is not impossible]"""


def next_poll_s(
    kind: Kind,
    samples: Sequence[Sample],
    durations_s: Sequence[float],
    remaining_s: float,
    calls: int = 1,
    odds: float = 0.0,
) -> float:
    """Return the seconds to wait after the last of *samples*, all of one task, in order, at least one.

    *durations_s*: the durations of earlier tasks of the same kind. *remaining_s*: the time left until the deadline, at
    which the last poll is. *calls*: the number of calls of one poll. *odds*: what other waits have found out about an
    asynchronous status, as :func:`evidence` does.
    """
    age_s, silent = samples[-1].age_s, not 0 < samples[-1].percent < 100  # noqa: PLR2004  percent
    live = time_left(kind, samples, durations_s)
    delayed = time_left(kind, of_poll_before(samples), durations_s)
    share = _asynchronous_share(live, delayed, odds + evidence(samples))
    views = [(weight, view) for weight, view in ((1.0 - share, live), (share, delayed)) if weight > _NEGLIGIBLE]
    price_s = _price_s(age_s, share, silent=silent, first=not durations_s)
    most_s = _most_s(delayed if share > 0.5 else live, samples[-1])  # noqa: PLR2004  the likelier one

    def lag_s(pause_s: float) -> float:
        """Return the expected lag since the last known state."""
        return sum(weight * view.lag_s(age_s - view.age_s + pause_s) for weight, view in views)

    wait_s = _first_s(lag_s, price_s, most_s)
    if share * delayed.ended(age_s - delayed.age_s) * (wait_s - AGAIN_S) >= _PRICE_AGAIN * price_s:
        wait_s = AGAIN_S
    # A poll that comes before the update can show nothing new.
    least_s = AGAIN_S if share > 0.5 or wait_s <= 0 else MIN_S  # noqa: PLR2004  the likelier one
    return max(0.0, min(max(wait_s, least_s, calls / CALLS_PER_S), remaining_s))


def true_at_s(samples: Sequence[Sample], age_s: float, odds: float) -> float:
    """Return the age at which the answer of a poll at *age_s* was true, after *samples*.

    It is the age at the poll before it if an asynchronous status is likelier than a live one.
    """
    if samples and _ASYNCHRONOUS_ODDS + odds + evidence(samples) > 0:
        return samples[-1].age_s
    return age_s


def _asynchronous_share(live: TimeLeft, delayed: TimeLeft, odds: float) -> float:
    """Return the probability that the status is asynchronous."""
    fit = log((delayed.plausible + _IMPLAUSIBLE) / (live.plausible + _IMPLAUSIBLE))
    return 1.0 / (1.0 + exp(-(_ASYNCHRONOUS_ODDS + odds + fit)))


def _most_s(view: TimeLeft, last: Sample) -> float:
    """Return the longest time between two polls."""
    if last.percent <= 0:
        return MAX_S
    return MAX_SHOWN_S * view.doubt + MAX_STEADY_S * (1.0 - view.doubt)


def _first_s(lag_s: Callable[[float], float], price_s: float, most_s: float) -> float:
    """Return the first instant, in seconds, at which *lag_s*, which never falls, has reached *price_s*."""
    sooner, later = 0.0, most_s
    if lag_s(sooner) >= price_s:
        return sooner
    if lag_s(later) <= price_s:
        return later
    while later - sooner > 0.01 * later:
        middle = (sooner + later) / 2
        sooner, later = (sooner, middle) if lag_s(middle) >= price_s else (middle, later)
    return later


def _price_s(age_s: float, share: float, *, silent: bool, first: bool) -> float:
    """Return the lag that a call is worth, in seconds: more in a long task, and more while polls see no progress.

    *share*: the probability that the status is asynchronous.
    """
    growth = _PRICE_PER_AGE * age_s * (_PRICE_SILENT if silent else 1.0)
    price = _PRICE_S * (1.0 + share) + growth * (1.0 + share**2 * (_PRICE_ASYNCHRONOUS - 1.0))
    return price if first else price * _PRICE_EARLIER
