"""Where a URL can be asked for: an edge or the origin, as users write it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from pulumi_alicdn.api.hosts import address, is_loopback
from pulumi_alicdn.phrases import show_address
from pulumi_alicdn.validation import UNKNOWN, Part, Problem, list_of, refuse

_EDGE: Final = "an edge such as '203.0.113.7', 'edge.example.net:443' or 'http://127.0.0.1:8080'"
_ORIGIN: Final = "the origin's address such as 'https://origin.example.com' or 'http://203.0.113.7:8080'"
_EDGES: Final = "a list of edges such as ['203.0.113.7:443']"


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is connected to whatever DNS says of the URL's host.

    ``host`` is a name or an address without brackets. ``port`` None: the usual one of the scheme. ``scheme`` empty: see
    :meth:`scheme_for`. ``host_header`` empty: the URL's own. ``origin``: whether it is the origin and not an edge.
    """

    host: str
    port: int | None = None
    scheme: str = ""
    host_header: str = ""
    origin: bool = False

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
        """How *url* is fetched here: as the server says, else plainly on this machine, else as the URL says.

        Edges on loopback are those of the emulator, which speak plain http whatever the URL's scheme is.
        """
        return self.scheme or ("http" if self.loopback else urlsplit(url).scheme.lower())


def check_edges(option: str, value: object) -> Iterator[Problem]:
    """All broken rules of *option*, a list of edges; None and an empty one stand for those that DNS names."""
    if value not in ([], ()):
        yield from list_of(option, value, _EDGES, _edge_problem)


def check_resolve(option: str, value: object) -> Iterator[Problem]:
    """All broken rules of *option*, which has a list of edges for each host; None breaks none."""
    if not isinstance(value, Mapping):
        if value is not None and value is not UNKNOWN:
            yield Problem(option, f"is {show_address(value)}, but must map each host to a list of its edges")
        return
    for host, edges in value.items():
        parts: tuple[Part, ...] = (str(host),)
        yield from list_of(option, edges, _EDGES, _edge_problem, parts=parts, filled=True, required=True)


def check_origin(option: str, value: object) -> Iterator[Problem]:
    """All broken rules of *option*, the origin; None breaks none."""
    reason = "" if value is None or value is UNKNOWN else _origin_problem(value)
    if reason:
        yield Problem(option, reason)


def _edge_problem(text: object) -> str:
    """What is wrong with *text* as an edge, as the end of a sentence that starts with its name; empty if nothing is."""
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


def _origin_problem(text: object) -> str:
    """The same for the origin."""
    if not isinstance(text, str):
        return f"is {show_address(text)}, but must be an address as text"
    try:
        server = _read(text)
    except ValueError:
        return f"is {show_address(text)}, but must be {_ORIGIN}"
    return "" if server.scheme else f"is {show_address(text)}, but must begin with https:// or http://"


def parse_edge(text: str) -> Server:
    """Read `host`, `host:port`, `1.2.3.4`, `[::1]:8080` or one of these after `https://` or, on loopback, `http://`.

    Raises InputError. An edge elsewhere is spoken to in plain http only where the URL itself is http.
    """
    (server,) = parse_edges([text])
    return server


def parse_edges(texts: Sequence[str]) -> tuple[Server, ...]:
    """Read each of *texts* as :func:`parse_edge` does. Raises InputError."""
    refuse(check_edges("edges", texts))
    return tuple(map(_read, texts))


def parse_origin(text: str, host_header: str = "") -> Server:
    """Read `https://host[:port]` or `http://host[:port]`; *host_header* is sent as Host, empty for that of each URL.

    Plain http is allowed for any origin that the user writes so: many origins have nothing else, what is fetched is
    public, no credentials are sent, and altered bytes can only make the proof fail. Raises InputError.
    """
    refuse(check_origin("origin", text))
    return replace(_read(text), host_header=host_header, origin=True)


def parse_resolve(value: Mapping[str, Sequence[str]]) -> dict[str, tuple[Server, ...]]:
    """Read the edges of each host, by its name in lower case. Raises InputError."""
    refuse(check_resolve("resolve", value))
    return {host.lower(): parse_edges(edges) for host, edges in value.items()}


def _read(text: str) -> Server:
    """The server that *text* names. Raises ValueError where it names none."""
    scheme, separator, rest = text.partition("://")
    scheme, rest = (scheme.lower(), rest) if separator else ("", text)
    if rest.count(":") > 1 and not rest.startswith("["):
        # A bare IPv6 address: its last group is no port.
        rest = f"[{rest}]"
    parts = urlsplit(f"//{rest}")
    more = parts.path not in ("", "/") or parts.query or parts.fragment or "@" in rest
    wrong = scheme not in ("", "http", "https") or any(map(str.isspace, rest)) or parts.port == 0
    if not parts.hostname or more or wrong:
        raise ValueError
    return Server(parts.hostname, parts.port, scheme)
