"""How far the two clocks of the service disagree, learnt from tasks of our own; pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from pulumi_alicdn.api.rows import Row
from pulumi_alicdn.api.time_range import MAX_AHEAD
from pulumi_alicdn.tasks.submit.results import OwnTask

MOST: Final = timedelta(minutes=15)
"""The largest difference that is believed. [chosen: for the signature, a caller's clock may be wrong by as much]"""

_WHOLE_SECOND: Final = timedelta(seconds=1)
"""The Date header and CreationTime are cut to whole seconds."""


def apart(own: OwnTask, rows: Iterable[Row]) -> timedelta:
    """Return by how much CreationTime can differ from the Date header; *rows* are those of the task *own*.

    It is never less than :data:`MAX_AHEAD`, which is assumed where nothing is known: two nodes of the service can have
    two clocks, so that a small difference of one task promises nothing for the next. A time that is cut to the minute
    shows no difference.
    """
    known = [row.created for row in rows if row.task_id == own.task_id and row.created is not None]
    differences = [max(own.first - at, at - own.last) for at in known if at.second]
    return min(MOST, max([MAX_AHEAD, *(one + _WHOLE_SECOND for one in differences)]))
