"""Asks about a domain what this machine can see: DNS, the certificate, some nodes, and the origin."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from pulumi_alicdn.api.nodes import Node
from pulumi_alicdn.domains.examined import NamesSeen, Reply
from pulumi_alicdn.domains.origin_choice import NamedOrigin
from pulumi_alicdn.releases.proof.edge_access import OPEN_ACCESS, EdgeAccess
from pulumi_alicdn.releases.proof.judge import Probe
from pulumi_alicdn.releases.proof.servers import Server, parse_origin
from pulumi_alicdn.system.dns.dns_answers import NO_ANSWER, said_by_dns, unanswered
from pulumi_alicdn.system.edges import DNS_S, EdgeFetcher
from pulumi_alicdn.time_limits import OverdueError, ended_within

ANSWER_S: Final = 10.0
"""Seconds for each of the questions. [chosen: an answer takes a second, and a person waits]"""


class DomainProbe:
    """The questions of a checklist, over DNS, TLS and HTTP."""

    def __init__(self, access: EdgeAccess = OPEN_ACCESS, port: int | None = None) -> None:
        """*access*: how requests to nodes are signed, and their extra headers. *port*: None for that of the scheme."""
        self._access = access
        self._port = port

    def names(self, domain: str) -> NamesSeen:
        """Ask DNS for *domain*."""

        def ask() -> Sequence[tuple[object, ...]]:
            return socket.getaddrinfo(domain, None, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME)

        try:
            found = ended_within(DNS_S, ask)
        except OverdueError:
            return NamesSeen(error=f"{NO_ANSWER} within {DNS_S:g} s", unknown=True)
        except (OSError, UnicodeError) as error:
            return NamesSeen(error=said_by_dns(error), unknown=unanswered(error))
        addresses = dict.fromkeys(str(entry[4][0]) for entry in found if isinstance(entry[4], tuple))
        return NamesSeen(tuple(addresses), next((str(entry[3]) for entry in found if entry[3]), ""))

    def certificate(self, domain: str) -> str:
        """Return what is wrong with the certificate that *domain* shows; empty if nothing is."""

        def ask() -> None:
            with (
                socket.create_connection((domain, 443), timeout=ANSWER_S) as connection,
                ssl.create_default_context().wrap_socket(connection, server_hostname=domain),
            ):
                pass

        try:
            ended_within(2 * ANSWER_S, ask)
        except ssl.SSLCertVerificationError as error:
            return error.verify_message
        except OverdueError:
            return f"no handshake within {2 * ANSWER_S:g} s"
        except ssl.SSLError:
            return "the TLS handshake failed"
        except OSError as error:
            return f"port 443 does not answer ({error.strerror or type(error).__name__})"
        return ""

    def nodes(self, nodes: Sequence[Node], url: str) -> Sequence[Reply]:
        """Ask each of *nodes* for *url*."""
        return self._asked([Server(node.address, self._port) for node in nodes], url)

    def origin(self, origin: NamedOrigin, url: str) -> Reply:
        """Ask *origin* for *url*."""
        return self._asked([parse_origin(origin.url, origin.host, foreign=True)], url)[0]

    def now(self) -> datetime:
        """Return the time of this machine, aware UTC."""
        return datetime.now(UTC)

    def _asked(self, servers: Sequence[Server], url: str) -> list[Reply]:
        probes = [Probe(server, url, head=True) for server in servers]
        path = urlsplit(url).path or "/"
        replies = {
            probe.server: Reply(str(probe.server), served.status, served.error or _late(served.time_up), path)
            for probe, served in EdgeFetcher(access=self._access, silence_s=ANSWER_S).read(probes, 2 * ANSWER_S)
        }
        return [replies[server] for server in servers]


def _late(time_up: bool) -> str:
    return f"no answer within {2 * ANSWER_S:g} s" if time_up else ""
