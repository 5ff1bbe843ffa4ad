"""The service's limits, each with the document that states it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pulumi_alicdn.api.spec import Kind, ObjectType, Service

WINDOW_S: Final = 3 * 24 * 3600.0
"""Seconds for which tasks can be asked for (all documents of DescribeVodRefreshTasks and DescribeRefreshTasks)."""

MAX_IDS_PER_CALL: Final = 10
"""Task ids that one DescribeRefreshTaskById takes (CDN 2018-05-10)."""

MAX_PREFETCH_PATH_LENGTH: Final = 1024
"""Characters of one object path of PushObjectCache (CDN 2018-05-10)."""

PREFETCH_AREAS: Final = ("domestic", "overseas")
"""Values of `Area` (PushObjectCache 2018-05-10, PreloadVodObjectCaches 2017-03-21)."""

DEFAULT_TIMEOUT_S: Final = {Kind.REFRESH: 900.0, Kind.PREFETCH: 3600.0}
"""A refresh takes 5 to 6 minutes, a prefetch 5 to 30 (CDN and VOD refresh documentation): these leave room."""


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """How much one submit may carry. ``domains`` is None where no document limits it."""

    objects: int
    domains: int | None


def batch_limits(service: Service, object_type: ObjectType) -> BatchLimits:
    """Limits of one submit.

    1,000 URLs, 100 directories, 1 regular expression, 100 prefetch URLs: CDN 2018-05-10 RefreshObjectCaches and
    PushObjectCache, and the same of the VOD console, "Refresh and prefetch". 10 domains a task: CDN
    RefreshObjectCaches.
    """
    objects = {ObjectType.DIRECTORY: 100, ObjectType.REGEX: 1, ObjectType.PRELOAD: 100}.get(object_type, 1000)
    return BatchLimits(objects=objects, domains=10 if service is Service.CDN else None)


def page_size(service: Service) -> int:
    """Rows of the largest page: 50 (all VOD documents), 100 (CDN 2018-05-10 SDK; the CDN documents still say 50)."""
    return 100 if service is Service.CDN else 50


def quota_name(service: Service, object_type: ObjectType) -> str:
    """The prefix of the quota that an object type draws on (DescribeVodRefreshQuota, DescribeRefreshQuota).

    VOD documents no quota of its own for regular expressions and ignored parameters: they count as URLs there.
    """
    names = {ObjectType.DIRECTORY: "Dir", ObjectType.PRELOAD: "Preload"}
    if service is Service.CDN:
        names |= {ObjectType.REGEX: "Regex", ObjectType.IGNORE_PARAMS: "IgnoreParams"}
    return names.get(object_type, "Url")


MEDIA_FORMATS: Final = ("mp4", "m3u8", "mp3", "flv", "webm", "ts")


STREAM_TYPES: Final = ("video", "audio")


MAX_MEDIA_PER_CALL: Final = 20


MAX_SLICES: Final = 20
"""Formats, stream types, media of one call and slices of a stream: RefreshMediaPlayUrls (VOD 2017-03-21)."""


COUNTABLE: Final = {
    # What every document of a service lets ObjectType be: CDN's name a directory `path`, its SDK `directory`.
    Service.VOD: (ObjectType.FILE, ObjectType.DIRECTORY, ObjectType.PRELOAD),
    Service.CDN: (ObjectType.FILE, ObjectType.PRELOAD),
}
"""Types of objects that can be asked for; DomainName and Status can be asked for only together with one."""
