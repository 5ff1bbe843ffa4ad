"""Servers that can be probed for a URL: an edge or the origin, as users write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from pulumi_alicdn.api.hosts import address, check_origin, is_loopback, server_address
from pulumi_alicdn.phrases import show_address
from pulumi_alicdn.validation import UNKNOWN, Part, Problem, list_of, refuse

_EDGE: Final = "an edge such as '203.0.113.7', 'edge.example.net:443' or 'http://127.0.0.1:8080'"
_EDGES: Final = "a list of edges such as ['203.0.113.7:443']"


class EdgeSource(StrEnum):
    """Where the edges of a proof come from, if the user names none.

    ``network``: the service lists all nodes of a domain. ``dns``: the addresses that DNS names to this machine.
    """

    NETWORK = "network"
    DNS = "dns"


def option_source(edges: object) -> EdgeSource | None:
    """Return where edges come from by the option *edges*: from the service's list by default; None if it names them.

    A list that is not known yet names them.
    """
    if edges is None or edges in ([], ()):
        return EdgeSource.NETWORK
    return EdgeSource(edges) if isinstance(edges, str) else None


@dataclass(frozen=True, slots=True)
class Server:
    """A server to connect to, regardless of what DNS lists for the URL's host.

    ``host``: name or address without brackets. ``port``: None for the scheme's default. ``scheme``: empty for that of
    :meth:`scheme_for`. ``host_header``: empty for the URL's host. ``origin``: whether it is the origin and not an edge.
    ``foreign``: whether the service named it and not the user, so that its name must lead to the internet.
    ``place``: where it is, in words, and ``provider``: in whose network; each is empty if that is not known.
    """

    host: str
    port: int | None = None
    scheme: str = ""
    host_header: str = ""
    origin: bool = False
    foreign: bool = False
    place: str = ""
    provider: str = ""

    def __hash__(self) -> int:
        """Hash as little as tells servers apart: a proof looks them up for each of its checks."""
        return hash((self.host, self.port, self.host_header))

    def __str__(self) -> str:
        """`host` or `host:port`, as evidence names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def is_address(self) -> bool:
        """Whether ``host`` is an IP address."""
        return address(self.host) is not None

    @property
    def loopback(self) -> bool:
        """Whether this is the same machine."""
        return is_loopback(self.host)

    def scheme_for(self, url: str) -> str:
        """Return the scheme for *url* at this server: the server's, else `http` on this machine, else the URL's.

        Edges on loopback are those of the emulator, which serve plain http for every URL.
        """
        return self.scheme or ("http" if self.loopback else urlsplit(url).scheme.lower())


def check_edges(option: str, value: object) -> Iterator[Problem]:
    """Check *option*, a list of edges or a word for where they come from, and yield each broken rule.

    None or an empty list stands for those that the service lists.
    """
    if value not in ([], (), *EdgeSource):
        yield from list_of(option, value, _EDGES, _edge_problem)


def check_resolve(option: str, value: object) -> Iterator[Problem]:
    """Check *option*, a list of edges for each host, and yield each broken rule; None breaks none."""
    if not isinstance(value, Mapping):
        if value is not None and value is not UNKNOWN:
            yield Problem(option, f"is {show_address(value)}, but must map each host to a list of its edges")
        return
    for host, edges in value.items():
        parts: tuple[Part, ...] = (str(host),)
        yield from list_of(option, edges, _EDGES, _edge_problem, parts=parts, filled=True, required=True)


def _edge_problem(text: object) -> str:
    """Return the rule that *text* breaks as an edge, as the end of a sentence that starts with its name; else empty."""
    if not isinstance(text, str):
        return f"is {show_address(text)}, but must be an address as text"
    try:
        server = _read(text)
    except ValueError:
        return f"is {show_address(text)}, but must be {_EDGE}"
    if server.scheme == "http" and not server.loopback:
        return (
            f"is {show_address(text)}, but plain http:// is for this machine only; "
            "leave the scheme out: a URL that is http is asked for in plain http everywhere"
        )
    return ""


def parse_edge(text: str) -> Server:
    """Read `host`, `host:port`, `1.2.3.4`, `[::1]:8080` or one of these after `https://` or, on loopback, `http://`.

    Raises InputError. Edges elsewhere are requested in plain http only if the URL itself is http.
    """
    (server,) = parse_edges([text])
    return server


def parse_edges(texts: Sequence[str]) -> tuple[Server, ...]:
    """Read each of *texts* as :func:`parse_edge` does. Raises InputError."""
    refuse(check_edges("edges", texts))
    return tuple(map(_read, texts))


def parse_origin(text: str, host_header: str = "", *, foreign: bool = False) -> Server:
    """Read `https://host[:port]` or `http://host[:port]`; *host_header* is sent as Host, empty for the URL's host.

    *foreign*: whether the service named it.

    Plain http is allowed for any origin, if the user writes it: many origins serve nothing else, the files are public,
    requests carry no credentials, and altered bytes can only make the proof fail. Raises InputError.
    """
    refuse(check_origin("origin", text))
    return replace(_read(text), host_header=host_header, origin=True, foreign=foreign)


def parse_resolve(value: Mapping[str, Sequence[str]]) -> dict[str, tuple[Server, ...]]:
    """Read the edges of each host, by its name in lower case. Raises InputError."""
    refuse(check_resolve("resolve", value))
    return {host.lower(): parse_edges(edges) for host, edges in value.items()}


def _read(text: str) -> Server:
    """Read the server that *text* names. Raises ValueError if it names none."""
    found = server_address(text)
    return Server(found.host, found.port, found.scheme)
