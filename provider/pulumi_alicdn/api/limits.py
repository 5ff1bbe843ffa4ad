"""The service's limits and quotas, each with the document that states it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, get_args

from pulumi_alicdn.api.literals import MediaFormat, PrefetchArea, StreamType
from pulumi_alicdn.api.spec import Kind, ObjectType, Service

WINDOW_S: Final = 3 * 24 * 3600.0
"""Seconds for which the service lists a task (all documents of DescribeVodRefreshTasks and DescribeRefreshTasks)."""

MAX_IDS_PER_CALL: Final = 10
"""Task ids in one DescribeRefreshTaskById (CDN 2018-05-10)."""

MAX_PREFETCH_PATH_LENGTH: Final = 1024
"""Characters of one object path of PushObjectCache (CDN 2018-05-10)."""

PREFETCH_AREAS: Final[tuple[str, ...]] = get_args(PrefetchArea)
"""Values of `Area` (PushObjectCache 2018-05-10, PreloadVodObjectCaches 2017-03-21)."""

DEFAULT_TIMEOUT_S: Final = {Kind.REFRESH: 900.0, Kind.PREFETCH: 3600.0}
"""Seconds. A refresh takes 5 to 6 minutes, a prefetch 5 to 30 (CDN and VOD refresh documentation). [chosen: at least
twice the longest time]"""


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """The limits of one submit. ``domains`` is None if no document limits them."""

    objects: int
    domains: int | None


def batch_limits(service: Service, object_type: ObjectType) -> BatchLimits:
    """Return the limits of one submit.

    1,000 URLs, 100 directories, 1 regular expression, 100 prefetch URLs: CDN 2018-05-10 RefreshObjectCaches and
    PushObjectCache; the VOD console, "Refresh and prefetch", states the same. 10 domains a task: CDN
    RefreshObjectCaches.
    """
    objects = {ObjectType.DIRECTORY: 100, ObjectType.REGEX: 1, ObjectType.PRELOAD: 100}.get(object_type, 1000)
    return BatchLimits(objects=objects, domains=10 if service is Service.CDN else None)


MAX_PAGE_SIZE: Final = {Service.VOD: 50, Service.CDN: 100}
"""Rows of one page: all VOD documents; CDN 2018-05-10 SDK (the CDN documents still say 50)."""

QUOTAS: Final = {
    "Url": "URLs to refresh",
    "Dir": "directories to refresh",
    "Regex": "regular expressions to refresh",
    "IgnoreParams": "URLs to refresh, parameters ignored",
    "Preload": "URLs to prefetch",
    "PreloadEdge": "URLs to prefetch to edges",
    "Block": "URLs to block",
}
"""The objects that each daily quota counts, by the prefix of `…Quota` and `…Remain` in an answer
(DescribeVodRefreshQuota 2017-03-21, DescribeRefreshQuota 2018-05-10)."""

_OWN_QUOTAS: Final = {
    Service.VOD: {ObjectType.DIRECTORY: "Dir", ObjectType.PRELOAD: "Preload"},
    Service.CDN: {
        ObjectType.DIRECTORY: "Dir",
        ObjectType.PRELOAD: "Preload",
        ObjectType.REGEX: "Regex",
        ObjectType.IGNORE_PARAMS: "IgnoreParams",
    },
}


def quota_name(service: Service, object_type: ObjectType) -> str:
    """Return the prefix, as in :data:`QUOTAS`, of the quota that objects of a type use.

    VOD documents no quota for regular expressions and ignored parameters: they count as URLs there.
    """
    return _OWN_QUOTAS[service].get(object_type, "Url")


MEDIA_FORMATS: Final[tuple[str, ...]] = get_args(MediaFormat)
"""Values of `Formats` (RefreshMediaPlayUrls, VOD 2017-03-21)."""

STREAM_TYPES: Final[tuple[str, ...]] = get_args(StreamType)
"""Values of `StreamType` (RefreshMediaPlayUrls, VOD 2017-03-21)."""

MAX_MEDIA_PER_CALL: Final = 20
"""Media ids in one call (RefreshMediaPlayUrls, VOD 2017-03-21)."""


def media_batches(ids: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Cut media *ids*, in alphabetical order, into submits; each is filled before the next."""
    ids = tuple(sorted(ids))
    return [ids[at : at + MAX_MEDIA_PER_CALL] for at in range(0, len(ids), MAX_MEDIA_PER_CALL)]


MAX_SLICES: Final = 20
"""Slices of a stream, `SliceCount` (RefreshMediaPlayUrls, VOD 2017-03-21)."""
