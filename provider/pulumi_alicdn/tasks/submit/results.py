"""What submits leave: the ids of tasks and jobs, and which of them were adopted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from pulumi_alicdn.api.rows import Row
from pulumi_alicdn.api.spec import TaskSpec

GRACE_S: Final = 15.0
"""Seconds for which a submitted task may stay invisible before it counts as not accepted. [chosen: no document states
it; DescribeRefreshTasks only says that the status is updated asynchronously]"""

LOOKUP_EVERY_S: Final = 1.5
"""Seconds between two lookups during the grace: 10 calls in all, well under the limit of 5 a second."""


@dataclass(slots=True)
class Submission:
    """The result of a submit.

    ``task_ids``, ``request_ids``, ``job_ids``: in the order in which the service gave them.
    ``adopted``: the object paths for which a task existed already.
    ``weaker``: those of them whose task may be somebody else's and do less, because rows do not show its options.
    ``early``: those of them whose task was created before the intent, if the clocks of the service agree.
    ``submitted_at``, ``submitted_until``: when the first and the last task were submitted, by the server's clock.
    ``superseded``: superseded rows, by task and object. An adopted task can contain such rows; they must not count as
    the new ones while those are not listed yet.
    """

    task_ids: list[str] = field(default_factory=list)
    request_ids: list[str] = field(default_factory=list)
    adopted: list[str] = field(default_factory=list)
    weaker: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    job_ids: list[str] = field(default_factory=list)
    created: list[datetime] = field(default_factory=list)
    superseded: set[tuple[str, str]] = field(default_factory=set)

    def add(self, task_ids: Iterable[str], at: datetime, request_id: str = "") -> None:
        """Add ids, and the time at which their tasks were created."""
        self.task_ids += [task_id for task_id in dict.fromkeys(task_ids) if task_id not in self.task_ids]
        self.created.append(at)
        if request_id:
            self.request_ids.append(request_id)

    @property
    def submitted_at(self) -> datetime:
        """When the first task was created; a submit that ended without an error has at least one."""
        return min(self.created)

    @property
    def submitted_until(self) -> datetime:
        """When the last task was created."""
        return max(self.created)

    def adopt(self, spec: TaskSpec, not_before: datetime, rows: Iterable[tuple[str, Row | None]]) -> list[str]:
        """Add the tasks of *rows*, which are pairs of an object path and its row, if any; return their ids."""
        found = [(path, row.task_id, row.created) for path, row in rows if row is not None and row.created is not None]
        for path, task_id, created in found:
            self.adopted.append(path)
            if not spec.shown_by_rows:
                self.weaker.append(path)
            if created < not_before:
                self.early.append(path)
            self.add([task_id], created)
        return list(dict.fromkeys(task_id for _, task_id, _ in found))


@dataclass(frozen=True, slots=True)
class OwnTask:
    """A task that this resource submitted: ``first`` and ``last`` limit the Date headers of the answers to it."""

    task_id: str
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Before:
    """The submits of the same task that were stored before this one, and what is left for later ones.

    ``submits``: how many were before. ``task_ids``, ``job_ids``: what they left. ``later_objects``: how many objects
    the later ones have. ``own``: the latest task that is certainly our own, also one of an earlier intent, if any.
    """

    submits: int = 0
    task_ids: Sequence[str] = ()
    job_ids: Sequence[str] = ()
    later_objects: int = 0
    own: OwnTask | None = None


FIRST: Final = Before()
"""The place of a submit that is the only one."""
