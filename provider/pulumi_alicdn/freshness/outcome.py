"""A verification from its first request to the sentences that a front end shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pulumi_alicdn.freshness.freshness_messages import Steps, doubts, failure, seen
from pulumi_alicdn.freshness.node_progress import NodeProgress
from pulumi_alicdn.freshness.verification import Freshness, How, verify
from pulumi_alicdn.ports import Clock
from pulumi_alicdn.releases.proof.edge_reader import EdgeReader
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding


@dataclass(frozen=True, slots=True)
class Verified:
    """What is known, in words.

    ``failure``: what a user reads if an edge does not serve what it has to, else empty. ``doubts``: warnings on what is
    not known. ``sentence``: what edges serve. ``failed``: the evidence for ``failure``.
    """

    freshness: Freshness
    sentence: str
    doubts: tuple[str, ...] = ()
    failure: str = ""
    failed: tuple[Evidence, ...] = ()

    @property
    def only_late(self) -> bool:
        """Whether nothing is wrong but that the time was up."""
        return all(one.finding is Finding.TIME_UP for one in self.failed)


def verified(
    reader: EdgeReader,
    clock: Clock,
    urls: Sequence[str],
    how: How,
    show: Callable[[int, int], None],
    steps: Steps,
) -> Verified:
    """Verify a refresh of *urls*; *show* is called with the number of nodes that are proven, and of all."""
    edges = {url: reader.edges(url) for url in urls}
    pairs = sum(map(len, edges.values()))
    whole = how.budget is None or pairs + how.budget.kept_back <= how.budget.requests
    result = verify(reader, clock, urls, how, NodeProgress(edges, clock.monotonic, show, whole=whole))
    unsure = tuple(doubts(result, steps, how.budget))
    unjudged = unsure if result.freshness is Freshness.UNJUDGED else ()
    sentence = "; ".join(filter(None, (seen(result), *unjudged)))
    return Verified(result.freshness, sentence, unsure, failure(result, steps), result.failed)
