"""Hundreds of nodes on loopback: one server at all addresses of 127.0.0.0/8, which answers by the address."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol

from pulumi_alicdn.releases.proof.servers import Server


@dataclass(frozen=True)
class Copy:
    """What a node has: ``etag`` as the header, empty for none; ``obeys``: whether it honours If-None-Match."""

    body: bytes
    etag: str | None = None
    obeys: bool = True
    named: bool = True
    """Whether a 304 states the ETag."""
    encoding: str = ""

    @property
    def tag(self) -> str:
        return f'"{sha256(self.body).hexdigest()[:32]}"' if self.etag is None else self.etag


class Has(Protocol):
    """What the node at an address has at a path, by Accept-Encoding; None for a 404."""

    def __call__(self, address: str, path: str, accepts: str) -> Copy | None: ...


@dataclass
class Nodes:
    """The nodes, and what they were asked."""

    port: int
    requests: Counter[str] = field(default_factory=Counter)
    """By address."""
    bodies: Counter[str] = field(default_factory=Counter)
    """Bodies that were sent, by path."""
    most_at_one: int = 0
    """The most connections to one node at a time."""
    connections: int = 0

    def servers(self, count: int, place: Callable[[int], str] = lambda _: "") -> list[Server]:
        return [Server(self.address(n), self.port, "http", place=place(n)) for n in range(count)]

    @staticmethod
    def address(n: int) -> str:
        return f"127.0.{n // 200 + 1}.{n % 200 + 1}"


class _Server(ThreadingHTTPServer):
    request_queue_size = 256

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients hang up once they have seen an ETag."""


@contextmanager
def many_nodes(has: Has) -> Iterator[Nodes]:
    """Serve while the context is open."""
    lock = threading.Lock()
    open_: Counter[str] = Counter()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def setup(self) -> None:
            super().setup()
            self.node = self.connection.getsockname()[0]
            with lock:
                open_[self.node] += 1
                nodes.connections += 1
                nodes.most_at_one = max(nodes.most_at_one, open_[self.node])

        def finish(self) -> None:
            with lock:
                open_[self.node] -= 1
            super().finish()

        def do_GET(self) -> None:
            copy = has(self.node, self.path, self.headers.get("Accept-Encoding", ""))
            tags = [one.strip() for one in self.headers.get("If-None-Match", "").split(",")]
            same = copy is not None and bool(copy.tag) and copy.obeys and copy.tag.removeprefix("W/") in tags
            with lock:
                nodes.requests[self.node] += 1
                nodes.bodies[self.path] += copy is not None and not same and self.command == "GET"
            self.send_response_only(404 if copy is None else 304 if same else 200)
            if copy is not None:
                if copy.tag and (copy.named or not same):
                    self.send_header("ETag", copy.tag)
                if copy.encoding:
                    self.send_header("Content-Encoding", copy.encoding)
                    self.send_header("Vary", "Accept-Encoding")
            body = b"" if copy is None or same else copy.body
            if not same:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815  the library calls it so

        def log_message(self, *_: object) -> None:
            pass

    server = _Server(("0.0.0.0", 0), Handler)  # noqa: S104  all addresses of loopback are the nodes'
    nodes = Nodes(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield nodes
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
