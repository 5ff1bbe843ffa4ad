"""The ways in which DescribeRefreshTasks is documented for CDN; pure.

``cdn`` follows the present API of version 2018-05-10: ``directory``, pages of up to 100, rows under ``CDNTask``.
``cdn-path`` follows its two undated documents: a directory is called ``path``, and pages hold up to 50.
``cdn-2020-intl`` follows the international document of May 2020: as ``cdn-path``, and DomainName and ObjectType are
required, rows are under ``Task``, and refusals speak of VOD.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from pulumi_alicdn.emulator.values import ObjectType

if TYPE_CHECKING:
    from collections.abc import Mapping


class DialectName(StrEnum):
    """How dialects are chosen."""

    CDN = "cdn"
    CDN_PATH = "cdn-path"
    CDN_2020_INTL = "cdn-2020-intl"


@dataclass(frozen=True, slots=True)
class Dialect:
    """What differs from the service's own description; None leaves it as it is."""

    name: DialectName = DialectName.CDN
    required: tuple[str, ...] = ()
    types: Mapping[str, ObjectType] | None = None
    words: Mapping[ObjectType, str] = field(default_factory=dict)
    largest_page: int | None = None
    container: str | None = None
    account_word: str | None = None
    """Which service a refused account has not opened."""


# The only values of ObjectType in those documents.
_OLD_TYPES = MappingProxyType({"file": ObjectType.FILE, "path": ObjectType.DIRECTORY, "preload": ObjectType.PRELOAD})
_OLD_WORDS = MappingProxyType({ObjectType.DIRECTORY: "path"})
PLAIN = Dialect()
DIALECTS = MappingProxyType(
    {
        dialect.name: dialect
        for dialect in (
            PLAIN,
            Dialect(DialectName.CDN_PATH, types=_OLD_TYPES, words=_OLD_WORDS, largest_page=50),
            Dialect(
                DialectName.CDN_2020_INTL,
                required=("DomainName", "ObjectType"),
                types=_OLD_TYPES,
                words=_OLD_WORDS,
                largest_page=50,
                container="Task",
                account_word="VOD",
            ),
        )
    }
)
