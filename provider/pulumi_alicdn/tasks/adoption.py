"""Which listed rows are from after an intent, although the clocks of the service may disagree; pure."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime

from pulumi_alicdn.api.object_paths import canonical
from pulumi_alicdn.api.rows import Page, Row
from pulumi_alicdn.api.spec import TaskSpec
from pulumi_alicdn.api.time_range import MAX_AHEAD, earliest_stated
from pulumi_alicdn.tasks.row_reader import Key, key


def doubtful(rows: Iterable[Row], not_before: datetime) -> frozenset[Key]:
    """Return the rows whose CreationTime is shortly before *not_before*: it alone does not tell whether they are new.

    The Date header, which *not_before* comes from, can be ahead of it, and it can be cut to whole minutes.
    """
    return frozenset(key(row) for row in rows if earliest_stated(not_before) <= row.created < not_before)


def is_new(row: Row, not_before: datetime, listed_before: AbstractSet[Key] | None) -> bool:
    """Whether *row* was created after the intent of *not_before*.

    *listed_before*: the doubtful rows that were listed before anything was submitted; None if that is not known. A row
    that is not among them appeared after the submit. Without this tolerance, a submit whose answer was lost would be
    sent twice; without the list, a row from before the intent would count as new.
    """
    if row.created >= not_before:
        return True
    if listed_before is None or key(row) in listed_before:
        return False
    # Only a time that is cut to the minute can be up to a minute too early.
    return row.created >= (not_before - MAX_AHEAD if row.created.second else earliest_stated(not_before))


def listed_before(page: Page, spec: TaskSpec, not_before: datetime) -> frozenset[Key] | None:
    """Return the doubtful rows of *spec* at an intent; None if *page*, the newest rows, may lack some."""
    whole = len(page.rows) >= page.total or any(row.created < earliest_stated(not_before) for row in page.rows)
    wanted = {canonical(path) for path in spec.object_paths}
    own = (row for row in page.rows if canonical(row.object_path) in wanted)
    return doubtful(own, not_before) if whole and spec.by_path else None
