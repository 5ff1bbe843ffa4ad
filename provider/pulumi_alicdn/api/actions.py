"""The names of the API's actions, its versions, and the words for object types in a submit."""

from __future__ import annotations

from typing import Final

from pulumi_alicdn.api.spec import Kind, ObjectType, Service

VERSIONS: Final = {Service.VOD: "2017-03-21", Service.CDN: "2018-05-10"}
"""Each request names the version of the API that it is written for (the API documents of VOD and CDN)."""

SUBMIT_ACTIONS: Final = {
    (Service.VOD, Kind.REFRESH): "RefreshVodObjectCaches",
    (Service.VOD, Kind.PREFETCH): "PreloadVodObjectCaches",
    (Service.CDN, Kind.REFRESH): "RefreshObjectCaches",
    (Service.CDN, Kind.PREFETCH): "PushObjectCache",
}
"""Submit object paths (VOD 2017-03-21, CDN 2018-05-10; the documents bear the names of the actions)."""

REFRESH_MEDIA: Final = "RefreshMediaPlayUrls"
"""Submit by media ids; the service finds the URLs (VOD 2017-03-21)."""

REFRESH_TAGS: Final = "RefreshObjectCacheByCacheTag"
"""Submit by cache tags (CDN 2018-05-10)."""

MEDIA_JOBS: Final = "GetMediaRefreshJobs"
"""Reads the progress of a submit by media ids (VOD 2017-03-21)."""

DESCRIBE_ACTIONS: Final = {Service.VOD: "DescribeVodRefreshTasks", Service.CDN: "DescribeRefreshTasks"}
"""Read rows page by page (VOD 2017-03-21, CDN 2018-05-10)."""

DESCRIBE_BY_ID: Final = "DescribeRefreshTaskById"
"""Reads all rows of several tasks (CDN 2018-05-10)."""

QUOTA_ACTIONS: Final = {Service.VOD: "DescribeVodRefreshQuota", Service.CDN: "DescribeRefreshQuota"}
"""Read the quota of the day (VOD 2017-03-21, CDN 2018-05-10)."""

NODE_ACTIONS: Final = {Service.VOD: "DescribeVodUserVipsByDomain", Service.CDN: "DescribeUserVipsByDomain"}
"""List the nodes of a domain (VOD 2017-03-21, CDN 2018-05-10)."""

NODE_LABELS: Final = "BatchDescribeCdnIpInfo"
"""Says of addresses whether they are nodes, and where (CDN 2018-05-10; VOD has no such action)."""

DOMAIN_DETAILS: Final = {Service.VOD: "DescribeVodDomainDetail", Service.CDN: "DescribeCdnDomainDetail"}
"""Read state and sources of a domain (VOD 2017-03-21, CDN 2018-05-10)."""

DOMAIN_CONFIGS: Final = {Service.VOD: "DescribeVodDomainConfigs", Service.CDN: "DescribeCdnDomainConfigs"}
"""Read the settings of a domain (VOD 2017-03-21, CDN 2018-05-10)."""

CALLER_IDENTITY: Final = "GetCallerIdentity"
"""Says whose credentials a request is signed with; nobody needs a right for it (STS 2015-04-01)."""

STS_VERSION: Final = "2015-04-01"
"""The version of STS that requests name."""

STS_HOST: Final = "sts.aliyuncs.com"
"""The central endpoint of STS (its document GetCallerIdentity)."""

_WORDS: Final = {
    ObjectType.FILE: "File",
    ObjectType.DIRECTORY: "Directory",
    ObjectType.REGEX: "Regex",
    ObjectType.IGNORE_PARAMS: "IgnoreParams",
}

REFRESH_TYPE_WORDS: Final = {Service.VOD: _WORDS, Service.CDN: {**_WORDS, ObjectType.IGNORE_PARAMS: "ExQuery"}}
"""`ObjectType` of a refresh (RefreshVodObjectCaches 2017-03-21; RefreshObjectCaches 2018-05-10 calls one ExQuery)."""
