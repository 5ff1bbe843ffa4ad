"""Which query shows the rows of tasks with the fewest calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Final

from pulumi_alicdn.api.limits import MAX_IDS_PER_CALL, MAX_PAGE_SIZE
from pulumi_alicdn.api.spec import Service

MAX_PAGES: Final = 4
"""Pages that one query reads where rows of other tasks are among them. [chosen: there may be any number of those]"""


class PollMethod(StrEnum):
    """How a poll sees rows."""

    TASKS = "tasks"
    """All rows of each task, by its id."""
    WINDOW = "window"
    """All rows that were created in the same time as ours."""
    COUNT = "count"
    """Only the unfinished rows of that time; all rows once none of ours is among them."""


LATE_ROWS_S: Final = 60.0
"""Seconds for which rows may be created after the answer to their submit. [chosen: four graces of a submit]"""


@dataclass(frozen=True, slots=True)
class CreationWindow:
    """The time in which rows were created: aware UTC, whole seconds, both ends included; without an end, until now."""

    start: datetime
    end: datetime | None

    def __contains__(self, created: datetime) -> bool:
        """Whether a row that was created at that instant is in it."""
        return self.start <= created and (self.end is None or created <= self.end)

    @staticmethod
    def of_submit(not_before: datetime, submitted_until: datetime) -> CreationWindow:
        """The window of rows that were submitted between these instants of the service's clock."""
        return CreationWindow(not_before, submitted_until + timedelta(seconds=LATE_ROWS_S))

    @staticmethod
    def around(windows: Sequence[CreationWindow]) -> CreationWindow:
        """The shortest window that holds all of *windows*, one at least."""
        ends = [window.end for window in windows if window.end is not None]
        end = max(ends) if len(ends) == len(windows) else None
        return CreationWindow(min(window.start for window in windows), end)

    def asked(self) -> tuple[datetime, datetime | None]:
        """Both ends as the service takes them: it refuses a time range without extent."""
        return self.start, None if self.end is None else max(self.end, self.start + timedelta(seconds=1))


def choose_method(service: Service, rows: int, task_ids: int, *, countable: bool) -> PollMethod:
    """The method that takes the fewest calls for *rows* rows of *task_ids* tasks.

    *countable*: all rows are of one type that a query can name, and the time of their creation is known.
    """
    if not countable or calls_by_id(service, rows, task_ids) <= 1:
        return PollMethod.TASKS
    return PollMethod.WINDOW if rows <= MAX_PAGE_SIZE[service] else PollMethod.COUNT


def calls_by_id(service: Service, rows: int, task_ids: int) -> int:
    """Calls that list all rows of the tasks: ten tasks in one (CDN), or each page of each (VOD)."""
    pages = ceil(rows / MAX_PAGE_SIZE[service])
    if service is Service.CDN and pages <= 1:
        return ceil(task_ids / MAX_IDS_PER_CALL)
    return max(task_ids, pages)
