"""The dialects of the Describe call that lists tasks, as data: the parameters, words and limits of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pulumi_alicdn.api.limits import MAX_PAGE_SIZE
from pulumi_alicdn.api.rows import RowStatus
from pulumi_alicdn.api.spec import ObjectType, Service

MAX_PAGE: Final = 100_000
"""The highest PageNumber (all CDN documents of DescribeRefreshTasks; VOD's name no bound, so the same applies)."""

STATUSES: Final = (RowStatus.COMPLETE, RowStatus.REFRESHING, RowStatus.FAILED)
"""Values of Status in a query. Rows can be Pending, but no document allows a query for Pending."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One documented variant.

    ``name``: the word that users write for it
    ``object_types``: the words that users may write as an object type, each with the word that is sent
    ``max_page_size``: the most rows of a page
    ``required``: parameters, as users write them, that the service requires
    ``resource_groups``: whether ResourceGroupId is a parameter
    """

    name: str
    service: Service
    object_types: Mapping[str, str]
    max_page_size: int
    required: tuple[str, ...] = ()
    resource_groups: bool = True


VOD: Final = Dialect(
    name="vod",
    service=Service.VOD,
    object_types={"file": "file", "directory": "directory", "preload": "preload"},
    max_page_size=MAX_PAGE_SIZE[Service.VOD],
)
"""DescribeVodRefreshTasks 2017-03-21, Chinese text, and the English one of 2024, which lacks ResourceGroupId."""

CDN: Final = Dialect(
    name="cdn",
    service=Service.CDN,
    # The documents list file, path and preload; the SDK of 2018-05-10 has directory instead of path, and adds regex;
    # the help page of November 2025 adds block and unblock.
    object_types={
        "file": "file",
        "directory": "directory",
        "path": "path",
        "regex": "regex",
        "preload": "preload",
        "block": "block",
        "unblock": "unblock",
    },
    max_page_size=MAX_PAGE_SIZE[Service.CDN],
)
"""DescribeRefreshTasks 2018-05-10, Chinese and English text, and the SDK."""

INTL_2020: Final = Dialect(
    name="intl-2020",
    service=Service.CDN,
    object_types={"file": "file", "path": "path", "directory": "path", "preload": "preload"},
    max_page_size=50,
    required=("domain_name", "object_type"),
    resource_groups=False,
)
"""DescribeRefreshTasks, international text of May 2020: DomainName and ObjectType are required, pages have 50 rows."""

DIALECTS: Final = {dialect.name: dialect for dialect in (VOD, CDN, INTL_2020)}
"""All dialects by their names."""


def _countable(service: Service) -> tuple[ObjectType, ...]:
    dialects = [dialect for dialect in DIALECTS.values() if dialect.service is service]
    return tuple(one for one in ObjectType if all(dialect.object_types.get(one) == one for dialect in dialects))


COUNTABLE: Final = {service: _countable(service) for service in Service}
"""Object types that a query can name, and therefore count, in every dialect of a service.

CDN's directories are not among them: its documents call them `path`, its SDK `directory`. A query can name DomainName
and Status only together with an object type.
"""


def query_words(service: Service, object_type: ObjectType) -> tuple[str, ...]:
    """Return the words that queries of *service* have for *object_type*, that of the newest document first.

    A service can refuse all but one of them. No document has a word for refreshes that ignore parameters.
    """
    dialects = [dialect for dialect in DIALECTS.values() if dialect.service is service]
    return tuple(dict.fromkeys(one.object_types[object_type] for one in dialects if object_type in one.object_types))
