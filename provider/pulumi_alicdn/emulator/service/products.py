"""The two services and their limits, as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from pulumi_alicdn.emulator.service.refusals import (
    OBJECT_PATH_MAXIMUM,
    OBJECT_PATH_SIZE,
    QUOTA_PRELOAD,
    QUOTA_REFRESH,
    REFRESH_QUEUE_FULL,
    SINGLE_OVER_LIMIT,
    RefusalCode,
)
from pulumi_alicdn.emulator.values import ObjectType

if TYPE_CHECKING:
    from collections.abc import Mapping

# Both Describe documents: only data of the last three days can be queried.
QUERY_WINDOW = timedelta(days=3)
# VOD 2017-03-21 and CDN 2018-05-10 Describe documentation: default page of 20, page numbers 1 to 100000.
DEFAULT_PAGE_SIZE = 20
LAST_PAGE_NUMBER = 100_000
# CDN 2018-05-10 DescribeRefreshTaskById documentation: up to ten ids, joined by commas.
MAX_IDS_PER_QUERY = 10
# CDN 2018-05-10 PushObjectCache documentation: each object path is up to 1,024 characters.
MAX_PRELOAD_PATH = 1024
# CDN 2018-05-10 PushObjectCache documentation: an account's queue holds 50,000 URLs (newer pages say 100,000).
PRELOAD_QUEUE = 50_000
# The submission documents merge the ids of URLs only; one of these always has an id of its own.
NEVER_MERGED = frozenset({ObjectType.DIRECTORY, ObjectType.REGEX, ObjectType.CACHE_TAG})


class Counter(StrEnum):
    """What is counted per account and day; the value is the name stem in quota answers."""

    URL = "Url"
    DIRECTORY = "Dir"
    REGEX = "Regex"
    IGNORE_PARAMS = "IgnoreParams"
    PRELOAD = "Preload"
    PRELOAD_EDGE = "PreloadEdge"
    BLOCK = "Block"


@dataclass(frozen=True, slots=True)
class Service:
    """What distinguishes one service from the other. Counts are objects per call, per id or per day."""

    name: str
    version: str
    refresh_types: Mapping[str, ObjectType]
    query_types: Mapping[str, ObjectType]
    counters: Mapping[ObjectType, Counter]
    daily: Mapping[Counter, int]
    most_per_call: Mapping[ObjectType, int]
    most_domains_per_call: int | None
    most_per_id: Mapping[ObjectType, int]
    largest_page: int
    container: str
    preload_id_name: str
    scheme_required: bool
    refresh_size: RefusalCode
    preload_size: RefusalCode
    preload_quota: RefusalCode
    refresh_queue_full: RefusalCode | None
    """How a full refresh queue is told; None where no document names one."""
    end_after_start: bool
    """Whether EndTime must be later than StartTime, and not just no earlier."""


# RefreshVodObjectCaches and RefreshObjectCaches documentation: 1,000 URLs, 100 directories or 1 regular
# expression a call; the console documentation of both services: 100 URLs a prefetch.
_PER_CALL = MappingProxyType(
    {
        ObjectType.FILE: 1000,
        ObjectType.DIRECTORY: 100,
        ObjectType.REGEX: 1,
        ObjectType.IGNORE_PARAMS: 1000,
        ObjectType.EX_QUERY: 1000,
        ObjectType.PRELOAD: 100,
        ObjectType.CACHE_TAG: 100,
    }
)
_REFRESH_TYPES = {
    "file": ObjectType.FILE,
    "directory": ObjectType.DIRECTORY,
    "regex": ObjectType.REGEX,
    "ignoreparams": ObjectType.IGNORE_PARAMS,
}
# The CDN documents of Describe call a directory "path", its SDK "directory": both are accepted.
_QUERY_TYPES = {**_REFRESH_TYPES, "path": ObjectType.DIRECTORY, "preload": ObjectType.PRELOAD}
# DescribeVodRefreshTasks documentation: file, directory and preload, and no others.
_VOD_QUERY_TYPES = {"file": ObjectType.FILE, "directory": ObjectType.DIRECTORY, "preload": ObjectType.PRELOAD}

VOD = Service(
    name="vod",
    version="2017-03-21",
    refresh_types=MappingProxyType(_REFRESH_TYPES),
    query_types=MappingProxyType(_VOD_QUERY_TYPES),
    # VOD has no counters of its own for these two, so they count as what they resemble.
    counters=MappingProxyType(
        {
            ObjectType.FILE: Counter.URL,
            ObjectType.IGNORE_PARAMS: Counter.URL,
            ObjectType.DIRECTORY: Counter.DIRECTORY,
            ObjectType.REGEX: Counter.DIRECTORY,
            ObjectType.PRELOAD: Counter.PRELOAD,
        }
    ),
    # RefreshVodObjectCaches and PreloadVodObjectCaches documentation; Block has no documented default.
    daily=MappingProxyType({Counter.URL: 2000, Counter.DIRECTORY: 100, Counter.PRELOAD: 500, Counter.BLOCK: 100}),
    most_per_call=_PER_CALL,
    most_domains_per_call=None,
    # RefreshVodObjectCaches documentation: more than 2,000 URLs of one domain and second get one id per 2,000.
    most_per_id=MappingProxyType({ObjectType.FILE: 2000}),
    largest_page=50,
    container="Task",
    preload_id_name="PreloadTaskId",
    scheme_required=True,
    refresh_size=OBJECT_PATH_SIZE,
    preload_size=OBJECT_PATH_SIZE,
    preload_quota=QUOTA_REFRESH,
    refresh_queue_full=None,
    end_after_start=False,
)

CDN = Service(
    name="cdn",
    version="2018-05-10",
    refresh_types=MappingProxyType({**_REFRESH_TYPES, "exquery": ObjectType.EX_QUERY}),
    query_types=MappingProxyType({**_QUERY_TYPES, "exquery": ObjectType.EX_QUERY, "cachetag": ObjectType.CACHE_TAG}),
    counters=MappingProxyType(
        {
            ObjectType.FILE: Counter.URL,
            ObjectType.DIRECTORY: Counter.DIRECTORY,
            ObjectType.REGEX: Counter.REGEX,
            ObjectType.IGNORE_PARAMS: Counter.IGNORE_PARAMS,
            ObjectType.EX_QUERY: Counter.IGNORE_PARAMS,
            ObjectType.PRELOAD: Counter.PRELOAD,
            # No document names a counter for tags; like a directory, a tag stands for many objects.
            ObjectType.CACHE_TAG: Counter.DIRECTORY,
        }
    ),
    # CDN 2018-05-10 RefreshObjectCaches and PushObjectCache documentation for the first four; the others
    # appear in DescribeRefreshQuota answers without a documented default.
    daily=MappingProxyType(
        {
            Counter.URL: 10_000,
            Counter.DIRECTORY: 100,
            Counter.REGEX: 20,
            Counter.PRELOAD: 1000,
            Counter.IGNORE_PARAMS: 100,
            Counter.PRELOAD_EDGE: 1000,
            Counter.BLOCK: 100,
        }
    ),
    most_per_call=_PER_CALL,
    # CDN 2018-05-10 RefreshObjectCaches documentation: at most ten domains a task.
    most_domains_per_call=10,
    # CDN 2018-05-10 PushObjectCache documentation: more than 500 in one second get one id per 500.
    most_per_id=MappingProxyType({ObjectType.PRELOAD: 500}),
    largest_page=100,
    container="CDNTask",
    preload_id_name="PushTaskId",
    scheme_required=False,
    refresh_size=SINGLE_OVER_LIMIT,
    preload_size=OBJECT_PATH_MAXIMUM,
    preload_quota=QUOTA_PRELOAD,
    refresh_queue_full=REFRESH_QUEUE_FULL,
    # CDN 2018-05-10 DescribeRefreshTasks documentation.
    end_after_start=True,
)

SERVICES: tuple[Service, ...] = (VOD, CDN)
