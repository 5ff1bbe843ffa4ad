"""What a proof covered: how many of all checks, and which nodes, URLs and places it left out."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pulumi_alicdn.phrases import counted, listed
from pulumi_alicdn.releases.network.budget import Budget

N = TypeVar("N", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The checks that were made, of one URL at one node each, out of those that are possible.

    ``nodes_left``: nodes at which nothing was checked. ``urls_left``: URLs that were checked nowhere. ``places_left``:
    pairs of a URL and a place without a check.
    """

    checks: int
    possible: int
    nodes: int = 0
    nodes_left: int = 0
    urls_left: int = 0
    places_left: int = 0

    def sentence(self, budget: Budget) -> str:
        """Return what the *budget* left out; empty if that is nothing."""
        if self.checks >= self.possible:
            return ""
        lacking = [
            *([f"{self.nodes_left:,} of {counted(self.nodes, 'node')} had none"] if self.nodes_left else []),
            *([f"{counted(self.urls_left, 'URL')} had none"] if self.urls_left else []),
            *([f"{counted(self.places_left, 'pair')} of URL and place had none"] if self.places_left else []),
        ]
        missed = (
            listed(lacking) if lacking else "every node had one, and every URL had one in each province and provider"
        )
        return (
            f"the proof made {self.checks:,} of {counted(self.possible, 'check')}, as proof_budget allows "
            f"({counted(budget.requests, 'request')}, {budget.bytes:,} bytes, {budget.seconds:g} s): {missed}"
        )


def covered(groups: Iterable[tuple[Sequence[N], Sequence[Hashable], Sequence[bytes]]]) -> Coverage:
    """Return what was checked of *groups*: nodes, the place of each, and for each URL a byte for each node.

    A byte is not 0 where the URL was checked.
    """
    nodes: dict[N, bool] = {}
    checks = possible = urls_left = places_left = 0
    for servers, places, rows in groups:
        possible += len(servers) * len(rows)
        # Without URLs there are no columns, and no checks either.
        for node, column in zip(servers, zip(*rows, strict=True), strict=False):
            nodes[node] = nodes.get(node, False) or any(column)
        for row in rows:
            at_places = {place for place, one in zip(places, row, strict=True) if one}
            checks += len(row) - row.count(0)
            urls_left += not at_places
            places_left += len(set(places)) - len(at_places)
    return Coverage(checks, possible, len(nodes), len(nodes) - sum(nodes.values()), urls_left, places_left)
