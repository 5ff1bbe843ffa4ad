"""Hosts as names or addresses, and whether they are this machine."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address


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
