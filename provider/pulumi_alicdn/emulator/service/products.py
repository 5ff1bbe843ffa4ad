"""The two services and their limits, and STS, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from pulumi_alicdn.emulator.service.refusals import (
    OBJECT_PATH_MAXIMUM,
    OBJECT_PATH_SIZE,
    QUOTA_PRELOAD,
    QUOTA_REFRESH,
    REFRESH_QUEUE_FULL,
    SINGLE_OVER_LIMIT,
    SINGLE_TIME,
    SINGLE_TIME_DCDN,
    START_TIME_TOO_OLD_DCDN,
    START_TIME_UNSUPPORTED,
    RefusalCode,
)
from pulumi_alicdn.emulator.values import ObjectType

QUERY_WINDOW: Final = timedelta(days=3)
"""Only tasks of the last three days can be queried (both Describe documents)."""

DEFAULT_PAGE_SIZE: Final = 20
"""Rows of a page where the call does not say (VOD 2017-03-21 and CDN 2018-05-10 Describe documentation)."""

MAX_PAGE_NUMBER: Final = 100_000
"""The last page number (VOD 2017-03-21 and CDN 2018-05-10 Describe documentation)."""

MAX_IDS_PER_QUERY: Final = 10
"""Ids of one call, joined by commas (CDN 2018-05-10 DescribeRefreshTaskById documentation)."""

MAX_PRELOAD_PATH: Final = 1024
"""Characters of an object path (CDN 2018-05-10 PushObjectCache documentation)."""

PRELOAD_QUEUE: Final = 50_000
"""URLs in an account's queue (CDN 2018-05-10 PushObjectCache documentation; newer pages say 100,000)."""

NEVER_MERGED: Final = frozenset({ObjectType.DIRECTORY, ObjectType.REGEX, ObjectType.CACHE_TAG})
"""Types of which each object has its own id: the submission documents merge the ids of URLs only."""


class Counter(StrEnum):
    """A counter per account and day; the value is the prefix of its names in quota answers."""

    URL = "Url"
    DIRECTORY = "Dir"
    REGEX = "Regex"
    IGNORE_PARAMS = "IgnoreParams"
    PRELOAD = "Preload"
    PRELOAD_EDGE = "PreloadEdge"
    BLOCK = "Block"


@dataclass(frozen=True, slots=True)
class Service:
    """The description of one service.

    ``product``, ``host``: how the body of an error names the service.
    ``refresh_types``, ``query_types``: the values of ObjectType, lower case.
    ``counters``, ``daily``: the counter of each type, and objects per day.
    ``max_per_call``, ``max_domains_per_call``, ``max_per_id``: objects or domains; no limit for missing entries.
    ``container``, ``preload_id_name``: names in answers.
    ``scheme_required``: whether an object path begins with http:// or https://.
    ``refresh_size``, ``preload_size``, ``preload_quota``: the refusals of too many objects.
    ``refresh_queue_full``: the refusal for a full refresh queue; None if no document states one.
    ``end_after_start``: whether EndTime must be later than StartTime; otherwise it may be equal.
    ``single_time``, ``start_too_old``: strict refusals of one end of a time range without the other, and of a start
    that is more than three days ago.
    """

    name: str
    version: str
    product: str
    host: str
    refresh_types: Mapping[str, ObjectType]
    query_types: Mapping[str, ObjectType]
    counters: Mapping[ObjectType, Counter]
    daily: Mapping[Counter, int]
    max_per_call: Mapping[ObjectType, int]
    max_domains_per_call: int | None
    max_per_id: Mapping[ObjectType, int]
    max_page_size: int
    container: str
    preload_id_name: str
    scheme_required: bool
    refresh_size: RefusalCode
    preload_size: RefusalCode
    preload_quota: RefusalCode
    refresh_queue_full: RefusalCode | None
    end_after_start: bool
    single_time: RefusalCode
    start_too_old: RefusalCode


_PER_CALL: Final = {
    ObjectType.FILE: 1000,
    ObjectType.DIRECTORY: 100,
    ObjectType.REGEX: 1,
    ObjectType.IGNORE_PARAMS: 1000,
    ObjectType.EX_QUERY: 1000,
    ObjectType.PRELOAD: 100,
    ObjectType.CACHE_TAG: 100,
}
"""Objects of one call: 1,000 URLs, 100 directories, 1 regular expression (RefreshVodObjectCaches and
RefreshObjectCaches documentation), 100 URLs a prefetch (console documentation of both services)."""

_REFRESH_TYPES: Final = {
    "file": ObjectType.FILE,
    "directory": ObjectType.DIRECTORY,
    "regex": ObjectType.REGEX,
    "ignoreparams": ObjectType.IGNORE_PARAMS,
}
"""Values of ObjectType in a refresh, in lower case (RefreshVodObjectCaches and RefreshObjectCaches documentation)."""

