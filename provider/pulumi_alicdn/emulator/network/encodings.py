"""Content encodings: which one a request gets, and bodies in it; pure."""

from __future__ import annotations

import gzip
from enum import StrEnum
from typing import Final


class Encoding(StrEnum):
    """The encodings that edges tell apart, the preferred one first; the value is the word of the headers."""

    BR = "br"
    GZIP = "gzip"
    IDENTITY = "identity"


_BR_BLOCK: Final = 65_536
"""Bytes of one block of a br stream: the most that a length of 16 bits can state (RFC 7932, section 9.2)."""


def preferred(accept_encoding: str) -> Encoding:
    """The encoding of an answer to a request with that Accept-Encoding header (RFC 9110, section 12.5.3)."""
    accepted = set()
    for entry in accept_encoding.lower().split(","):
        name, _, weight = entry.partition(";")
        if weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}:
            accepted.add(name.strip())
    return next((encoding for encoding in Encoding if encoding in accepted), Encoding.IDENTITY)


def encoded(body: bytes, encoding: Encoding) -> bytes:
    """The body in that encoding. A br stream is valid and not smaller: it stores the bytes as they are."""
    if encoding is Encoding.GZIP:
        return gzip.compress(body, mtime=0)
    return _stored_br(body) if encoding is Encoding.BR else body


def _stored_br(body: bytes) -> bytes:
    """A br stream of blocks that are not compressed, and an empty last one (RFC 7932, section 9)."""
    stream = bytearray()
    for start in range(0, len(body), _BR_BLOCK):
        block = body[start : start + _BR_BLOCK]
        # From the lowest bit: not the last block (0), four nibbles of length (00), length less one, uncompressed (1).
        bits, width = (len(block) - 1) << 3 | 1 << 19, 20
        if start == 0:
            # The first bit of a stream, 0, states its window of 16 bits.
            bits, width = bits << 1, width + 1
        stream += bits.to_bytes((width + 7) // 8, "little") + block
    # A stream without a block has only the bit of its window before those of the last block.
    return bytes(stream + (b"\x03" if body else b"\x06"))
