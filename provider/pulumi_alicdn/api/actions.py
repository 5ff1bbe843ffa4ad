"""The names and versions of the API's actions, one table for each thing that is done."""

from __future__ import annotations

from typing import Final

from pulumi_alicdn.api.spec import Kind, Service

VERSIONS: Final = {Service.VOD: "2017-03-21", Service.CDN: "2018-05-10"}


SUBMIT_ACTIONS: Final = {
    (Service.VOD, Kind.REFRESH): "RefreshVodObjectCaches",
    (Service.VOD, Kind.PREFETCH): "PreloadVodObjectCaches",
    (Service.CDN, Kind.REFRESH): "RefreshObjectCaches",
    (Service.CDN, Kind.PREFETCH): "PushObjectCache",
}


DESCRIBE_ACTIONS: Final = {Service.VOD: "DescribeVodRefreshTasks", Service.CDN: "DescribeRefreshTasks"}


QUOTA_ACTIONS: Final = {Service.VOD: "DescribeVodRefreshQuota", Service.CDN: "DescribeRefreshQuota"}
