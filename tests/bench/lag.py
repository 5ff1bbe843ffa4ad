"""Calls against lag, for each way to wait and each family of tasks: simulated, without HTTP and without real time.

What is fair: every strategy polls first 0.3 s after the submit, because `tasks/waiting/loop.py` polls before it sleeps
and the step from submit to wait takes about that long. A peer that slept first would make one call less, of 12 to 67
for a refresh, and its polls would fall elsewhere by chance, not later. Each poll is one call. A poll at an age, which
is given in tenths of a second, shows the percentage and whether the task has ended; the lag is the instant of the poll
that sees the end minus the end itself. With an asynchronous status, a poll shows what was true at the last poll that
was at least `UPDATE_S` seconds earlier, and 0 % without one: for every strategy alike.

"With history" means the last three tasks of the same family, as long as they *seemed* to take, lag included, one task
after the other as a pipeline submits them. Those that failed took no time that says anything.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from statistics import fmean, median, quantiles
from typing import Any

from bench.goals import Verdict
from bench.lives import FAMILIES, Family, Life, seeded
from bench.strategies import EVERY_5_S, EVERY_30_S, OURS, STRATEGIES, Strategy
from pulumi_alicdn.tasks.waiting.samples import Sample

FIRST_LOOK_S = 0.3
EARLIER = 3
BOUND_SHARE, BOUND_S = 0.05, 2.0
LIVES = 2000
UPDATE_S = 0.5
"""How long the update of an asynchronous status takes that a poll causes. [chosen: no document says]"""
CHUNK = 100
"""Lives that one process simulates in a row, and in which each one's history is the lives before it."""
MAX_CALLS = 20_000
REFRESH = tuple(family for family in FAMILIES if family.name.startswith("refresh"))


@dataclass(frozen=True, slots=True)
class Watched:
    """How one strategy fared with one life."""

    length_s: float
    lag_s: float
    calls: int

    @property
    def of_bound(self) -> float:
        """The lag as a share of what is allowed: 5 % of the life's length and 2 s."""
        return self.lag_s / (BOUND_SHARE * self.length_s + BOUND_S)


@dataclass(slots=True)
class Chunk:
    """What one process found out: by strategy, the lives; and what asking our schedule cost."""

    family: str
    awaited: dict[str, list[Watched]] = field(default_factory=dict)
    asked: int = 0
    asked_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Figures:
    """One strategy and one family. Lags in seconds, ``calls`` per task, shares of 1."""

    median_lag_s: float
    p95_lag_s: float
    p95_of_bound: float
    within_bound: float
    calls: float


def watch(life: Life, wait_s: Callable[[list[Sample]], float], *, asynchronous: bool = False) -> Watched:
    """Poll until the end is seen."""
    now_s = FIRST_LOOK_S
    at_s: list[float] = []
    polls: list[Sample] = []
    while (true_s := _true_at_s(now_s, at_s) if asynchronous else now_s) < life.length_s:
        at_s.append(now_s)
        polls.append(Sample(math.floor(10 * now_s) / 10, life.percent(true_s)))
        pause_s = wait_s(polls)
        if pause_s <= 0 or len(polls) > MAX_CALLS:
            raise RuntimeError(f"waits {pause_s} s after {len(polls)} polls at {now_s:.1f} of {life.length_s:.1f} s")
        now_s += pause_s
    return Watched(life.length_s, now_s - life.length_s, len(polls) + 1)


def _true_at_s(now_s: float, polls_at_s: Sequence[float]) -> float:
    """Return the age at which the answer of a poll at *now_s* was true; *polls_at_s*: the polls before it."""
    return next((at_s for at_s in reversed(polls_at_s) if at_s + UPDATE_S <= now_s), 0.0)


