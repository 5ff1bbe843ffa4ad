"""Sockets that are bound and do not listen yet: at any free port, or at one port of many addresses."""

from __future__ import annotations

import errno
import resource
import socket
from collections.abc import Sequence
from typing import Final

MAX_FILES: Final = 16_384
"""File descriptors to ask for. [chosen: 500 nodes, each with many more connections than a polite client opens]"""

PORT_TRIES: Final = 20
"""How often to look for a port that is free at all addresses. [chosen: hardly any is taken at one of them]"""


def bound(host: str, port: int = 0) -> socket.socket:
    """A socket at a port; 0 for a free one. Raises OSError."""
    # asyncio turns Nagle's algorithm off only if the protocol is given. Otherwise every answer on a reused connection
    # takes 40 ms longer.
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError:
        found.close()
        raise
    return found


def keeping_port(host: str, port: int = 0) -> socket.socket:
    """A socket at a port that it keeps also after it has listened: for that, a free port has to be asked for."""
    found = bound(host, port)
    if port:
        return found
    try:
        asked_for = bound(host, found.getsockname()[1])
    except OSError:
        # Some systems lend a port only once. Nothing but a node that refuses connections needs it.
        return found
    found.close()
    return asked_for


def at_one_port(hosts: Sequence[str], port: int = 0) -> list[socket.socket]:
    """A socket for each of *hosts*, all at one port, 0 for a free one.

    There is none where the machine does not have these addresses. Raises OSError.
    """
    for tries_left in reversed(range(PORT_TRIES)):
        found: list[socket.socket] = []
        try:
            found.append(keeping_port(hosts[0], port))
            found += (bound(host, found[0].getsockname()[1]) for host in hosts[1:])
        except OSError as error:
            for one in found:
                one.close()
            if error.errno == errno.EADDRNOTAVAIL:
                break
            if port or not tries_left:
                raise
        else:
            return found
    return []


def allow_many() -> None:
    """Have as many file descriptors as this takes and the system allows: the usual 1,024 are too few for 500 nodes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_FILES if hard == resource.RLIM_INFINITY else min(MAX_FILES, hard)
    if soft not in {resource.RLIM_INFINITY, wanted} and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
