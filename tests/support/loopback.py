"""Servers on loopback that end with a test."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that refuse a certificate, or have seen enough, hang up."""


def serve_with(running: ExitStack, handler: type[BaseHTTPRequestHandler], tls: ssl.SSLContext | None) -> str:
    """Start a server that ends with *running*; return `host:port`."""
    server = _Server(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    running.callback(thread.join)
    running.callback(server.server_close)
    running.callback(server.shutdown)
    return f"127.0.0.1:{server.server_address[1]}"


@contextmanager
def silent_edge() -> Iterator[tuple[str, Callable[[], bool]]]:
    """Listen and never answer; its address, and whether somebody has connected."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)

        def asked() -> bool:
            try:
                server.accept()[0].close()
            except BlockingIOError:
                return False
            return True

        yield f"127.0.0.1:{server.getsockname()[1]}", asked
