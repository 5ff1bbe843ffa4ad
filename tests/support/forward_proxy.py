"""A forward proxy on loopback: it makes tunnels to one server, or answers CONNECT as it was asked to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):  # one side has hung up
        while data := source.recv(65_536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


class ForwardProxy:
    """Listens while it is entered.

    ``answer``: the bytes with which it answers every CONNECT; None: it makes a tunnel to *to*; empty: it hangs up
    ``asked``: the first line and the headers of each request
    """

    def __init__(self, answer: bytes | None = None, to: str = "") -> None:
        self.answer = answer
        self._to = to
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.asked: list[str] = []
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in self._open:
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(client)
            self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(65_536)
            if not piece:
                return
            head += piece
        self.asked.append(head.decode())
        if self.answer is not None:
            with suppress(OSError):  # the client has hung up
                client.sendall(self.answer)
                client.shutdown(socket.SHUT_RDWR)
            client.close()
            return
        host, _, port = self._to.rpartition(":")
        server = socket.create_connection((host, int(port)))
        self._open.append(server)
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self._start(_pump, client, server)
        self._start(_pump, server, client)

    @staticmethod
    def _start(work: Callable[..., None], *arguments: socket.socket) -> None:
        def run() -> None:
            with suppress(OSError):  # the client has hung up, or the test has ended
                work(*arguments)

        threading.Thread(target=run, daemon=True).start()


def refusing(status: int, phrase: str) -> bytes:
    """The answer of a proxy that makes no tunnel."""
    return f"HTTP/1.1 {status} {phrase}\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n".encode()
