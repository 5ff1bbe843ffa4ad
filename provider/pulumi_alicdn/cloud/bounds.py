"""The bounds of one HTTP request: the time until its answer is complete, and the bytes that are read of it.

The timeout of a socket counts from each read, so that a server which sends one byte a second never reaches it: neither
with its headers nor with its body, in the handshake of TLS nor in the answer of a proxy. The sockets of this module
take no longer for a step than the whole request has left.
"""

from __future__ import annotations

import socket
import ssl
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from requests import Response
from requests.exceptions import RequestException
from urllib3.util.connection import allowed_gai_family

from pulumi_alicdn.cloud.codec import MAX_BODY
from pulumi_alicdn.time_limits import OverdueError, allowed_s, ended_within

_PIECE: Final = 64 * 1024

_FAILED: Final = 400
"""The lowest HTTP status of a failure (RFC 9110)."""

_WINDOW_BITS: Final[dict[str, tuple[int, ...]]] = {
    "gzip": (zlib.MAX_WBITS | 16,),
    "x-gzip": (zlib.MAX_WBITS | 16,),
    "deflate": (zlib.MAX_WBITS, -zlib.MAX_WBITS),
}
"""Values of Content-Encoding (RFC 9110, section 8.4.1), with zlib's names for what they may mean."""


class UnreadableBodyError(RequestException):
    """A body is too large, or encoded in a way that is not read here; the message ends a sentence about its server."""


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """The limits of one request.

    ``connect_s``: seconds for a connection to each address of the server
    ``silence_s``: seconds without a byte, and for the handshake of TLS
    ``total_s``: seconds from the question to DNS until the last byte, over all redirects
    ``body_bytes``: bytes of a body as it was sent, and again as it is decoded
    ``failure_bytes``: the same for an answer whose HTTP status is that of a failure
    """

    connect_s: float = 5.0
    silence_s: float = 15.0
    total_s: float = 20.0
    body_bytes: int = MAX_BODY
    failure_bytes: int = 256 * 1024


API_LIMITS: Final = RequestLimits()
"""The limits of a call. [chosen: connect_s is the SDKs' own default; silence_s is the SDKs' 10 s, and room for a submit
of 1,000 URLs; total_s is both together; a failure is one sentence]"""

CREDENTIAL_LIMITS: Final = RequestLimits(total_s=15.0, body_bytes=256 * 1024)
"""The limits of a request for credentials. [chosen: the SDK's own 5 s and 10 s together; an answer is 2 KB]"""


@dataclass(frozen=True, slots=True)
class _Bounds:
    limits: RequestLimits
    until: float

    def left_s(self) -> float:
        """Return the seconds that are left. Raises OverdueError if there are none."""
        left_s = self.until - time.monotonic()
        if left_s <= 0:
            raise OverdueError("the time of the request was up")
        return left_s

    def step_s(self) -> float:
        """Return the seconds that the next step on a socket may take."""
        return min(self.limits.silence_s, self.left_s())


_current: Final[ContextVar[_Bounds | None]] = ContextVar("bounds", default=None)


@contextmanager
def bounded(limits: RequestLimits) -> Iterator[None]:
    """Bound the request inside by *limits*, and by the time that its caller allows; a redirect gets no time anew."""
    if _current.get() is not None:
        yield
        return
    before = _current.set(_Bounds(limits, time.monotonic() + min(limits.total_s, allowed_s())))
    try:
        yield
    finally:
        _current.reset(before)


class _Timed(socket.socket):
    """A socket whose steps end with the request that they are part of."""

    def _begin(self) -> None:
        if (bounds := _current.get()) is not None:
            self.settimeout(bounds.step_s())

    def recv(self, *args: Any) -> bytes:  # noqa: ANN401  as sockets have it
        self._begin()
        return super().recv(*args)

    def recv_into(self, *args: Any) -> int:  # noqa: ANN401
        self._begin()
        return super().recv_into(*args)

    def send(self, *args: Any) -> int:  # noqa: ANN401
        self._begin()
        return super().send(*args)

    def sendall(self, *args: Any) -> None:  # noqa: ANN401
        self._begin()
        super().sendall(*args)


