"""The port through which a proof requests URLs from edges and the origin, as visitors do."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Protocol

from pulumi_alicdn.releases.network.meter import Meter
from pulumi_alicdn.releases.proof.judge import Probe, Served
from pulumi_alicdn.releases.proof.servers import Server


class EdgeReader(Protocol):
    """Access to edges and the origin, with plain requests without credentials, as visitors send them."""

    def edges(self, url: str) -> Sequence[Server]:
        """Return the edges that have to serve *url*, at least one: those that the user named, or all that DNS lists.

        If DNS lists none, return the URL's own host, which then cannot be reached.
        """

    def read(
        self, probes: Sequence[Probe], within_s: float, meter: Meter | None = None
    ) -> Generator[tuple[Probe, Served]]:
        """Send *probes*, a few at a time, and yield each answer as it arrives.

        No behaviour of a server raises an error. The iterator ends after *within_s* seconds; probes without an answer
        by then are yielded with ``time_up``. Closing the iterator cancels all requests at once.

        Each byte that comes of a body, and each repeated request, is counted by *meter*. What it does not allow is
        yielded with ``left_out``.
        """
