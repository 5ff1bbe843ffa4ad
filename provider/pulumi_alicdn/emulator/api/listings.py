"""The answers to queries: the rows that a query finds, as the API shows them, and the quota; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pulumi_alicdn.emulator.api.queries import Query
from pulumi_alicdn.emulator.service.dialects import PRESENT, Dialect
from pulumi_alicdn.emulator.service.products import QUERY_WINDOW, Counter, Service
from pulumi_alicdn.emulator.service.quirks import NO_QUIRKS, Quirks, creation_second, odd_row, tasks_answer
from pulumi_alicdn.emulator.service.quota import DailyQuota
from pulumi_alicdn.emulator.service.task_book import Row, State, TaskBook
from pulumi_alicdn.emulator.values import Json, JsonObject, ObjectType, Status, wire_time

_PRELOAD_STATUSES: Final[Mapping[str, str]] = {
    Status.PENDING.value: "PreloadPending",
    Status.REFRESHING.value: "Preloading",
}
"""Statuses of prefetches that no document has, but the table of statuses in the vendor's own tool."""


@dataclass(frozen=True, slots=True)
class View:
    """How rows are shown in one answer; ``state`` says how far a row is."""

    now: datetime
    state: Callable[[Row], State]
    dialect: Dialect = PRESENT
    quirks: Quirks = NO_QUIRKS
    preload_statuses: bool = False

    def shown(self, row: Row) -> JsonObject:
        """The row as an answer has it."""
        word = self.dialect.words.get(row.object_type, row.object_type.value)
        created = wire_time(creation_second(row.created, self.quirks))
        shown = {**row.answer(self.state(row)), "ObjectType": word, "CreationTime": created}
        if self.preload_statuses and row.object_type is ObjectType.PRELOAD:
            shown["Status"] = _PRELOAD_STATUSES.get(shown["Status"], shown["Status"])
        return odd_row(shown, self.quirks)


def matches(book: TaskBook, service: Service, query: Query, view: View) -> Sequence[Row]:
    """The visible rows of the last three days that match, newest first."""
    return [row for row in _candidates(book, service, query) if _listable(row, view.now) and _fits(row, query, view)]


def listable(book: TaskBook, service: Service, now: datetime) -> Sequence[Row]:
    """All rows of the service that a query could find at *now*, newest first."""
    return [row for row in reversed(book.rows()) if row.service == service.name and _listable(row, now)]


def rows_by_ids(book: TaskBook, service: Service, ids: Iterable[str], now: datetime) -> Sequence[Row]:
    """The visible rows of several tasks, newest first."""
    rows = [row for task_id in ids for row in book.with_id(service.name, task_id) if _listable(row, now)]
    return sorted(rows, key=lambda row: row.created, reverse=True)


def tasks_page(service: Service, query: Query, rows: Sequence[Json], total: int, view: View) -> JsonObject:
    """The answer with the rows of one page; *total* counts those of all pages."""
    numbers = {"PageNumber": query.page_number, "PageSize": query.page_size, "TotalCount": total}
    return tasks_answer(rows, view.dialect.container or service.container, numbers, view.quirks)


def flat_tasks(rows: Sequence[Json], total: int, quirks: Quirks) -> JsonObject:
    """The answer of DescribeRefreshTaskById, in which the rows have no container; *total* is their number."""
    return tasks_answer(rows, "", {"TotalCount": total}, quirks)


def quota_answer(service: Service, quota: DailyQuota, now: datetime) -> JsonObject:
    """The answer with the quota; every number is a string, as documented."""
    answer: dict[str, str] = {}
    for counter in service.daily:
        answer[f"{counter.value}Quota"] = str(quota.allowed(service, counter))
        # DescribeVodRefreshQuota documentation: only this name begins with a lower-case letter.
        small = service.name == "vod" and counter is Counter.BLOCK
        answer["blockRemain" if small else f"{counter.value}Remain"] = str(quota.remaining(service, counter, now))
    return answer


def _candidates(book: TaskBook, service: Service, query: Query) -> Iterator[Row]:
    if query.task_id is not None:
        return reversed(book.with_id(service.name, query.task_id))
    if query.object_path is not None:
        return reversed(book.with_path(service.name, query.object_path))
    return (row for row in reversed(book.rows()) if row.service == service.name)


def _fits(row: Row, query: Query, view: View) -> bool:
    # Compare times as answers show them: otherwise a row's own CreationTime would not find it.
    created = creation_second(row.created, view.quirks)
    return (
        (query.object_path is None or row.target.verbatim == query.object_path)
        and (query.domain is None or row.target.domain == query.domain)
        and (query.object_type is None or row.object_type is query.object_type)
        and (query.start is None or created >= query.start)
        and (query.end is None or created <= query.end)
        and (query.status is None or view.state(row).status is query.status)
    )


def _listable(row: Row, now: datetime) -> bool:
    return row.visible_from <= now and row.created > now - QUERY_WINDOW
