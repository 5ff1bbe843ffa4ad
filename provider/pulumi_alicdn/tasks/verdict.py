"""The verdict over the rows of a task.

A task is effective when **every object of ours has a row, and every row of ours is Complete**. An empty answer is never
success: the wait goes on for an object without a row. Rows of other objects with our task id do not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pulumi_alicdn.api.object_paths import canonical
from pulumi_alicdn.api.rows import Row, RowStatus


class Outcome(StrEnum):
    """The state of all objects together. The values are what users see as a task's `status`."""

    COMPLETE = "Complete"
    FAILED = "Failed"
    REFRESHING = "Refreshing"
    PENDING = "Pending"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state of all objects of ours.

    ``outcome``: their state together.
    ``rows``: for each object path, as the user wrote it, the row that counts; None if there is none yet.
    """

    outcome: Outcome
    rows: Mapping[str, Row | None]

    def paths(self, *statuses: RowStatus) -> tuple[str, ...]:
        """The object paths whose row has one of *statuses*."""
        return tuple(path for path, row in self.rows.items() if row is not None and row.status in statuses)

    @property
    def missing(self) -> tuple[str, ...]:
        """The object paths without a row."""
        return tuple(path for path, row in self.rows.items() if row is None)

    @property
    def complete(self) -> int:
        """The number of Complete objects."""
        return len(self.paths(RowStatus.COMPLETE))

    @property
    def percent(self) -> float:
        """Progress over all objects, 0..100; it is 100 only if all are Complete."""
        if not self.rows or self.outcome is Outcome.COMPLETE:
            return 100.0 if self.rows else 0.0
        done = sum(_percent(row) for row in self.rows.values())
        return min(99.0, done / len(self.rows))


def _percent(row: Row | None) -> float:
    if row is None:
        return 0.0
    return 100.0 if row.status is RowStatus.COMPLETE else row.percent


def judge(paths: Iterable[str], rows: Iterable[Row]) -> Verdict:
    """Judge the objects *paths* by *rows*; rows of other paths are ignored.

    One object can have several rows, because it was submitted again after a failure, or because somebody else refreshed
    it too. An unfinished row keeps the object open. A Complete row outweighs a Failed one, even an older one: all rows
    are from after the intent, so either task brings the new bytes.
    """
    ours = {canonical(path): path for path in paths}
    chosen: dict[str, Row | None] = dict.fromkeys(ours.values())
    for row in rows:
        path = ours.get(canonical(row.object_path))
        if path is None:
            continue
        known = chosen[path]
        if known is None or weight(row) > weight(known):
            chosen[path] = row
    return Verdict(outcome(row.status if row is not None else None for row in chosen.values()), chosen)


def weight(row: Row) -> tuple[int, float, bool]:
    """Return the weight of a row among those of one object: unfinished weighs most, failed least; then the newer."""
    rank = {RowStatus.FAILED: 0, RowStatus.COMPLETE: 1}.get(row.status, 2)
    return (rank, row.created.timestamp(), row.status is RowStatus.REFRESHING)


def outcome(statuses: Iterable[RowStatus | None]) -> Outcome:
    """Combine the states of all objects; None stands for one without a row. Without objects the result is Pending."""
    seen = set(statuses)
    if RowStatus.FAILED in seen:
        return Outcome.FAILED
    if seen == {RowStatus.COMPLETE}:
        return Outcome.COMPLETE
    if seen <= {None, RowStatus.PENDING}:
        return Outcome.PENDING
    return Outcome.REFRESHING
