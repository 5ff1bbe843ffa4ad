"""The specification of a task: its kind, its objects and its options."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final


class Service(StrEnum):
    """The product whose edges are refreshed."""

    VOD = "vod"
    CDN = "cdn"


class Kind(StrEnum):
    """A refresh makes edges drop objects; a prefetch makes them fetch objects."""

    REFRESH = "refresh"
    PREFETCH = "prefetch"


class ObjectType(StrEnum):
    """The type of an object path. The values are the words that users write."""

    FILE = "file"
    DIRECTORY = "directory"
    REGEX = "regex"
    IGNORE_PARAMS = "ignore-params"
    PRELOAD = "preload"


_SPELLINGS: Final = {
    "file": ObjectType.FILE,
    "directory": ObjectType.DIRECTORY,
    # The CDN documents of DescribeRefreshTasks call a directory "path".
    "path": ObjectType.DIRECTORY,
    "regex": ObjectType.REGEX,
    "ignoreparams": ObjectType.IGNORE_PARAMS,
    # CDN 2018-05-10 calls the same thing ExQuery.
    "exquery": ObjectType.IGNORE_PARAMS,
    "preload": ObjectType.PRELOAD,
}
"""The words for object types in answers, in lower case without `-` and `_`."""


def parse_object_type(text: str) -> ObjectType | None:
    """Read the service's spelling of an object type (`File`, `path`, `IgnoreParams`, `ExQuery`); None if unknown."""
    return _SPELLINGS.get(text.lower().replace("-", "").replace("_", ""))


REFRESH_TYPES: Final = (ObjectType.FILE, ObjectType.DIRECTORY, ObjectType.REGEX, ObjectType.IGNORE_PARAMS)
"""Object types of a refresh (RefreshVodObjectCaches 2017-03-21, RefreshObjectCaches 2018-05-10)."""


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """One refresh or prefetch as a user wrote it; it may take several API calls.

    ``force``: also refresh objects that the origin has not modified. ``area`` (``domestic`` or ``overseas``),
    ``l2_preload`` and ``headers`` (pairs of name and value) are options of a prefetch; None leaves them to the service.
    With ``media`` or ``tags`` there are no object paths: the service finds the objects.
    """

    service: Service
    kind: Kind
    object_type: ObjectType
    object_paths: tuple[str, ...]
    force: bool = False
    area: str | None = None
    l2_preload: bool | None = None
    headers: tuple[tuple[str, str], ...] = ()
    media: Media | None = None
    tags: CacheTags | None = None

    @property
    def by_path(self) -> bool:
        """Whether the user named the objects by their paths; otherwise the service finds them."""
        return self.media is None and self.tags is None

    @property
    def shown_by_rows(self) -> bool:
        """Whether a listed row shows that its task does all that this one does.

        Rows do not show whether a refresh was forced, the domain of its cache tags, nor the area, level and headers of
        a prefetch. An unforced refresh is the weakest one, so that any row of its objects will do.
        """
        return self.kind is Kind.REFRESH and not self.force and self.tags is None

    def only(self, paths: tuple[str, ...]) -> TaskSpec:
        """Return the same task for the object paths *paths* only, without media or tags."""
        return replace(self, object_paths=paths, media=None, tags=None)


@dataclass(frozen=True, slots=True)
class Media:
    """Audio or video by id. Empty: all formats, all definitions; None: all stream types, no slices.

    ``slices``: also the first ts files of each m3u8 stream, 1 to 20 of them.
    """

    ids: tuple[str, ...]
    formats: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()
    stream_type: str | None = None
    slices: int | None = None


@dataclass(frozen=True, slots=True)
class CacheTags:
    """Objects of one domain whose `Cache-Tag` header holds any of the tags."""

    domain: str
    tags: tuple[str, ...]
