"""Before tasks of others are waited for: whether they are there, and of what kind they are."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_alicdn.core.rows import Row
from pulumi_alicdn.core.tasks import Kind, ObjectType
from pulumi_alicdn.engine.calls import READ_PATIENCE_S, Caller
from pulumi_alicdn.engine.look import Looker
from pulumi_alicdn.ports import TaskApi


def listed(api: TaskApi, caller: Caller, task_ids: Sequence[str], timeout_s: float) -> Sequence[Row]:
    """Rows of the tasks that the service lists now.

    Raises an ApiError where it is out of reach: sooner than the wait would, and no later than its *timeout_s*.
    """
    until = caller.clock.monotonic() + min(timeout_s, READ_PATIENCE_S)
    return Looker(api, caller).tasks(task_ids, until).rows


def kind_of(rows: Sequence[Row]) -> Kind:
    """What the tasks of *rows* do: a prefetch only if all rows are; a refresh where nothing is known."""
    return Kind.PREFETCH if {row.object_type for row in rows} == {ObjectType.PRELOAD} else Kind.REFRESH
