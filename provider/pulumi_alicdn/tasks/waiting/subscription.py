"""What one wait wants to see, and what the polls of its group remember for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import inf
from typing import Final

from pulumi_alicdn.api.dialects import COUNTABLE
from pulumi_alicdn.api.object_paths import canonical
from pulumi_alicdn.api.rows import Row
from pulumi_alicdn.api.spec import ObjectType, Service
from pulumi_alicdn.tasks.waiting.poll_method import CreationWindow
from pulumi_alicdn.tasks.waiting.snapshot import UNKNOWN_TASK_S, Learnt, Snapshot

FAILURES_EVERY: Final = 4
"""One in so many polls that only count also asks for failures. [chosen: a quarter more calls]"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The rows that a wait wants to see, and how they can be asked for.

    ``task_ids``: tasks that are not finished yet.
    ``paths``: canonical object paths; empty where all rows of the tasks count.
    ``object_type``: the type of all rows; None where they are of several, or it is unknown.
    ``window``: when the rows were created, if that is known.
    ``total``: how many rows there should be; 0 where that is unknown.
    ``by_id``: the rows may be asked for by task id only.
    """

    task_ids: tuple[str, ...]
    paths: frozenset[str] = frozenset()
    object_type: ObjectType | None = None
    window: CreationWindow | None = None
    total: int = 0
    by_id: bool = False

    def owns(self, row: Row) -> bool:
        """Whether *row* is one of them."""
        return row.task_id in self.task_ids and (not self.paths or canonical(row.object_path) in self.paths)

    def countable(self, service: Service) -> bool:
        """Whether the rows can be asked for by their type and the time of their creation."""
        known = self.window is not None and self.object_type in COUNTABLE[service] and self.total > 0
        return known and not self.by_id


class Subscription:
    """A wait's place among the polls of its group.

    The thread of the wait changes what is wanted; the thread that polls delivers. A frozen value is replaced each time,
    so that neither sees half of a change.
    """

    def __init__(self, wanted: Wanted, joined: float) -> None:
        """Begin with *wanted* at the monotonic instant *joined*."""
        self._wanted = wanted
        self._joined = joined
        self._next_poll = inf
        self._latest: Snapshot | None = None
        self._taken: Snapshot | None = None
        self._counts = 0

    @property
    def wanted(self) -> Wanted:
        """What the wait wants to see."""
        return self._wanted

    def want(self, task_ids: Iterable[str]) -> None:
        """Ask for these tasks from now on."""
        self._wanted = replace(self._wanted, task_ids=tuple(task_ids))

    def poll_by_id(self) -> None:
        """Ask by task id only from now on."""
        self._wanted = replace(self._wanted, by_id=True)

    def learn(self, learnt: Learnt, elapsed_s: float) -> None:
        """Take over what a listing showed *elapsed_s* seconds after the wait began."""
        window = self._wanted.window
        if learnt.missing and elapsed_s >= UNKNOWN_TASK_S:
            self.poll_by_id()
        # An earlier wait submitted some of them again.
        if window is not None and not all(created in window for created in learnt.created):
            self.poll_by_id()
        if learnt.total:
            created = CreationWindow(*learnt.created)
            self._wanted = replace(self._wanted, object_type=learnt.object_type, window=created, total=learnt.total)

    @property
    def next_poll(self) -> float:
        """The monotonic instant at which the wait wants the next poll; infinite while it has not said so."""
        return self._next_poll

    def plan(self, next_poll: float) -> None:
        """Want the next poll at that monotonic instant."""
        self._next_poll = next_poll

    @property
    def fresh(self) -> bool:
        """Whether a poll saw something since the wait last took a snapshot."""
        return self._latest is not self._taken

    def deliver(self, snapshot: Snapshot) -> None:
        """Leave what a poll saw."""
        self._latest = snapshot
        self._counts += snapshot.counted

    def take(self) -> Snapshot:
        """What the latest poll saw, which is not fresh from then on. Raises ValueError before the first poll."""
        snapshot = self._taken = self._latest
        if snapshot is None:
            raise ValueError("no poll has delivered anything yet")
        if not snapshot.hidden:
            return snapshot
        if snapshot.ended - self._joined >= UNKNOWN_TASK_S:
            self.poll_by_id()
        return replace(snapshot, overdue=self._wanted.by_id)

    @property
    def failures_due(self) -> bool:
        """Whether a poll that only counts has to ask for failures, too."""
        return self._counts + 1 >= FAILURES_EVERY

    def failures_asked(self) -> None:
        """Note that the poll under way asks for failures; its own count follows."""
        self._counts = -1
