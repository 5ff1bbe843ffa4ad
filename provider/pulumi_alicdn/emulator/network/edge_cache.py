"""The copies of one edge by domain, path, query and encoding, and how purges remove them; pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from pulumi_alicdn.emulator.network.encodings import Encoding
from pulumi_alicdn.emulator.service.targets import Target, split_tags
from pulumi_alicdn.emulator.values import ObjectType

_Variant: TypeAlias = tuple[str | None, Encoding]
"""The query and the encoding of a copy."""


@dataclass(frozen=True, slots=True)
class Key:
    """The identity of a copy. It does not include the scheme: http and https share a copy."""

    domain: str
    path: str
    query: str | None
    encoding: Encoding = Encoding.IDENTITY

    @property
    def url(self) -> str:
        """The object as a URL."""
        return f"https://{self.domain}{self.path}" + ("" if self.query is None else f"?{self.query}")


@dataclass(frozen=True, slots=True)
class Stored:
    """A copy of an origin's answer; ``stored_at`` is virtual.

    ``outlives``: how many purges do not reach it, as when a node behind the edge hands its old copy out again.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    stored_at: datetime
    expired: bool = False
    outlives: int = 0

    @property
    def etag(self) -> str:
        """The entity tag of the copy, empty without one."""
        return self._header("etag")

    def is_unmodified(self, fetched: Stored) -> bool:
        """Whether *fetched* states the same Last-Modified, which makes an expired copy valid again.

        Nothing else is compared: the refresh documents say no more about a refresh without Force.
        """
        modified = self._header("last-modified")
        return fetched.status == self.status and modified != "" and fetched._header("last-modified") == modified

    def _header(self, wanted: str) -> str:
        return next((value for name, value in self.headers if name.lower() == wanted), "")

    @property
    def tags(self) -> frozenset[str]:
        """The tags that the origin gave the object in ``Cache-Tag`` headers."""
        return frozenset(
            tag for name, value in self.headers if name.lower() == "cache-tag" for tag in split_tags(value) if tag
        )


class Fetch:
    """A fetch in flight; a purge in the meantime makes its result stale."""

    __slots__ = ("stale",)

    def __init__(self) -> None:
        """Start a fetch that no purge has overtaken."""
        self.stale = False


class EdgeCache:
    """The copies of one edge. They have no lifetime, and are kept until a purge."""

    def __init__(self) -> None:
        """Start empty."""
        self._stored: dict[str, dict[str, dict[_Variant, Stored]]] = defaultdict(dict)
        self._fetches: dict[Key, set[Fetch]] = defaultdict(set)

    def get(self, key: Key) -> Stored | None:
        """The copy, or None."""
        return self._stored[key.domain].get(key.path, {}).get((key.query, key.encoding))

    def put(self, key: Key, stored: Stored) -> None:
        """Store a copy; it replaces any other."""
        self._stored[key.domain].setdefault(key.path, {})[key.query, key.encoding] = stored

    def begin(self, key: Key) -> Fetch:
        """Register a fetch, so that a purge can make it stale."""
        fetch = Fetch()
        self._fetches[key].add(fetch)
        return fetch

    def end(self, key: Key, fetch: Fetch, stored: Stored | None) -> bool:
        """Store the fetched copy, if any; return False if a purge overtook the fetch, so that it is dropped."""
        in_flight = self._fetches[key]
        in_flight.discard(fetch)
        if not in_flight:
            del self._fetches[key]
        if stored is not None and not fetch.stale:
            self.put(key, stored)
        return not fetch.stale

    def purge(self, object_type: ObjectType, target: Target, *, soft: bool = False) -> None:
        """Drop the objects that a refresh row covers, in all encodings, also those of fetches in flight.

        A soft purge only marks copies as expired: they stay if the origin has not modified them.
        """
        for path, variant in list(self._covered(object_type, target)):
            variants = self._stored[target.domain][path]
            copy = variants[variant]
            if copy.outlives:
                variants[variant] = replace(copy, outlives=copy.outlives - 1)
            elif soft:
                variants[variant] = replace(copy, expired=True)
            else:
                del variants[variant]
        if self._fetches:
            covers = coverage(object_type, target)
            for key, fetches in self._fetches.items():
                if covers(key):
                    for fetch in fetches:
                        fetch.stale = True

    def _covered(self, object_type: ObjectType, target: Target) -> Iterator[tuple[str, _Variant]]:
        """Yield paths and variants of the copies that a refresh row covers; scan only if the row names no one path."""
        paths = self._stored[target.domain]
        if object_type in {ObjectType.FILE, ObjectType.IGNORE_PARAMS, ObjectType.EX_QUERY}:
            for variant in paths.get(target.path, {}):
                if object_type is not ObjectType.FILE or variant[0] == target.query:
                    yield target.path, variant
        elif object_type is ObjectType.CACHE_TAG:
            tags = frozenset(split_tags(target.path))
            for path, variants in paths.items():
                yield from ((path, variant) for variant, stored in variants.items() if stored.tags & tags)
        else:
            covers = coverage(object_type, target)
            for path, variants in paths.items():
                yield from ((path, variant) for variant in variants if covers(Key(target.domain, path, *variant)))

    def items(self) -> Iterator[tuple[Key, Stored]]:
        """All copies."""
        for domain, paths in self._stored.items():
            for path, variants in paths.items():
                for variant, stored in variants.items():
                    yield Key(domain, path, *variant), stored

    def clear(self) -> None:
        """Drop everything."""
        self._stored.clear()
        for fetches in self._fetches.values():
            for fetch in fetches:
                fetch.stale = True


def coverage(object_type: ObjectType, target: Target) -> Callable[[Key], bool]:
    """Return a test whether a refresh row covers an object.

    A file is covered with its exact query, a directory with all below it. A regular expression covers a path that it
    matches as a whole, with or without the query. The tags of an object are unknown until it has been fetched, so a
    refresh by tag covers all fetches of its domain that are in flight.
    """
    domain, path, query = target.domain, target.path, target.query
    if object_type is ObjectType.FILE:
        return lambda key: (key.domain, key.path, key.query) == (domain, path, query)
    if object_type is ObjectType.DIRECTORY:
        return lambda key: key.domain == domain and key.path.startswith(path)
    if object_type is ObjectType.CACHE_TAG:
        return lambda key: key.domain == domain
    if object_type is ObjectType.REGEX:
        pattern = re.compile(path)
        return lambda key: (
            key.domain == domain
            and any(pattern.fullmatch(text) for text in (key.path, f"{key.path}?{key.query or ''}"))
        )
    return lambda key: key.domain == domain and key.path == path
