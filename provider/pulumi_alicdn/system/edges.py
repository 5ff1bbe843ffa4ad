"""Fetching URLs from given edges, from all that DNS names, and from the origin; only digests are kept.

What is fetched is public and no request carries credentials, so a URL that is http is asked for in plain http at
every edge. A URL that is https is fetched over TLS, its certificate checked against the URL's host whatever the edge is
called; but in plain http from this machine itself, where the emulator's edges are. Nothing in a request makes a cache
step aside: what visitors are served is what counts. Redirects are not followed, and proxies are not used.
"""

from __future__ import annotations

import asyncio
import queue
import socket
import ssl
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import httpx2
from anyio.from_thread import start_blocking_portal

from pulumi_alicdn.releases.proof.judge import Probe, Served
from pulumi_alicdn.releases.proof.servers import Server
from pulumi_alicdn.system.edge_session import Session, why

CONCURRENCY: Final = 16
"""Requests on their way at a time. [chosen: fills a line with small files, and is no burden for a single edge]"""

SILENCE_S: Final = 10.0
"""Seconds without a connection, or without a byte. [chosen: edges answer within 1 s, the origin takes longer]"""

REQUEST_S: Final = 90.0
"""Seconds for one request with its body. [chosen: 64 MiB at 6 Mbit/s]"""

GIVE_UP_AFTER: Final = 3
"""Failed connections to an edge, one after the other, until the rest is not tried. [chosen: a dead edge costs 30 s]"""


class EdgeFetcher:
    """An EdgeReader over HTTP/1.1. It holds nothing between two reads but what DNS said."""

    def __init__(
        self,
        edges: Sequence[Server] = (),
        resolve: Mapping[str, Sequence[Server]] | None = None,
        *,
        concurrency: int = CONCURRENCY,
        silence_s: float = SILENCE_S,
        request_s: float = REQUEST_S,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Ask *edges* for everything, but for the hosts in *resolve* (in lower case) those named there.

        Without either, all addresses that DNS has for a URL's host, IPv6 ones only where this machine has IPv6.
        *silence_s* bounds the wait for a connection or a byte, *request_s* a whole request, in seconds. *tls* None:
        the authorities that this machine trusts, or those in `SSL_CERT_FILE`.
        """
        self._edges = tuple(edges)
        self._resolve = dict(resolve or {})
        self._concurrency = concurrency
        self._silence_s = silence_s
        self._request_s = request_s
        self._tls = tls
        self._found: dict[str, tuple[Server, ...]] = {}

    def edges(self, url: str) -> Sequence[Server]:
        """The edges that are to serve *url*."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        named = self._resolve.get(host) or self._edges
        if named:
            return named
        place = Server(host, parts.port, parts.scheme.lower())
        if str(place) not in self._found:
            self._found[str(place)] = _addresses(place)
        return self._found[str(place)]

    def read(self, looks: Sequence[Probe], within_s: float) -> Generator[tuple[Probe, Served]]:
        """What was served for each of *looks*, as the answers come, within *within_s* seconds.

        The requests run in a thread of their own, which ends with the iterator.
        """
        answers: queue.SimpleQueue[tuple[Probe, Served] | None] = queue.SimpleQueue()
        # One context for the whole read: loading all authorities takes a while.
        secure = any(look.place.scheme_for(look.url) == "https" for look in looks)
        tls = (self._tls or httpx2.create_ssl_context()) if secure else None
        # Leaving the block by an exception, closing the generator included, cancels the requests in flight.
        with start_blocking_portal(name="alicdn-edges") as portal:
            work = portal.start_task_soon(self._work, looks, within_s, tls, answers.put)
            work.add_done_callback(lambda _: answers.put(None))
            while (answer := answers.get()) is not None:
                yield answer
            work.result()

    async def _work(
        self,
        looks: Sequence[Probe],
        within_s: float,
        tls: ssl.SSLContext | None,
        put: Callable[[tuple[Probe, Served]], None],
    ) -> None:
        until = asyncio.get_running_loop().time() + within_s
        waiting = iter(looks)
        async with Session(self._concurrency, self._silence_s, tls) as session:

            async def worker() -> None:
                for look in waiting:
                    put((look, await self._served(session, look, until)))

            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._concurrency, len(looks))):
                    group.create_task(worker())

    async def _served(self, session: Session, look: Probe, until: float) -> Served:
        now = asyncio.get_running_loop().time()
        if now >= until:
            return _nothing("", time_up=True)
        if session.failures[look.place] >= GIVE_UP_AFTER:
            return _nothing(f"was not tried again: {session.reasons[look.place]}, {GIVE_UP_AFTER} times in a row")
        try:
            async with asyncio.timeout_at(min(until, now + self._request_s)):
                served = await _fetched(session, look)
        except TimeoutError:
            over = asyncio.get_running_loop().time() >= until
            return _nothing("" if over else f"had not sent all after {self._request_s:g} s", time_up=over)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            session.failures[look.place] += 1
            session.reasons[look.place] = why(error, self._silence_s)
            return _nothing(session.reasons[look.place])
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            return _nothing(why(error, self._silence_s))
        session.failures[look.place] = 0
        return served


async def _fetched(session: Session, look: Probe) -> Served:
    """Fetch, and once more where the connection broke: a server may close an idle one just when it is used again."""
    try:
        return await session.fetch(look)
    except (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError):
        return await session.fetch(look)


def _addresses(place: Server) -> tuple[Server, ...]:
    try:
        found = socket.getaddrinfo(place.host, None, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    except OSError:
        return (place,)
    return tuple(dict.fromkeys(replace(place, host=str(entry[4][0])) for entry in found))


def _nothing(error: str, *, time_up: bool = False) -> Served:
    return Served(0, datetime.now(UTC), error=error, time_up=time_up)