class _TimedTls(_Timed, ssl.SSLSocket):
    """The same with TLS. Python counts the timeout of a handshake from its beginning."""

    def do_handshake(self, block: bool = False) -> None:
        """Shake hands."""
        self._begin()
        super().do_handshake(block)


def bound(context: ssl.SSLContext) -> ssl.SSLContext:
    """Let *context* make sockets that end with their request."""
    context.sslsocket_class = _TimedTls
    return context


def open_socket(host: str, port: int, options: Sequence[tuple[Any, ...]]) -> socket.socket:
    """Connect to one of the addresses of *host*, within the bounds of the current request.

    Raises OSError: gaierror for a name without an address, TimeoutError, or that of the last address.
    """
    bounds = _current.get() or _Bounds(API_LIMITS, time.monotonic() + API_LIMITS.total_s)
    found = ended_within(
        bounds.left_s(), lambda: socket.getaddrinfo(host, port, allowed_gai_family(), socket.SOCK_STREAM)
    )
    failure = OSError("no address")
    for family, kind, protocol, _, place in found:
        opened = _Timed(family, kind, protocol)
        try:
            for option in options:
                opened.setsockopt(*option)
            opened.settimeout(min(bounds.limits.connect_s, bounds.left_s()))
            opened.connect(place)
        except OSError as error:
            opened.close()
            failure = error
        else:
            return opened
    raise failure


def read_whole(response: Response) -> None:
    """Read the body of *response*, which was opened as a stream, and keep it there, decoded.

    Raises UnreadableBodyError for a body that is too large or cannot be decoded, and the errors of urllib3.
    """
    bounds = _current.get()
    limits = API_LIMITS if bounds is None else bounds.limits
    most = limits.failure_bytes if response.status_code >= _FAILED else limits.body_bytes
    body = bytearray()
    try:
        for piece in _decoded(response, most):
            body += piece
            if len(body) > most:
                raise _too_large(response, most)
        # requests reads no further than this.
        response._content = bytes(body)  # noqa: SLF001
        response._content_consumed = True  # type: ignore[attr-defined]  # noqa: SLF001
    finally:
        # An error keeps this frame for a while, and a retry every few seconds would add up its bytes.
        body.clear()


def _sent(response: Response, most: int) -> Iterator[bytes]:
    """Yield the body as it is sent, up to *most* bytes."""
    size = 0
    while piece := response.raw.read(_PIECE, decode_content=False):
        size += len(piece)
        if size > most:
            raise _too_large(response, most)
        yield piece


def _decoded(response: Response, most: int) -> Iterator[bytes]:
    """Yield the body in pieces of little more than :data:`_PIECE` bytes; the pieces of a bomb never end.

    Only one layer is decoded. We ask for no encoding at all: several layers are a bomb, and no answer.
    """
    named = [word.strip().lower() for word in response.headers.get("Content-Encoding", "").split(",")]
    words = [word for word in named if word not in ("", "identity")]
    if not words:
        yield from _sent(response, most)
        return
    windows = list(_WINDOW_BITS.get(words[0], ())) if len(words) == 1 else []
    decoder, size = None, 0
    for piece in _sent(response, most):
        size += len(piece)
        if decoder is None:
            decoder = _decoder(windows, piece)
        if decoder is None:
            break
        try:
            part = decoder.decompress(piece, _PIECE)
            while part:
                yield part
                part = decoder.decompress(decoder.unconsumed_tail, _PIECE)
        except zlib.error:
            decoder = None
            break
    if size and (decoder is None or not decoder.eof):
        raise UnreadableBodyError("sent a body whose Content-Encoding cannot be decoded", response=response)


def _decoder(windows: Sequence[int], start: bytes) -> Any:  # noqa: ANN401  zlib does not export the type
    """Return a decoder with the first one of *windows* that *start* is encoded with; None without any."""
    for bits in windows:
        try:
            zlib.decompressobj(bits).decompress(start, 1)
        except zlib.error:
            continue
        return zlib.decompressobj(bits)
    return None


def _too_large(response: Response, most: int) -> UnreadableBodyError:
    return UnreadableBodyError(f"sent a body of more than {most:,} bytes", response=response)
