"""The order of the requests of one read: server by server, on a few connections to each.

A connection is opened once and used for all requests to its server: with hundreds of servers, requests in the order of
the URLs would open a new one for nearly each of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from pulumi_alicdn.releases.proof.judge import Probe
from pulumi_alicdn.releases.proof.servers import Server


class Queues:
    """The probes that wait, by their server; those of one server keep their order."""

    def __init__(self, probes: Iterable[Probe], per_edge: int, per_origin: int) -> None:
        """Have at most *per_edge* workers at one edge, and *per_origin* at an origin."""
        self._queues: dict[Server, deque[Probe]] = {}
        for probe in probes:
            self._queues.setdefault(probe.server, deque()).append(probe)
        self._untouched = deque(self._queues)
        self._workers: dict[Server, int] = {}
        self._most = {False: per_edge, True: per_origin}

    def __len__(self) -> int:
        """Return the number of servers."""
        return len(self._queues)

    def worker(self) -> Iterator[Probe]:
        """Yield probes for one worker: all of one server before those of another."""
        while (server := self._next()) is not None:
            self._workers[server] = self._workers.get(server, 0) + 1
            queue = self._queues[server]
            while queue:
                yield queue.popleft()
            self._workers[server] -= 1
            if not self._workers[server]:
                del self._workers[server]

    def _next(self) -> Server | None:
        """Return a server that nobody works at, else the one with the fewest workers; None if none needs another."""
        if self._untouched:
            return self._untouched.popleft()
        open_ = [one for one, count in self._workers.items() if self._queues[one] and count < self._most[one.origin]]
        return min(open_, key=self._workers.__getitem__, default=None)
