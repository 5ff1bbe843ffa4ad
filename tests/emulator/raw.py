"""Requests to an emulator as bytes, as no HTTP library would send them."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import urlsplit

ANSWER_S = 20.0


def exchange(base: str, head: bytes, body: Iterable[bytes] = ()) -> bytes:
    """All that the server answers until it closes; *body* is sent for as long as the server takes it."""
    address = urlsplit(base)
    with socket.create_connection((address.hostname, address.port), ANSWER_S) as connection:
        connection.sendall(head)
        received = bytearray()
        with suppress(ConnectionError):  # a server that refuses a body resets the connection
            for part in body:
                connection.sendall(part)
        with suppress(ConnectionError):
            while part := connection.recv(65536):
                received += part
        return bytes(received)


def status(base: str, method: str, target: bytes, *headers: str, body: bytes = b"") -> int:
    """The status of the answer to one request; ``Host`` is the caller's."""
    lines = [f"{method} ".encode() + target + b" HTTP/1.1", b"Connection: close", *(line.encode() for line in headers)]
    if body:
        lines.append(f"Content-Length: {len(body)}".encode())
    answer = exchange(base, b"\r\n".join(lines) + b"\r\n\r\n" + body)
    return int(answer.split(b" ", 2)[1])
