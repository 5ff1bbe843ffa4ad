"""Whether this machine reaches IPv6 addresses elsewhere."""

from __future__ import annotations

import socket
from typing import Final

_ELSEWHERE: Final = ("2001:db8::1", 443)
"""An address that nobody has (RFC 3849): no packet is sent to it, only the route is looked up."""


def has_ipv6() -> bool:
    """Return whether there is a route to IPv6 addresses. Nothing is sent."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.connect(_ELSEWHERE)
    except OSError:
        return False
    return True
