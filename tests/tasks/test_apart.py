"""How far two clocks are apart, by a task of our own: never less than assumed, never more than its rows show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.rows import Row, RowStatus
from pulumi_alicdn.api.spec import ObjectType
from pulumi_alicdn.api.time_range import MAX_AHEAD
from pulumi_alicdn.tasks.submit import OwnTask
from pulumi_alicdn.tasks.submit.clocks import MOST, apart

AT = datetime(2026, 1, 2, 3, 4, 30, tzinfo=UTC)
OWN = OwnTask("1", AT, AT + timedelta(seconds=5))
SECOND = timedelta(seconds=1)


def row(created: datetime | None, task_id: str = "1") -> Row:
    return Row(task_id, "https://media.example.com/a.js", ObjectType.FILE, RowStatus.COMPLETE, 100, created)


@given(st.integers(-2000, 2000))
def test_a_row_shows_the_difference_and_a_small_one_changes_nothing(away_s: int) -> None:
    created = AT + timedelta(seconds=away_s)
    outside_s = max(-away_s, away_s - 5, 0) if created.second else 0
    assert apart(OWN, [row(created)]) == min(MOST, max(MAX_AHEAD, timedelta(seconds=outside_s) + SECOND))


def test_the_row_that_is_furthest_away_counts_and_rows_of_others_or_without_a_time_do_not() -> None:
    near, far, other = AT - 12 * SECOND, AT + 40 * SECOND, AT + 300 * SECOND
    assert apart(OWN, [row(near), row(far), row(other, "2"), row(None)]) == 36 * SECOND
    assert apart(OWN, []) == MAX_AHEAD
