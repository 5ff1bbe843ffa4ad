"""When to look next, while a task is under way.

**The model.** Nobody tells when a task will be effective, so a belief about its length stands in: a density over the
time that is left, built anew at each look from

- how long the service says that it takes (a refresh 5 to 6 minutes, a prefetch 5 to 30), which is most of it;
- how long earlier tasks of the same resource took, which is most of it once there are some;
- a little for anything else: that it is over within half a minute, as on a small network, or at any other time;
- its progress, where it shows one. Progress at an even pace until now says that what is left takes about
  ``age * (100 - percent) / percent``, give or take half; the more earlier estimates disagreed with one another, the
  less it says. Where the percentage has stood still, at least a part of that time is still to come.

**The rule.** To look again too late costs lag, to look too early costs a call. The next look is at the instant at which
the lag to be expected from not having looked reaches :func:`_price_s`. Where the belief is narrow, looks come close
upon one another and soon see the end; where hardly anything can happen, they are far apart; and where progress says
nothing (0 % until it jumps to 100 %), they are spread evenly over the time in which the service says that it ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log, sqrt
from typing import Final

from pulumi_alicdn.api.spec import Kind

MIN_S: Final = 0.5
"""No two looks are closer than this, in seconds."""

CALLS_PER_S: Final = 2.0
"""DescribeRefreshTasks allows 5 to 10 calls a second for a whole account (CDN 2018-05-10): one wait takes 2."""

MAX_S: Final = 170.0
"""No two looks are further apart, in seconds. [chosen: half of a refresh]"""

MAX_SHOWN_S: Final = 120.0
"""The same once there is progress, in seconds: a task that shows that may also show that it fails."""

MAX_STEADY_S: Final = 37.0
"""The same while progress is steady: then so few looks see the end that there can be more before it. [both chosen: no
refresh takes more looks than one every 30 s]"""

DOCUMENTED_S: Final = {Kind.REFRESH: (300.0, 360.0), Kind.PREFETCH: (300.0, 1800.0)}
"""How long a task takes, from and to, in seconds (CDN and VOD refresh documentation: 5 to 6 minutes, 5 to 30)."""

# All of what follows is [chosen] by the benchmark of lag and calls (`make bench`).
_SHORT_S: Final = (0.3, 20.0)
_ANY_S: Final = (1.0, 14_400.0)
_SHORT_SHARE: Final = 0.035
_ANY_SHARE: Final = 0.015
_EARLIER_SHARE: Final = 0.65
_EARLIER_MARGIN: Final = 0.15
_PRICE_S: Final = 0.04
_PRICE_PER_AGE: Final = 0.00026
_PRICE_SILENT: Final = 5.2
_PRICE_EARLIER: Final = 0.8
_NARROW: Final = 0.7
_WIDE: Final = 2.75
_DOUBT: Final = 0.085
_DISAGREEMENT: Final = 0.09
_STILL: Final = 0.3
_ESTIMATES: Final = 4

_STEP: Final = 1.09
_FIRST_STEP_S: Final = 0.25


@dataclass(frozen=True, slots=True)
class Sample:
    """What one look saw: the task's age in seconds, and its progress from 0 to 100."""

    age_s: float
    percent: float


def next_poll_s(
    kind: Kind, looks: Sequence[Sample], durations_s: Sequence[float], remaining_s: float, calls: int = 1
) -> float:
    """Seconds to wait after the last of *looks*, all of one task, in order, one at least.

    *durations_s*: how long earlier tasks of the same kind took; *remaining_s*: the time left until the deadline, at
    which the last look is; *calls*: how many calls one look takes.
    """
    doubt = _doubt(looks)
    wait_s = _worth_s(kind, looks, durations_s, doubt)
    most_s = MAX_S
    if looks[-1].percent > 0:
        most_s = MAX_SHOWN_S * doubt + MAX_STEADY_S * (1.0 - doubt)
    wait_s = max(MIN_S, min(wait_s, most_s), calls / CALLS_PER_S)
    return max(0.0, min(wait_s, remaining_s))


def eta_s(age_s: float, percent: float) -> float | None:
    """Seconds until the end if progress goes on as it did, or None where nothing can be said of it yet."""
    if percent <= 0 or percent >= 100:  # noqa: PLR2004  percent
        return None
    return age_s * (100.0 - percent) / percent


def _worth_s(kind: Kind, looks: Sequence[Sample], durations_s: Sequence[float], doubt: float) -> float:
    """Seconds until the lag to be expected is worth a call."""
    age_s, percent = looks[-1].age_s, looks[-1].percent
    eta = eta_s(age_s, percent)
    if eta is not None:
        eta = min(max(eta, _STILL * _still_s(looks), _FIRST_STEP_S), _ANY_S[1])
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
    """Where in a step of *width_s*, over which *mass* is spread evenly on top of *ended*, the lag comes up."""
    slope = mass / width_s
    if slope * lag <= 1e-12 * ended * ended:
        return lag / ended if ended else width_s
    return (sqrt(ended * ended + 2 * slope * lag) - ended) / slope


def _price_s(age_s: float, *, silent: bool, first: bool) -> float:
    """Seconds of lag that a call is worth: more in a long task, and more where all looks but the last are in vain."""
    price = _PRICE_S + _PRICE_PER_AGE * age_s * (_PRICE_SILENT if silent else 1.0)
    return price if first else price * _PRICE_EARLIER


def _spans(kind: Kind, durations_s: Sequence[float]) -> Iterator[tuple[float, tuple[float, float]]]:
    """The belief before any progress: spans of the task's length, evenly in its logarithm, each with its density."""
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
    """How well a remaining time fits progress, *distance* being the logarithm of its ratio to the estimate."""
    narrow, wide = distance / _NARROW, distance / _WIDE
    return (1.0 - doubt) * exp(-(narrow**2)) / _NARROW + doubt * exp(-(wide**4)) / _WIDE


def _doubt(looks: Sequence[Sample]) -> float:
    """How little progress says of the end, 0 to 1: everything is in doubt until two estimates agree."""
    estimates: list[tuple[float, float]] = []
    percent = None
    for look in looks:
        if look.percent != percent and 0 < look.percent < 100:  # noqa: PLR2004  percent
            # The service tells whole percents: half of one more is what it is on average, give or take half.
            middle = look.percent + 0.5
            estimates.append((log(max(look.age_s, MIN_S) / middle), 0.5 / middle))
        percent = look.percent
    if not estimates:
        return 1.0
    apart = [
        max(0.0, abs(later - sooner) - slack - more)
        for (sooner, slack), (later, more) in pairwise(estimates[-_ESTIMATES - 1 :])
    ]
    disagreement = sum(apart) / len(apart) if apart else _DISAGREEMENT
    return 1.0 - (1.0 - _DOUBT) * exp(-((disagreement / _DISAGREEMENT) ** 2))


def _still_s(looks: Sequence[Sample]) -> float:
    """For how many seconds the percentage has stood still."""
    last = since = looks[-1]
    for look in reversed(looks):
        if look.percent != last.percent:
            break
        since = look
    return last.age_s - since.age_s


def _steps() -> Iterator[tuple[float, float]]:
    """Steps of time that is left, each a little longer than the one before, up to the longest length thought of."""
    near_s, far_s = 0.0, _FIRST_STEP_S
    while near_s < _ANY_S[1]:
        yield near_s, far_s
        near_s, far_s = far_s, far_s * _STEP


_STEPS: Final = tuple(_steps())
