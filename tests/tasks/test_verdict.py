"""When a task is done: the truth table over rows, and what no order of rows may change."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.rows import Row, RowStatus
from pulumi_alicdn.api.spec import ObjectType
from pulumi_alicdn.tasks.verdict import Outcome, judge, outcome

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
A, B, C = (f"https://media.example.com/{name}" for name in "abc")
PENDING, REFRESHING, COMPLETE, FAILED = RowStatus


def row(path: str, status: RowStatus, percent: float = 0.0, second: int = 0, task_id: str = "7") -> Row:
    percent = 100.0 if status is COMPLETE else percent
    return Row(task_id, path, ObjectType.FILE, status, percent, START + timedelta(seconds=second))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], Outcome.PENDING),
        ([row(A, COMPLETE)], Outcome.REFRESHING),
        ([row(A, PENDING)], Outcome.PENDING),
        ([row(A, REFRESHING)], Outcome.REFRESHING),
        ([row(A, PENDING), row(B, PENDING)], Outcome.PENDING),
        ([row(A, COMPLETE), row(B, PENDING)], Outcome.REFRESHING),
        ([row(A, COMPLETE), row(B, REFRESHING, 99)], Outcome.REFRESHING),
        ([row(A, COMPLETE), row(B, COMPLETE)], Outcome.COMPLETE),
        ([row(A, FAILED), row(B, REFRESHING)], Outcome.FAILED),
        ([row(A, FAILED)], Outcome.FAILED),
        ([row(A, FAILED), row(B, COMPLETE)], Outcome.FAILED),
        # Several rows for one object.
        ([row(A, COMPLETE), row(A, FAILED, second=9), row(B, COMPLETE)], Outcome.COMPLETE),
        ([row(A, COMPLETE, second=9), row(A, FAILED), row(B, COMPLETE)], Outcome.COMPLETE),
        ([row(A, COMPLETE), row(A, REFRESHING, second=9), row(B, COMPLETE)], Outcome.REFRESHING),
        ([row(A, COMPLETE, second=9), row(A, PENDING), row(B, COMPLETE)], Outcome.REFRESHING),
        ([row(A, FAILED), row(A, REFRESHING, second=9), row(B, COMPLETE)], Outcome.REFRESHING),
        # Rows of others under the same id.
        ([row(C, COMPLETE)], Outcome.PENDING),
        ([row(A, COMPLETE), row(B, COMPLETE), row(C, FAILED)], Outcome.COMPLETE),
        ([row(A, COMPLETE), row(B, COMPLETE), row(C, REFRESHING)], Outcome.COMPLETE),
        ([row(A, COMPLETE), row(C, COMPLETE)], Outcome.REFRESHING),
    ],
)
def test_the_outcome_of_two_objects(rows: list[Row], expected: Outcome) -> None:
    assert judge([A, B], rows).outcome is expected


def test_no_object_at_all_is_never_a_success() -> None:
    assert judge([], []).outcome is Outcome.PENDING
    assert judge([], [row(A, COMPLETE)]).outcome is Outcome.PENDING
    assert judge([], []).percent == 0.0
    assert outcome([]) is Outcome.PENDING


def test_the_service_may_spell_an_object_otherwise() -> None:
    verdict = judge(["HTTPS://Media.example.com/%e4"], [row("https://media.example.com/%E4", COMPLETE)])
    assert verdict.outcome is Outcome.COMPLETE
    assert list(verdict.rows) == ["HTTPS://Media.example.com/%e4"]


def test_the_newest_row_under_way_decides_about_its_object() -> None:
    older, newer = row(A, REFRESHING, 80, second=1), row(A, REFRESHING, 10, second=2)
    assert judge([A], [older, newer]).rows[A] == newer
    assert judge([A], [newer, older]).rows[A] == newer


def test_counts_and_lists_of_a_verdict() -> None:
    verdict = judge([A, B, C], [row(A, COMPLETE), row(B, FAILED)])
    assert (verdict.complete, verdict.missing) == (1, (C,))
    assert verdict.paths(FAILED) == (B,)
    assert verdict.paths(COMPLETE, FAILED) == (A, B)


def test_progress_is_the_mean_over_all_objects() -> None:
    assert judge([A, B], [row(A, COMPLETE)]).percent == 50.0
    assert judge([A, B], [row(A, REFRESHING, 40), row(B, REFRESHING, 60)]).percent == 50.0
    assert judge([A], [row(A, REFRESHING, 100)]).percent == 99.0


objects = st.lists(st.sampled_from([A, B, C]), unique=True, min_size=1)
some_rows = st.lists(
    st.builds(
        row,
        st.sampled_from([A, B, C]),
        st.sampled_from(RowStatus),
        st.floats(0, 100),
        st.integers(0, 5),
        st.sampled_from(["7", "8"]),
    ),
    max_size=8,
)
UNDER_WAY = (Outcome.PENDING, Outcome.REFRESHING)
RANKS = [Outcome.PENDING, Outcome.REFRESHING, Outcome.COMPLETE]


@given(objects, some_rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_neither_success_nor_failure(
    paths: list[str], rows: list[Row], chance: random.Random
) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)
    one, other = judge(paths, rows), judge(paths, shuffled)
    assert one.missing == other.missing
    assert one.paths(COMPLETE) == other.paths(COMPLETE)
    assert one.paths(FAILED) == other.paths(FAILED)
    assert (one.outcome in UNDER_WAY) == (other.outcome in UNDER_WAY)


@given(
    objects, some_rows.map(lambda rows: [replace(r, created=START + timedelta(seconds=n)) for n, r in enumerate(rows)])
)
def test_the_order_of_rows_of_different_seconds_changes_nothing_at_all(paths: list[str], rows: list[Row]) -> None:
    assert judge(paths, rows) == judge(paths, rows[::-1])


def test_of_two_rows_of_one_second_the_same_speaks_in_any_order() -> None:
    rows = [row(A, PENDING), row(A, REFRESHING, 50)]
    assert judge([A], rows).outcome is judge([A], rows[::-1]).outcome


@given(objects, some_rows)
def test_it_is_complete_exactly_if_every_object_has_rows_and_none_is_open_and_one_is_complete(
    paths: list[str], rows: list[Row]
) -> None:
    def done(path: str) -> bool:
        own = {r.status for r in rows if r.object_path == path}
        return COMPLETE in own and own <= {COMPLETE, FAILED}

    verdict = judge(paths, rows)
    assert (verdict.outcome is Outcome.COMPLETE) == all(map(done, paths))
    assert 0.0 <= verdict.percent <= 100.0
    assert (verdict.percent == 100.0) == (verdict.outcome is Outcome.COMPLETE)


@given(objects, some_rows)
def test_a_complete_row_for_a_missing_object_never_makes_it_worse(paths: list[str], rows: list[Row]) -> None:
    before = judge(paths, rows)
    for path in before.missing:
        after = judge(paths, [*rows, row(path, COMPLETE)])
        assert after.percent >= before.percent
        assert after.complete == before.complete + 1
        if before.outcome is Outcome.FAILED:
            assert after.outcome is Outcome.FAILED
        else:
            assert RANKS.index(after.outcome) >= RANKS.index(before.outcome)


@given(objects, some_rows, some_rows)
def test_rows_of_others_count_neither_for_nor_against(paths: list[str], rows: list[Row], more: list[Row]) -> None:
    others = [r for r in more if r.object_path not in paths]
    assert judge(paths, [*others, *rows, *others]) == judge(paths, rows)


def test_the_outcome_of_any_set_of_statuses_agrees_with_the_rule() -> None:
    for statuses in product([None, *RowStatus], repeat=3):
        found = outcome(statuses)
        assert (found is Outcome.COMPLETE) == (set(statuses) == {COMPLETE})
        assert (found is Outcome.FAILED) == (FAILED in statuses)
