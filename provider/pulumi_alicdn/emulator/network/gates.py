"""The listening sockets of nodes: a node that refuses connections has none, and keeps its address and port."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from pulumi_alicdn.emulator.network.transports import Transports

BACKLOG: Final = 2048
"""Connections that wait to be accepted. [chosen: uvicorn's own number]"""


class Gates:
    """Accepts the connections of all nodes, by the name of the node."""

    def __init__(self, sockets: Mapping[str, Sequence[socket.socket]], transports: Transports) -> None:
        """Take bound sockets, which nothing has listened on yet; the connections will be in *transports*."""
        self._sockets = sockets
        self._transports = transports
        self._closed: frozenset[str] = frozenset()
        self._protocol: Callable[[], asyncio.Protocol] | None = None
        self._accepted: set[asyncio.Task[object]] = set()

    def open(self, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Listen on all sockets, with a *protocol* for each connection."""
        self._protocol = protocol
        for name, sockets in self._sockets.items():
            for listening in sockets:
                listening.setblocking(False)
                if name not in self._closed:
                    self._listen(listening)

    def keep_closed(self, names: frozenset[str]) -> None:
        """Have these nodes refuse connections from now on, and no others."""
        for name, sockets in self._sockets.items():
            for listening in sockets:
                if name in names - self._closed:
                    asyncio.get_running_loop().remove_reader(listening)
                    # It stays bound, so that no other program can take its port in the meantime.
                    listening.shutdown(socket.SHUT_RD)
                    self._transports.abort_at(listening.getsockname())
                elif name in self._closed - names:
                    self._listen(listening)
        self._closed = names

    def most_connections(self, name: str) -> int:
        """The most connections that were open to a node at a time."""
        return sum(self._transports.most_at(listening.getsockname()) for listening in self._sockets.get(name, ()))

    def forget_most(self) -> None:
        """Count connections anew."""
        self._transports.forget_most()

    def close(self) -> None:
        """Stop to listen; for good."""
        for sockets in self._sockets.values():
            for listening in sockets:
                asyncio.get_running_loop().remove_reader(listening)
                listening.close()

    def _listen(self, listening: socket.socket) -> None:
        listening.listen(BACKLOG)
        asyncio.get_running_loop().add_reader(listening, self._accept, listening)

    def _accept(self, listening: socket.socket) -> None:
        protocol = self._protocol
        if protocol is None:
            return
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                # Nobody waits any more, or the process has no file descriptor left for this one.
                return
            connection.setblocking(False)
            task: asyncio.Task[object] = loop.create_task(loop.connect_accepted_socket(protocol, connection))
            self._accepted.add(task)
            task.add_done_callback(self._accepted.discard)
