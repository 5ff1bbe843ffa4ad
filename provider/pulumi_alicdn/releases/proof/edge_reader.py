"""What a proof needs from outside: edges and the origin, asked as visitors ask them."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Protocol

from pulumi_alicdn.releases.proof.judge import Probe, Served
from pulumi_alicdn.releases.proof.servers import Server


class EdgeReader(Protocol):
    """Edges and the origin as visitors meet them: plain requests without credentials."""

    def edges(self, url: str) -> Sequence[Server]:
        """The edges that are to serve *url*, at least one: those that the user named, or all that DNS gives.

        Where DNS gives none, it is the URL's own host, which then cannot be reached.
        """

    def read(self, probes: Sequence[Probe], within_s: float) -> Generator[tuple[Probe, Served]]:
        """What was served for each of *probes*, as the answers come; a few are under way at a time.

        It never raises for what a server does, and ends after *within_s* seconds: what has not been answered by then is
        given as ``time_up``. Closing the iterator ends everything at once.
        """
