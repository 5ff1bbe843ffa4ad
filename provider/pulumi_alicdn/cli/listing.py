"""Before tasks of others are waited for: whether they are there, and of what kind they are."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_alicdn.core.rows import Row
from pulumi_alicdn.core.tasks import Kind, ObjectType
from pulumi_alicdn.engine.calls import Caller
from pulumi_alicdn.engine.look import Looker
from pulumi_alicdn.ports import TaskApi


def listed(api: TaskApi, caller: Caller, task_ids: Sequence[str]) -> Sequence[Row]:
    """Rows of the tasks that the service lists now.

    Raises an ApiError where it is out of reach: sooner than the wait would.
    """
    return Looker(api, caller).tasks(task_ids).rows


def kind_of(rows: Sequence[Row]) -> Kind:
    """What the tasks of *rows* do: a prefetch only if all rows are; a refresh where nothing is known."""
    return Kind.PREFETCH if {row.object_type for row in rows} == {ObjectType.PRELOAD} else Kind.REFRESH
