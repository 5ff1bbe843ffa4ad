"""The documented variants of DescribeRefreshTasks for CDN; pure.

``cdn`` follows the present API of version 2018-05-10: ``directory``, pages of up to 100, rows under ``CDNTask``.
``cdn-path`` follows its two undated documents: a directory is called ``path``, and pages hold up to 50.
``intl-2020`` follows the international document of May 2020: as ``cdn-path``, and DomainName and ObjectType are
required, rows are under ``Task``, and refusals name VOD.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pulumi_alicdn.emulator.values import ObjectType


class DialectName(StrEnum):
    """The names by which an admin call chooses a dialect."""

    CDN = "cdn"
    CDN_PATH = "cdn-path"
    INTL_2020 = "intl-2020"


@dataclass(frozen=True, slots=True)
class Dialect:
    """The differences from the service's own description; None for no difference.

    ``required``: parameters of every query. ``types``: the values of ObjectType. ``words``: the words of types in rows.
    ``container``: the name around the rows. ``account_word``: the service that a refusal names as not open.
    """

    name: DialectName
    required: tuple[str, ...] = ()
    types: Mapping[str, ObjectType] | None = None
    words: Mapping[ObjectType, str] = field(default_factory=dict)
    max_page_size: int | None = None
    container: str | None = None
    account_word: str | None = None


_OLD_TYPES: Final = {"file": ObjectType.FILE, "path": ObjectType.DIRECTORY, "preload": ObjectType.PRELOAD}
"""All values of ObjectType (DescribeRefreshTasks, the two undated documents and that of May 2020)."""

_OLD_WORDS: Final = {ObjectType.DIRECTORY: "path"}
"""The word for a directory in rows (the same documents)."""

PRESENT: Final = Dialect(DialectName.CDN)
"""The present API, which has no differences. It is the only dialect of VOD."""

DIALECTS: Final = {
    dialect.name: dialect
    for dialect in (
        PRESENT,
        Dialect(DialectName.CDN_PATH, types=_OLD_TYPES, words=_OLD_WORDS, max_page_size=50),
        Dialect(
            DialectName.INTL_2020,
            required=("DomainName", "ObjectType"),
            types=_OLD_TYPES,
            words=_OLD_WORDS,
            max_page_size=50,
            container="Task",
            account_word="VOD",
        ),
    )
}
"""All dialects, by their names."""
