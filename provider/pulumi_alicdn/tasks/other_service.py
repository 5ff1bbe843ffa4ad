"""A task id that a service does not list may be one of the other service: ask that, before the id counts as wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from pulumi_alicdn.api.rows import Query
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.errors import AlicdnError
from pulumi_alicdn.ports import Clock
from pulumi_alicdn.tasks.task_api import TaskApi
from pulumi_alicdn.time_limits import allowing

MAX_ASKED: Final = 3
"""The most task ids about which the other service is asked. [chosen: the ids of one task are of one service]"""

ASKED_S: Final = 3.0
"""Seconds for these questions together. [chosen: they take a tenth of that, and only add a hint to a sentence]"""


def listed_elsewhere(
    connect: Callable[[Service], TaskApi], clock: Clock, service: Service, task_ids: Sequence[str]
) -> tuple[Service, Sequence[str]] | None:
    """Return the other service than *service*, and those of *task_ids* that it lists.

    None if it could not be asked: the account may have no rights for it, and it must not delay the answer.
    """
    other = next(one for one in Service if one is not service)
    there: set[str] = set()
    until = clock.monotonic() + ASKED_S
    try:
        api = connect(other)
        for task_id in task_ids[:MAX_ASKED]:
            with allowing(until - clock.monotonic()):
                there |= {row.task_id for row in api.describe(Query(task_id=task_id)).rows}
    except AlicdnError:
        return None
    return other, [task_id for task_id in task_ids if task_id in there]
