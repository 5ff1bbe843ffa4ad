"""Time ranges of queries: what the service accepts, and no row that is looked for lies outside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.time_range import (
    MARGIN,
    MAX_AHEAD,
    REMEMBERED,
    both_ends,
    earliest_stated,
    forgotten,
    oldest_asked,
    range_since,
)

NOW = datetime(2026, 1, 9, 3, 4, 5, tzinfo=UTC)
SECOND = timedelta(seconds=1)
around_now = st.integers(-6 * 24 * 3600, 24 * 3600).map(lambda s: NOW + timedelta(seconds=s))
before_now = st.integers(-6 * 24 * 3600, 1).map(lambda s: NOW + timedelta(seconds=s))


def accepted(start: datetime, end: datetime, now: datetime) -> bool:
    """Whether the strictest documents of the API accept the range at the service's time *now*."""
    return now - REMEMBERED <= start <= now and end > start


@given(before_now, st.integers(0, int(MARGIN.total_seconds())))
def test_a_range_since_an_intent_is_accepted_for_as_long_as_its_call_is_retried(since: datetime, later_s: int) -> None:
    start, end = range_since(since, NOW)
    assert accepted(start, end, NOW + timedelta(seconds=later_s))
    assert end > NOW


@given(before_now, st.integers(0, 3600), st.integers(0, int(MAX_AHEAD.total_seconds())), st.booleans())
def test_a_row_after_the_intent_is_in_the_range_whatever_its_creation_time_says(
    since: datetime, later_s: int, ahead_s: int, minutes: bool
) -> None:
    created = since + timedelta(seconds=later_s - ahead_s)
    stated = created.replace(second=0) if minutes else created
    start, end = range_since(since, max(NOW, created))
    assert stated <= end
    assert stated >= start or forgotten(stated, max(NOW, created))


@given(st.none() | around_now, st.none() | around_now)
def test_a_range_with_one_end_gets_the_other_and_stays_within_what_is_accepted(
    start: datetime | None, end: datetime | None
) -> None:
    begin, until = both_ends(start, end, NOW)
    assert accepted(begin, until, NOW)
    if start is not None and oldest_asked(NOW) <= start <= NOW:
        assert begin == start
    if end is not None and end > begin:
        assert until == end


def test_a_range_without_an_end_lies_open_to_rows_that_are_created_while_it_is_listed() -> None:
    assert both_ends(NOW - SECOND, None, NOW)[1] > NOW


def test_a_creation_time_cut_to_the_minute_is_never_before_the_earliest_stated_one() -> None:
    assert earliest_stated(NOW) == NOW.replace(minute=3, second=0)
    assert earliest_stated(NOW.replace(second=10)) == NOW.replace(second=0)


def test_what_is_older_than_three_days_but_a_few_minutes_counts_as_forgotten() -> None:
    assert forgotten(NOW - REMEMBERED, NOW)
    assert not forgotten(NOW - REMEMBERED + MARGIN, NOW)
