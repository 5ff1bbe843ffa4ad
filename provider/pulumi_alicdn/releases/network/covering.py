"""The covering choice: which URLs are probed at which nodes, where a budget does not allow all of them everywhere."""

from __future__ import annotations

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeAlias, TypeVar

N = TypeVar("N", bound=Hashable)
Pair: TypeAlias = tuple[str, N]
"""One URL at one node."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A URL to prove, and what it costs.

    ``entry``: whether visitors request it first. ``requests``: those of one probe with all that follows it, at least 1.
    ``first_bytes``: bytes of the bodies of the first probe. ``later_bytes``: the same at each further node; 0 if the
    first answer has a name for its bytes, a strong ETag, with which all other nodes can be asked.
    """

    url: str
    entry: bool = False
    requests: int = 1
    first_bytes: int = 0
    later_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Covering(Generic[N]):
    """The probes in the order of their importance, and what they leave out.

    ``nodes``: nodes at which no URL is probed. ``urls``: URLs that are probed nowhere. ``at_places``: how many URLs are
    not probed at any node of a place, summed over the places.
    """

    probes: tuple[Pair[N], ...]
    nodes: tuple[N, ...] = ()
    urls: tuple[str, ...] = ()
    at_places: int = 0


def covering(
    wanted: Sequence[Wanted],
    nodes: Mapping[N, Hashable],
    requests: int,
    most_bytes: float,
    seed: str,
    done: Collection[Pair[N]] = frozenset(),
) -> Covering[N]:
    """Choose probes of URLs at *nodes*, which map to their places, within *requests* and *most_bytes*.

    First, each URL is probed once, entry points before others, each at another node as long as there are any. Then
    each node without a probe gets an entry point, if there is any. Then each URL is probed at one node of each place,
    at the node with the fewest probes so far, so that the work is spread. What the budget still allows is drawn from
    all other pairs by *seed*. No pair is chosen twice, and none of *done*, the probes that were made before, which
    count as covered. A probe that is too dear is left out, and cheaper ones go on. Equal arguments give equal choices.
    """
    return _Choice(wanted, nodes, requests, most_bytes, seed, done).run()


class _Choice(Generic[N]):
    def __init__(
        self,
        wanted: Sequence[Wanted],
        nodes: Mapping[N, Hashable],
        requests: int,
        most_bytes: float,
        seed: str,
        done: Collection[Pair[N]],
    ) -> None:
        self._wanted = sorted({one.url: one for one in wanted}.values(), key=lambda one: not one.entry)
        self._nodes = nodes
        self._left = requests
        self._bytes = most_bytes
        self._seed = seed
        self._chosen: dict[Pair[N], None] = {}
        self._done = done
        self._known: set[str] = set()
        self._load = dict.fromkeys(nodes, 0)
        self._at_place: set[tuple[str, Hashable]] = set()
        for url, node in done:
            if node in nodes:
                self._covered(url, node)
        self._places: dict[Hashable, list[N]] = defaultdict(list)
        for node in sorted(nodes, key=lambda node: self._drawn(str(node))):
            self._places[nodes[node]].append(node)

    def run(self) -> Covering[N]:
        """Return the choice."""
        for pair in self._each_url():
            self._take(*pair)
        for pair in self._each_node():
            self._take(*pair)
        for pair in self._each_place():
            self._take(*pair)
        for pair in self._rest():
            self._take(*pair)
        missed = sum((one.url, place) not in self._at_place for one in self._wanted for place in self._places)
        return Covering(
            tuple(self._chosen),
            tuple(node for node, load in self._load.items() if not load),
            tuple(one.url for one in self._wanted if one.url not in self._known),
            missed,
        )

    def _each_url(self) -> Iterator[tuple[Wanted, N]]:
        """Yield each URL that was probed nowhere, at nodes of one place after the other."""
        ranked = [(at, node) for nodes in self._places.values() for at, node in enumerate(nodes)]
        ranked.sort(key=lambda one: (self._load[one[1]], one[0]))
        left = [one for one in self._wanted if one.url not in self._known]
        for one, (_, node) in zip(left, itertools.cycle(ranked), strict=False):
            yield one, node

    def _each_node(self) -> Iterator[tuple[Wanted, N]]:
        """Yield one URL for each node that has none; neighbours get different ones."""
        first = [one for one in self._wanted if one.entry] or self._wanted
        for nodes in self._places.values() if first else ():
            for at, node in enumerate(nodes):
                if not self._load[node]:
                    yield first[at % len(first)], node

    def _each_place(self) -> Iterator[tuple[Wanted, N]]:
        """Yield each URL once for each place, all URLs at some place before any of them at the next one."""
        places = list(self._places)
        for turn in range(len(places)):
            for at, one in enumerate(self._wanted):
                place = places[(at + turn) % len(places)]
                if (one.url, place) not in self._at_place:
                    yield one, min(self._places[place], key=self._load.__getitem__)

    def _rest(self) -> Iterator[tuple[Wanted, N]]:
        """Yield all other pairs: in any order if the budget allows them all, else drawn by the seed."""
        left = [
            (one, node)
            for node in self._nodes
            for one in self._wanted
            if (one.url, node) not in self._chosen and (one.url, node) not in self._done
        ]
        requests = sum(one.requests for one, _ in left)
        if requests > self._left or sum(max(one.first_bytes, one.later_bytes) for one, _ in left) > self._bytes:
            left.sort(key=lambda pair: self._drawn(f"{pair[0].url}\n{pair[1]}"))
        yield from left

    def _drawn(self, text: str) -> bytes:
        return hashlib.blake2b(f"{self._seed}\n{text}".encode(), digest_size=_DIGEST).digest()

    def _take(self, one: Wanted, node: N) -> None:
        body = one.later_bytes if one.url in self._known else one.first_bytes
        if one.requests > self._left or body > self._bytes or (one.url, node) in self._chosen:
            return
        self._left -= one.requests
        self._bytes -= body
        self._chosen[one.url, node] = None
        self._covered(one.url, node)

    def _covered(self, url: str, node: N) -> None:
        self._known.add(url)
        self._load[node] += 1
        self._at_place.add((url, self._nodes[node]))


_DIGEST: Final = 8
"""Bytes of a hash that orders the pairs. [chosen: two of a million pairs are equal with a probability of 1 in 10^7]"""
