"""The snapshot of one poll for one wait, as a frozen value, and pure functions of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pulumi_alicdn.api.row_count import Shortfall
from pulumi_alicdn.api.rows import Row
from pulumi_alicdn.api.spec import ObjectType
from pulumi_alicdn.tasks.progress import Progress
from pulumi_alicdn.tasks.verdict import Outcome, Verdict
from pulumi_alicdn.tasks.waiting.poll_method import CreationWindow
from pulumi_alicdn.tasks.waiting.samples import eta_s
from pulumi_alicdn.tasks.waiting.schedule import MIN_S

UNKNOWN_TASK_S: Final = 15.0
"""Seconds after which somebody else's task without any row counts as unknown. [chosen: the grace of a submit]"""

LOOK_AGAIN_S: Final = 5.0
"""The longest time between two polls while a task may be unknown, in seconds. [chosen: a third of UNKNOWN_TASK_S]"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The snapshot of one poll for one wait.

    A poll either lists rows or only counts them. Only a snapshot of a listing can be judged.

    ``rows``: all rows of the tasks; after a count, only some of the unfinished ones.
    ``server_time``: the server's time of the last answer, aware UTC.
    ``began``, ``ended``: the monotonic instants of the poll's begin and end.
    ``calls``: the number of calls.
    ``unfinished``: after a count, the most rows that can be unfinished; it can include rows of other tasks. None after
    a listing.
    ``percent``: after a count, the progress of all rows, 0 to 99.
    ``hidden``: rows of other tasks may hide those of this wait from a count.
    ``short``: tasks of which the listing may lack rows.
    ``by_id``: whether the tasks were listed by their ids: only then all rows of a task can be known.
    ``overdue``: as ``hidden``, and the next poll lists by task id: the tasks may have been effective for a long time.
    """

    rows: tuple[Row, ...]
    server_time: datetime
    began: float
    ended: float
    calls: int = 1
    unfinished: int | None = None
    percent: float = 0.0
    hidden: bool = False
    overdue: bool = False
    short: tuple[Shortfall, ...] = ()
    by_id: bool = True

    @property
    def counted(self) -> bool:
        """Whether the poll only counted, so that the snapshot cannot be judged."""
        return self.unfinished is not None


@dataclass(frozen=True, slots=True)
class Learnt:
    """Facts from listed rows that decide how further polls can query them.

    ``missing``: whether an object has no row yet, or a row may not have been seen.
    ``created``: when the first and the last row were created; empty without rows.
    ``object_type``, ``total``: the type and the number of rows of whole tasks. ``total`` is 0 if the object paths of
    the wait determine both, if a row is missing or has no readable time, or if the rows have several types.
    """

    missing: bool
    created: tuple[datetime, ...] = ()
    object_type: ObjectType | None = None
    total: int = 0


def learn(verdict: Verdict, *, whole_tasks: bool) -> Learnt:
    """Return what further polls can use of a listing; *whole_tasks*: whether the wait is for all rows of its tasks."""
    rows = [row for row in verdict.rows.values() if row is not None]
    missing = bool(verdict.missing or verdict.short)
    times = [row.created for row in rows if row.created is not None]
    if not times:
        return Learnt(missing)
    created = (min(times), max(times))
    types = {row.object_type for row in rows}
    if missing or not whole_tasks or len(types) > 1 or len(times) < len(rows):
        return Learnt(missing, created)
    return Learnt(missing, created, types.pop(), len(rows))


def age_of(snapshot: Snapshot, window: CreationWindow | None, begin: datetime | None = None) -> float:
    """Return the seconds from the creation of the oldest open row to the end of the poll, by the server's clock.

    Without an open row, the oldest of all rows counts; without any row, the begin of *window*, or else the poll itself.
    Rows from before *begin* are of somebody else: after one of years ago, the wait would poll without a pause.
    """
    dated = [
        (row.status.final, row.created)
        for row in snapshot.rows
        if row.created is not None and (begin is None or row.created >= begin)
    ]
    open_since = [created for final, created in dated if not final]
    start = snapshot.server_time if window is None else window.start
    since = min(open_since or [created for _, created in dated], default=start)
    return (snapshot.server_time - since).total_seconds()


def percent_of_count(unfinished: int, total: int, percent_under_way: float) -> float:
    """Return the progress of *total* rows, 0 to 99, if *unfinished* of them are at *percent_under_way* on average."""
    return min(99.0, 100.0 - unfinished / total * (100.0 - percent_under_way))


def progress_of(
    verdict: Verdict, snapshot: Snapshot | None = None, age_s: float | None = None, since_s: float = 0.0
) -> Progress:
    """Return the progress for users: the last *verdict*, with the numbers of a newer *snapshot* that only counted.

    *age_s*: the age of the tasks, in seconds, at which these numbers were true, for an estimate of the time left; None
    for no estimate. *since_s*: the seconds that have passed since then.
    """
    total = verdict.total
    if snapshot is None or snapshot.unfinished is None:
        percent, complete = verdict.percent, verdict.complete
        # Failed objects are resubmitted before any report, so the wait goes on.
        outcome = Outcome.REFRESHING if verdict.outcome is Outcome.FAILED else verdict.outcome
    else:
        percent, complete = snapshot.percent, max(0, total - snapshot.unfinished)
        outcome = Outcome.REFRESHING
    left_s = None if age_s is None else eta_s(age_s, percent)
    return Progress(outcome, percent, complete, total, None if left_s is None else max(0.0, left_s - since_s))


def longest_pause_s(snapshot: Snapshot, verdict: Verdict, unknown_in_s: float) -> float:
    """Return the most seconds until the next poll, for any schedule.

    *unknown_in_s*: the seconds until tasks without any row count as unknown; infinite if they never do. Where that time
    has passed, the tasks are known: a row that still is missing would cost two calls a second until it is listed.
    """
    if snapshot.overdue:
        return MIN_S
    if verdict.missing and 0 < unknown_in_s < math.inf:
        return min(max(unknown_in_s, MIN_S), LOOK_AGAIN_S)
    return math.inf
