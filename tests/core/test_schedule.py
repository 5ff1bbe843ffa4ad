"""When to look next, and when to try again: within bounds, whatever the numbers."""

from __future__ import annotations

import random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.core.retry import BASE_S, CAP_S, backoff_s
from pulumi_alicdn.core.schedule import CALLS_PER_S, LEAST_S, MOST_S, eta_s, next_look_s

seconds = st.floats(0, 100_000)
percents = st.floats(0, 100)


@given(seconds, percents, st.floats(-100, 100_000))
def test_a_wait_is_never_negative_nor_beyond_the_deadline_nor_longer_than_the_most(
    elapsed: float, percent: float, remaining: float
) -> None:
    wait = next_look_s(elapsed, percent, remaining)
    assert 0.0 <= wait <= MOST_S
    assert wait <= max(0.0, remaining)
    assert wait >= min(LEAST_S, max(0.0, remaining))


@given(seconds, percents, st.integers(1, 10_000), st.floats(0, 100_000))
def test_looks_that_take_many_calls_keep_to_the_rate_except_for_the_last(
    elapsed: float, percent: float, calls: int, remaining: float
) -> None:
    wait = next_look_s(elapsed, percent, remaining, calls)
    assert wait == remaining or calls / wait <= CALLS_PER_S
    assert wait <= remaining


def looks(length_s: float, timeout_s: float, shown: bool) -> list[float]:
    """The instants at which a task of that length is looked at; *shown*: its progress can be seen."""
    now, seen = 0.0, []
    while True:
        seen.append(now)
        percent = 0.0 if not shown else min(99.0, 100 * now / length_s)
        if now >= length_s or now >= timeout_s:
            return seen
        now += next_look_s(now, percent, timeout_s - now)


@pytest.mark.parametrize(("shown", "most"), [(True, 30), (False, 80)])
def test_a_refresh_of_330_s_is_seen_soon_after_its_end_with_few_looks(shown: bool, most: int) -> None:
    seen = looks(330.0, 900.0, shown)
    assert len(seen) <= most
    assert 330.0 <= seen[-1] <= 330.0 * 1.06


@given(st.floats(0.1, 900), st.floats(1, 90), st.booleans())
def test_the_last_look_is_at_the_deadline_or_after_the_end(length: float, timeout: float, shown: bool) -> None:
    last = looks(length, timeout, shown)[-1]
    assert last <= timeout + 1e-6
    assert last >= min(length, timeout) - 1e-6


@given(st.floats(1, 100_000), st.floats(0.5, 99))
def test_an_estimate_is_what_is_left_at_the_pace_so_far(elapsed: float, percent: float) -> None:
    eta = eta_s(elapsed, percent)
    assert eta is not None
    assert elapsed / (elapsed + eta) == pytest.approx(percent / 100)


@pytest.mark.parametrize("percent", [-1.0, 0.0, 100.0, 120.0])
def test_without_progress_or_at_the_end_there_is_no_estimate(percent: float) -> None:
    assert eta_s(50.0, percent) is None


@given(st.integers(1, 10_000), st.floats(0, 100), st.floats(0, 1, exclude_max=True))
def test_a_backoff_lies_between_what_is_asked_for_and_that_and_its_bound(
    failures: int, least: float, uniform: float
) -> None:
    wait = backoff_s(failures, least, uniform)
    assert least <= wait <= least + min(CAP_S, BASE_S * 2 ** min(failures - 1, 100))


def test_waits_double_until_the_cap() -> None:
    assert [backoff_s(failures, 0.0, 0.5) for failures in range(1, 9)] == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]


def test_at_the_cap_waits_are_spread_evenly_so_that_clients_part() -> None:
    chance = random.Random(20260301)  # noqa: S311  jitter, repeatable on purpose
    draws = [backoff_s(30, 5.0, chance.random()) for _ in range(10_000)]
    assert all(5.0 <= draw <= 5.0 + CAP_S for draw in draws)
    assert fmean(draws) - 5.0 == pytest.approx(CAP_S / 2, rel=0.05)
    for quarter in range(4):
        share = sum(quarter * CAP_S / 4 <= draw - 5.0 < (quarter + 1) * CAP_S / 4 for draw in draws) / len(draws)
        assert share == pytest.approx(0.25, rel=0.1)
