"""Families of task lives: how long a task takes, and what a poll of it shows until then.

Each family exists twice: once with a live status, and once with an asynchronous one, which calls cause to be updated.

What decides a life's length most is not drawn but handed in, as its place from 0 to 1 among the lengths of its family:
places that are spread evenly make few lives say as much as many.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import NormalDist

from pulumi_alicdn.api.spec import Kind

Make = Callable[[random.Random, float], "Life"]
"""A life at a place among the lengths of its family."""

Progress = Callable[[float], float]
"""The percentage at an age in seconds."""


@dataclass(frozen=True, slots=True)
class Life:
    """One task. ``length_s``: from the submit to the end, well or failed; ``listed_s``: when its row appears."""

    length_s: float
    progress: Progress
    failed: bool = False
    listed_s: float = 0.0

    def percent(self, age_s: float) -> float:
        """What a poll before the end shows: a whole number below 100, 0 as long as there is no row."""
        if age_s < self.listed_s:
            return 0.0
        return float(min(99, max(0, math.floor(self.progress(age_s)))))


@dataclass(frozen=True, slots=True)
class Family:
    """Tasks of one manner. ``name`` begins with `refresh` where it is the common case of a refresh."""

    name: str
    says: str
    make: Make
    kind: Kind = Kind.REFRESH
    earlier: Make | None = None
    """How earlier tasks went, where that was another way: a failure does not follow failures."""
    asynchronous: bool = False
    """Whether a poll shows what was true at the poll before it (help page of DescribeRefreshTasks: "API calls trigger
    asynchronous updates to the task status")."""


def seeded(*parts: object) -> random.Random:
    """Chance that is the same in every run."""
    return random.Random("/".join(map(str, parts)))  # noqa: S311  repeatable on purpose


def _smooth(length_s: float, bend: float) -> Progress:
    return lambda age_s: 100.0 * (age_s / length_s) ** bend


def _steps(ends_s: list[float]) -> Progress:
    """Each edge, or group of edges, counts when it is done."""
    return lambda age_s: 100.0 * bisect_right(ends_s, age_s) / len(ends_s)


def _between(least: float, most: float, place: float) -> float:
    return least + (most - least) * place


def _refresh_s(place: float) -> float:
    """A refresh takes 5 to 6 minutes (CDN and VOD refresh documentation)."""
    return _between(300.0, 360.0, place)


def _bend(chance: random.Random) -> float:
    return chance.uniform(0.8, 1.25)


def _smooth_life(chance: random.Random, length_s: float) -> Life:
    return Life(length_s, _smooth(length_s, _bend(chance)))


def _stepwise_life(chance: random.Random, length_s: float) -> Life:
    groups = chance.randint(5, 20)
    ends_s = sorted(chance.uniform(0.0, length_s) for _ in range(groups - 1))
    return Life(length_s, _steps([*ends_s, length_s]))


def _refresh_smooth(chance: random.Random, place: float) -> Life:
    return _smooth_life(chance, _refresh_s(place))


def _refresh_stepwise(chance: random.Random, place: float) -> Life:
    return _stepwise_life(chance, _refresh_s(place))


def _refresh_silent(chance: random.Random, place: float) -> Life:
    del chance
    return Life(_refresh_s(place), lambda _: 0.0)


def _prefetch(chance: random.Random, place: float) -> Life:
    """5 to 30 minutes, half of them within 10 [chosen: log-normal, a sixth takes longer than 18 minutes]."""
    length_s = math.exp(NormalDist(math.log(600.0), 0.6).inv_cdf(min(max(place, 1e-9), 1 - 1e-9)))
    make = _smooth_life if chance.random() < 0.5 else _stepwise_life
    return make(chance, min(1800.0, max(300.0, length_s)))


def _short(chance: random.Random, place: float) -> Life:
    """Three edges, one after the other, as in the quickstart."""
    del chance
    length_s = _between(2.0, 20.0, place)
    return Life(length_s, _steps([length_s / 3, 2 * length_s / 3, length_s]))


def _early_failure(chance: random.Random, place: float) -> Life:
    whole = _refresh_smooth(chance, chance.random())
    return Life(_between(5.0, 120.0, place), whole.progress, failed=True)


def _stall(chance: random.Random, place: float) -> Life:
    moving_s, bend = _refresh_s(place), _bend(chance)
    stopped_at_s = moving_s * (chance.uniform(20.0, 80.0) / 100.0) ** (1 / bend)
    stopped_s = chance.uniform(60.0, 300.0)
    moving = _smooth(moving_s, bend)

    def progress(age_s: float) -> float:
        return moving(min(age_s, stopped_at_s) + max(0.0, age_s - stopped_at_s - stopped_s))

    return Life(moving_s + stopped_s, progress)


def _slow_visibility(chance: random.Random, place: float) -> Life:
    whole = _refresh_smooth(chance, place)
    return Life(whole.length_s, whole.progress, listed_s=chance.uniform(2.0, 30.0))


LIVE = (
    Family("refresh-smooth", "5-6 min, progress moves evenly", _refresh_smooth),
    Family("refresh-stepwise", "5-6 min, progress in 5-20 steps", _refresh_stepwise),
    Family("refresh-silent", "5-6 min, no progress shown", _refresh_silent),
    Family("prefetch", "5-30 min, long tail", _prefetch, Kind.PREFETCH),
    Family("short", "2-20 s, in three steps", _short),
    Family("early-failure", "a row fails after 5-120 s", _early_failure, earlier=_refresh_smooth),
    Family("stall", "stands still for 1-5 min", _stall),
    Family("slow-visibility", "first listed after 2-30 s", _slow_visibility),
)
ASYNCHRONOUS = tuple(replace(family, name=f"{family.name}, asynchronous", asynchronous=True) for family in LIVE)
FAMILIES = (*LIVE, *ASYNCHRONOUS)
