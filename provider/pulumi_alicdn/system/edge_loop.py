"""The event loop of a read from edges: a question to DNS ends with the request that it belongs to.

asyncio puts such questions to threads of its own, which it waits for at its end: a DNS server that is silent would keep
a command going long after its timeout.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from pulumi_alicdn.api.hosts import not_public


class InwardError(OSError):
    """A name that has to lead to the internet has other addresses."""


class EdgeLoop(asyncio.SelectorEventLoop):
    """A loop whose questions to DNS may be left without an answer."""

    def __init__(self, outward: Collection[str] = ()) -> None:
        """*outward*: names, in lower case, that have to lead to the internet: their owners may not be trusted.

        The answers that a connection is made with are checked: another question could have another answer.
        """
        super().__init__()
        self._outward = frozenset(outward)

    async def getaddrinfo(
        self,
        host: bytes | str | None,
        port: bytes | str | int | None,
        *,
        family: int = 0,
        type: int = 0,  # noqa: A002  as the library has it
        proto: int = 0,
        flags: int = 0,
    ) -> list[Any]:
        """Return the addresses of *host*, as socket.getaddrinfo does."""
        found: asyncio.Future[list[Any]] = self.create_future()

        def ask() -> None:
            try:
                answer = socket.getaddrinfo(host, port, family, type, proto, flags)
                name = host.decode("ascii", "replace") if isinstance(host, bytes) else host or ""
                if name.lower() in self._outward and any(not_public(str(entry[4][0])) for entry in answer):
                    raise InwardError
            except (OSError, UnicodeError) as error:
                tell(found.set_exception, error)
            else:
                tell(found.set_result, answer)

        def tell(settle: Any, value: object) -> None:  # noqa: ANN401  either half of a future
            with suppress(RuntimeError):  # the loop has ended meanwhile
                self.call_soon_threadsafe(lambda: None if found.done() else settle(value))

        threading.Thread(target=ask, name="alicdn-dns", daemon=True).start()
        return await found
