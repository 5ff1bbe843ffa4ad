"""What the origin serves: the server that is asked for each URL, and its answer as what edges have to serve."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.domains.domain_api import DomainApi
from pulumi_alicdn.domains.origin_choice import NamedOrigin, NoOrigin, named_origin
from pulumi_alicdn.errors import AlicdnError, DeniedError
from pulumi_alicdn.phrases import foreign
from pulumi_alicdn.ports import Clock
from pulumi_alicdn.releases.proof.edge_reader import EdgeReader
from pulumi_alicdn.releases.proof.judge import Expected, Probe, Served
from pulumi_alicdn.releases.proof.servers import Server, parse_origin
from pulumi_alicdn.time_limits import allowing

ASKED_S: Final = 10.0
"""Seconds for each question to the service about a domain. [chosen: an answer takes a second]"""

_MISSING: Final = (404, 410)
"""The statuses of an object that is not there (RFC 9110, sections 15.5.5 and 15.5.11)."""

_TRIES: Final = 2
"""How often an origin that does not answer is asked. [chosen: a connection may break once]"""


@dataclass(frozen=True, slots=True)
class AtOrigin:
    """What edges have to serve for a URL by *server*, its origin; None with the reason ``why`` it is not known."""

    expected: Expected | None = None
    server: Server | None = None
    why: str = ""


Origins = Callable[[str], Sequence[Server] | NoOrigin]
"""Returns the servers to ask for a URL: the same origin under each name that it may expect in the Host header."""


def given_origin(text: str) -> Origins:
    """Return the origin at *text*, which has passed the rules, for all URLs.

    Some origins know the visitors' domain and others only their own name.
    """
    server = parse_origin(text)
    return lambda _url: (server, replace(server, host_header=str(server)))


def origin_of_service(connect: Callable[[Service], DomainApi], service: Service) -> Origins:
    """Return the origins that *service* names, each of whose domains is asked for once.

    *connect*: leads to a service. No error is raised: without a right, or without an answer, there is no origin.
    """
    known: dict[str, Server | NoOrigin] = {}

    def origins(url: str) -> Sequence[Server] | NoOrigin:
        parts = urlsplit(url)
        host, scheme = (parts.hostname or "").lower(), parts.scheme.lower()
        if f"{scheme}://{host}" not in known:
            known[f"{scheme}://{host}"] = _named(connect, service, host, scheme)
        found = known[f"{scheme}://{host}"]
        return found if isinstance(found, NoOrigin) else (found,)

    return origins


def _named(connect: Callable[[Service], DomainApi], service: Service, host: str, scheme: str) -> Server | NoOrigin:
    try:
        with allowing(ASKED_S):
            api = connect(service)
            found = named_origin(api.with_settings(api.detail(host)), scheme)
        return parse_origin(found.url, found.host, foreign=True) if isinstance(found, NamedOrigin) else found
    except DeniedError as error:
        return NoOrigin(f"these credentials may not ask for it (allow them {error.fault.action})")
    except AlicdnError as error:
        return NoOrigin(f"the service does not name it ({foreign(str(error))})")


def ask_origins(
    reader: EdgeReader, clock: Clock, urls: Sequence[str], origins: Origins, within_s: float, user_agent: str
) -> dict[str, AtOrigin]:
    """Return what the origin of each of *urls* serves, within *within_s* seconds; nothing is raised.

    Each body is read to its end, because nobody here knows its hash.
    """
    until = clock.monotonic() + within_s
    found: dict[str, AtOrigin] = {}
    servers: dict[str, list[Server]] = {}
    for url in urls:
        named = origins(url)
        if isinstance(named, NoOrigin):
            found[url] = AtOrigin(why=named.reason)
        else:
            servers[url] = list(named)
    for turn in range(max((len(ones) for ones in servers.values()), default=0)):
        asked = [url for url, ones in servers.items() if turn < len(ones) and not _settled(found.get(url))]
        for url, (server, served) in _answers(reader, clock, asked, servers, turn, until, user_agent).items():
            one = at_origin(url, server, served)
            if url not in found or one.expected is not None:
                found[url] = one
    return found


def _settled(one: AtOrigin | None) -> bool:
    return one is not None and one.expected is not None and not one.expected.removed


def _answers(
    reader: EdgeReader,
    clock: Clock,
    urls: Sequence[str],
    servers: Mapping[str, Sequence[Server]],
    turn: int,
    until: float,
    user_agent: str,
) -> dict[str, tuple[Server, Served]]:
    found: dict[str, tuple[Server, Served]] = {}
    left = list(urls)
    for _ in range(_TRIES):
        probes = [Probe(servers[url][turn], url, user_agent=user_agent) for url in left]
        if not probes:
            break
        for probe, served in reader.read(probes, max(0.0, until - clock.monotonic())):
            found[probe.url] = probe.server, served
        left = [url for url in left if url not in found or (not found[url][1].answered and not found[url][1].time_up)]
    return found


def at_origin(url: str, server: Server, served: Served) -> AtOrigin:
    """Return what edges have to serve for *url*, by the answer of its origin *server*."""
    digest = served.sha256 or served.sent_sha256
    if served.complete and not served.cut and digest is not None:
        size = served.size if served.sha256 is not None else served.received
        return AtOrigin(Expected(url, digest, size), server)
    if served.status in _MISSING:
        return AtOrigin(Expected(url, None), server)
    if served.time_up or not served.status:
        return AtOrigin(server=server, why=f"it does not answer here{f': {served.error}' if served.error else ''}")
    if served.complete:
        return AtOrigin(server=server, why=f"its answer cannot be read: {served.error or 'it did not end'}")
    return AtOrigin(server=server, why=f"it answers {served.status} here")
