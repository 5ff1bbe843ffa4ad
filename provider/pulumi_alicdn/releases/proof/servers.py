"""Where a URL can be asked for: an edge or the origin, as users write it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from pulumi_alicdn.errors import InputError
from pulumi_alicdn.validation import show


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
        return _address(self.host) is not None

    @property
    def loopback(self) -> bool:
        """Whether this is the same machine."""
        address = _address(self.host)
        return self.host == "localhost" if address is None else address.is_loopback

    def scheme_for(self, url: str) -> str:
        """How *url* is fetched here: as the place says, else plainly on this machine, else as the URL says.

        Edges on loopback are those of the emulator, which speak plain http whatever the URL's scheme is.
        """
        return self.scheme or ("http" if self.loopback else urlsplit(url).scheme.lower())


def parse_edge(text: str, name: str = "edges") -> Server:
    """Read `host`, `host:port`, `1.2.3.4`, `[::1]:8080` or one of these after `https://` or, on loopback, `http://`.

    Raises InputError, in which the option is called *name*. An edge elsewhere is spoken to in plain http only where the
    URL itself is http.
    """
    place = _parse(text, name, "an edge such as '203.0.113.7', 'edge.example.net:443' or 'http://127.0.0.1:8080'")
    if place.scheme == "http" and not place.loopback:
        raise InputError(
            f"{name} is {show(text)}, but plain http:// is for this machine only; "
            "leave the scheme out: a URL that is http is asked for in plain http everywhere"
        )
    return place


def parse_origin(text: str, host_header: str = "", name: str = "origin") -> Server:
    """Read `https://host[:port]` or `http://host[:port]`; *host_header* is sent as Host, empty for that of each URL.

    Plain http is allowed for any origin that the user writes so: many origins have nothing else, what is fetched is
    public, no credentials are sent, and altered bytes can only make the proof fail. Raises InputError.
    """
    place = _parse(text, name, "the origin's address such as 'https://origin.example.com' or 'http://203.0.113.7:8080'")
    if not place.scheme:
        raise InputError(f"{name} is {show(text)}, but must begin with https:// or http://")
    return Server(place.host, place.port, place.scheme, host_header, origin=True)


def parse_resolve(value: Mapping[str, Sequence[str]], name: str = "resolve") -> dict[str, tuple[Server, ...]]:
    """Read the edges of each host, by its name in lower case. Raises InputError."""
    found = {}
    for host, edges in value.items():
        if not edges:
            raise InputError(f"{name}[{show(host)}] is empty, but must name at least one edge")
        found[host.lower()] = tuple(parse_edge(edge, f"{name}[{show(host)}]") for edge in edges)
    return found


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _parse(text: str, name: str, wanted: str) -> Server:
    scheme, separator, rest = text.partition("://")
    scheme, rest = (scheme.lower(), rest) if separator else ("", text)
    if rest.count(":") > 1 and not rest.startswith("["):
        # A bare IPv6 address: its last group is no port.
        rest = f"[{rest}]"
    try:
        parts = urlsplit(f"//{rest}")
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    more = parts.path not in ("", "/") or parts.query or parts.fragment or "@" in rest
    if not host or more or scheme not in ("", "http", "https") or any(map(str.isspace, rest)) or port == 0:
        written = show(text) if "@" not in text else show(f"***@{text.rpartition('@')[2]}")
        raise InputError(f"{name} is {written}, but must be {wanted}")
    return Server(host, port, scheme)
