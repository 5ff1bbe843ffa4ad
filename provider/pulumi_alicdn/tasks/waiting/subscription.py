"""The subscription of one wait to the polls of its group: the wanted rows, and the latest snapshot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import inf
from typing import Final

from pulumi_alicdn.api.dialects import COUNTABLE
from pulumi_alicdn.api.object_paths import without_scheme
from pulumi_alicdn.api.rows import Row
from pulumi_alicdn.api.spec import ObjectType, Service
from pulumi_alicdn.tasks.waiting.poll_method import LATE_ROWS_S, CreationWindow
from pulumi_alicdn.tasks.waiting.snapshot import Learnt, Snapshot

FAILURES_EVERY: Final = 4
"""Every how many counts a poll also queries failed rows. [chosen: a quarter more calls]"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The rows that a wait needs, and the ways to query them.

    ``task_ids``: unfinished tasks.
    ``paths``: object paths, each as :func:`without_scheme` spells it; empty if all rows of the tasks count.
    ``object_type``: the type of all rows; None if they have several, or if it is unknown.
    ``window``: when the rows were created, if that is known.
    ``domain``: the domain of all rows; None if they have several, or if it is unknown.
    ``total``: the expected number of rows; 0 if it is unknown.
    ``by_id``: whether the rows can be queried by task id only.
    """

    task_ids: tuple[str, ...]
    paths: frozenset[str] = frozenset()
    object_type: ObjectType | None = None
    window: CreationWindow | None = None
    total: int = 0
    by_id: bool = False
    domain: str | None = None

    def owns(self, row: Row) -> bool:
        """Whether *row* is one of these rows, in any spelling."""
        return row.task_id in self.task_ids and (not self.paths or without_scheme(row.object_path) in self.paths)

    def countable(self, service: Service) -> bool:
        """Whether the rows can be queried by their type and creation window."""
        known = self.window is not None and self.object_type in COUNTABLE[service] and self.total > 0
        return known and not self.by_id


class Subscription:
    """The subscription of one wait.

    The wait's own thread changes the wanted rows; the polling thread delivers snapshots. Both replace frozen values, so
    that the other thread never sees half of a change.
    """

    def __init__(self, wanted: Wanted, joined: float) -> None:
        """Begin with *wanted* at the monotonic instant *joined*."""
        self._wanted = wanted
        self._joined = joined
        self._next_poll = inf
        self._latest: Snapshot | None = None
        self._taken: Snapshot | None = None
        self._counts = 0
        self._polls_by_id = 0

    @property
    def wanted(self) -> Wanted:
        """The rows that the wait needs."""
        return self._wanted

    def want(self, task_ids: Iterable[str]) -> None:
        """Poll these tasks from now on."""
        self._wanted = replace(self._wanted, task_ids=tuple(task_ids))

    def poll_by_id(self) -> None:
        """Poll by task id only from now on."""
        self._polls_by_id = 0
        self._wanted = replace(self._wanted, by_id=True)

    def poll_by_id_once(self) -> None:
        """Poll by task id only in the current and the next poll.

        If it lasted for ever, a wait that polled before most waits of its process had joined would never share a poll.
        """
        if not self._wanted.by_id:
            self.poll_by_id()
            self._polls_by_id = 2

    def learn(self, learnt: Learnt, elapsed_s: float) -> None:
        """Store what a listing showed *elapsed_s* seconds after the wait began."""
        window = self._wanted.window
        if learnt.missing and elapsed_s >= LATE_ROWS_S:
            self.poll_by_id()
        # A row outside the window: an earlier wait has resubmitted some objects.
        if window is not None and not all(created in window for created in learnt.created):
            self.poll_by_id()
        if learnt.total:
            created = CreationWindow(*learnt.created)
            self._wanted = replace(self._wanted, object_type=learnt.object_type, window=created, total=learnt.total)

    @property
    def next_poll(self) -> float:
        """The monotonic instant at which the wait plans its next poll; infinite without a plan."""
        return self._next_poll

    def plan(self, next_poll: float) -> None:
        """Plan the next poll at the monotonic instant *next_poll*."""
        self._next_poll = next_poll

    @property
    def fresh(self) -> bool:
        """Whether a poll has delivered a snapshot since the wait last took one."""
        return self._latest is not self._taken

    def deliver(self, snapshot: Snapshot) -> None:
        """Deliver the snapshot of a poll."""
        self._latest = snapshot
        self._counts += snapshot.counted

    def take(self) -> Snapshot:
        """Take the latest snapshot, which is no longer fresh then. Raises ValueError before the first poll."""
        snapshot = self._taken = self._latest
        if snapshot is None:
            raise ValueError("no poll has delivered anything yet")
        if self._polls_by_id:
            self._polls_by_id -= 1
            self._wanted = replace(self._wanted, by_id=self._polls_by_id > 0)
        window = self._wanted.window
        if window is not None and window.forgotten(snapshot.server_time):
            self.poll_by_id()
        if not snapshot.hidden:
            return snapshot
        if snapshot.ended - self._joined >= LATE_ROWS_S:
            self.poll_by_id()
        return replace(snapshot, overdue=self._wanted.by_id)

    @property
    def failures_due(self) -> bool:
        """Whether the next count has to query failed rows, too."""
        return self._counts + 1 >= FAILURES_EVERY

    def failures_asked(self) -> None:
        """Note that the current poll queries failed rows; its own count follows."""
        self._counts = -1
