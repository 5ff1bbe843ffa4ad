"""The endpoints of each region, and the addresses that are allowed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from pulumi_alicdn.api.hosts import is_loopback
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.errors import InputError
from pulumi_alicdn.phrases import show_server

_AUTHORITY: Final = re.compile(r"[\w.:\[\]-]+")
"""Host and port: without a user name, and without escapes, in which a query could be."""

DEFAULT_REGION: Final = "cn-shanghai"
"""The region of VOD without configuration: the only one with refreshes (DescribeVodRefreshTasks, 2024)."""

_VOD_REGIONS: Final = (
    "cn-shanghai",
    "cn-beijing",
    "cn-shenzhen",
    "cn-hongkong",
    "ap-southeast-1",
    "ap-southeast-5",
    "ap-northeast-1",
    "eu-central-1",
    "us-west-1",
    "me-central-1",
)
"""The regional endpoints of the VOD 2017-03-21 SDK."""

_VOD_ALIASES: Final = {"cn-hangzhou": "cn-shanghai"}
"""Regions that the VOD 2017-03-21 SDK serves from another one's endpoint."""

_CDN_CENTRAL: Final = "cdn.aliyuncs.com"
"""The endpoint of the regions in :data:`_CDN_MAINLAND`."""

_CDN_INTERNATIONAL: Final = "cdn.ap-southeast-1.aliyuncs.com"
"""The endpoint of the regions in :data:`_CDN_ABROAD`."""

_CDN_MAINLAND: Final = (
    "cn-hangzhou",
    "cn-shanghai",
    "cn-beijing",
    "cn-shenzhen",
    "cn-qingdao",
    "cn-zhangjiakou",
    "cn-huhehaote",
    "cn-wulanchabu",
    "cn-heyuan",
    "cn-guangzhou",
    "cn-chengdu",
    "cn-nanjing",
    "cn-fuzhou",
    "cn-wuhan-lr",
    "cn-hongkong",
)
"""Regions that are missing in the endpoint map of the CDN 2018-05-10 SDK, which then uses the central endpoint."""

_CDN_ABROAD: Final = (
    "ap-northeast-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-5",
    "eu-central-1",
    "eu-west-1",
    "me-east-1",
    "us-east-1",
    "us-west-1",
)
"""The endpoint map of the CDN 2018-05-10 SDK."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of a service.

    ``protocol``: https, or http on loopback
    ``host``: a host, with its port if it has one
    """

    protocol: str
    host: str

    @property
    def local(self) -> bool:
        """Whether it is this machine."""
        return is_loopback(urlsplit(f"//{self.host}").hostname or "")


def regional_host(service: Service, region: str | None, key: str = "alicdn:region") -> str:
    """Return the service's host for *region* (None: its default).

    *key*: what users call the region. Raises InputError for a region that the service does not have.
    """
    if service is Service.VOD:
        name = _VOD_ALIASES.get(region or DEFAULT_REGION, region or DEFAULT_REGION)
        if name not in _VOD_REGIONS:
            raise InputError(_no_such_region(key, service, name, (*_VOD_REGIONS, *_VOD_ALIASES)))
        return f"vod.{name}.aliyuncs.com"
    if region is None or region in _CDN_MAINLAND:
        return _CDN_CENTRAL
    if region not in _CDN_ABROAD:
        raise InputError(_no_such_region(key, service, region, (*_CDN_MAINLAND, *_CDN_ABROAD)))
    return _CDN_INTERNATIONAL


def _no_such_region(key: str, service: Service, region: str, known: tuple[str, ...]) -> str:
    return f"{key} is {region!r}, but {service} has: {', '.join(sorted(known))}"


def parse_endpoint(text: str, name: str = "alicdn:endpoint") -> Endpoint:
    """Read `https://host`, `host` or, on loopback only, `http://127.0.0.1:port`.

    Raises InputError, which calls it *name*.
    """
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    shown = show_server(text)
    if (
        not host
        or not _AUTHORITY.fullmatch(parts.netloc)
        or parts.path not in ("", "/")
        or parts.query
        or parts.fragment
    ):
        raise InputError(f"{name} is {shown}, but must be a host or https://HOST, with a port if need be")
    if parts.scheme == "http" and not is_loopback(host):
        raise InputError(f"{name} is {shown}, but plain http is for this machine only; write https://")
    if parts.scheme not in ("http", "https"):
        raise InputError(f"{name} is {shown}, but must begin with https://")
    return Endpoint(parts.scheme, parts.netloc)
