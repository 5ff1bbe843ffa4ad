"""The schedule of polls while a task is running.

**The model.** The end of a task is not known in advance. The schedule assumes a probability density over the time that
is left, and computes it again at each poll from

- the documented duration of a task (a refresh 5 to 6 minutes, a prefetch 5 to 30): most of the weight;
- the durations of earlier tasks of the same resource: most of the weight once there are some;
- any other duration, with little weight: up to half a minute, as on a small network, or any other time;
- the progress, if the service reports any. If it is even, the time left is about ``age * (100 - percent) / percent``,
  plus or minus half of it. The more the latest estimates differ, the less they count. If the percentage has not changed
  for some time, at least part of that time is assumed to be still to come.

**The rule.** A late poll costs lag, an early poll costs a call. The next poll is at the instant at which the expected
lag without a poll reaches :func:`_price_s`. If the density is narrow, polls are close together and soon see the end. If
an end is improbable, they are far apart. If the service reports no progress (0 % until it jumps to 100 %), they are
spread evenly over the documented time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log, sqrt
from typing import Final

from pulumi_alicdn.api.spec import Kind

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

DOCUMENTED_S: Final = {Kind.REFRESH: (300.0, 360.0), Kind.PREFETCH: (300.0, 1800.0)}
"""The documented duration of a task, from and to, in seconds (CDN and VOD refresh documentation: 5 to 6 minutes, 5 to
30)."""

# All constants below are [chosen] by the benchmark of lag and calls (`make bench ARGS=lag`). Each docstring names the
# benchmark rows that change most when the constant changes by half; "first run" is without earlier tasks.
_SHORT_S: Final = (0.3, 20.0)
"""The length of a short task, from and to, in seconds: rows `refresh-stepwise` and `refresh-silent`, with history."""
_ANY_S: Final = (1.0, 14_400.0)
"""The length of any task, from and to, in seconds, and so the longest time left: row `prefetch`."""
_SHORT_SHARE: Final = 0.035
"""The probability that a task is a short one: row `short`, first run; more of it costs `refresh-stepwise` calls."""
_ANY_SHARE: Final = 0.015
"""The probability that a task has any other length than the documented one: row `prefetch`, first run."""
_EARLIER_SHARE: Final = 0.65
"""The probability that a task takes as long as very many earlier ones did: row `stall`, with history."""
_EARLIER_MARGIN: Final = 0.15
"""The margin around the lengths of earlier tasks, as a share: row `refresh-stepwise`, with history."""
_PRICE_S: Final = 0.04
"""The lag that a call is worth in a task that has just begun, in seconds: row `short`, with history."""
_PRICE_PER_AGE: Final = 0.00026
"""The increase of that lag per second of a task's age, in seconds: rows `refresh-stepwise` and `refresh-silent`."""
_PRICE_SILENT: Final = 5.2
"""The factor of that increase while there is no progress: row `refresh-silent`."""
_PRICE_EARLIER: Final = 0.8
"""The factor of the whole price once there are earlier tasks: rows `stall` and `prefetch`, with history."""
_NARROW: Final = 0.7
"""The spread of the time left around an estimate that counts, in units of its logarithm: row `stall`."""
_WIDE: Final = 2.75
"""The same for an estimate that does not count: row `short`, first run."""
_DOUBT: Final = 0.085
"""The doubt about estimates even if they agree, 0 to 1: rows `short` and `stall`, with history."""
_DISAGREEMENT: Final = 0.09
"""The difference of estimates, in units of their logarithm, at which they count little: row `stall`, with history."""
_STILL: Final = 0.3
"""The further time without progress, as a share of the time without progress so far: row `refresh-stepwise`, first
run."""
_ESTIMATES: Final = 4
"""The number of compared differences between successive estimates: row `stall`, with history."""

_STEP: Final = 1.09
"""Each step of the density is longer than the previous one by this factor; it decides how long a decision takes."""
_FIRST_STEP_S: Final = 0.25
"""The first step, in seconds, half of :data:`MIN_S`; it also decides how long a decision takes."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The progress at one poll: the task's age in seconds, and its percentage from 0 to 100."""

    age_s: float
    percent: float


def next_poll_s(
    kind: Kind, samples: Sequence[Sample], durations_s: Sequence[float], remaining_s: float, calls: int = 1
) -> float:
    """Return the seconds to wait after the last of *samples*, all of one task, in order, at least one.

    *durations_s*: the durations of earlier tasks of the same kind. *remaining_s*: the time left until the deadline, at
    which the last poll is. *calls*: the number of calls of one poll.
    """
    doubt = _doubt(samples)
    wait_s = _worth_s(kind, samples, durations_s, doubt)
    most_s = MAX_S
    if samples[-1].percent > 0:
        most_s = MAX_SHOWN_S * doubt + MAX_STEADY_S * (1.0 - doubt)
    wait_s = max(MIN_S, min(wait_s, most_s), calls / CALLS_PER_S)
    return max(0.0, min(wait_s, remaining_s))


def eta_s(age_s: float, percent: float) -> float | None:
    """Return the seconds until the end if progress is even; None before any progress, and at 100."""
    if percent <= 0 or percent >= 100:  # noqa: PLR2004  percent
        return None
    return age_s * (100.0 - percent) / percent


