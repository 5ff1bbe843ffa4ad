"""The choice of the query that shows the rows of tasks with the fewest calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Final

from pulumi_alicdn.api.limits import MAX_IDS_PER_CALL, MAX_PAGE_SIZE
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.api.time_range import earliest_stated, forgotten, oldest_asked

MAX_PAGES: Final = 4
"""The most pages that one query reads if rows of other tasks are among them. [chosen: their number has no limit]"""


class PollMethod(StrEnum):
    """The query of a poll."""

    TASKS = "tasks"
    """All rows of each task, by its id."""
    WINDOW = "window"
    """All rows of the creation window."""
    COUNT = "count"
    """Only the unfinished rows of the creation window; all rows once none of ours is among them."""


LATE_ROWS_S: Final = 60.0
"""Seconds for which rows may be created after the answer to their submit. [chosen: four graces of a submit]"""


@dataclass(frozen=True, slots=True)
class CreationWindow:
    """The time in which rows were created: aware UTC, whole seconds, both ends included."""

    start: datetime
    end: datetime

    def __contains__(self, created: datetime) -> bool:
        """Whether a row with this CreationTime was created in the window."""
        return earliest_stated(self.start) <= created <= self.end

    @staticmethod
    def of_submit(not_before: datetime, submitted_until: datetime) -> CreationWindow:
        """Return the window of rows that were submitted between these instants of the service's clock.

        An intent may be older than the service remembers tasks; what was adopted or submitted for it is not.
        """
        start = max(not_before, oldest_asked(submitted_until))
        return CreationWindow(start, submitted_until + timedelta(seconds=LATE_ROWS_S))

    @staticmethod
    def around(windows: Sequence[CreationWindow]) -> CreationWindow:
        """Return the shortest window that contains all of *windows*, at least one."""
        return CreationWindow(min(window.start for window in windows), max(window.end for window in windows))

    def asked(self) -> tuple[datetime, datetime]:
        """Return StartTime and EndTime of a query: the service refuses a time range of zero seconds.

        The begin is the earliest CreationTime of the window's rows, and never in the service's future.
        """
        return earliest_stated(self.start), max(self.end, self.start + timedelta(seconds=1))

    def forgotten(self, now: datetime) -> bool:
        """Whether a query for the window begins before the time that the service still accepts at *now*."""
        return forgotten(earliest_stated(self.start), now)


def choose_method(service: Service, rows: int, task_ids: int, *, countable: bool) -> PollMethod:
    """Choose the method with the fewest calls for *rows* rows of *task_ids* tasks.

    *countable*: whether all rows have one type that a query can name, and a known creation window.
    """
    if not countable or calls_by_id(service, rows, task_ids) <= 1:
        return PollMethod.TASKS
    return PollMethod.WINDOW if rows <= MAX_PAGE_SIZE[service] else PollMethod.COUNT


def calls_by_id(service: Service, rows: int, task_ids: int) -> int:
    """Return the number of calls that list all rows by task id: one for ten tasks (CDN), or one for each page (VOD)."""
    pages = ceil(rows / MAX_PAGE_SIZE[service])
    if service is Service.CDN and pages <= 1:
        return ceil(task_ids / MAX_IDS_PER_CALL)
    return max(task_ids, pages)
