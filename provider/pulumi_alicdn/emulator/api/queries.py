"""The answers to queries: matching rows, one page of them, and the quota; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pulumi_alicdn.emulator.service import refusals
from pulumi_alicdn.emulator.service.dialects import PRESENT, Dialect
from pulumi_alicdn.emulator.service.products import (
    DEFAULT_PAGE_SIZE,
    MAX_IDS_PER_QUERY,
    MAX_PAGE_NUMBER,
    QUERY_WINDOW,
    Counter,
    Service,
)
from pulumi_alicdn.emulator.service.quirks import Quirks, tasks_answer
from pulumi_alicdn.emulator.service.quota import DailyQuota
from pulumi_alicdn.emulator.service.refusals import Refusal, RefusalCode
from pulumi_alicdn.emulator.service.task_book import Row, TaskBook
from pulumi_alicdn.emulator.values import JsonObject, ObjectType, Params, Status

_TASK_ID: Final = re.compile(r"[0-9]{1,20}")
_NO_QUIRKS: Final = Quirks()
_STATUSES: Final = {status.value.lower(): status for status in (Status.COMPLETE, Status.REFRESHING, Status.FAILED)}
"""Values of Status in a query: rows can be Pending, but a query cannot name it (both Describe documents)."""


@dataclass(frozen=True, slots=True)
class Query:
    """A valid query; None for parameters that it leaves out."""

    task_id: str | None
    object_path: str | None
    domain: str | None
    object_type: ObjectType | None
    status: Status | None
    start: datetime | None
    end: datetime | None
    page_number: int
    page_size: int


def read_query(service: Service, params: Params, dialect: Dialect = PRESENT) -> Query:
    """Check the parameters of DescribeVodRefreshTasks or DescribeRefreshTasks.

    ResourceGroupId is accepted and ignored: all domains are in one group here.
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
        object_type=_object_type(dialect.types or service.query_types, given.get("ObjectType")),
        status=_status(given.get("Status")),
        start=start,
        end=end,
        page_number=_number(given.get("PageNumber"), 1, MAX_PAGE_NUMBER, refusals.PAGE_NUMBER_MALFORMED),
        page_size=_number(
            given.get("PageSize"),
            DEFAULT_PAGE_SIZE,
            dialect.max_page_size or service.max_page_size,
            refusals.PAGE_SIZE_MALFORMED,
        ),
    )


def matches(book: TaskBook, service: Service, query: Query, now: datetime) -> Sequence[Row]:
    """The visible rows of the last three days that match, newest first."""
    return [row for row in _candidates(book, service, query) if _fits(row, query, now) and _listable(row, now)]


def tasks_page(
    service: Service,
    query: Query,
    rows: Sequence[Row],
    now: datetime,
    dialect: Dialect = PRESENT,
    quirks: Quirks = _NO_QUIRKS,
) -> JsonObject:
    """The answer with the wanted page of *rows*; TotalCount counts all of them."""
    first = (query.page_number - 1) * query.page_size
    page = [
        {**row.answer(now), "ObjectType": dialect.words.get(row.object_type, row.object_type.value)}
        for row in rows[first : first + query.page_size]
    ]
    numbers = {"PageNumber": query.page_number, "PageSize": query.page_size, "TotalCount": len(rows)}
    return tasks_answer(page, dialect.container or service.container, numbers, quirks)


def rows_by_ids(book: TaskBook, service: Service, params: Params, now: datetime) -> Sequence[Row]:
    """The rows of DescribeRefreshTaskById, whose ids are joined by commas, newest first."""
    ids = list(dict.fromkeys(params.get("TaskId", "").split(",")))
    if ids == [""]:
        raise Refusal(refusals.MISSING_PARAMETER, "The parameter TaskId is missing.")
    if len(ids) > MAX_IDS_PER_QUERY or not all(_TASK_ID.fullmatch(task_id) for task_id in ids):
        raise Refusal(refusals.TASK_ID_MALFORMED, f"TaskId is up to {MAX_IDS_PER_QUERY} numbers joined by commas.")
    rows = [row for task_id in ids for row in book.with_id(service.name, task_id) if _listable(row, now)]
    return sorted(rows, key=lambda row: row.created, reverse=True)


def flat_tasks(rows: Sequence[Row], now: datetime, quirks: Quirks = _NO_QUIRKS) -> JsonObject:
    """The answer of DescribeRefreshTaskById, in which the rows have no container."""
    return tasks_answer([row.answer(now) for row in rows], "", {"TotalCount": len(rows)}, quirks)


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


def _fits(row: Row, query: Query, now: datetime) -> bool:
    # Compare whole seconds, as answers show them: otherwise a row's own CreationTime would not find it.
    created = row.created.replace(microsecond=0)
    return (
        (query.object_path is None or row.target.verbatim == query.object_path)
        and (query.domain is None or row.target.domain == query.domain)
        and (query.object_type is None or row.object_type is query.object_type)
        and (query.start is None or created >= query.start)
        and (query.end is None or created <= query.end)
        and (query.status is None or row.status(now) is query.status)
    )


def _listable(row: Row, now: datetime) -> bool:
    return row.visible_from <= now and row.created > now - QUERY_WINDOW


def _object_type(types: Mapping[str, ObjectType], text: str | None) -> ObjectType | None:
    if text is None:
        return None
    object_type = types.get(text.lower())
    if object_type is None:
        raise Refusal(refusals.OBJECT_TYPE_UNSUPPORTED, f"ObjectType {text!r} is not supported.")
    return object_type


def _status(text: str | None) -> Status | None:
    if text is None:
        return None
    status = _STATUSES.get(text.lower())
    if status is None:
        raise Refusal(refusals.STATUS_UNSUPPORTED)
    return status


def _time(text: str | None, reason: RefusalCode) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise Refusal(reason) from error


def _number(text: str | None, default: int, maximum: int, reason: RefusalCode) -> int:
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= maximum:
        raise Refusal(reason, f"The number is to be from 1 to {maximum}.")
    return int(text)
