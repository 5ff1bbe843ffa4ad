"""The reading and checking of a query for task rows; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
    Service,
)
from pulumi_alicdn.emulator.service.refusals import Refusal, RefusalCode, naming
from pulumi_alicdn.emulator.values import ObjectType, Params, Status, whole_number

_TASK_ID: Final = re.compile(r"[0-9]{1,20}")
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


def read_query(
    service: Service, params: Params, now: datetime, dialect: Dialect = PRESENT, *, strict: bool = False
) -> Query:
    """Check the parameters of DescribeVodRefreshTasks or DescribeRefreshTasks.

    *strict* refuses also what only the documents of other versions and of DCDN refuse. Where these contradict the
    documents of the service itself about the values of a parameter, the dialect decides, strict or not.
    ResourceGroupId is accepted and ignored: all domains are in one group here.
    """
    given = {name: value for name, value in params.items() if value}
    for name in dialect.required:
        if name not in given:
            raise naming(refusals.MISSING_PARAMETER, name)
    if ("DomainName" in given or "Status" in given) and "ObjectType" not in given:
        reason = refusals.MISSING_OBJECT_TYPE if strict else refusals.MISSING_PARAMETER
        raise Refusal(reason, refusals.MISSING_OBJECT_TYPE.message)
    task_id = given.get("TaskId")
    if task_id is not None and not _TASK_ID.fullmatch(task_id):
        raise Refusal(refusals.TASK_ID_MALFORMED)
    start, end = _range(service, given, now, strict=strict)
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


def read_ids(params: Params) -> Sequence[str]:
    """Check the parameter of DescribeRefreshTaskById: ids that are joined by commas."""
    ids = list(dict.fromkeys(params.get("TaskId", "").split(",")))
    if ids == [""]:
        raise naming(refusals.MISSING_PARAMETER, "TaskId")
    if len(ids) > MAX_IDS_PER_QUERY or not all(_TASK_ID.fullmatch(task_id) for task_id in ids):
        raise Refusal(refusals.TASK_ID_MALFORMED)
    return ids


def _range(
    service: Service, given: Mapping[str, str], now: datetime, *, strict: bool
) -> tuple[datetime | None, datetime | None]:
    """Read both ends of the time range."""
    start = _time(given.get("StartTime"), refusals.START_TIME_MALFORMED)
    end = _time(given.get("EndTime"), refusals.END_TIME_MALFORMED)
    if strict and (start is None) is not (end is None):
        raise Refusal(service.single_time)
    if start is None:
        return start, end
    if end is not None and (end < start or (end == start and (strict or service.end_after_start))):
        raise Refusal(refusals.END_TIME_MISMATCH)
    if strict and start < now.replace(microsecond=0) - QUERY_WINDOW:
        raise Refusal(service.start_too_old)
    if strict and start > now:
        # No document names a code for a start in the future: this one is for values that are not supported.
        raise Refusal(refusals.START_TIME_UNSUPPORTED)
    return start, end


def _object_type(types: Mapping[str, ObjectType], text: str | None) -> ObjectType | None:
    if text is None:
        return None
    object_type = types.get(text.lower())
    if object_type is None:
        raise Refusal(refusals.OBJECT_TYPE_UNSUPPORTED)
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
    number = whole_number(text, maximum)
    if number is None:
        raise Refusal(reason, f"The number is to be from 1 to {maximum}.")
    return number
