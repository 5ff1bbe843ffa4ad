"""Checks of which nothing but the result is kept, beside the evidence of all others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple


class Counts(NamedTuple):
    """How many checks found the release, found that nothing is required, and found something else.

    ``weak``: how many of those that found it compared the length only.
    """

    fresh: int = 0
    not_required: int = 0
    other: int = 0
    weak: int = 0

    @property
    def checks(self) -> int:
        """The number of checks."""
        return self.fresh + self.not_required + self.other


_MOST: Final = 5
"""One more than the copies of a URL at an edge, each of which is a check."""

COUNTS: Final = tuple(
    Counts(fresh, not_required, other, weak)
    for weak in (0, 1)
    for other in range(_MOST)
    for not_required in range(_MOST)
    for fresh in range(_MOST)
)
"""All counts that one URL can have at one edge; each is known by its place here, which fits into a byte."""


def summed(counts: Iterable[Counts]) -> Counts:
    """Return the sum of *counts*."""
    return Counts(*map(sum, zip(*counts, strict=True)))


@dataclass(frozen=True, slots=True)
class Folded:
    """Checks that are only counted. ``rows``: by URL, the names of edges, and for each the place in :data:`COUNTS`."""

    rows: Mapping[str, tuple[tuple[str, ...], bytes]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[tuple[str, str, Counts]]:
        """Yield each edge and URL with such checks."""
        for url, (edges, codes) in self.rows.items():
            for edge, one in zip(edges, codes, strict=True):
                if one:
                    yield edge, url, COUNTS[one]

    def at(self, url: str) -> dict[str, Counts]:
        """Return the counts of one URL at each edge that has any."""
        edges, codes = self.rows.get(url, ((), b""))
        return {edge: COUNTS[one] for edge, one in zip(edges, codes, strict=True) if one}

    @property
    def total(self) -> Counts:
        """The counts of all."""
        return summed(counts for _, _, counts in self)

    def but(self, urls: Collection[str]) -> Folded:
        """Return the checks of all other URLs."""
        return Folded({url: row for url, row in self.rows.items() if url not in urls})

    def and_(self, other: Folded) -> Folded:
        """Return these checks and those of *other*, which are of other URLs."""
        return Folded({**self.rows, **other.rows})

    def named(self, url: Callable[[str], str], edge: Callable[[str], str]) -> Folded:
        """Return the same under other names of URLs and edges."""
        names = {edges: tuple(map(edge, edges)) for edges, _ in self.rows.values()}
        return Folded({url(one): (names[edges], codes) for one, (edges, codes) in self.rows.items()})


NOTHING: Final = Folded()
"""All evidence is there."""


def code(counts: Counts) -> int:
    """Return the place of *counts* in :data:`COUNTS`."""
    return ((counts.weak * _MOST + counts.other) * _MOST + counts.not_required) * _MOST + counts.fresh
