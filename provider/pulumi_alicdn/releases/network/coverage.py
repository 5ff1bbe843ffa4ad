"""What a proof covered: how many of all checks, and which nodes, URLs and places it left out."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
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


def covered(pairs: Mapping[tuple[N, str], Hashable], made: Collection[tuple[N, str]]) -> Coverage:
    """Return what *made* covers of *pairs*, nodes and URLs with the place of the node."""
    nodes, urls = {node for node, _ in pairs}, {url for _, url in pairs}
    at_places = {(url, place) for (_, url), place in pairs.items()}
    return Coverage(
        len(made),
        len(pairs),
        len(nodes),
        len(nodes) - len({node for node, _ in made}),
        len(urls) - len({url for _, url in made}),
        len(at_places) - len({(url, pairs[node, url]) for node, url in made}),
    )
