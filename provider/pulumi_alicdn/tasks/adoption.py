"""Which listed rows are from after an intent, although the clocks of the service may disagree; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from pulumi_alicdn.api.row_count import SAFE_PAGE_SIZE, Reading
from pulumi_alicdn.api.rows import Page, Query, Row
from pulumi_alicdn.api.spec import TaskSpec
from pulumi_alicdn.api.time_range import MAX_AHEAD, earliest_stated
from pulumi_alicdn.tasks.matching import Identity, match
from pulumi_alicdn.tasks.row_reader import Key, key


@dataclass(frozen=True, slots=True)
class Older:
    """What is known to be older than an intent, whatever its CreationTime says.

    ``rows``: rows that were listed before anything was submitted; None if that is not known. ``task_ids``: tasks of
    earlier intents. Their rows may have been hidden at the intent.
    """

    rows: frozenset[Key] | None = None
    task_ids: frozenset[str] = frozenset()

    def holds(self, row: Row) -> bool:
        """Whether *row* is known to be older."""
        return row.task_id in self.task_ids or (self.rows is not None and key(row) in self.rows)


def doubtful(rows: Iterable[Row], not_before: datetime) -> frozenset[Key]:
    """Return the rows whose CreationTime does not tell whether they are older than *not_before*.

    The Date header, which *not_before* comes from, can be ahead of CreationTime or behind it, and CreationTime can be
    cut to whole minutes.
    """
    begin = earliest_stated(not_before)
    return frozenset(key(row) for row in rows if row.created is not None and row.created >= begin)


def is_new(row: Row, not_before: datetime, older: Older, *, sent: bool) -> bool:
    """Whether *row* was created after the intent of *not_before*; a row without a readable time is not known to be.

    *sent*: whether the row may be that of a submit of this intent whose answer was lost. Then its CreationTime may be
    a little too early, provided that the rows which were listed before are known. Without this tolerance, the submit
    would be sent twice; without those rows, a row from before the intent would count as new.
    """
    if row.created is None or older.holds(row):
        return False
    if row.created >= not_before:
        return True
    if not sent or older.rows is None:
        return False
    # Only a time that is cut to the minute can be up to a minute too early.
    return row.created >= (not_before - MAX_AHEAD if row.created.second else earliest_stated(not_before))


def certainly_since(not_before: datetime, rows: Iterable[Row], now: datetime) -> datetime:
    """Return the CreationTime from which rows are certainly newer than *not_before*, if nothing of ours was sent yet.

    *rows* were listed when the Date header said *now*. A row from after *now* shows that the header is behind
    CreationTime. Then a row from before the intent, which was hidden until now, would seem newer than the intent.
    """
    behind = any(row.created is not None and now < row.created <= now + MAX_AHEAD for row in rows)
    return not_before + MAX_AHEAD if behind else not_before


def _all_rows(page: Page) -> bool:
    """Whether *page*, the first one, has every row that the service counts."""
    reading = Reading()
    reading.following(page, Query(page_size=SAFE_PAGE_SIZE))
    return reading.whole_at_its_begin()


def _back_to(page: Page, begin: datetime) -> bool:
    """Whether *page* has every row since *begin*: its rows are in order, the newest first, and go back further.

    An old row of a page in another order does not show that no newer one is on another page.
    """
    times = [row.created for row in page.rows if row.created is not None]
    in_order = all(newer >= older for newer, older in pairwise(times))
    return in_order and page.number in (None, 1) and bool(times) and times[-1] < begin


def listed_before(page: Page, spec: TaskSpec, not_before: datetime) -> frozenset[Key] | None:
    """Return the doubtful rows of *spec* at an intent; None if *page*, the newest rows, may lack some."""
    begin = earliest_stated(not_before)
    if not (_all_rows(page) or _back_to(page, begin)):
        return None
    if not spec.by_path:
        return doubtful(page.rows, not_before)
    own = match(spec.object_paths, page.rows, Identity(spec.object_type)).rows.values()
    return doubtful((row for rows in own for row in rows), not_before)
