"""Fetches URLs from given edges, from all edges that DNS lists, or from the origin, and keeps digests only.

Requests are those of visitors: they carry no credentials but those that the user gives for edges, and no header that
makes a cache fetch again. An http URL is requested in plain http from every edge. An https URL is requested over TLS,
and the certificate must be for the URL's host, not for the edge's name. Edges on this machine are the emulator's and
are requested in plain http. Redirects are not followed, and proxies are not used.
"""

from __future__ import annotations

import asyncio
import os
import queue
import socket
import ssl
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from anyio.from_thread import start_blocking_portal

from pulumi_alicdn.api.hosts import dns_name, leads_here
from pulumi_alicdn.api.proxies import proxy_for
from pulumi_alicdn.releases.network.meter import Meter
from pulumi_alicdn.releases.network.node_choice import FROM_HERE
from pulumi_alicdn.releases.proof.edge_access import OPEN_ACCESS, EdgeAccess
from pulumi_alicdn.releases.proof.judge import Probe, Served
from pulumi_alicdn.releases.proof.servers import Server
from pulumi_alicdn.system.edge_loop import EdgeLoop
from pulumi_alicdn.system.edge_queues import Queues
from pulumi_alicdn.system.edge_session import (
    BrokenError,
    OverBudgetError,
    Reason,
    Session,
    no_address,
    other_name,
    why,
)
from pulumi_alicdn.system.network_edges import NetworkEdges
from pulumi_alicdn.time_limits import OverdueError, ended_within

CONCURRENCY: Final = 16
"""The most requests at a time, to few servers. [chosen: saturates a line even with small files]"""

MANY: Final = 4
"""Times as many requests at a time, if there are more servers than that. [chosen: nodes abroad take 0.2 s to answer;
64 requests at a time make 300 a second there]"""

PER_EDGE: Final = 4
"""The most connections to one edge at a time. [chosen: fewer than a browser opens]"""

SILENCE_S: Final = 10.0
"""Timeout of a connection, and between two bytes, in seconds. [chosen: edges answer within 1 s, origins more slowly]"""

DNS_S: Final = 7.0
"""Timeout of a question to DNS, in seconds. [chosen: systems ask their second DNS server after 5 s]"""

REQUEST_S: Final = 90.0
"""Timeout of one request with its body, in seconds. [chosen: 64 MiB at 6 Mbit/s]"""

GIVE_UP_AFTER: Final = 3
"""Failed connections in a row after which an edge is no longer requested. [chosen: a dead edge costs 30 s]"""


