"""What one edge holds: objects by domain, path and query, and how they are purged; pure."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pulumi_alicdn.emulator.service.targets import split_tags
from pulumi_alicdn.emulator.values import ObjectType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from pulumi_alicdn.emulator.service.targets import Target


@dataclass(frozen=True, slots=True)
class Key:
    """What an object is found by. The scheme is no part of it: http and https share a copy."""

    domain: str
    path: str
    query: str | None

    @property
    def url(self) -> str:
        """The object as a URL."""
        return f"https://{self.domain}{self.path}" + ("" if self.query is None else f"?{self.query}")


@dataclass(frozen=True, slots=True)
class Stored:
    """A copy of an origin's answer; ``stored_at`` is virtual."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    stored_at: datetime
    expired: bool = False

    @property
    def etag(self) -> str:
        """The entity tag of the copy, empty without one."""
        return self._header("etag")

    def is_unmodified(self, fetched: Stored) -> bool:
        """Tell whether what was fetched now states the same Last-Modified, and thus makes an expired copy good again.

        Nothing else is compared: that is all that the refresh documents say about a refresh without Force.
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
    """A fetch on its way; a purge in the meantime makes its result stale."""

    __slots__ = ("stale",)

    def __init__(self) -> None:
        """Begin fresh."""
        self.stale = False


class EdgeCache:
    """The copies of one edge, kept until they are purged: there is no lifetime."""

    def __init__(self) -> None:
        """Start empty."""
        self._stored: dict[str, dict[str, dict[str | None, Stored]]] = defaultdict(dict)
        self._fetches: dict[Key, set[Fetch]] = defaultdict(set)

    def get(self, key: Key) -> Stored | None:
        """Return the copy, or None."""
        return self._stored[key.domain].get(key.path, {}).get(key.query)

    def put(self, key: Key, stored: Stored) -> None:
        """Hold this copy in the place of any other."""
        self._stored[key.domain].setdefault(key.path, {})[key.query] = stored

    def begin(self, key: Key) -> Fetch:
        """Note that a fetch begins, so that a purge can reach it."""
        fetch = Fetch()
        self._fetches[key].add(fetch)
        return fetch

    def end(self, key: Key, fetch: Fetch, stored: Stored | None) -> bool:
        """Keep what was fetched, None for nothing; False if a purge overtook it and it was dropped."""
        under_way = self._fetches[key]
        under_way.discard(fetch)
        if not under_way:
            del self._fetches[key]
        if stored is not None and not fetch.stale:
            self.put(key, stored)
        return not fetch.stale

    def purge(self, kind: ObjectType, target: Target, *, soft: bool = False) -> None:
        """Drop what a refresh row covers, also from fetches that are under way.

        A soft purge only marks copies as expired: they are still good if the origin says that nothing was modified.
        """
        for path, query in list(self._covered(kind, target)):
            queries = self._stored[target.domain][path]
            if soft:
                queries[query] = replace(queries[query], expired=True)
            else:
                del queries[query]
        if self._fetches:
            covers = coverage(kind, target)
            for key, fetches in self._fetches.items():
                if covers(key):
                    for fetch in fetches:
                        fetch.stale = True

    def _covered(self, kind: ObjectType, target: Target) -> Iterator[tuple[str, str | None]]:
        """Return paths and queries of the copies that a refresh row covers; quickly for what names its path."""
        paths = self._stored[target.domain]
        if kind in {ObjectType.FILE, ObjectType.IGNORE_PARAMS, ObjectType.EX_QUERY}:
            queries = paths.get(target.path, {})
            yield from (
                (target.path, query) for query in queries if kind is not ObjectType.FILE or query == target.query
            )
        elif kind is ObjectType.CACHE_TAG:
            tags = frozenset(split_tags(target.path))
            for path, queries in paths.items():
                yield from ((path, query) for query, stored in queries.items() if stored.tags & tags)
        else:
            covers = coverage(kind, target)
            for path, queries in paths.items():
                yield from ((path, query) for query in queries if covers(Key(target.domain, path, query)))

    def items(self) -> Iterator[tuple[Key, Stored]]:
        """Return every copy."""
        for domain, paths in self._stored.items():
            for path, queries in paths.items():
                for query, stored in queries.items():
                    yield Key(domain, path, query), stored

    def clear(self) -> None:
        """Drop everything."""
        self._stored.clear()
        for fetches in self._fetches.values():
            for fetch in fetches:
                fetch.stale = True


def coverage(kind: ObjectType, target: Target) -> Callable[[Key], bool]:
    """Return what tells whether a refresh row covers an object.

    A file is covered with its exact query, a directory with all below it. A regular expression covers a path
    that it matches as a whole, with or without the query. Which tags an object has is known only once it has been
    fetched, so a refresh by tag is taken to cover everything of its domain that is under way.
    """
    domain, path, query = target.domain, target.path, target.query
    if kind is ObjectType.FILE:
        return lambda key: key == Key(domain, path, query)
    if kind is ObjectType.DIRECTORY:
        return lambda key: key.domain == domain and key.path.startswith(path)
    if kind is ObjectType.CACHE_TAG:
        return lambda key: key.domain == domain
    if kind is ObjectType.REGEX:
        pattern = re.compile(path)
        return lambda key: (
            key.domain == domain
            and any(pattern.fullmatch(text) for text in (key.path, f"{key.path}?{key.query or ''}"))
        )
    return lambda key: key.domain == domain and key.path == path
