"""The probability density over the time that a task has left, and the lag that a pause without a poll costs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log
from typing import Final

from pulumi_alicdn.api.spec import Kind
from pulumi_alicdn.tasks.waiting.samples import Sample, eta_s

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
"""The first step, in seconds; it also decides how long a decision takes."""
_MIN_LENGTH_S: Final = 0.5
"""The shortest length and age that is considered, in seconds. [chosen: the shortest time between two polls]"""


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """What is known of the time that a task has left.

    ``age_s``: the age at which the time begins, in seconds.
    ``doubt``: the doubt about estimates from progress, 0 to 1; 1 without any progress.
    ``plausible``: how well the task's age and progress fit what tasks take, as a factor.
    """

    age_s: float
    doubt: float
    plausible: float
    _ended: tuple[float, ...]
    """The probability that the task has ended at the edge of each step."""
    _lags_s: tuple[float, ...]
    """The expected lag from the beginning to the edge of each step, in seconds."""

    def ended(self, passed_s: float) -> float:
        """Return the probability that the task has ended *passed_s* seconds later."""
        step, share = _place(passed_s)
        return self._ended[step] + share * (self._ended[step + 1] - self._ended[step])

    def lag_s(self, passed_s: float) -> float:
        """Return the expected lag, in seconds, if nobody polls for *passed_s* seconds."""
        step, share = _place(passed_s)
        sooner = self._ended[step]
        mean = sooner + share * (self._ended[step + 1] - sooner) / 2
        return self._lags_s[step] + mean * share * (_EDGES_S[step + 1] - _EDGES_S[step])


def time_left(kind: Kind, samples: Sequence[Sample], durations_s: Sequence[float]) -> TimeLeft:
    """Return the time left after the last of *samples*; *durations_s*: the durations of earlier tasks."""
    last = samples[-1]
    doubt = _doubt(samples)
    masses = _masses(last.age_s, _spans(kind, durations_s))
    eta = eta_s(last.age_s, last.percent)
    if eta is not None:
        eta = log(min(max(eta, _STILL * _still_s(samples), _FIRST_STEP_S), _ANY_S[1]))
        masses = [mass and mass * _likelihood(far - eta, doubt) for mass, far in zip(masses, _LOG_FAR, strict=True)]
    whole = sum(masses)
    ended, lags_s = [0.0], [0.0]
    for mass, (near_s, far_s) in zip(masses, pairwise(_EDGES_S), strict=True):
        sooner = ended[-1]
        ended.append(sooner + mass / whole if whole else 0.0)
        lags_s.append(lags_s[-1] + (sooner + ended[-1]) / 2 * (far_s - near_s))
    return TimeLeft(last.age_s, doubt, whole, tuple(ended), tuple(lags_s))


def _place(passed_s: float) -> tuple[int, float]:
    """Return the step in which that time is, and how much of the step has passed by then, 0 to 1."""
    step = min(bisect_right(_EDGES_S, passed_s) - 1, len(_LOG_FAR) - 1)
    return step, (passed_s - _EDGES_S[step]) / (_EDGES_S[step + 1] - _EDGES_S[step])


def _masses(age_s: float, spans: Sequence[tuple[float, tuple[float, float]]]) -> list[float]:
    """Return the probability of each step, before any progress counts."""
    edges = [log(max(age_s + edge_s, _FIRST_STEP_S)) for edge_s in _EDGES_S]
    masses = [0.0] * (len(edges) - 1)
    for density, (low, high) in spans:
        for step in range(max(0, bisect_right(edges, low) - 1), len(masses)):
            if edges[step] >= high:
                break
            overlap = min(edges[step + 1], high) - max(edges[step], low)
            if overlap > 0:
                masses[step] += density * overlap
    return masses


def _spans(kind: Kind, durations_s: Sequence[float]) -> list[tuple[float, tuple[float, float]]]:
    """Return the density before any progress: spans of the logarithm of the task's length, each with a density."""
    lengths = [max(length, _MIN_LENGTH_S) for length in durations_s]
    earlier = _EARLIER_SHARE * len(lengths) / (len(lengths) + 1)
    spans = []
    if lengths:
        least, most = min(lengths), max(lengths)
        margin = 1.0 + max(_EARLIER_MARGIN, most / least - 1.0) / len(lengths)
        spans.append(_evenly(earlier, (least / margin, most * margin)))
    shares = {_SHORT_S: _SHORT_SHARE, _ANY_S: _ANY_SHARE, DOCUMENTED_S[kind]: 1.0 - _SHORT_SHARE - _ANY_SHARE}
    return spans + [_evenly(share * (1.0 - earlier), span) for span, share in shares.items()]


def _evenly(share: float, span: tuple[float, float]) -> tuple[float, tuple[float, float]]:
    low, high = log(span[0]), log(span[1])
    return share / (high - low), (low, high)


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
            estimates.append((log(max(sample.age_s, _MIN_LENGTH_S) / middle), 0.5 / middle))
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


def _edges_s() -> Iterator[float]:
    """Yield the edges of steps, each a little longer than the previous one, up to the longest time considered."""
    yield 0.0
    edge_s = _FIRST_STEP_S
    while edge_s < _ANY_S[1]:
        yield edge_s
        edge_s *= _STEP
    yield edge_s


_EDGES_S: Final = tuple(_edges_s())
_LOG_FAR: Final = tuple(log(edge_s) for edge_s in _EDGES_S[1:])
