"""The open connections, which can be reset without an answer, as a failing network does."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import Counter

from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_Address = tuple[str, int, str, int]


class Transports:
    """The open connections, by the addresses of both ends."""

    def __init__(self) -> None:
        """Start without connections."""
        self._open: dict[_Address, asyncio.Transport] = {}
        self._at: Counter[tuple[str, int]] = Counter()
        self._most: Counter[tuple[str, int]] = Counter()

    async def abort(self, scope: Scope) -> None:
        """Reset the connection of a request without an answer; return when it is closed."""
        client, server = scope["client"], scope["server"]
        transport = self._open.get((client[0], client[1], server[0], server[1]))
        if transport is None:
            return
        connection = transport.get_extra_info("socket")
        if connection is not None:
            # A linger of zero seconds turns the close into a TCP reset.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        # uvicorn notices the reset in the loop's next turn. Without that turn it would still try to answer.
        await asyncio.sleep(0)

    def most_at(self, server: tuple[str, int]) -> int:
        """The most connections that were open to that address and port at a time."""
        return self._most[server]

    def forget_most(self) -> None:
        """Count anew."""
        self._most = self._at.copy()

    def abort_at(self, server: tuple[str, int]) -> None:
        """Close the connections to that address and port at once."""
        for address, transport in list(self._open.items()):
            if address[2:] == server:
                transport.abort()

    def abort_all(self) -> None:
        """Close every connection at once."""
        for transport in list(self._open.values()):
            transport.abort()

    def protocol(self) -> type[H11Protocol]:
        """The HTTP protocol class that registers its connections here."""
        opened, note = self._open, self._note

        class RegisteredProtocol(H11Protocol):
            """uvicorn's protocol, registered by its addresses while it is connected."""

            _address: _Address | None = None

            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                super().connection_made(transport)
                if self.client is not None and self.server is not None and self.server[1] is not None:
                    self._address = (*self.client, self.server[0], self.server[1])
                    opened[self._address] = transport
                    note(self._address, 1)

            def connection_lost(self, exc: Exception | None) -> None:
                if self._address is not None:
                    opened.pop(self._address, None)
                    note(self._address, -1)
                super().connection_lost(exc)

        return RegisteredProtocol

    def _note(self, address: _Address, change: int) -> None:
        server = address[2:]
        self._at[server] += change
        self._most[server] = max(self._most[server], self._at[server])
