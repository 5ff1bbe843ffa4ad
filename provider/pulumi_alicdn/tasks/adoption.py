"""Which listed rows are from after an intent, although the clocks of the service may disagree; pure."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime

from pulumi_alicdn.api.rows import Page, Row
from pulumi_alicdn.api.spec import TaskSpec
from pulumi_alicdn.api.time_range import MAX_AHEAD, earliest_stated
from pulumi_alicdn.tasks.matching import Identity, match
from pulumi_alicdn.tasks.row_reader import Key, key


def doubtful(rows: Iterable[Row], not_before: datetime) -> frozenset[Key]:
    """Return the rows whose CreationTime is shortly before *not_before*: it alone does not tell whether they are new.

    The Date header, which *not_before* comes from, can be ahead of it, and it can be cut to whole minutes.
    """
    begin = earliest_stated(not_before)
    return frozenset(key(row) for row in rows if row.created is not None and begin <= row.created < not_before)


def is_new(row: Row, not_before: datetime, listed_before: AbstractSet[Key] | None) -> bool:
    """Whether *row* was created after the intent of *not_before*; a row without a readable time is not known to be.

    *listed_before*: the doubtful rows that were listed before anything was submitted; None if that is not known. A row
    that is not among them appeared after the submit. Without this tolerance, a submit whose answer was lost would be
    sent twice; without the list, a row from before the intent would count as new.
    """
    if row.created is None:
        return False
    if row.created >= not_before:
        return True
    if listed_before is None or key(row) in listed_before:
        return False
    # Only a time that is cut to the minute can be up to a minute too early.
    return row.created >= (not_before - MAX_AHEAD if row.created.second else earliest_stated(not_before))


def listed_before(page: Page, spec: TaskSpec, not_before: datetime) -> frozenset[Key] | None:
    """Return the doubtful rows of *spec* at an intent; None if *page*, the newest rows, may lack some."""
    begin = earliest_stated(not_before)
    whole = len(page.rows) >= page.total or any(row.created is not None and row.created < begin for row in page.rows)
    if not whole or not spec.by_path:
        return None
    own = match(spec.object_paths, page.rows, Identity(spec.object_type)).rows.values()
    return doubtful((row for rows in own for row in rows), not_before)
