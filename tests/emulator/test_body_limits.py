"""Bodies without an end: each server of the emulator refuses them before it has read them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest

from emulator.raw import exchange
from pulumi_alicdn.emulator.running import Emulator
from support.emulators import start

MIB = 1024 * 1024


def servers(emulator: Emulator) -> list[tuple[str, str]]:
    return [
        (emulator.endpoint, "/_emulator/faults"),
        (emulator.endpoint, "/"),
        (emulator.edges[0], "/a.js"),
        (emulator.origin, "/a.js"),
    ]


def head(target: str, *headers: str) -> bytes:
    lines = [f"POST {target} HTTP/1.1", "Host: localhost", "Content-Type: application/json", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def rss_mib(emulator: Emulator, entry: str = "VmRSS") -> float:
    said = dict(line.split(":", 1) for line in Path(f"/proc/{emulator.pid}/status").read_text().splitlines())
    return int(said[entry].split()[0]) / 1024


def peak_mib(emulator: Emulator) -> float:
    """The most that it ever held."""
    return rss_mib(emulator, "VmHWM")


@pytest.mark.parametrize("server", range(4))
def test_a_long_body_is_refused_by_its_length_before_any_of_it_was_sent(emulator: Emulator, server: int) -> None:
    base, target = servers(emulator)[server]
    answer = exchange(base, head(target, f"Content-Length: {3000 * MIB}"))
    assert answer.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("server", range(4))
def test_a_body_in_chunks_is_read_up_to_the_limit(emulator: Emulator, server: int) -> None:
    base, target = servers(emulator)[server]
    before, sent = peak_mib(emulator), 0

    def chunks() -> Iterator[bytes]:
        nonlocal sent
        while sent < 300:
            yield b"%x\r\n" % MIB + b"x" * MIB + b"\r\n"
            sent += 1

    exchange(base, head(target, "Transfer-Encoding: chunked"), chunks())

    assert sent < 100, "the connection was closed"
    assert peak_mib(emulator) - before < 150
    assert emulator.admin("clock"), "it goes on"


def test_a_body_that_breaks_off_has_no_effect(emulator: Emulator) -> None:
    part = b'{"frozen": false}'
    for headers in (["Content-Length: 100"], ["Transfer-Encoding: chunked"]):
        sent = part if "Content-Length: 100" in headers else b"%x\r\n" % len(part) + part + b"\r\n"
        address = urlsplit(emulator.endpoint)
        with socket.create_connection((address.hostname, address.port), 20) as connection:
            connection.sendall(head("/_emulator/clock", *headers) + sent)
        assert emulator.admin("clock")["frozen"] is True


def test_an_endless_object_of_an_origin_ends_at_the_edge() -> None:
    class Endless(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            with suppress(ConnectionError):
                while True:
                    self.wfile.write(b"x" * MIB)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Endless) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        with start(origin=f"http://127.0.0.1:{server.server_port}", edges=1) as emulator:
            before = rss_mib(emulator)
            assert emulator.get(0, "https://a.example.com/endless").status in {502, 504}
            assert peak_mib(emulator) - before < 600
        server.shutdown()
