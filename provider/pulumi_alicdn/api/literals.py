"""The words of options and answers as types, so that a type checker finds a misspelt one."""

from __future__ import annotations

from typing import Literal

ServiceName = Literal["vod", "cdn"]
"""The product whose edges are refreshed: ApsaraVideo VOD or CDN."""

RefreshObjectType = Literal["file", "directory", "regex", "ignore-params"]
"""The type of an object path of a refresh."""

RowObjectType = Literal["file", "directory", "regex", "ignore-params", "preload"]
"""The type of an object path of a row; `preload` is the one of a prefetch."""

TaskStatus = Literal["Pending", "Refreshing", "Complete", "Failed"]
"""The state of a task, and of each row (DescribeVodRefreshTasks, DescribeRefreshTasks)."""

OnTimeout = Literal["fail", "continue"]
"""The result of a timeout: an error, or a warning."""

PrefetchArea = Literal["domestic", "overseas"]
"""The edges that a prefetch loads (PushObjectCache 2018-05-10, PreloadVodObjectCaches 2017-03-21)."""

MediaFormat = Literal["mp4", "m3u8", "mp3", "flv", "webm", "ts"]
"""Formats of media (RefreshMediaPlayUrls 2017-03-21)."""

StreamType = Literal["video", "audio"]
"""Streams of media (RefreshMediaPlayUrls 2017-03-21)."""

QueryServiceName = Literal["vod", "cdn", "intl-2020"]
"""The dialect of the Describe call; `intl-2020` is the international CDN of 2020."""

QueryObjectType = Literal["file", "directory", "path", "regex", "preload", "block", "unblock"]
"""Object types that a query may name. VOD has file, directory and preload only; `intl-2020` also path."""

QueryStatus = Literal["Complete", "Refreshing", "Failed"]
"""States that a query may name: no document lets it name Pending."""

QuotaName = Literal["Url", "Dir", "Regex", "IgnoreParams", "Preload", "PreloadEdge", "Block"]
"""Names of quotas (DescribeVodRefreshQuota, DescribeRefreshQuota). A service returns those that it has."""

FirstReleaseAction = Literal["refresh", "prefetch", "nothing"]
"""The action of a release while no earlier release is known."""

ReleaseStrategy = Literal["auto", "files", "directory"]
"""Whether a release refreshes files one by one, or a directory that holds them."""

RemovedFiles = Literal["settle", "require", "ignore"]
"""What a release does about files that left the folder."""

VerifyScope = Literal["all", "sample", "off"]
"""How much of a release is checked on the edges."""

ProbeFinding = Literal[
    "fresh", "not-required", "stale-edge", "stale-origin", "stale", "edge-rule", "unreachable", "unreadable", "time-up"
]
"""The result of one probe: the edge serves the release, or the reason why it does not."""

EdgeSourceName = Literal["network", "dns"]
"""Where edges come from, if none are named (option `edges` of a release)."""

RefreshVerify = Literal["network", "dns", "off"]
"""Where a refresh is verified (option `verify` of a refresh)."""

ProofRequirement = Literal["require", "warn"]
"""What a release does that is not proven in the end: it fails, or it warns."""