VOD: Final = Service(
    name="vod",
    version="2017-03-21",
    product="vod",
    host="vod.cn-shanghai.aliyuncs.com",
    refresh_types=_REFRESH_TYPES,
    # DescribeVodRefreshTasks documentation: these and no others.
    query_types={"file": ObjectType.FILE, "directory": ObjectType.DIRECTORY, "preload": ObjectType.PRELOAD},
    # VOD has no separate counters for IgnoreParams and Regex: they use those of URLs and directories.
    counters={
        ObjectType.FILE: Counter.URL,
        ObjectType.IGNORE_PARAMS: Counter.URL,
        ObjectType.DIRECTORY: Counter.DIRECTORY,
        ObjectType.REGEX: Counter.DIRECTORY,
        ObjectType.PRELOAD: Counter.PRELOAD,
    },
    # RefreshVodObjectCaches and PreloadVodObjectCaches documentation; Block has no documented default.
    daily={Counter.URL: 2000, Counter.DIRECTORY: 100, Counter.PRELOAD: 500, Counter.BLOCK: 100},
    max_per_call=_PER_CALL,
    max_domains_per_call=None,
    # RefreshVodObjectCaches documentation: more than 2,000 URLs of one domain and second get one id per 2,000.
    max_per_id={ObjectType.FILE: 2000},
    max_page_size=50,
    container="Task",
    preload_id_name="PreloadTaskId",
    scheme_required=True,
    refresh_size=OBJECT_PATH_SIZE,
    preload_size=OBJECT_PATH_SIZE,
    preload_quota=QUOTA_REFRESH,
    refresh_queue_full=None,
    end_after_start=False,
    # No VOD document names a refusal. DescribeDcdnRefreshTasks documentation: its answers have the same container.
    single_time=SINGLE_TIME_DCDN,
    start_too_old=START_TIME_TOO_OLD_DCDN,
)
"""VOD 2017-03-21."""

CDN: Final = Service(
    name="cdn",
    version="2018-05-10",
    product="Cdn",
    host="cdn.aliyuncs.com",
    refresh_types={**_REFRESH_TYPES, "exquery": ObjectType.EX_QUERY},
    # The CDN documents of Describe call a directory "path", its SDK "directory": both are accepted. The help page of
    # November 2025 adds "block" and "unblock", of which there are no tasks here.
    query_types={
        **_REFRESH_TYPES,
        "path": ObjectType.DIRECTORY,
        "preload": ObjectType.PRELOAD,
        "exquery": ObjectType.EX_QUERY,
        "cachetag": ObjectType.CACHE_TAG,
        "block": ObjectType.BLOCK,
        "unblock": ObjectType.UNBLOCK,
    },
    counters={
        ObjectType.FILE: Counter.URL,
        ObjectType.DIRECTORY: Counter.DIRECTORY,
        ObjectType.REGEX: Counter.REGEX,
        ObjectType.IGNORE_PARAMS: Counter.IGNORE_PARAMS,
        ObjectType.EX_QUERY: Counter.IGNORE_PARAMS,
        ObjectType.PRELOAD: Counter.PRELOAD,
        # No document names a counter for tags; like a directory, a tag covers many objects.
        ObjectType.CACHE_TAG: Counter.DIRECTORY,
    },
    # CDN 2018-05-10 RefreshObjectCaches and PushObjectCache documentation for the first four; the others
    # appear in DescribeRefreshQuota answers without a documented default.
    daily={
        Counter.URL: 10_000,
        Counter.DIRECTORY: 100,
        Counter.REGEX: 20,
        Counter.PRELOAD: 1000,
        Counter.IGNORE_PARAMS: 100,
        Counter.PRELOAD_EDGE: 1000,
        Counter.BLOCK: 100,
    },
    max_per_call=_PER_CALL,
    # CDN 2018-05-10 RefreshObjectCaches documentation: at most ten domains a task.
    max_domains_per_call=10,
    # CDN 2018-05-10 PushObjectCache documentation: more than 500 in one second get one id per 500.
    max_per_id={ObjectType.PRELOAD: 500},
    max_page_size=100,
    container="CDNTask",
    preload_id_name="PushTaskId",
    scheme_required=False,
    refresh_size=SINGLE_OVER_LIMIT,
    preload_size=OBJECT_PATH_MAXIMUM,
    preload_quota=QUOTA_PRELOAD,
    refresh_queue_full=REFRESH_QUEUE_FULL,
    # CDN 2018-05-10 DescribeRefreshTasks documentation.
    end_after_start=True,
    # DescribeRefreshTasks, CDN 2014-11-11 documentation.
    single_time=SINGLE_TIME,
    start_too_old=START_TIME_UNSUPPORTED,
)
"""CDN 2018-05-10."""

STS: Final = replace(CDN, name="sts", version="2015-04-01", product="Sts", host="sts.aliyuncs.com")
"""STS 2015-04-01, which says whose a key is. It has no tasks, so that nothing reads the limits of tasks here."""

SERVICES: Final = (VOD, CDN)
"""The services that have tasks."""
