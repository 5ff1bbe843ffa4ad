"""Hosts as names or addresses, whether they are this machine, and servers as users write them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from pulumi_alicdn.phrases import show_address, show_server
from pulumi_alicdn.validation import UNKNOWN, Problem

_ORIGIN: Final = "the origin's address such as 'https://origin.example.com' or 'http://203.0.113.7:8080'"


def address(host: str) -> IPv4Address | IPv6Address | None:
    """Return *host* as an IP address; None if it is a name. IPv6 addresses have no brackets."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Whether *host* is this machine."""
    found = address(host)
    return host == "localhost" if found is None else found.is_loopback


def leads_here(host: str) -> bool:
    """Whether a connection to *host* would end on this machine, in whatever form it is written.

    Systems connect to it also by `127.1`, `0x7f000001`, `0.0.0.0`, `::ffff:127.0.0.1`, and by names such as
    `localhost.` and `api.localhost` (RFC 6761, section 6.3).
    """
    name = host.rstrip(".").lower()
    found = address(name) or _short_address(name)
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found
    if found is None:
        return name == "localhost" or name.endswith(".localhost")
    return found.is_loopback or found.is_unspecified


NAT64: Final = IPv6Network("64:ff9b::/96")
"""Addresses whose last 32 bits are an IPv4 address (RFC 6052, section 2.1)."""

EXAMPLES: Final = tuple(
    map(ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")),
)
"""Addresses of examples, at which nothing is (RFC 5737, RFC 3849)."""


def not_public(host: str) -> bool:
    """Whether *host* is an address, in whatever form, that is none of the internet; a name is not.

    Private and link-local addresses are meant, and those of metadata services: 169.254.169.254, and Alibaba's
    100.100.100.200, which is of the shared range (RFC 6598).
    """
    found = address(host) or _short_address(host.rstrip(".").lower())
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        found = inner or (IPv4Address(int(found) & 0xFFFFFFFF) if found in NAT64 else found)
    if found is None or any(found.version == net.version and found in net for net in EXAMPLES):
        return False
    return not found.is_global or found.is_multicast


_BASES: Final = {"0x": 16, "0": 8}
"""The prefixes of numbers in short addresses (POSIX, inet_addr)."""


def _short_address(text: str) -> IPv4Address | None:
    """Read an IPv4 address of one to four numbers, of which the last one fills what is left (POSIX, inet_addr)."""
    try:
        *first, last = (_number(part) for part in text.split("."))
        left = 4 - len(first)
        if left < 1 or any(number > 255 for number in first) or last >= 256**left:  # noqa: PLR2004  a byte
            return None
        return IPv4Address(bytes(first) + last.to_bytes(left, "big"))
    except ValueError:
        return None


def _number(text: str) -> int:
    base = next((base for prefix, base in _BASES.items() if text.startswith(prefix) and text != prefix), 10)
    if not text.isascii() or not text.isalnum():
        raise ValueError(text)
    return int(text, base)


def dns_name(host: str) -> str | None:
    """Return *host* as DNS and the service know it, with `xn--` for letters outside ASCII; None if it is no name.

    The mapping is UTS 46 and IDNA 2008, which browsers apply, too.
    """
    # Its tables take a moment to load, and nearly every host is plain ASCII.
    import idna  # noqa: PLC0415

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return None


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a server. ``host``: without brackets. ``scheme`` is empty, and ``port`` None, if it has none."""

    scheme: str
    host: str
    port: int | None


def server_address(text: str) -> Address:
    """Read `host`, `host:port` or `[::1]:8080`, each also after a scheme. Raises ValueError if it names no server."""
    scheme, separator, rest = text.partition("://")
    scheme, rest = (scheme.lower(), rest) if separator else ("", text)
    if rest.count(":") > 1 and not rest.startswith("["):
        # A bare IPv6 address: without brackets, its last group would be read as the port.
        rest = f"[{rest}]"
    parts = urlsplit(f"//{rest}")
    more = parts.path not in ("", "/") or parts.query or parts.fragment or "@" in rest
    wrong = scheme not in ("", "http", "https") or any(map(str.isspace, rest)) or parts.port == 0
    if not parts.hostname or more or wrong:
        raise ValueError
    return Address(scheme, parts.hostname, parts.port)


def check_origin(option: str, value: object) -> Iterator[Problem]:
    """Check *option*, the origin, and yield each broken rule; None breaks none."""
    reason = "" if value is None or value is UNKNOWN else _origin_problem(value)
    if reason:
        yield Problem(option, reason)


def _origin_problem(text: object) -> str:
    """Return the rule that *text* breaks as the origin, as the end of a sentence that starts with its name."""
    if not isinstance(text, str):
        return f"is {show_address(text)}, but must be an address as text"
    try:
        found = server_address(text)
    except ValueError:
        return f"is {show_server(text)}, but must be {_ORIGIN}"
    return "" if found.scheme else f"is {show_server(text)}, but must begin with https:// or http://"
