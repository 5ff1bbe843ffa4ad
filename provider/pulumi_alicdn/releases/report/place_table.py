"""The table of places: how many nodes of each place and provider serve the release; pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pulumi_alicdn.releases.network.node_choice import FROM_HERE
from pulumi_alicdn.releases.proof.checks.folded import NOTHING, Folded
from pulumi_alicdn.releases.proof.evidence import HARMLESS, Evidence, Finding

UNKNOWN_PLACE: Final = "place not known"
"""Stands for the place of a node that the service does not name."""

UNKNOWN_PROVIDER: Final = "provider not known"
"""The same for its provider."""

_NO_ANSWER: Final = (Finding.UNREACHABLE, Finding.TIME_UP)


class NodeState(StrEnum):
    """What all checks of one node say together; the values are CSS classes."""

    FRESH = "fresh"
    STALE = "stale"
    """It serves something else than the release."""
    SILENT = "silent"
    """It did not answer, or not in time."""


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """The nodes of one provider at one place. ``country`` and ``province`` are the parts of ``place``."""

    place: str
    provider: str
    fresh: int = 0
    stale: int = 0
    silent: int = 0

    @property
    def nodes(self) -> int:
        """How many there are."""
        return self.fresh + self.stale + self.silent

    @property
    def wrong(self) -> int:
        """How many of them do not serve the release, or did not answer."""
        return self.stale + self.silent

    @property
    def country(self) -> str:
        """The first part of the place."""
        return self.place.partition(", ")[0]

    @property
    def province(self) -> str:
        """The second part of the place; empty if it has one only."""
        return self.place.partition(", ")[2]

    @property
    def state(self) -> NodeState:
        """The worst state of its nodes."""
        if self.stale:
            return NodeState.STALE
        return NodeState.SILENT if self.silent else NodeState.FRESH


def by_place(evidence: Iterable[Evidence], folded: Folded = NOTHING) -> tuple[PlaceCount, ...]:
    """Return one count for each place and provider, sorted; empty if no place of a node is known.

    *folded*: checks that have no evidence; each of their edges has some.
    """
    findings: dict[str, set[Finding]] = {}
    where: dict[str, tuple[str, str]] = {}
    for seen in evidence:
        findings.setdefault(seen.edge, set()).add(seen.finding)
        where[seen.edge] = ("" if seen.place == FROM_HERE else seen.place), seen.provider
    for edge, _, more in folded:
        # What differs is folded without its kind. Otherwise a node that never answered would count as stale.
        if more.other and edge in findings and findings[edge] <= set(HARMLESS):
            findings[edge].add(Finding.STALE)
    if not any(place for place, _ in where.values()):
        return ()
    states: defaultdict[tuple[str, str], Counter[NodeState]] = defaultdict(Counter)
    for edge, found in findings.items():
        states[where[edge]][node_state(found)] += 1
    return tuple(
        PlaceCount(
            place or UNKNOWN_PLACE,
            provider or UNKNOWN_PROVIDER,
            nodes[NodeState.FRESH],
            nodes[NodeState.STALE],
            nodes[NodeState.SILENT],
        )
        # Nodes of no known place come last.
        for (place, provider), nodes in sorted(states.items(), key=lambda item: (not item[0][0], item[0]))
    )


def node_state(findings: Iterable[Finding]) -> NodeState:
    """Return what the *findings* of one node say of it; one difference is enough."""
    wrong = set(findings).difference(HARMLESS)
    if wrong.difference(_NO_ANSWER):
        return NodeState.STALE
    return NodeState.SILENT if wrong else NodeState.FRESH
