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
