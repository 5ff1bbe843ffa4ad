"""Answers the queries: which rows match, which page of them, what is left of the quota; pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pulumi_alicdn.emulator.service import refusals
from pulumi_alicdn.emulator.service.dialects import PLAIN, Dialect
from pulumi_alicdn.emulator.service.products import (
    DEFAULT_PAGE_SIZE,
    LAST_PAGE_NUMBER,
    MAX_IDS_PER_QUERY,
    QUERY_WINDOW,
    Counter,
)
from pulumi_alicdn.emulator.service.quirks import Quirks, tasks_answer
from pulumi_alicdn.emulator.service.refusals import Refusal, RefusalCode
from pulumi_alicdn.emulator.values import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pulumi_alicdn.emulator.service.products import Service
    from pulumi_alicdn.emulator.service.quota import DailyQuota
    from pulumi_alicdn.emulator.service.task_book import Row, TaskBook
    from pulumi_alicdn.emulator.values import JsonObject, ObjectType, Params

_TASK_ID = re.compile(r"[0-9]{1,20}")
NO_QUIRKS = Quirks()
# Pending is answered but cannot be asked for (both Describe documents).
_STATUSES = {status.value.lower(): status for status in (Status.COMPLETE, Status.REFRESHING, Status.FAILED)}


@dataclass(frozen=True, slots=True)
class Query:
    """A query that is in order; None means not asked for."""

    task_id: str | None
    object_path: str | None
    domain: str | None
    kind: ObjectType | None
    status: Status | None
    start: datetime | None
    end: datetime | None
    page_number: int
    page_size: int


def read_query(service: Service, params: Params, dialect: Dialect = PLAIN) -> Query:
    """Check the parameters of DescribeVodRefreshTasks or DescribeRefreshTasks.

    ResourceGroupId is taken and tells nothing apart: all domains are in one group here.
    """
    given = {name: value for name, value in params.items() if value}
    for name in dialect.required:
        if name not in given:
            raise Refusal(refusals.MISSING_PARAMETER, f"The parameter {name} is missing.")
    if ("DomainName" in given or "Status" in given) and "ObjectType" not in given:
        raise Refusal(refusals.MISSING_PARAMETER, "DomainName and Status need the parameter ObjectType as well.")
    task_id = given.get("TaskId")
    if task_id is not None and not _TASK_ID.fullmatch(task_id):
        raise Refusal(refusals.TASK_ID_MALFORMED)
    start = _time(given.get("StartTime"), refusals.START_TIME_MALFORMED)
    end = _time(given.get("EndTime"), refusals.END_TIME_MALFORMED)
    if start is not None and end is not None and (end < start or (end == start and service.end_after_start)):
        raise Refusal(refusals.END_TIME_MISMATCH)
    domain = given.get("DomainName")
    return Query(
        task_id=task_id,
        object_path=given.get("ObjectPath"),
        domain=domain.lower() if domain else None,
        kind=_kind(dialect.types or service.query_types, given.get("ObjectType")),
        status=_status(given.get("Status")),
        start=start,
        end=end,
        page_number=_number(given.get("PageNumber"), 1, LAST_PAGE_NUMBER, refusals.PAGE_NUMBER_MALFORMED),
        page_size=_number(
            given.get("PageSize"),
            DEFAULT_PAGE_SIZE,
            dialect.largest_page or service.largest_page,
            refusals.PAGE_SIZE_MALFORMED,
        ),
    )


def matches(book: TaskBook, service: Service, query: Query, now: datetime) -> Sequence[Row]:
    """Return every visible row of the last three days that fits, newest first."""
    return [row for row in _candidates(book, service, query) if _fits(row, query, now) and _listable(row, now)]


def tasks_page(
    service: Service,
    query: Query,
    rows: Sequence[Row],
    now: datetime,
    dialect: Dialect = PLAIN,
    quirks: Quirks = NO_QUIRKS,
) -> JsonObject:
    """Render the asked page of ``rows``; TotalCount counts all of them."""
    first = (query.page_number - 1) * query.page_size
    page = [
        {**row.answer(now), "ObjectType": dialect.words.get(row.kind, row.kind.value)}
        for row in rows[first : first + query.page_size]
    ]
    numbers = {"PageNumber": query.page_number, "PageSize": query.page_size, "TotalCount": len(rows)}
    return tasks_answer(page, dialect.container or service.container, numbers, quirks)


def rows_by_ids(book: TaskBook, service: Service, params: Params, now: datetime) -> Sequence[Row]:
    """Return the rows of the comma-joined ids of DescribeRefreshTaskById, newest first."""
    ids = list(dict.fromkeys(params.get("TaskId", "").split(",")))
    if ids == [""]:
        raise Refusal(refusals.MISSING_PARAMETER, "The parameter TaskId is missing.")
    if len(ids) > MAX_IDS_PER_QUERY or not all(_TASK_ID.fullmatch(task_id) for task_id in ids):
        raise Refusal(refusals.TASK_ID_MALFORMED, f"TaskId is up to {MAX_IDS_PER_QUERY} numbers joined by commas.")
    rows = [row for task_id in ids for row in book.with_id(service.name, task_id) if _listable(row, now)]
    return sorted(rows, key=lambda row: row.created, reverse=True)


def flat_tasks(rows: Sequence[Row], now: datetime, quirks: Quirks = NO_QUIRKS) -> JsonObject:
    """Render the answer of DescribeRefreshTaskById, whose rows have no container."""
    return tasks_answer([row.answer(now) for row in rows], "", {"TotalCount": len(rows)}, quirks)


def quota_answer(service: Service, quota: DailyQuota, now: datetime) -> JsonObject:
    """Render the quota; every number is a string, as documented."""
    answer: dict[str, str] = {}
    for counter in service.daily:
        answer[f"{counter.value}Quota"] = str(quota.allowed(service, counter))
        # DescribeVodRefreshQuota documentation: this one name begins with a small letter.
        small = service.name == "vod" and counter is Counter.BLOCK
        answer["blockRemain" if small else f"{counter.value}Remain"] = str(quota.remaining(service, counter, now))
    return answer


def _candidates(book: TaskBook, service: Service, query: Query) -> Iterator[Row]:
    if query.task_id is not None:
        return reversed(book.with_id(service.name, query.task_id))
    if query.object_path is not None:
        return reversed(book.with_path(service.name, query.object_path))
    return (row for row in reversed(book.rows()) if row.service == service.name)


def _fits(row: Row, query: Query, now: datetime) -> bool:
    # Times are compared as they are shown, in whole seconds, so that a row's own CreationTime finds it.
    created = row.created.replace(microsecond=0)
    return (
        (query.object_path is None or row.target.verbatim == query.object_path)
        and (query.domain is None or row.target.domain == query.domain)
        and (query.kind is None or row.kind is query.kind)
        and (query.start is None or created >= query.start)
        and (query.end is None or created <= query.end)
        and (query.status is None or row.status(now) is query.status)
    )


def _listable(row: Row, now: datetime) -> bool:
    return row.visible_from <= now and row.created > now - QUERY_WINDOW


def _kind(types: Mapping[str, ObjectType], text: str | None) -> ObjectType | None:
    if text is None:
        return None
    kind = types.get(text.lower())
    if kind is None:
        raise Refusal(refusals.OBJECT_TYPE_UNSUPPORTED, f"ObjectType {text!r} is not supported.")
    return kind


def _status(text: str | None) -> Status | None:
    if text is None:
        return None
    status = _STATUSES.get(text.lower())
    if status is None:
        raise Refusal(refusals.STATUS_UNSUPPORTED)
    return status


def _time(text: str | None, problem: RefusalCode) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise Refusal(problem) from error


def _number(text: str | None, default: int, largest: int, problem: RefusalCode) -> int:
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= largest:
        raise Refusal(problem, f"The number is to be from 1 to {largest}.")
    return int(text)
