"""The three ways in which the service can be asked for tasks, as data: what each requires, allows and calls things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pulumi_alicdn.api.rows import RowStatus
from pulumi_alicdn.api.spec import ObjectType, Service

MAX_PAGE: Final = 100_000
"""The highest PageNumber (all CDN documents of DescribeRefreshTasks; VOD's name no bound, and get the same)."""

STATUSES: Final = (RowStatus.COMPLETE, RowStatus.REFRESHING, RowStatus.FAILED)
"""What Status may ask for. Pending is answered, but no document lets it be asked for."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one version of the Describe call is spoken.

    ``object_types``: what users may write and what is sent for it. ``required``: parameters without which the service
    refuses. ``max_page_size``: rows of the largest page.
    """

    name: str
    service: Service
    action: str
    object_types: Mapping[str, str]
    max_page_size: int
    required: tuple[str, ...] = ()
    resource_groups: bool = True
    strict_range: bool = True
    """Whether EndTime must be later than StartTime: the CDN SDK of 2018-05-10 says so, no VOD document does."""


VOD: Final = Dialect(
    name="vod",
    service=Service.VOD,
    action="DescribeVodRefreshTasks",
    object_types={"file": "file", "directory": "directory", "preload": "preload"},
    max_page_size=50,
    strict_range=False,
)
"""DescribeVodRefreshTasks 2017-03-21, Chinese text, and the English one of 2024, which lacks ResourceGroupId."""

CDN: Final = Dialect(
    name="cdn",
    service=Service.CDN,
    action="DescribeRefreshTasks",
    # The documents name file, path and preload; the SDK of 2018-05-10 says directory for path and adds regex.
    object_types={
        "file": "file",
        "directory": "directory",
        "path": "path",
        "regex": "regex",
        "preload": "preload",
    },
    # The documents say 50, the SDK of 2018-05-10 says 100.
    max_page_size=100,
)
"""DescribeRefreshTasks 2018-05-10, Chinese and English text."""

INTL_2020: Final = Dialect(
    name="intl-2020",
    service=Service.CDN,
    action="DescribeRefreshTasks",
    object_types={"file": "file", "path": "path", "directory": "path", "preload": "preload"},
    max_page_size=50,
    required=("domain_name", "object_type"),
    resource_groups=False,
)
"""DescribeRefreshTasks, international text of May 2020: DomainName and ObjectType are required."""

DIALECTS: Final = {dialect.name: dialect for dialect in (VOD, CDN, INTL_2020)}


def object_type_of(word: str) -> ObjectType:
    """The type that a user's word of any dialect means."""
    return ObjectType.DIRECTORY if word == "path" else ObjectType(word)
