"""The progress that polls saw, and whether it was true at the poll that showed it or at the poll before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import log
from typing import Final

_EVENT_PERCENT: Final = 10.0
"""The progress that counts as one observation of when progress happens, in percent. [chosen: a network with ten groups
of edges; benchmark row `refresh-stepwise`; less of it makes one step of a small network proof]"""

_MAX_EVENTS: Final = 3.0
"""The most observations that the progress between two polls counts as. [chosen: it may have been one step of few]"""

_MAX_EVIDENCE: Final = 20.0
"""The most evidence in either direction. [chosen: more changes nothing, and exp() has limits]"""

_MIN_GAP_S: Final = 1.0
"""Pauses between polls count as at least so long, in seconds. [chosen: an update may take so long]"""


@dataclass(frozen=True, slots=True)
class Sample:
    """The progress at one poll: the task's age in seconds, and its percentage from 0 to 100."""

    age_s: float
    percent: float


def eta_s(age_s: float, percent: float) -> float | None:
    """Return the seconds until the end if progress is even; None before any progress, and at 100."""
    if percent <= 0 or percent >= 100:  # noqa: PLR2004  percent
        return None
    return age_s * (100.0 - percent) / percent


def of_poll_before(samples: Sequence[Sample]) -> list[Sample]:
    """Return *samples* if each answer shows what was true at the poll before it.

    Nothing is known of the polls before the first sample, so that its own percentage is dropped.
    """
    return [Sample(0.0, 0.0), *(Sample(sooner.age_s, later.percent) for sooner, later in pairwise(samples))]


def evidence(samples: Sequence[Sample]) -> float:
    """Return how much likelier *samples* are if each answer shows what was true at the poll before, as a logarithm.

    Progress is as likely in one second as in another. If polls are unevenly far apart, much progress must have happened
    in the longer pauses: in those before the answers that show it if the status is live, or one pause earlier.
    Progress that a second poll shows one or two seconds after a long pause is the strongest sign. Without progress, and
    with polls at even distances, there is no evidence: 0.
    """
    ages = [0.0, *(sample.age_s for sample in samples)]
    gaps = [max(_MIN_GAP_S, later - sooner) for sooner, later in pairwise(ages)]
    live, delayed = sum(gaps[1:]), sum(gaps[:-1])
    found = sum(
        min(percent / _EVENT_PERCENT, _MAX_EVENTS) * log(before / delayed / (own / live))
        for (before, own), percent in zip(pairwise(gaps), _steps_of(samples), strict=True)
        if percent > 0
    )
    return max(-_MAX_EVIDENCE, min(found, _MAX_EVIDENCE))


def _steps_of(samples: Sequence[Sample]) -> Iterator[float]:
    """Yield the progress from each sample to the next; a percentage that fell, as after a retry, is none."""
    most = accumulate((sample.percent for sample in samples), max)
    for sooner, later in pairwise(most):
        yield later - sooner
