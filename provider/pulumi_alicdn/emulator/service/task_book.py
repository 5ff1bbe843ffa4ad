"""The task rows: their creation, ids and progress, and indexes for queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pulumi_alicdn.emulator.service.products import NEVER_MERGED, Service
from pulumi_alicdn.emulator.service.targets import Target
from pulumi_alicdn.emulator.values import ObjectType, Status, wire_time

FIRST_TASK_ID: Final = 15_700_000_001
"""The first id. [chosen: any number; the documents' samples have decimal ones]"""

MAX_PENDING_S: Final = 1.0
"""The longest time that a row is Pending, in virtual seconds. [chosen: half the default time until the first edge]"""


@dataclass(frozen=True, slots=True)
class State:
    """How far a row is: its status, its progress from 0 to 100, and why it failed, empty unless it did."""

    status: Status
    percent: int
    failure: str = ""


@dataclass(slots=True, eq=False)
class Row:
    """One object path within a task.

    ``created``, ``visible_from``, ``finished``: virtual instants; ``finished`` is None until then.
    ``effect_s``: virtual seconds until the last edge is reached.
    ``edges_done``: edges that have purged or fetched the object. ``needed``: how many of them make it Complete.
    ``failure``: why the row failed. ``planned_failure``: why it will fail at the first edge, set by a fault.
    ``soft``: whether edges may keep copies that the origin has not modified.
    """

    task_id: str
    service: str
    object_type: ObjectType
    target: Target
    created: datetime
    visible_from: datetime
    effect_s: float
    edges: int
    needed: int
    edges_done: int = 0
    failure: str = ""
    planned_failure: str = ""
    finished: datetime | None = None
    soft: bool = False

    def status(self, now: datetime) -> Status:
        """Return the status at *now*; Complete only once enough edges have purged or fetched the object."""
        if self.failure:
            return Status.FAILED
        if self.edges_done >= self.needed:
            return Status.COMPLETE
        pending_s = min(MAX_PENDING_S, self.effect_s / (2 * self.edges))
        if self.edges_done == 0 and now < self.created + timedelta(seconds=pending_s):
            return Status.PENDING
        return Status.REFRESHING

    def percent(self, now: datetime) -> int:
        """Return the progress, 0 to 100, by edges and, between two edges, by time; 100 only when Complete."""
        if self.edges_done >= self.needed and not self.failure:
            return 100
        passed_s = 0.0 if self.failure else (now - self.created).total_seconds()
        by_time = passed_s / self.effect_s if self.effect_s > 0 else 0.0
        share = max(self.edges_done, min(by_time * self.edges, self.edges_done + 0.9)) / self.needed
        return min(99, int(100 * share))

    def state(self, now: datetime) -> State:
        """Return how far the row is at *now*."""
        return State(self.status(now), self.percent(now), self.failure)

    def answer(self, state: State) -> Mapping[str, str]:
        """Return the row as the API shows it in that state, with a ``Description`` only for a failure."""
        shown = {
            "TaskId": self.task_id,
            "ObjectPath": self.target.verbatim,
            "ObjectType": self.object_type.value,
            "Status": state.status.value,
            "Process": f"{state.percent}%",
            "CreationTime": wire_time(self.created),
        }
        if state.failure:
            shown["Description"] = state.failure
        return shown


@dataclass(slots=True)
class _Bucket:
    """The id that submissions of one service, domain and second share, and the number of its rows."""

    second: datetime
    task_id: str
    rows: int


class TaskBook:
    """All rows in the order of their creation, with indexes by id and by object path."""

    def __init__(self) -> None:
        """Start empty."""
        self._next_id = FIRST_TASK_ID
        self._rows: list[Row] = []
        self._by_id: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self._by_path: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self._buckets: dict[tuple[str, str, ObjectType | None], _Bucket] = {}

    def rows(self) -> Sequence[Row]:
        """All rows, oldest first."""
        return self._rows

    def with_id(self, service: str, task_id: str) -> Sequence[Row]:
        """The rows of one task, oldest first."""
        return self._by_id.get((service, task_id), ())

    def with_path(self, service: str, path: str) -> Sequence[Row]:
        """The rows of one object path, verbatim, oldest first."""
        return self._by_path.get((service, path), ())

    def create(
        self,
        service: Service,
        object_type: ObjectType,
        targets: Iterable[Target],
        now: datetime,
        *,
        effect_s: float,
        edges: int,
        needed: int | None = None,
        hidden_s: float = 0.0,
        separate: bool = False,
        merge_types: bool = False,
    ) -> list[Row]:
        """Create one row per target, each Complete once *needed* edges have it (all of them by default).

        URLs of the same domain, type and second share an id up to the documented size, unless *separate* is set. With
        *merge_types*, objects of all types share it; otherwise those that are no URLs, such as directories, never do.
        The rows are visible after *hidden_s* virtual seconds.
        """
        separate = separate or (object_type in NEVER_MERGED and not merge_types)
        created = now.replace(microsecond=0)
        max_rows = service.max_per_id.get(object_type)
        visible_from = now + timedelta(seconds=hidden_s)
        made = []
        for target in targets:
            key = (service.name, target.domain, None if merge_types else object_type)
            task_id = self._new_id() if separate else self._shared_id(key, created, max_rows)
            row = Row(task_id, service.name, object_type, target, now, visible_from, effect_s, edges, needed or edges)
            self._rows.append(row)
            self._by_id[service.name, row.task_id].append(row)
            self._by_path[service.name, target.verbatim].append(row)
            made.append(row)
        return made

    def clear(self) -> None:
        """Forget every row. Ids go on from the last one, so that none is used twice."""
        self._rows.clear()
        self._by_id.clear()
        self._by_path.clear()
        self._buckets.clear()

    def unfinished(self, service: str, *, preload: bool) -> Sequence[Row]:
        """Return the unfinished prefetches or refreshes."""
        return [
            row
            for row in self._rows
            if row.finished is None and row.service == service and (row.object_type is ObjectType.PRELOAD) is preload
        ]

    def _new_id(self) -> str:
        self._next_id += 1
        return str(self._next_id - 1)

    def _shared_id(self, key: tuple[str, str, ObjectType | None], second: datetime, max_rows: int | None) -> str:
        bucket = self._buckets.get(key)
        if bucket is None or bucket.second != second or (max_rows is not None and bucket.rows >= max_rows):
            bucket = self._buckets[key] = _Bucket(second, self._new_id(), 0)
        bucket.rows += 1
        return bucket.task_id


def ids_of(rows: Iterable[Row]) -> str:
    """Return the distinct ids of *rows* in their order, joined by commas, as the answer to a submission has them."""
    return ",".join(dict.fromkeys(row.task_id for row in rows))
