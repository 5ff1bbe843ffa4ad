"""What follows from one poll: pure functions on what it saw, and what a subscription remembers of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.rows import Row, RowStatus
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.tasks.submit import Intent
from pulumi_alicdn.tasks.verdict import Outcome, judge
from pulumi_alicdn.tasks.waiting.awaited import AwaitedTasks, WaitHistory
from pulumi_alicdn.tasks.waiting.poll_method import LATE_ROWS_S, CreationWindow
from pulumi_alicdn.tasks.waiting.schedule import MIN_S
from pulumi_alicdn.tasks.waiting.snapshot import (
    LOOK_AGAIN_S,
    UNKNOWN_TASK_S,
    Learnt,
    Snapshot,
    age_of,
    learn,
    longest_pause_s,
    percent_of_count,
    progress_of,
)
from pulumi_alicdn.tasks.waiting.subscription import FAILURES_EVERY, Subscription, Wanted

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
WINDOW = CreationWindow(NOON, NOON + timedelta(seconds=60))
NO_RULE = math.inf


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def row(
    number: int,
    created_s: float = 0.0,
    status: RowStatus = RowStatus.REFRESHING,
    object_type: ObjectType | None = ObjectType.FILE,
    percent: float = 0.0,
) -> Row:
    return Row(f"{number}", url(number), object_type, status, percent, at(created_s), "")


def url(number: int) -> str:
    return f"https://media.example.com/{number}.m3u8"


def listed(*rows: Row, ended: float = 0.0) -> Snapshot:
    return Snapshot(rows, at(100), ended - 1.0, ended)


def counted(unfinished: int = 5, *, ended: float = 0.0, hidden: bool = False, percent: float = 40.0) -> Snapshot:
    return Snapshot((), at(100), ended - 1.0, ended, 1, unfinished, percent, hidden)


def test_only_a_poll_without_a_count_can_be_judged() -> None:
    assert not listed().counted
    assert counted(0).counted


@pytest.mark.parametrize(
    ("rows", "window", "expected"),
    [
        ([row(1, 10), row(2, 30, RowStatus.COMPLETE), row(3, 20)], None, 90.0),
        ([row(1, 40), row(2, 30, RowStatus.COMPLETE)], None, 60.0),
        ([row(1, 40, RowStatus.FAILED), row(2, 30, RowStatus.COMPLETE)], WINDOW, 70.0),
        ([], WINDOW, 100.0),
        ([], None, 0.0),
    ],
)
def test_the_age_is_that_of_the_oldest_open_row(
    rows: list[Row], window: CreationWindow | None, expected: float
) -> None:
    assert age_of(listed(*rows), window) == expected


def test_an_age_without_rows_is_a_guess_that_the_first_row_replaces() -> None:
    history = WaitHistory(1000.0, 0, retry_first=False)
    assert history.age_at(listed(ended=1005.0), WINDOW) == 100.0
    assert history.age_at(listed(row(1, 90), ended=1010.0), WINDOW) == 10.0
    # From then on our own clock measures it: the server's next times do not count.
    assert history.age_at(listed(row(1, 0), ended=1020.0), WINDOW) == 20.0


def test_the_age_begins_anew_with_a_resubmission() -> None:
    history = WaitHistory(1000.0, 1, retry_first=False)
    history.age_at(listed(row(1, 0), ended=1100.0), None)
    verdict = judge([url(1), url(2)], [row(1, 0, RowStatus.FAILED), row(2, 0, RowStatus.COMPLETE)])
    history.restart(verdict, 1100.0)
    assert history.age_at(listed(row(1, 0), ended=1130.0), None) == 30.0
    history.note_progress(30.0, 75.0)
    assert [(one.age_s, one.percent) for one in history.samples] == [(30.0, 50.0)]


@given(st.integers(0, 10_000), st.integers(1, 10_000), st.floats(0, 100))
def test_the_progress_of_a_count_is_between_0_and_99(unfinished: int, total: int, percent: float) -> None:
    found = percent_of_count(min(unfinished, total), total, percent)
    assert -1e-9 <= found <= 99.0


def test_the_progress_of_a_count_weighs_what_is_under_way() -> None:
    assert percent_of_count(25, 100, 0.0) == 75.0
    assert percent_of_count(25, 100, 40.0) == 85.0
    assert percent_of_count(0, 100, 0.0) == 99.0


def test_a_count_replaces_the_numbers_of_the_last_verdict() -> None:
    verdict = judge(map(url, range(8)), [row(number, percent=10.0) for number in range(8)])
    before = progress_of(verdict, listed(), 60.0)
    assert (before.outcome, before.percent, before.complete, before.total) == (Outcome.REFRESHING, 10.0, 0, 8)
    assert before.remaining_s == pytest.approx(540.0)
    newer = progress_of(verdict, counted(5, percent=40.0), 60.0)
    assert (newer.outcome, newer.percent, newer.complete, newer.total) == (Outcome.REFRESHING, 40.0, 3, 8)
    assert newer.remaining_s == pytest.approx(90.0)
    assert progress_of(verdict).remaining_s is None
    asynchronous = progress_of(verdict, counted(5, percent=40.0), 60.0, 50.0)
    assert asynchronous.remaining_s == pytest.approx(40.0)
    assert progress_of(verdict, counted(5, percent=40.0), 60.0, 500.0).remaining_s == 0.0


def test_progress_never_says_failed_while_the_wait_goes_on() -> None:
    verdict = judge([url(1)], [row(1, 0, RowStatus.FAILED)])
    assert progress_of(verdict).outcome is Outcome.REFRESHING
    assert progress_of(judge([url(1)], [])).outcome is Outcome.PENDING
    assert progress_of(judge([url(1)], []), counted()).outcome is Outcome.REFRESHING


@pytest.mark.parametrize(
    ("snapshot", "rows", "unknown_in_s", "expected"),
    [
        (listed(), [row(1)], 5.0, NO_RULE),
        (listed(), [], NO_RULE, NO_RULE),
        (listed(), [], UNKNOWN_TASK_S, LOOK_AGAIN_S),
        (listed(), [], 2.0, 2.0),
        (listed(), [], -5.0, NO_RULE),
        (counted(hidden=True), [], NO_RULE, NO_RULE),
        (replace(counted(hidden=True), overdue=True), [], NO_RULE, MIN_S),
    ],
)
def test_the_longest_pause(snapshot: Snapshot, rows: list[Row], unknown_in_s: float, expected: float) -> None:
    assert longest_pause_s(snapshot, judge([url(1)], rows), unknown_in_s) == expected


@pytest.mark.parametrize(
    ("rows", "paths", "whole", "expected"),
    [
        ([], 1, True, Learnt(missing=True)),
        ([row(0, 5)], 2, True, Learnt(True, (at(5), at(5)))),
        ([row(0, 5), row(1, 9)], 2, False, Learnt(False, (at(5), at(9)))),
        ([row(0, 5), row(1, 9)], 2, True, Learnt(False, (at(5), at(9)), ObjectType.FILE, 2)),
        ([row(0, 5), row(1, 9, object_type=ObjectType.DIRECTORY)], 2, True, Learnt(False, (at(5), at(9)))),
        ([row(0, object_type=None)], 1, True, Learnt(False, (at(0), at(0)), None, 1)),
    ],
)
def test_what_a_listing_says_about_further_polls(rows: list[Row], paths: int, *, whole: bool, expected: Learnt) -> None:
    assert learn(judge(map(url, range(paths)), rows), whole_tasks=whole) == expected


@pytest.mark.parametrize(
    ("paths", "elapsed_s", "timeout_s", "expected"),
    [
        ((), UNKNOWN_TASK_S, 900.0, ["2"]),
        ((), UNKNOWN_TASK_S - 0.1, 900.0, []),
        ((), 10.0, 10.0, ["2"]),
        ((url(2),), 900.0, 900.0, []),
    ],
)
def test_a_task_of_others_without_rows_is_unknown_after_a_grace(
    paths: Sequence[str], elapsed_s: float, timeout_s: float, expected: list[str]
) -> None:
    spec = TaskSpec(Service.VOD, Kind.REFRESH, ObjectType.FILE, tuple(paths))
    awaited = AwaitedTasks(spec, ["1", "2"])
    verdict = judge([*paths, url(1), "(task 2)"], [row(1)])
    assert awaited.unknown(verdict, elapsed_s, timeout_s) == expected


@pytest.mark.parametrize(
    ("whole", "ours", "expected"), [(True, True, 60.0), (False, True, NO_RULE), (False, False, 15.0)]
)
def test_rows_of_ours_may_come_late_but_an_id_of_somebody_else_may_be_wrong(
    whole: bool, ours: bool, expected: float
) -> None:
    spec = TaskSpec(Service.VOD, Kind.REFRESH, ObjectType.FILE, () if whole else (url(1),))
    awaited = AwaitedTasks(spec, ["1"], Intent(NOON, "") if ours else None)
    assert awaited.unknown_after_s(900.0) == expected
    missing = judge(["(task 1)"] if whole else [url(1)], ())
    assert awaited.unknown(missing, 900.0, 900.0) == (["1"] if whole or not ours else [])


def countable(**changes: object) -> Subscription:
    known = Wanted(("1",), frozenset({url(1)}), ObjectType.FILE, WINDOW, 1)
    return Subscription(replace(known, **changes), 1000.0)  # type: ignore[arg-type]


def test_a_snapshot_is_fresh_until_it_is_taken() -> None:
    one = countable()
    with pytest.raises(ValueError, match="no poll has delivered"):
        one.take()
    fresh = [one.fresh]
    one.deliver(listed(row(1)))
    fresh.append(one.fresh)
    assert one.take().rows == (row(1),)
    assert [*fresh, one.fresh] == [False, True, False]


def test_rows_that_stay_hidden_for_a_minute_are_polled_by_id() -> None:
    one = countable()
    one.deliver(counted(hidden=True, ended=1000.0 + LATE_ROWS_S - 1))
    assert not one.take().overdue
    assert one.wanted.countable(Service.VOD)
    one.deliver(counted(hidden=True, ended=1000.0 + LATE_ROWS_S))
    assert one.take().overdue
    assert not one.wanted.countable(Service.VOD)


def test_failures_are_asked_for_by_one_in_a_few_polls_that_count() -> None:
    one = countable()
    asked: list[bool] = []
    for _ in range(3 * FAILURES_EVERY):
        asked.append(one.failures_due)
        if one.failures_due:
            one.failures_asked()
        one.deliver(counted())
        one.deliver(listed())  # does not count
    assert asked == ([False] * (FAILURES_EVERY - 1) + [True]) * 3


def test_rows_outside_of_the_window_and_rows_that_stay_missing_are_polled_by_id() -> None:
    inside, outside = Learnt(False, (at(0), at(60))), Learnt(False, (at(0), at(61)))
    missing = Learnt(missing=True)
    for learnt, elapsed_s, by_id in (
        (inside, 900.0, False),
        (outside, 0.0, True),
        (missing, LATE_ROWS_S - 1, False),
        (missing, LATE_ROWS_S, True),
    ):
        one = countable()
        one.learn(learnt, elapsed_s)
        assert one.wanted.by_id is by_id


def test_the_rows_of_whole_tasks_show_how_they_can_be_counted() -> None:
    one = countable(paths=frozenset(), object_type=None, window=None, total=0)
    assert not one.wanted.countable(Service.VOD)
    one.learn(Learnt(False, (at(5), at(9)), ObjectType.FILE, 2), 0.0)
    assert one.wanted.countable(Service.VOD)
    assert (one.wanted.window, one.wanted.total) == (CreationWindow(at(5), at(9)), 2)
