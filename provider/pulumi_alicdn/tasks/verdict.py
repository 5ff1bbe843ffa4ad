"""The verdict over the rows of a task.

A task is effective when **every object of ours has a row, and every row of ours is Complete**. An empty answer is never
success: the wait goes on for an object without a row, and for rows that are counted and were not seen. Rows of other
objects or other types with our task id do not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from pulumi_alicdn.api.row_count import Shortfall
from pulumi_alicdn.api.rows import Row, RowStatus
from pulumi_alicdn.tasks.matching import ANY_TYPE, Identity, Matches, match


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
    ``contested``: object paths of which one task lists a Complete row and an unfinished one.
    ``unmatched``: rows that belong to none of the objects.
    ``short``: tasks of which rows may not have been seen, where only the rows say what the objects are.
    """

    outcome: Outcome
    rows: Mapping[str, Row | None]
    contested: frozenset[str] = field(default=frozenset(), compare=False)
    unmatched: tuple[Row, ...] = field(default=(), compare=False)
    short: tuple[Shortfall, ...] = field(default=(), compare=False)

    def lacking(self, short: Iterable[Shortfall]) -> Verdict:
        """Return the verdict if rows of these tasks may not have been seen: then it is not Complete."""
        found = tuple(short)
        seen = Outcome.REFRESHING if found and self.outcome is Outcome.COMPLETE else self.outcome
        return replace(self, outcome=seen, short=found)

    def without(self, superseded: Callable[[Row], bool]) -> Verdict:
        """Return the verdict without *superseded* rows: the new rows of their objects are not listed yet."""
        left = {path: None if row is None or superseded(row) else row for path, row in self.rows.items()}
        seen = outcome(None if row is None else row.status for row in left.values())
        return replace(self, outcome=seen, rows=left).lacking(self.short)

    def paths(self, *statuses: RowStatus) -> tuple[str, ...]:
        """The object paths whose row has one of *statuses*."""
        return tuple(path for path, row in self.rows.items() if row is not None and row.status in statuses)

    @property
    def missing(self) -> tuple[str, ...]:
        """The object paths without a row."""
        return tuple(path for path, row in self.rows.items() if row is None)

    @property
    def total(self) -> int:
        """The number of objects, with those of rows that are counted and were not seen."""
        return len(self.rows) + sum(one.missing for one in self.short)

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
        return min(99.0, done / self.total)


def _percent(row: Row | None) -> float:
    if row is None:
        return 0.0
    return 100.0 if row.status is RowStatus.COMPLETE else row.percent


def judge(paths: Iterable[str], rows: Iterable[Row], identity: Identity = ANY_TYPE) -> Verdict:
    """Judge the objects *paths* by those of *rows* that are theirs according to *identity*.

    One object can have several rows, because it was submitted again after a failure, or because somebody else refreshed
    it too. An unfinished row keeps the object open. A Complete row outweighs a Failed one, even an older one: all rows
    are from after the intent, so either task brings the new bytes. If the type of the objects is unknown, rows of
    different types are of different tasks: all of them have to be Complete.
    """
    return judge_matches(match(paths, rows, identity))


def judge_matches(matches: Matches) -> Verdict:
    """Judge objects by their rows, as :func:`judge` does."""
    chosen = {path: _chosen(known) for path, known in matches.rows.items()}
    return Verdict(
        outcome(row.status if row is not None else None for row in chosen.values()),
        chosen,
        frozenset(path for path, known in matches.rows.items() if _contested(known)),
        matches.unmatched,
    )


def _chosen(rows: Sequence[Row]) -> Row | None:
    """Return the row that counts among those of one object."""
    of_types: dict[object, Row] = {}
    for row in rows:
        known = of_types.setdefault(row.object_type, row)
        if weight(row) > weight(known):
            of_types[row.object_type] = row
    if len(of_types) <= 1:
        return next(iter(of_types.values()), None)
    return max(of_types.values(), key=lambda row: (row.status is RowStatus.FAILED, weight(row)))


def _contested(rows: Sequence[Row]) -> bool:
    done = {row.task_id for row in rows if row.status is RowStatus.COMPLETE}
    return any(not row.status.final and row.task_id in done for row in rows)


_UNKNOWN_TIME: Final = datetime.min.replace(tzinfo=UTC)


def weight(row: Row) -> tuple[int, datetime, bool]:
    """Return the weight of a row among those of one object: unfinished weighs most, failed least; then the newer."""
    rank = {RowStatus.FAILED: 0, RowStatus.COMPLETE: 1}.get(row.status, 2)
    return (rank, row.created or _UNKNOWN_TIME, row.status is RowStatus.REFRESHING)


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