def _follow(chunk: Chunk, family: Family, strategy: Strategy, lives: Iterable[Life]) -> list[Watched]:
    """Watch tasks one after the other; the first three are history only."""
    durations_s: list[float] = []

    def wait_s(polls: list[Sample]) -> float:
        began = time.perf_counter()
        found = strategy.wait_s(family.kind, polls, durations_s[-EARLIER:] if strategy.remembers else ())
        if strategy in OURS:
            chunk.asked += 1
            chunk.asked_s += time.perf_counter() - began
        return found

    done = []
    for life in lives:
        done.append(watch(life, wait_s, asynchronous=family.asynchronous))
        if not life.failed:
            durations_s.append(done[-1].length_s + done[-1].lag_s)
    return done[EARLIER:]


def simulate(seed: int, job: tuple[str, int, int]) -> Chunk:
    """One *job*: family, number of the chunk, how many lives. All strategies meet the same lives."""
    name, number, count = job
    (family,) = [one for one in FAMILIES if one.name == name]
    chance = seeded(seed, name, number)
    places = [(step + chance.random()) / count for step in range(count)]
    chance.shuffle(places)
    before = [(family.earlier or family.make)(chance, chance.random()) for _ in range(EARLIER)]
    lives = before + [family.make(chance, place) for place in places]
    chunk = Chunk(name)
    for strategy in STRATEGIES:
        chunk.awaited[strategy.name] = _follow(chunk, family, strategy, lives)
    return chunk


def _figures(awaited: list[Watched]) -> Figures:
    lags = [one.lag_s for one in awaited]
    shares = [one.of_bound for one in awaited]
    return Figures(
        median_lag_s=median(lags),
        p95_lag_s=quantiles(lags, n=20, method="inclusive")[-1],
        p95_of_bound=quantiles(shares, n=20, method="inclusive")[-1],
        within_bound=fmean(share <= 1.0 for share in shares),
        calls=fmean(one.calls for one in awaited),
    )


Found = Mapping[str, Mapping[str, Figures]]
"""Figures by family and strategy."""


def run(
    lives: int = LIVES, seed: int = 1, processes: int = 2, families: Sequence[Family] = FAMILIES
) -> tuple[Found, float]:
    """Simulate *lives* of each family; return the figures, and what one question to our schedule costs in seconds."""
    jobs = [
        (family.name, start // CHUNK, min(CHUNK, lives - start))
        for family in families
        for start in range(0, lives, CHUNK)
    ]
    if processes > 1:
        with ProcessPoolExecutor(processes) as pool:
            chunks = list(pool.map(partial(simulate, seed), jobs))
    else:
        chunks = [simulate(seed, job) for job in jobs]
    found: dict[str, dict[str, Figures]] = {}
    for family in families:
        mine = [chunk for chunk in chunks if chunk.family == family.name]
        found[family.name] = {
            strategy.name: _figures([one for chunk in mine for one in chunk.awaited[strategy.name]])
            for strategy in STRATEGIES
        }
    return found, sum(chunk.asked_s for chunk in chunks) / sum(chunk.asked for chunk in chunks)


def verdicts(found: Found) -> list[Verdict]:
    """Fewer calls than a poll every 30 s, sooner than a poll every 5 s; and everywhere within the bound."""
    judged = []
    for ours in OURS:
        for family in REFRESH:
            mine, rare, often = (found[family.name][one.name] for one in (ours, EVERY_30_S, EVERY_5_S))
            judged += [
                Verdict(f"{ours.name}, {family.name}: calls / {EVERY_30_S.name}", mine.calls / rare.calls, 1.0),
                Verdict(
                    f"{ours.name}, {family.name}: median lag / {EVERY_5_S.name}",
                    mine.median_lag_s / often.median_lag_s,
                    1.0,
                ),
            ]
        judged += [
            Verdict(f"{ours.name}, {family}: p95 of lag / bound", by_strategy[ours.name].p95_of_bound, 1.0)
            for family, by_strategy in found.items()
        ]
    return judged


def plain(found: Found, cost_s: float, lives: int) -> dict[str, Any]:
    """As JSON takes it."""
    families = {
        family: {strategy: asdict(figures) for strategy, figures in by_strategy.items()}
        for family, by_strategy in found.items()
    }
    return {"lives_per_family": lives, "schedule_cost_us": 1e6 * cost_s, "families": families}