class EdgeFetcher:
    """An EdgeReader over HTTP/1.1. Between two reads, it keeps only the answers of DNS."""

    def __init__(
        self,
        edges: Sequence[Server] = (),
        resolve: Mapping[str, Sequence[Server]] | None = None,
        access: EdgeAccess = OPEN_ACCESS,
        *,
        network: NetworkEdges | None = None,
        concurrency: int = CONCURRENCY,
        silence_s: float = SILENCE_S,
        request_s: float = REQUEST_S,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Choose the edges, and the limits of requests.

        *edges*: servers for all URLs; empty for the nodes of *network*, or for all addresses that DNS lists for a URL's
        host, with IPv6 only if this machine has it
        *resolve*: servers for single hosts (in lower case), instead of *edges*
        *access*: how requests to edges are signed, and their extra headers; requests to the origin have neither
        *concurrency*: the most requests at a time; more of them to many servers
        *silence_s*: timeout of a connection, and between two bytes, in seconds
        *request_s*: timeout of one request with its body, in seconds
        *tls*: the context that checks certificates; None for the authorities that this machine trusts, or those in
        `SSL_CERT_FILE`
        """
        self._edges = tuple(edges)
        self._resolve = dict(resolve or {})
        self._access = access
        self._network = network
        self._concurrency = concurrency
        self._silence_s = silence_s
        self._request_s = request_s
        self._tls = tls
        self._dns_silent = False
        self._found: dict[str, tuple[Server, ...]] = {}

    def edges(self, url: str) -> Sequence[Server]:
        """Return the edges that have to serve *url*."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        named = self._resolve.get(host) or self._edges
        if named:
            return named
        server = Server(host, parts.port, parts.scheme.lower())
        if str(server) not in self._found:
            nodes = self._network.servers(host) if self._network is not None else None
            if nodes is not None:
                server = replace(server, place=FROM_HERE)
            self._found[str(server)] = nodes or self._addresses(server)
        return self._found[str(server)]

    def _addresses(self, server: Server) -> tuple[Server, ...]:
        """Return *server* at each of its addresses; as it is, which cannot be reached, if DNS lists none.

        Once DNS has not answered in time, it is not asked again: a proof for many hosts would take as many timeouts.
        """

        def ask() -> Sequence[tuple[Any, ...]]:
            return socket.getaddrinfo(server.host, None, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)

        try:
            found = () if self._dns_silent else ended_within(DNS_S, ask)
        except OverdueError:
            self._dns_silent = True
            found = ()
        except OSError:
            found = ()
        return tuple(dict.fromkeys(replace(server, host=str(entry[4][0])) for entry in found)) or (server,)

    def read(
        self, probes: Sequence[Probe], within_s: float, meter: Meter | None = None
    ) -> Generator[tuple[Probe, Served]]:
        """Yield the answer to each of *probes* as it arrives, within *within_s* seconds and what *meter* allows.

        The requests run in a separate thread, which ends with the generator.
        """
        answers: queue.SimpleQueue[tuple[Probe, Served] | None] = queue.SimpleQueue()
        # Make one context for the whole read: loading all authorities is slow.
        secure = any(probe.server.scheme_for(probe.url) == "https" for probe in probes)
        tls = (self._tls or _authorities()) if secure else None
        # An exception in this block, also the one of closing the generator, cancels the requests in flight.
        loop = partial(EdgeLoop, _outward(probes))
        with start_blocking_portal("asyncio", {"loop_factory": loop}, name="alicdn-edges") as portal:
            work = portal.start_task_soon(self._work, probes, within_s, tls, meter, answers.put)
            work.add_done_callback(lambda _: answers.put(None))
            while (answer := answers.get()) is not None:
                yield answer
            work.result()

    async def _work(
        self,
        probes: Sequence[Probe],
        within_s: float,
        tls: ssl.SSLContext | None,
        meter: Meter | None,
        put: Callable[[tuple[Probe, Served]], None],
    ) -> None:
        until = asyncio.get_running_loop().time() + within_s
        queues = Queues(probes, PER_EDGE, self._concurrency)
        workers = min(len(probes), at_once(self._concurrency, len(queues)))
        async with Session(self._silence_s, tls, self._access, meter) as session:

            async def worker() -> None:
                for probe in queues.worker():
                    put((probe, await self._served(session, probe, until, meter)))

            async with asyncio.TaskGroup() as group:
                for _ in range(workers):
                    group.create_task(worker())

    async def _served(self, session: Session, probe: Probe, until: float, meter: Meter | None) -> Served:
        now = asyncio.get_running_loop().time()
        nothing = _not_asked(session, probe.server, meter) if now < until else _no_answer("", time_up=True)
        if nothing is not None:
            return replace(nothing, requests=0)
        try:
            async with asyncio.timeout_at(min(until, now + self._request_s)):
                served = await _fetched(session, probe, meter)
        except OverBudgetError:
            return replace(_no_answer(""), left_out=True)
        # Timeouts of the client are errors of it, too, and say more.
        except aiohttp.ClientError as error:
            return self._failed(session, probe, error)
        except TimeoutError:
            over = asyncio.get_running_loop().time() >= until
            return _no_answer("" if over else f"had not sent everything after {self._request_s:g} s", time_up=over)
        except OSError as error:
            return _no_answer(why(error, self._silence_s))
        session.failures[probe.server] = 0
        return served

    def _failed(self, session: Session, probe: Probe, error: aiohttp.ClientError) -> Served:
        """Return what an error of the client means, and count it if there was no connection."""
        if not isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
            return _no_answer(why(error, self._silence_s))
        proxy = _without_proxy(probe)
        # Where a proxy leads out, it may be this machine alone that does not know the name.
        reason = Reason(why(error, self._silence_s) + proxy, other_name(error), no_address(error) and not proxy)
        session.failures[probe.server] += 1
        session.reasons[probe.server] = reason
        return _unreached(reason.text, reason)


def _outward(probes: Sequence[Probe]) -> frozenset[str]:
    """Return the names that have to lead to the internet: those that the service gave, as DNS is asked for them."""
    names = {probe.server.host for probe in probes if probe.server.foreign and not leads_here(probe.server.host)}
    return frozenset(form.lower() for name in names for form in (name, dns_name(name)) if form)


def _not_asked(session: Session, server: Server, meter: Meter | None) -> Served | None:
    """Return the answer for *server* if it is not asked: it was given up, or the budget does not allow more."""
    if meter is not None and meter.bytes < 0:
        return replace(_no_answer(""), left_out=True)
    if session.failures[server] < GIVE_UP_AFTER:
        return None
    known = session.reasons[server]
    text = f"was not tried again: {known.text}, {GIVE_UP_AFTER} times in a row"
    return _unreached(text, known)


def at_once(concurrency: int, servers: int) -> int:
    """Return how many requests are made at a time to that many *servers*."""
    return concurrency if servers <= concurrency else min(servers, MANY * concurrency)


async def _fetched(session: Session, probe: Probe, meter: Meter | None) -> Served:
    """Fetch, and retry once if the connection broke: a server may close an idle connection just as it is reused."""
    try:
        return await session.fetch(probe)
    except (BrokenError, aiohttp.ClientPayloadError, aiohttp.ClientResponseError):
        if meter is not None and not meter.retry():
            raise
        return replace(await session.fetch(probe), requests=2)


def _authorities() -> ssl.SSLContext:
    """Return a context with the authorities that this machine trusts."""
    from httpx2 import create_ssl_context  # noqa: PLC0415  plain http needs none of it

    return create_ssl_context()


def _without_proxy(probe: Probe) -> str:
    """Return the hint for a server that may be reachable through a proxy only; empty if the environment names none."""
    host = f"[{probe.server.host}]" if ":" in probe.server.host else probe.server.host
    proxy = proxy_for(f"{probe.server.scheme_for(probe.url)}://{host}", os.environ)
    return "" if proxy is None else f"; visitors' requests go without the proxy that {proxy.variable} names"


def _unreached(text: str, reason: Reason) -> Served:
    return replace(_no_answer(text), other_name=reason.other_name, no_address=reason.no_address)


def _no_answer(error: str, *, time_up: bool = False) -> Served:
    return Served(0, datetime.now(UTC), error=error, time_up=time_up)
