"""Small shared values: JSON, object types and states of task rows, and the formats of instants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import StrEnum
from typing import TypeAlias

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"
JsonObject: TypeAlias = Mapping[str, Json]
Params: TypeAlias = Mapping[str, str]


class ObjectType(StrEnum):
    """The type of a task row; the value is the API's ``ObjectType`` in answers."""

    FILE = "file"
    DIRECTORY = "directory"
    REGEX = "regex"
    # No document states the words for these two in answers; the request's word in lower case is plausible.
    IGNORE_PARAMS = "ignoreparams"
    EX_QUERY = "exquery"
    PRELOAD = "preload"
    # No document states this word either. The ``ObjectPath`` of the row is the ``CacheTag`` of the request.
    CACHE_TAG = "cachetag"
    # Nothing here makes tasks of these two; they can only be asked for.
    BLOCK = "block"
    UNBLOCK = "unblock"


class Status(StrEnum):
    """States of a row (VOD 2017-03-21 DescribeVodRefreshTasks documentation)."""

    PENDING = "Pending"
    REFRESHING = "Refreshing"
    COMPLETE = "Complete"
    FAILED = "Failed"


def whole_number(text: str, maximum: int) -> int | None:
    """The number from 1 to *maximum* in decimal digits; None for any other text, however long it is."""
    digits = text.lstrip("0") if text.isascii() and text.isdecimal() else ""
    number = int(digits) if 0 < len(digits) <= len(str(maximum)) else 0
    return number if 1 <= number <= maximum else None


def wire_time(instant: datetime) -> str:
    """An aware instant in the API's format, ``2026-01-02T03:04:05Z``, without fractions of a second."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def http_date(instant: datetime) -> str:
    """An aware instant in the format of an HTTP ``Date`` header (RFC 9110)."""
    return format_datetime(instant.astimezone(UTC), usegmt=True)
