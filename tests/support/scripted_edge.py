"""A server that answers each request by a function: an edge or an origin with whatever rules a test needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from support.loopback import serve_with


@dataclass(frozen=True)
class Asked:
    """A request: its method, its target as it was sent, and its headers in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]

    @property
    def accepts(self) -> str:
        return self.headers.get("accept-encoding", "")


@dataclass(frozen=True)
class Answer:
    """An answer; ``pieces``: sent in chunks of these sizes, or with a Content-Length if it is empty."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    pieces: tuple[int, ...] = ()


Script = Callable[[Asked], Answer]


@contextmanager
def scripted(script: Script, asked: list[Asked] | None = None) -> Iterator[str]:
    """Serve while the context is open; yield `host:port`. Requests are added to *asked*."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            request = Asked(self.command, self.path, {name.lower(): value for name, value in self.headers.items()})
            if asked is not None:
                asked.append(request)
            answer = script(request)
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.pieces and self.command == "GET":
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self._chunks(answer.body, answer.pieces)
                return
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(answer.body)

        def _chunks(self, body: bytes, sizes: tuple[int, ...]) -> None:
            turn = 0
            while body:
                size = sizes[turn % len(sizes)]
                piece, body = body[:size], body[size:]
                self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                turn += 1
            self.wfile.write(b"0\r\n\r\n")

        do_HEAD = do_GET  # noqa: N815  the library calls it so

        def log_message(self, *_: object) -> None:
            pass

    with ExitStack() as running:
        yield serve_with(running, Handler, None)
