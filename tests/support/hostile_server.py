"""Servers whose answers never end, or grow without limit: on loopback, one thread for each connection."""

from __future__ import annotations

import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Final, Self

Sends = Callable[[], Iterator[bytes]]
"""The pieces that a server sends after a request, one after the other."""

PAUSE_S: Final = 0.05
"""Seconds between two bytes of a drip: far shorter than any timeout between two reads."""

OK: Final = b"HTTP/1.1 200 OK\r\n"
CHUNKED: Final = OK + b"Transfer-Encoding: chunked\r\n\r\n"
_MIB: Final = 1024 * 1024


def _drip(text: bytes) -> Iterator[bytes]:
    """The bytes of *text* one by one, and its last one for ever."""
    for byte in text:
        yield bytes([byte])
        time.sleep(PAUSE_S)
    while True:
        yield text[-1:]
        time.sleep(PAUSE_S)


def _for_ever(start: bytes, piece: bytes) -> Iterator[bytes]:
    yield start
    while True:
        yield piece


def _zeros(mebibytes: int) -> bytes:
    """A stream of gzip that holds so many zeros, a thousandth of that long. Its end is missing."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    head = packer.compress(bytes(_MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(_MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + again * (mebibytes - 1)


def _encoded(layers: int, mebibytes: int) -> Iterator[bytes]:
    body = _zeros(mebibytes)
    for _ in range(layers - 1):
        body = zlib.compress(body, wbits=zlib.MAX_WBITS | 16)
    named = ", ".join(["gzip"] * layers).encode()
    yield OK + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (named, len(body))
    yield body


def _page_of(piece: bytes, bytes_of_body: int) -> Iterator[bytes]:
    body = b'{"RequestId": "R", "TotalCount": 1, "Tasks": [' + piece * (bytes_of_body // len(piece))
    yield OK + b"Content-Length: %d\r\n\r\n" % (len(body) + 4) + body + b"0]}\n"


def _nothing() -> Iterator[bytes]:
    time.sleep(3600)
    yield b""


def _looping() -> Iterator[bytes]:
    yield b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"


SLOW: Final[Mapping[str, Sends]] = {
    "silent": _nothing,
    "status that drips": lambda: _drip(OK),
    "headers that drip": lambda: _drip(OK + b"X-A: b\r\nX-B: "),
    "body that drips": lambda: _drip(OK + b"Content-Length: 1000000\r\n\r\n "),
    "body without a length that drips": lambda: _drip(OK + b"\r\n "),
    "chunks that drip": lambda: _drip(CHUNKED + b"1\r\n \r\n0"),
    "failure that drips": lambda: _drip(b"HTTP/1.1 503 Busy\r\nContent-Length: 1000000\r\n\r\n "),
    "redirect that drips": lambda: _drip(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 1000000\r\n\r\n "),
    "interim answers": lambda: _for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}
"""Servers that a client has to leave because of the time."""

LARGE: Final[Mapping[str, Sends]] = {
    "endless body": lambda: _for_ever(OK + b"\r\n", b" " * 65536),
    "body of a terabyte": lambda: _for_ever(OK + b"Content-Length: 1000000000000\r\n\r\n", b" " * 65536),
    "endless chunks": lambda: _for_ever(CHUNKED, b"10000\r\n" + b" " * 65536 + b"\r\n"),
    "endless size of a chunk": lambda: _for_ever(CHUNKED, b"0" * 65536),
    "endless trailer": lambda: _for_ever(CHUNKED + b"0\r\nX-A: ", b"b" * 65536),
    "endless header": lambda: _for_ever(OK + b"X-A: ", b"b" * 65536),
    "endless headers": lambda: _for_ever(OK, b"X-A: b\r\n" * 4096),
    "endless failure": lambda: _for_ever(b"HTTP/1.1 500 Broken\r\n\r\n", b" " * 65536),
    "gzip bomb": lambda: _encoded(1, 4096),
    "gzip bomb in gzip": lambda: _encoded(2, 4096),
    "gzip bomb in gzip in gzip": lambda: _encoded(3, 4096),
    "page of a million lists": lambda: _page_of(b"[],", 7 * _MIB),
    "page of a million objects": lambda: _page_of(b'{"":{}},', 7 * _MIB),
}
"""Servers that a client has to leave because of its memory."""

HELLO_THAT_DRIPS: Final[Sends] = lambda: _drip(b"\x16\x03\x03\x40\x00\x00")  # noqa: E731
"""The first bytes of a handshake of TLS, and then zeros."""

LOOP: Final[Mapping[str, Sends]] = {"redirect loop": _looping}


class HostileServer:
    """Listens while it is entered, and answers each request with what *sends* yields.

    ``address``: `127.0.0.1:PORT`. *after_request*: whether it reads a request first. ``asked``: how many it has had.
    ``asked_at``: the monotonic instant of the first one.
    """

    def __init__(self, sends: Sends, *, after_request: bool = True) -> None:
        self._sends = sends
        self._after_request = after_request
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.asked = 0
        self.asked_at: float | None = None
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for one in (self._listener, *self._open):
            with suppress(OSError):  # it has been closed
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):  # the test has ended
            while True:
                client, _ = self._listener.accept()
                self._open.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError):  # the client has seen enough
            while not self._after_request or self._request(client):
                self.asked += 1
                self.asked_at = self.asked_at or time.monotonic()
                for piece in self._sends():
                    client.sendall(piece)
                if not self._after_request:
                    return

    @staticmethod
    def _request(client: socket.socket) -> bool:
        """Read the head of a request; whether there was one."""
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(65536)
            if not piece:
                return False
            head += piece
        return True
