"""The pairs of URL and server that a proof checks, without an object for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pulumi_alicdn.releases.proof.judge import Expected
from pulumi_alicdn.releases.proof.servers import Server


@dataclass(frozen=True, slots=True)
class Group:
    """URLs that the same servers have to serve; ``at``: the number of each server."""

    servers: tuple[Server, ...]
    at: dict[Server, int]
    urls: list[str]


class Pairs:
    """Every URL at every server that has to serve it. The pairs are numbered by URL, and then by server."""

    def __init__(self, expected: Iterable[Expected], servers: Callable[[str], Sequence[Server]]) -> None:
        """Take *expected*, and for each URL the *servers* that have to serve it."""
        self.expected: dict[str, Expected] = {one.url: one for one in expected}
        """What has to be served, by the URL."""
        self._groups: dict[str, Group] = {}
        self._first: dict[str, int] = {}
        # Most URLs have one and the same list of servers, and a comparison of hundreds of them takes a while.
        known: dict[int, tuple[Sequence[Server], Group]] = {}
        groups: dict[tuple[Server, ...], Group] = {}
        self._count = 0
        for url in self.expected:
            found = servers(url)
            if id(found) not in known:
                unique = tuple(dict.fromkeys(found))
                group = groups.setdefault(unique, Group(unique, {one: at for at, one in enumerate(unique)}, []))
                known[id(found)] = found, group
            _, group = known[id(found)]
            group.urls.append(url)
            self._groups[url] = group
            self._first[url] = self._count
            self._count += len(group.servers)
        self.groups: tuple[Group, ...] = tuple(groups.values())
        """The URLs by their servers."""

    def __len__(self) -> int:
        """Return the number of pairs."""
        return self._count

    def __iter__(self) -> Iterator[tuple[Server, Expected]]:
        """Yield the pairs in their order."""
        for url, one in self.expected.items():
            for server in self._groups[url].servers:
                yield server, one

    def servers(self, url: str) -> tuple[Server, ...]:
        """Return the servers that have to serve *url*."""
        return self._groups[url].servers

    def at(self, server: Server, url: str) -> int:
        """Return the number of *server* among those of *url*."""
        return self._groups[url].at[server]

    def rank(self, url: str, at: int) -> int:
        """Return the number of the pair of *url* and its server *at*."""
        return self._first[url] + at
