"""Time ranges of queries: both ends, no begin in the future, and none that the service no longer accepts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from pulumi_alicdn.api.limits import WINDOW_S

REMEMBERED: Final = timedelta(seconds=WINDOW_S)
"""The time for which the service lists a task. An older StartTime is refused with InvalidTime (DescribeDcdnRefreshTasks
2018-01-15) or InvalidStartTime.ValueNotSupported (DescribeRefreshTasks 2018-05-10, error table)."""

MARGIN: Final = timedelta(minutes=6)
"""How much earlier a task counts as forgotten, and how far EndTime lies in the future. [chosen: longer than the 5
minutes for which a call is retried; no document forbids an EndTime in the future]"""

MAX_AHEAD: Final = timedelta(seconds=10)
"""How far a Date header may be ahead of the clock of CreationTime. [chosen: twice what was seen; gateway and task store
are different machines]"""


def earliest_stated(at: datetime) -> datetime:
    """Return the earliest CreationTime of a task that was created at the instant *at* of a Date header, or later.

    CreationTime may be cut to whole minutes.
    """
    return (at - MAX_AHEAD).replace(second=0, microsecond=0)


def oldest_asked(now: datetime) -> datetime:
    """Return the earliest StartTime that the service certainly accepts; *now* is its time."""
    return now - REMEMBERED + MARGIN


def forgotten(created: datetime, now: datetime) -> bool:
    """Whether the service, whose time is *now*, may have forgotten tasks that were *created* at that instant."""
    return created < oldest_asked(now)


def range_since(created: datetime, now: datetime) -> tuple[datetime, datetime]:
    """Return StartTime and EndTime for all tasks since *created* that the service lists; *now* is its time.

    Rows can be a little older than *created*: compare their CreationTime.
    """
    start = max(earliest_stated(created), oldest_asked(now))
    return start, max(now, created) + MARGIN


def both_ends(start: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """Return both ends of a range that users limit at one end or at none; *now* is the service's time.

    The service refuses one end alone: MissingTimeParameter (DescribeDcdnRefreshTasks 2018-01-15), MissingParameter
    (DescribeRefreshTasks 2014-11-11).
    """
    oldest = oldest_asked(now)
    begin = oldest if start is None else min(max(start, oldest), now)
    # The service refuses an EndTime that is not later than StartTime.
    return begin, max(now + MARGIN if end is None else end, begin + timedelta(seconds=1))
