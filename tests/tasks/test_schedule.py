"""When to poll next, and when to try again: within bounds, whatever the numbers."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.spec import Kind
from pulumi_alicdn.tasks.pacing import (
    CREDIT_PER_SUCCESS,
    FIRST_GAP_S,
    MAX_GAP_S,
    MAX_INTERVAL_S,
    NO_GAP_S,
    QUICK_S,
    SPREAD,
    Pace,
    gap_s,
    interval_s,
    quick_s,
    slow_s,
)
from pulumi_alicdn.tasks.waiting.poll_group import MAX_ODDS
from pulumi_alicdn.tasks.waiting.samples import Sample, eta_s, evidence, of_poll_before
from pulumi_alicdn.tasks.waiting.schedule import (
    AGAIN_S,
    CALLS_PER_S,
    MAX_S,
    MAX_STEADY_S,
    MIN_S,
    next_poll_s,
    true_at_s,
)

kinds = st.sampled_from(Kind)
durations = st.lists(st.floats(0, 20_000), max_size=6)
histories = st.lists(st.builds(Sample, st.floats(0, 100_000), st.floats(0, 100)), min_size=1, max_size=20).map(
    lambda seen: sorted(seen, key=lambda poll: poll.age_s)
)


@given(kinds, histories, durations, st.floats(-100, 100_000))
def test_a_wait_is_never_negative_nor_beyond_the_deadline_nor_longer_than_the_most(
    kind: Kind, seen: list[Sample], earlier: list[float], remaining: float
) -> None:
    wait = next_poll_s(kind, seen, earlier, remaining)
    assert 0.0 <= wait <= MAX_S
    assert wait <= max(0.0, remaining)
    assert wait >= min(MIN_S, max(0.0, remaining))


@given(kinds, histories, durations, st.integers(1, 10_000), st.floats(0, 100_000))
def test_polls_that_take_many_calls_keep_to_the_rate_except_for_the_last(
    kind: Kind, seen: list[Sample], earlier: list[float], calls: int, remaining: float
) -> None:
    wait = next_poll_s(kind, seen, earlier, remaining, calls)
    assert wait == remaining or calls / wait <= CALLS_PER_S
    assert wait <= remaining


def polls(
    length_s: float, timeout_s: float, shown: bool, kind: Kind = Kind.REFRESH, earlier: Sequence[float] = ()
) -> list[float]:
    """The instants at which a task of that length is polled; *shown*: its progress can be seen."""
    now, seen = 0.0, []
    while True:
        percent = 0.0 if not shown else min(99.0, float(100 * now // length_s))
        seen.append(Sample(now, percent))
        if now >= length_s or now >= timeout_s:
            return [poll.age_s for poll in seen]
        now += next_poll_s(kind, seen, earlier, timeout_s - now)


@pytest.mark.parametrize("length", [300.0, 317.0, 330.0, 343.0, 360.0])
@pytest.mark.parametrize("shown", [True, False])
@pytest.mark.parametrize("earlier", [(), (330.0,), (310.0, 330.0, 350.0)])
def test_a_refresh_is_seen_soon_after_its_end_with_few_polls(
    length: float, shown: bool, earlier: tuple[float, ...]
) -> None:
    seen = polls(length, 900.0, shown, earlier=earlier)
    assert len(seen) <= 22
    assert length <= seen[-1] <= 1.05 * length + 2


@given(length=st.floats(300, 360), shown=st.booleans())
def test_a_refresh_as_long_as_documented_is_seen_within_a_twentieth_of_its_length(length: float, shown: bool) -> None:
    assert polls(length, 900.0, shown)[-1] <= 1.05 * length + 2


@pytest.mark.parametrize("earlier", [3.0, 6.0, 20.0, 60.0, 900.0])
def test_what_earlier_tasks_took_is_when_it_polls(earlier: float) -> None:
    without, with_ = polls(earlier, 3600.0, shown=False), polls(earlier, 3600.0, shown=False, earlier=[earlier] * 3)
    assert with_[-1] - earlier <= 0.06 * earlier + 1.1
    assert with_[-1] <= without[-1] + MIN_S


def test_steady_progress_keeps_polls_close_enough_to_see_a_failure() -> None:
    seen = polls(1200.0, 3600.0, shown=True, kind=Kind.PREFETCH)
    assert max(later - sooner for sooner, later in pairwise(seen[6:])) <= 1.2 * MAX_STEADY_S


def asynchronous(
    length_s: float, percent: Callable[[float], float] = lambda _: 0.0, odds: float = 0.0, from_s: float = 0.3
) -> list[Sample]:
    """The polls of a refresh of that length, where each answer shows what was true at the poll before it."""
    now, true_s, seen = from_s, 0.0, []
    while true_s < length_s:
        seen.append(Sample(now, percent(true_s)))
        true_s, now = now, now + next_poll_s(Kind.REFRESH, seen, (), 7200.0, odds=odds)
    return [*seen, Sample(now, 100.0)]


def even(length_s: float) -> Callable[[float], float]:
    return lambda age_s: min(99.0, float(100 * age_s // length_s))


def in_steps(length_s: float) -> Callable[[float], float]:
    """Three edges, one after the other."""
    return lambda age_s: 100.0 * (3 * age_s // length_s) / 3


@pytest.mark.parametrize("length", [300.0, 330.0, 360.0])
@pytest.mark.parametrize("odds", [0.0, 4.0])
@pytest.mark.parametrize("shown", [True, False])
def test_an_asynchronous_status_costs_few_polls_and_little_lag(length: float, odds: float, shown: bool) -> None:
    seen = asynchronous(length, even(length) if shown else lambda _: 0.0, odds)
    assert len(seen) <= 22
    assert seen[-1].age_s <= 1.05 * length + 2


@pytest.mark.parametrize("odds", [0.0, 4.0])
def test_a_small_network_with_an_asynchronous_status_is_not_waited_for_much_longer_than_it_takes(odds: float) -> None:
    seen = asynchronous(20.0, in_steps(20.0), odds)
    assert seen[-1].age_s <= 35.0
    assert len(seen) <= 8


def test_a_long_awaited_poll_is_repeated_soon_if_the_status_is_asynchronous() -> None:
    ages = [sample.age_s for sample in asynchronous(330.0, odds=4.0)]
    # From 300 s on, the end is likely (documented: 5 to 6 minutes).
    repeated = [
        after - awaited
        for before, awaited, after in zip(ages, ages[1:], ages[2:], strict=False)
        if awaited - before >= 30.0 and awaited >= 300.0
    ]
    assert repeated
    assert repeated == [pytest.approx(AGAIN_S)] * len(repeated)


def test_a_live_status_is_not_polled_again_soon_after_a_long_pause() -> None:
    seen = polls(330.0, 900.0, shown=True)
    assert all(
        after > 2 * AGAIN_S
        for before, after in pairwise(later - sooner for sooner, later in pairwise(seen))
        if before >= 30.0
    )


def test_a_wait_that_goes_on_after_an_hour_polls_twice_at_once() -> None:
    seen = asynchronous(330.0, even(330.0), from_s=3600.0)
    assert [sample.age_s for sample in seen] == [3600.0, pytest.approx(3600.0 + AGAIN_S)]


def test_progress_after_a_second_poll_shows_an_asynchronous_status_and_progress_after_a_long_pause_a_live_one() -> None:
    before = [Sample(10.0, 0.0), Sample(11.5, 0.0), Sample(60.0, 0.0)]
    assert evidence([*before, Sample(61.5, 30.0)]) > 4
    live = [*before[:2], Sample(60.0, 30.0), Sample(61.5, 30.0)]
    assert evidence(live) < -4
    assert evidence(before) == 0
    assert evidence([Sample(10.0 * number, 7.0 * number) for number in range(1, 10)]) == pytest.approx(0.0, abs=0.5)


def test_what_one_wait_has_found_out_another_one_can_unlearn() -> None:
    seen = [Sample(10.0, 0.0), Sample(11.5, 0.0), Sample(60.0, 30.0), Sample(61.5, 30.0)]
    assert true_at_s(seen, 70.0, odds=0.0) == 70.0
    assert true_at_s(seen[:3], 61.5, odds=10.0) == 60.0
    assert evidence(seen) + MAX_ODDS < 0


@given(kinds, histories, durations, st.floats(-100, 100_000), st.floats(-MAX_ODDS, MAX_ODDS))
def test_a_pause_stays_within_its_bounds_whatever_is_known_of_the_status(
    kind: Kind, seen: list[Sample], earlier: list[float], remaining: float, odds: float
) -> None:
    wait = next_poll_s(kind, seen, earlier, remaining, odds=odds)
    assert min(MIN_S, max(0.0, remaining)) <= wait <= min(MAX_S, max(0.0, remaining))


def test_a_task_older_than_any_is_not_polled_twice_a_second() -> None:
    seen = [Sample(20_000.0, 0.0), Sample(20_001.5, 0.0), Sample(20_060.0, 0.0)]
    assert next_poll_s(Kind.REFRESH, seen, (), 900.0) > 30.0


def test_an_answer_from_the_poll_before_leaves_out_the_first_percentage() -> None:
    assert of_poll_before([Sample(5.0, 30.0), Sample(9.0, 40.0)]) == [Sample(0.0, 0.0), Sample(5.0, 40.0)]


@given(st.floats(0.1, 900), st.floats(1, 90), st.booleans())
def test_the_last_poll_is_at_the_deadline_or_after_the_end(length: float, timeout: float, shown: bool) -> None:
    last = polls(length, timeout, shown)[-1]
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


# What a client without credit does after its first, second ... failure, and what one with credit does.
ATTEMPTS = range(1, 11)
intervals = st.floats(0, 100)
uniforms = st.floats(0, 1, exclude_max=True)


def draws(wait_s: Callable[[float], float], seed: int) -> list[float]:
    chance = random.Random(seed)  # noqa: S311  jitter, repeatable on purpose
    return [wait_s(chance.random()) for _ in range(10_000)]


def assert_full_jitter(waits: list[float], least_s: float, cap_s: float) -> None:
    """10,000 waits that are spread evenly over *cap_s* seconds from *least_s* on."""
    assert all(least_s <= wait <= least_s + cap_s for wait in waits)
    assert fmean(waits) - least_s == pytest.approx(cap_s / 2, rel=0.05)
    for tenth in range(10):
        low = least_s + tenth * cap_s / 10
        share = sum(low <= wait < low + cap_s / 10 for wait in waits) / len(waits)
        assert share == pytest.approx(0.1, rel=0.2)


def test_a_quick_try_comes_after_two_seconds_on_average_spread_over_four() -> None:
    assert_full_jitter(draws(lambda uniform: quick_s(0.0, uniform), 1), 0.0, QUICK_S)
    assert_full_jitter(draws(lambda uniform: quick_s(5.0, uniform), 2), 5.0, QUICK_S)
    assert QUICK_S / 2 <= 2.0


@pytest.mark.parametrize("failures", ATTEMPTS)
@pytest.mark.parametrize("own_s", [0.0, 5.0, MAX_S])
def test_each_further_try_is_spread_evenly_at_the_cap_too(failures: int, own_s: float) -> None:
    interval = interval_s(own_s, failures)
    waits = draws(lambda uniform: slow_s(interval, 0.0, uniform), failures)
    assert_full_jitter(waits, interval, SPREAD * interval)


def test_clients_that_are_asked_to_come_back_in_a_minute_come_back_apart() -> None:
    assert_full_jitter(draws(lambda uniform: slow_s(MAX_INTERVAL_S, 60.0, uniform), 3), 60.0, SPREAD * MAX_INTERVAL_S)


@given(intervals, st.integers(1, 10_000))
def test_tries_without_credit_are_no_faster_than_before_the_trouble_and_grow_apart_to_a_cap(
    own_s: float, failures: int
) -> None:
    now, later = interval_s(own_s, failures), interval_s(own_s, failures + 1)
    assert min(own_s, MAX_INTERVAL_S) <= now <= MAX_INTERVAL_S
    assert later == min(MAX_INTERVAL_S, 2 * now)


def test_intervals_double_until_the_cap() -> None:
    assert [interval_s(0.5, failures) for failures in range(1, 7)] == [2.0, 4.0, 8.0, 16.0, 20.0, 20.0]


@given(intervals, st.floats(0, 1000), uniforms)
def test_a_wait_is_never_shorter_than_what_the_service_asks_for(interval: float, least: float, uniform: float) -> None:
    assert slow_s(interval, least, uniform) >= least
    assert quick_s(least, uniform) >= least


@given(st.lists(st.sampled_from(["succeeded", "throttled", "quick"])))
def test_credit_and_gap_stay_within_bounds_whatever_happens(events: list[str]) -> None:
    pace, quick, successes = Pace(), 0, 0
    for event in events:
        if event == "succeeded":
            pace, successes = pace.succeeded(), successes + 1
        elif event == "throttled":
            pace = pace.throttled()
        elif pace.quick:
            pace, quick = pace.charged(), quick + 1
        assert 0.0 <= pace.credit <= 1.0
        assert pace.gap_s == 0.0 or NO_GAP_S <= pace.gap_s <= MAX_GAP_S
    assert quick <= 1 + CREDIT_PER_SUCCESS * successes


def test_without_trouble_there_is_no_gap() -> None:
    pace = Pace()
    for _ in range(100):
        pace = pace.succeeded()
    assert pace == Pace()
    assert gap_s(pace, 0.99) == 0.0


def test_a_gap_is_soon_wide_and_goes_slowly() -> None:
    refused = [Pace().throttled(), Pace().throttled().throttled()]
    assert [pace.gap_s for pace in refused] == [FIRST_GAP_S, MAX_GAP_S]
    pace, successes = refused[0], 0
    while pace.gap_s:
        pace, successes = pace.succeeded(), successes + 1
    assert 10 <= successes <= 30


def test_calls_that_keep_a_gap_are_half_to_one_and_a_half_of_it_apart() -> None:
    pace = Pace(gap_s=8.0)
    assert_full_jitter(draws(lambda uniform: gap_s(pace, uniform), 4), 4.0, 8.0)
