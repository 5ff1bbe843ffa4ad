"""Decodes bodies by their Content-Encoding, piece by piece, within bounds of time and memory.

A body of 570 bytes can stand for 20 GB. So each piece is small, each layer of encodings has a bound, and the caller may
stop after any piece. A body that ends too early, or goes on after its end, is not encoded as it says.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol

import brotli

PIECE: Final = 65_536
"""Bytes of one decoded piece. [chosen: little memory, and few turns of a loop]"""

MAX_LAYERS: Final = 5
"""The most encodings of one body. [chosen: an edge that encodes what an origin encoded makes two]"""

_GZIP: Final = zlib.MAX_WBITS | 16
_RAW: Final = -zlib.MAX_WBITS
"""Formats of zlib (its manual, inflateInit2): gzip, and deflate without a header."""

_DEFLATE: Final = 8
"""The method in the header of a zlib stream, in its lowest four bits (RFC 1950, section 2.2)."""


class UndecodableError(Exception):
    """The body is not encoded as its Content-Encoding says."""


class TooLongError(Exception):
    """A layer below the last one decodes to more than the content may have."""


class _Layer(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decode *data*, which follows what was fed before. Raises UndecodableError."""

    def end(self) -> None:
        """Raise UndecodableError if the stream is not complete."""


class _Zlib:
    """Gzip or deflate. A gzip stream may have several members (RFC 1952, section 2.2), which are one content."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._one = zlib.decompressobj(wbits)

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._one.eof:
                if self._wbits != _GZIP:
                    raise UndecodableError
                self._one = zlib.decompressobj(self._wbits)
            yield from self._member(data)
            data = self._one.unused_data

    def _member(self, data: bytes) -> Iterator[bytes]:
        """Decode up to the end of one member."""
        while True:
            try:
                decoded = self._one.decompress(data, PIECE)
            except zlib.error as error:
                raise UndecodableError from error
            if decoded:
                yield decoded
            data = self._one.unconsumed_tail
            if self._one.eof or not (data or decoded):
                return

    def end(self) -> None:
        if not self._one.eof:
            raise UndecodableError


class _Deflate:
    """Deflate, with the header of zlib or, as some servers send it, without."""

    def __init__(self) -> None:
        self._first = b""
        self._zlib: _Zlib | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._zlib is None:
            data = self._first + data
            if len(data) < 2:  # noqa: PLR2004  the header of a zlib stream has two bytes
                self._first = data
                return
            headed = data[0] & 15 == _DEFLATE and int.from_bytes(data[:2], "big") % 31 == 0
            self._zlib = _Zlib(zlib.MAX_WBITS if headed else _RAW)
        yield from self._zlib.feed(data)

    def end(self) -> None:
        if self._zlib is None:
            raise UndecodableError
        self._zlib.end()


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        while True:
            try:
                decoded: bytes = self._stream.process(data, output_buffer_limit=PIECE)
            except brotli.error as error:
                raise UndecodableError from error
            if decoded:
                yield decoded
            if self._stream.is_finished() or self._stream.can_accept_more_data():
                return
            data = b""

    def end(self) -> None:
        if not self._stream.is_finished():
            raise UndecodableError


_LAYERS: Final[dict[str, Callable[[], _Layer]]] = {
    "gzip": lambda: _Zlib(_GZIP),
    "x-gzip": lambda: _Zlib(_GZIP),
    "deflate": _Deflate,
    "br": _Brotli,
}
"""The encodings that can be decoded here (RFC 9110, section 8.4.1; RFC 7932 for br)."""


def unknown(encodings: Sequence[str]) -> list[str]:
    """Return those of *encodings* that cannot be decoded here; all of them if they are too many."""
    if len(encodings) > MAX_LAYERS:
        return list(encodings)
    return [one for one in encodings if one.lower() not in _LAYERS]


class Decoder:
    """The decoder of one body, which was encoded in the order of *encodings*; all of them are known."""

    def __init__(self, encodings: Sequence[str], most_bytes: int) -> None:
        """Let each layer but the last decode to little more than *most_bytes*, the most that the content may have."""
        self._layers = [_LAYERS[one.lower()]() for one in reversed(encodings)]
        # Encoded content is at most a little longer than the content itself.
        self._most = most_bytes + most_bytes // 8 + PIECE
        self._sizes = [0] * len(self._layers)
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decode *data*, which follows what was fed before. Raises UndecodableError, TooLongError."""
        self._begun = self._begun or bool(data)
        yield from self._fed(data, 0)

    def _fed(self, data: bytes, depth: int) -> Iterator[bytes]:
        if depth == len(self._layers):
            yield data
            return
        for piece in self._layers[depth].feed(data):
            self._sizes[depth] += len(piece)
            if depth + 1 < len(self._layers) and self._sizes[depth] > self._most:
                raise TooLongError
            yield from self._fed(piece, depth + 1)

    def end(self) -> None:
        """Raise UndecodableError if the body ended too early. A body of no bytes is no content."""
        if self._begun:
            for layer in self._layers:
                layer.end()
