"""Hosts as names and addresses: which of them are this machine."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address


def address(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address that *host* is, without brackets; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Whether *host* is this machine."""
    found = address(host)
    return host == "localhost" if found is None else found.is_loopback
