"""A DNS server for accelerated domains, as one place sees it: their CNAMEs have the addresses of some nodes."""

from __future__ import annotations

import asyncio
import ipaddress
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, cast

MAX_ADDRESSES: Final = 16
"""Addresses of one answer. [chosen: with two long names, these fit into a message of UDP]"""

TTL_S: Final = 1
"""Seconds for which an answer may be kept. [chosen: a test that changes it must not wait]"""

_HEADER: Final = struct.Struct(">6H")
_QUESTION: Final = struct.Struct(">2H")
_RECORD: Final = struct.Struct(">3HIH")
"""Parts of a message (RFC 1035, sections 4.1.1 to 4.1.3); a record's name is a pointer to an earlier one."""

_A: Final = 1
_CNAME: Final = 5
_ANY: Final = 255
_IN: Final = 1
"""Types and the class of records (RFC 1035, sections 3.2.2 to 3.2.4)."""

_IS_RESPONSE: Final = 0x8000
_RESPONSE: Final = 0x8480
_RECURSION_DESIRED: Final = 0x0100
_NO_SUCH_NAME: Final = 3
"""Flags of an answer of the server that knows, and the code for an unknown name (RFC 1035, section 4.1.1)."""

_POINTER: Final = 0xC000
"""Marks a pointer to a name at an offset (RFC 1035, section 4.1.4)."""


@dataclass(frozen=True, slots=True)
class Found:
    """What DNS knows of a name: the name that it stands for, empty for none, and the addresses."""

    cname: str
    addresses: Sequence[str]


Lookup = Callable[[str], Found | None]
"""What DNS knows of a name in lower case; None for an unknown one."""


class Resolver(asyncio.DatagramProtocol):
    """Answers questions over UDP."""

    def __init__(self, lookup: Lookup) -> None:
        """Answer from *lookup*."""
        self._lookup = lookup
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way for the answers."""
        # Not every version of Python derives its transport for UDP from DatagramTransport.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one question; what is none gets no answer."""
        reply = answer(data, self._lookup)
        if reply is not None and self._transport is not None:
            self._transport.sendto(reply, addr)


def answer(query: bytes, lookup: Lookup) -> bytes | None:
    """The message that answers *query*; None if that is no question."""
    try:
        number, flags, questions, *_ = _HEADER.unpack_from(query)
        name, end = _name(query, _HEADER.size)
        kind, family = _QUESTION.unpack_from(query, end)
    except (struct.error, IndexError, UnicodeDecodeError):
        return None
    if flags & _IS_RESPONSE or questions != 1:
        return None
    asked = query[_HEADER.size : end + _QUESTION.size]
    found = lookup(name.lower()) if family == _IN else None
    records: list[bytes] = []
    if found is not None:
        owner = _HEADER.size
        if found.cname:
            records.append(_record(owner, _CNAME, _encoded(found.cname)))
            # The addresses are those of the CNAME, which begins after this record's fixed part.
            owner = _HEADER.size + len(asked) + _RECORD.size
        addresses = [ipaddress.ip_address(address) for address in found.addresses]
        records += [
            _record(owner, _A, address.packed)
            for address in addresses[:MAX_ADDRESSES]
            if kind in {_A, _ANY} and address.version == 4  # noqa: PLR2004
        ]
    code = _NO_SUCH_NAME if found is None else 0
    head = _HEADER.pack(number, _RESPONSE | flags & _RECURSION_DESIRED | code, 1, len(records), 0, 0)
    return head + asked + b"".join(records)


def _name(message: bytes, offset: int) -> tuple[str, int]:
    """The name at *offset*, and the offset behind it."""
    labels = []
    while (length := message[offset]) != 0:
        label = message[offset + 1 : offset + 1 + length]
        if length >= _POINTER >> 8 or len(label) != length:
            raise IndexError
        labels.append(label.decode("ascii"))
        offset += 1 + length
    return ".".join(labels), offset + 1


def _encoded(name: str) -> bytes:
    labels = [label.encode("ascii") for label in name.split(".")]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _record(owner: int, kind: int, data: bytes) -> bytes:
    return _RECORD.pack(_POINTER | owner, kind, _IN, TTL_S, len(data)) + data
