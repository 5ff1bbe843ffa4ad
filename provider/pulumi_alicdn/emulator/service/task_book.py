"""The task rows: how they are created, given ids, progress, and are found again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from pulumi_alicdn.emulator.service.products import NEVER_MERGED
from pulumi_alicdn.emulator.values import ObjectType, Status, wire_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from pulumi_alicdn.emulator.service.products import Service
    from pulumi_alicdn.emulator.service.targets import Target

# Ids are decimal numbers in the documents' samples; where they start means nothing.
FIRST_TASK_ID = 15_700_000_001
# A row is Pending for at most this many virtual seconds before the first edge is touched.
MAX_PENDING_S = 1.0


@dataclass(slots=True, eq=False)
class Row:
    """One object path within a task. Instants are virtual; ``edges_done`` counts edges really served."""

    task_id: str
    service: str
    kind: ObjectType
    target: Target
    created: datetime
    visible_from: datetime
    effect_s: float
    edges: int
    edges_done: int = 0
    failure: str = ""
    doomed: str = ""
    """A failure that is to happen at the first edge, set by a fault."""
    finished: datetime | None = None
    soft: bool = False
    """Whether edges may keep what the origin says is unmodified."""

    def status(self, now: datetime) -> Status:
        """Return the state at ``now``; Complete only once every edge has really been served."""
        if self.failure:
            return Status.FAILED
        if self.edges_done >= self.edges:
            return Status.COMPLETE
        pending_s = min(MAX_PENDING_S, self.effect_s / (2 * self.edges))
        if self.edges_done == 0 and now < self.created + timedelta(seconds=pending_s):
            return Status.PENDING
        return Status.REFRESHING

    def percent(self, now: datetime) -> int:
        """Return the progress, 0 to 100: edges done, and time in between; 100 only when Complete."""
        if self.edges_done >= self.edges and not self.failure:
            return 100
        passed_s = 0.0 if self.failure else (now - self.created).total_seconds()
        by_time = passed_s / self.effect_s if self.effect_s > 0 else 0.0
        share = max(self.edges_done, min(by_time * self.edges, self.edges_done + 0.9)) / self.edges
        return min(99, int(100 * share))

    def answer(self, now: datetime) -> Mapping[str, str]:
        """Return the row as the API shows it; ``Description`` is there only for a failure."""
        shown = {
            "TaskId": self.task_id,
            "ObjectPath": self.target.verbatim,
            "ObjectType": self.kind.value,
            "Status": self.status(now).value,
            "Process": f"{self.percent(now)}%",
            "CreationTime": wire_time(self.created),
        }
        if self.failure:
            shown["Description"] = self.failure
        return shown


@dataclass(slots=True)
class _Bucket:
    """The id that submissions of one service, domain, kind and second share, and how many rows it holds."""

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
        self._buckets: dict[tuple[str, str, ObjectType], _Bucket] = {}

    def rows(self) -> Sequence[Row]:
        """Return every row, oldest first."""
        return self._rows

    def with_id(self, service: str, task_id: str) -> Sequence[Row]:
        """Return the rows of one task, oldest first."""
        return self._by_id.get((service, task_id), ())

    def with_path(self, service: str, path: str) -> Sequence[Row]:
        """Return the rows of one object path, verbatim, oldest first."""
        return self._by_path.get((service, path), ())

    def create(
        self,
        service: Service,
        kind: ObjectType,
        targets: Iterable[Target],
        now: datetime,
        *,
        effect_s: float,
        edges: int,
        hidden_s: float = 0.0,
        separate: bool = False,
    ) -> list[Row]:
        """Create one row per target.

        URLs of the same domain, kind and second share an id up to the documented size, unless they are to be
        separate. What is no URL, such as a directory, never shares one.
        """
        separate = separate or kind in NEVER_MERGED
        created = now.replace(microsecond=0)
        most = service.most_per_id.get(kind)
        made = []
        for target in targets:
            task_id = self._new_id() if separate else self._shared_id(service.name, target.domain, kind, created, most)
            row = Row(task_id, service.name, kind, target, now, now + timedelta(seconds=hidden_s), effect_s, edges)
            self._rows.append(row)
            self._by_id[service.name, row.task_id].append(row)
            self._by_path[service.name, target.verbatim].append(row)
            made.append(row)
        return made

    def clear(self) -> None:
        """Forget every row; ids go on from where they are, so that none is given twice."""
        self._rows.clear()
        self._by_id.clear()
        self._by_path.clear()
        self._buckets.clear()

    def unfinished(self, service: str, *, preload: bool) -> Sequence[Row]:
        """Return the prefetches, or everything else, that are still under way."""
        return [
            row
            for row in self._rows
            if row.finished is None and row.service == service and (row.kind is ObjectType.PRELOAD) is preload
        ]

    def _new_id(self) -> str:
        self._next_id += 1
        return str(self._next_id - 1)

    def _shared_id(self, service: str, domain: str, kind: ObjectType, second: datetime, most: int | None) -> str:
        key = (service, domain, kind)
        bucket = self._buckets.get(key)
        if bucket is None or bucket.second != second or (most is not None and bucket.rows >= most):
            bucket = self._buckets[key] = _Bucket(second, self._new_id(), 0)
        bucket.rows += 1
        return bucket.task_id


def ids_of(rows: Iterable[Row]) -> str:
    """Join the distinct ids of ``rows`` by commas, in order, as a submission answers them."""
    return ",".join(dict.fromkeys(row.task_id for row in rows))
