"""Which rows count as new: never one from before the intent, and always our own, whatever the clocks say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.rows import Page, Row, RowStatus
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.api.time_range import MAX_AHEAD
from pulumi_alicdn.tasks.adoption import Older, certainly_since, doubtful, is_new, listed_before
from pulumi_alicdn.tasks.row_reader import key

URL = "https://media.example.com/a.js"
NOT_BEFORE = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SPEC = TaskSpec(Service.VOD, Kind.REFRESH, ObjectType.FILE, (URL,))


def row(created: datetime, task_id: str = "1", url: str = URL) -> Row:
    return Row(task_id, url, ObjectType.FILE, RowStatus.REFRESHING, 0.0, created)


def page(*rows: Row, total: int | None = None) -> Page:
    return Page(rows, len(rows) if total is None else total, "R", NOT_BEFORE)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


NOTHING_OLDER = Older(frozenset())


@given(st.integers(0, int(MAX_AHEAD.total_seconds())), st.booleans(), st.integers(0, 3600))
def test_our_own_row_is_new_though_its_creation_time_is_early_or_cut_to_the_minute(
    ahead_s: int, minutes: bool, later_s: int
) -> None:
    created = NOT_BEFORE + seconds(later_s - ahead_s)
    ours = row(created.replace(second=0) if minutes else created)
    assert is_new(ours, NOT_BEFORE, NOTHING_OLDER, sent=True)


@given(st.integers(-600, 600), st.booleans())
def test_a_row_that_was_listed_before_the_submit_is_never_new_whatever_its_time_says(
    created_s: int, sent: bool
) -> None:
    old = row(NOT_BEFORE + seconds(created_s))
    assert not is_new(old, NOT_BEFORE, Older(frozenset({key(old)})), sent=sent)


@given(st.integers(-600, 600), st.booleans())
def test_a_row_of_an_earlier_intents_task_is_never_new_although_it_was_hidden(created_s: int, sent: bool) -> None:
    older = Older(frozenset(), frozenset({"1"}))
    assert not is_new(row(NOT_BEFORE + seconds(created_s)), NOT_BEFORE, older, sent=sent)


@given(st.integers(-600, 600))
def test_the_time_decides_alone_without_a_list_from_before_the_submit_and_before_anything_was_sent(
    created_s: int,
) -> None:
    one = row(NOT_BEFORE + seconds(created_s))
    assert is_new(one, NOT_BEFORE, Older(), sent=True) == (created_s >= 0)
    assert is_new(one, NOT_BEFORE, NOTHING_OLDER, sent=False) == (created_s >= 0)


def test_a_time_with_seconds_is_not_taken_for_one_that_is_cut_to_the_minute() -> None:
    assert is_new(row(NOT_BEFORE.replace(second=0)), NOT_BEFORE, NOTHING_OLDER, sent=True)
    assert not is_new(row(NOT_BEFORE - MAX_AHEAD - seconds(1)), NOT_BEFORE, NOTHING_OLDER, sent=True)


@given(st.integers(-600, 600))
def test_each_row_that_could_be_taken_for_new_by_mistake_is_doubtful(created_s: int) -> None:
    old = row(NOT_BEFORE + seconds(created_s))
    if is_new(old, NOT_BEFORE, NOTHING_OLDER, sent=True):
        assert doubtful([old], NOT_BEFORE) == {key(old)}


@given(st.integers(-10, 20))
def test_a_date_header_that_is_behind_creation_time_makes_the_next_seconds_doubtful(ahead_s: int) -> None:
    listed = [row(NOT_BEFORE + seconds(ahead_s))]
    behind = 0 < ahead_s <= MAX_AHEAD.total_seconds()
    assert certainly_since(NOT_BEFORE, listed, NOT_BEFORE) == NOT_BEFORE + (MAX_AHEAD if behind else seconds(0))


def test_a_list_from_before_the_submit_that_may_lack_rows_is_not_used() -> None:
    recent, older = row(NOT_BEFORE - seconds(3)), row(NOT_BEFORE - seconds(500), "0")
    assert listed_before(page(recent, total=2), SPEC, NOT_BEFORE) is None
    assert listed_before(page(recent, older, total=9), SPEC, NOT_BEFORE) == frozenset({key(recent)})
    assert listed_before(page(), SPEC, NOT_BEFORE) == frozenset()


def test_a_list_from_before_the_submit_in_another_order_is_not_used() -> None:
    recent, older = row(NOT_BEFORE - seconds(3)), row(NOT_BEFORE - seconds(500), "0")
    assert listed_before(page(older, recent, total=9), SPEC, NOT_BEFORE) is None
    assert listed_before(page(recent, older, recent, total=9), SPEC, NOT_BEFORE) is None
    # The second row stands in the place of another one.
    assert listed_before(page(recent, recent), SPEC, NOT_BEFORE) is None
    assert listed_before(replace(page(recent, older, total=9), number=2), SPEC, NOT_BEFORE) is None
    assert listed_before(replace(page(recent), counted=False), SPEC, NOT_BEFORE) is None


def test_rows_of_other_objects_are_not_kept() -> None:
    theirs = row(NOT_BEFORE - seconds(3), url="https://media.example.com/b.js")
    assert listed_before(page(theirs), SPEC, NOT_BEFORE) == frozenset()