def _worth_s(kind: Kind, samples: Sequence[Sample], durations_s: Sequence[float], doubt: float) -> float:
    """Return the seconds until the expected lag is worth a call."""
    age_s, percent = samples[-1].age_s, samples[-1].percent
    eta = eta_s(age_s, percent)
    if eta is not None:
        eta = min(max(eta, _STILL * _still_s(samples), _FIRST_STEP_S), _ANY_S[1])
    spans = list(_spans(kind, durations_s))
    masses: list[tuple[float, float, float]] = []
    for near_s, far_s in _STEPS:
        mass = sum(density * _overlap(span, age_s + near_s, age_s + far_s) for density, span in spans)
        if eta is not None:
            mass *= _likelihood(log(far_s / eta), doubt)
        masses.append((near_s, far_s, mass))
    price = _price_s(age_s, silent=eta is None, first=not durations_s) * sum(mass for _, _, mass in masses)
    lag = ended = 0.0
    for near_s, far_s, mass in masses:
        width_s = far_s - near_s
        more = (ended + mass / 2) * width_s
        if lag + more >= price:
            return near_s + _within(width_s, ended, mass, price - lag)
        lag += more
        ended += mass
    return MAX_S


def _within(width_s: float, ended: float, mass: float, lag: float) -> float:
    """Return the seconds until *lag* accumulates in a step of *width_s*, which adds *mass* evenly to *ended*."""
    slope = mass / width_s
    if slope * lag <= 1e-12 * ended * ended:
        return lag / ended if ended else width_s
    return (sqrt(ended * ended + 2 * slope * lag) - ended) / slope


def _price_s(age_s: float, *, silent: bool, first: bool) -> float:
    """Return the lag that a call is worth, in seconds: more in a long task, and more while polls see no progress."""
    price = _PRICE_S + _PRICE_PER_AGE * age_s * (_PRICE_SILENT if silent else 1.0)
    return price if first else price * _PRICE_EARLIER


def _spans(kind: Kind, durations_s: Sequence[float]) -> Iterator[tuple[float, tuple[float, float]]]:
    """Yield the density before any progress: spans of the task's length, even in its logarithm, each with a density."""
    lengths = [max(length, MIN_S) for length in durations_s]
    earlier = _EARLIER_SHARE * len(lengths) / (len(lengths) + 1)
    if lengths:
        least, most = min(lengths), max(lengths)
        margin = 1.0 + max(_EARLIER_MARGIN, most / least - 1.0) / len(lengths)
        yield _evenly(earlier, (least / margin, most * margin))
    shares = {_SHORT_S: _SHORT_SHARE, _ANY_S: _ANY_SHARE, DOCUMENTED_S[kind]: 1.0 - _SHORT_SHARE - _ANY_SHARE}
    for span, share in shares.items():
        yield _evenly(share * (1.0 - earlier), span)


def _evenly(share: float, span: tuple[float, float]) -> tuple[float, tuple[float, float]]:
    return share / log(span[1] / span[0]), span


def _overlap(span: tuple[float, float], from_s: float, to_s: float) -> float:
    low, high = max(span[0], from_s), min(span[1], to_s)
    return log(high / low) if high > low else 0.0


def _likelihood(distance: float, doubt: float) -> float:
    """Return how well a remaining time fits the progress; *distance* is the logarithm of its ratio to the estimate."""
    narrow, wide = distance / _NARROW, distance / _WIDE
    return (1.0 - doubt) * exp(-(narrow**2)) / _NARROW + doubt * exp(-(wide**4)) / _WIDE


def _doubt(samples: Sequence[Sample]) -> float:
    """Return the doubt about an estimate from progress, 0 to 1; 1 without any progress."""
    estimates: list[tuple[float, float]] = []
    percent = None
    for sample in samples:
        if sample.percent != percent and 0 < sample.percent < 100:  # noqa: PLR2004  percent
            # The service truncates to whole percent: take the midpoint, +/- 0.5.
            middle = sample.percent + 0.5
            estimates.append((log(max(sample.age_s, MIN_S) / middle), 0.5 / middle))
        percent = sample.percent
    if not estimates:
        return 1.0
    apart = [
        max(0.0, abs(later - sooner) - slack - more)
        for (sooner, slack), (later, more) in pairwise(estimates[-_ESTIMATES - 1 :])
    ]
    disagreement = sum(apart) / len(apart) if apart else _DISAGREEMENT
    return 1.0 - (1.0 - _DOUBT) * exp(-((disagreement / _DISAGREEMENT) ** 2))


def _still_s(samples: Sequence[Sample]) -> float:
    """Return the seconds for which the percentage has not changed."""
    last = since = samples[-1]
    for sample in reversed(samples):
        if sample.percent != last.percent:
            break
        since = sample
    return last.age_s - since.age_s


def _steps() -> Iterator[tuple[float, float]]:
    """Yield steps of the time left, each a little longer than the previous one, up to the longest time considered."""
    near_s, far_s = 0.0, _FIRST_STEP_S
    while near_s < _ANY_S[1]:
        yield near_s, far_s
        near_s, far_s = far_s, far_s * _STEP


_STEPS: Final = tuple(_steps())
