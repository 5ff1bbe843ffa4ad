"""Small shared values: JSON types, task kinds, wire time format."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"
JsonObject: TypeAlias = "Mapping[str, Json]"
Params: TypeAlias = "Mapping[str, str]"


class ObjectType(StrEnum):
    """What a task row does; the value is what the API answers as ``ObjectType``."""

    FILE = "file"
    DIRECTORY = "directory"
    REGEX = "regex"
    # How the service reports these two is not documented; the lower-case request word is the plausible answer.
    IGNORE_PARAMS = "ignoreparams"
    EX_QUERY = "exquery"
    PRELOAD = "preload"
    # Nor is this one. Its row is about tags: ``ObjectPath`` is what was given as ``CacheTag``.
    CACHE_TAG = "cachetag"


class Status(StrEnum):
    """States of a row (VOD 2017-03-21 DescribeVodRefreshTasks documentation)."""

    PENDING = "Pending"
    REFRESHING = "Refreshing"
    COMPLETE = "Complete"
    FAILED = "Failed"


def wire_time(instant: datetime) -> str:
    """Format an aware instant as ``2026-01-02T03:04:05Z``, the API's format, dropping fractions of a second."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def http_date(instant: datetime) -> str:
    """Format an aware instant as an HTTP ``Date`` header (RFC 9110)."""
    moment = instant.astimezone(UTC)
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[moment.weekday()]
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    # Not strftime("%a"): day and month names must not follow the machine's locale.
    return f"{day}, {moment:%d} {months[moment.month - 1]} {moment:%Y %H:%M:%S} GMT"
