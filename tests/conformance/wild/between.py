"""A server between client and emulator, which answers itself where a case says so, or changes what comes back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from pulumi_alicdn.emulator.running import Emulator
from support.loopback import serve_with

ANSWER_S = 20.0
_OWN_HEADERS = {"content-length", "transfer-encoding", "connection"}


@dataclass(slots=True)
class Exchange:
    """One request, and the answer to it. ``value`` is the answer's JSON, which a case may change."""

    params: Mapping[str, str]
    status: int = 200
    value: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def action(self) -> str:
        """The action of the request."""
        return self.params["Action"]

    @property
    def submits(self) -> bool:
        """Whether the request submits something."""
        return self.action.startswith(("Refresh", "Preload", "Push"))

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of the answer, which can be changed in place; none of an answer without."""
        tasks = self.value.get("Tasks", [])
        found: list[dict[str, Any]] = tasks if isinstance(tasks, list) else next(iter(tasks.values()))
        return found

    def refuse(self, code: str, status: int, message: str = "No.") -> None:
        """Answer a refusal of the service."""
        self.status = status
        self.value = {"Code": code, "Message": message, "RequestId": "R-BETWEEN", "HostId": "cdn.aliyuncs.com"}


Change: TypeAlias = Callable[[Exchange], None]
"""Changes an answer of the emulator in place."""

Instead: TypeAlias = Callable[[Exchange], bool]
"""Fills in an answer and returns True if the request must not reach the emulator."""


@contextmanager
def between(cloud: Emulator, change: Change = lambda _: None, instead: Instead = lambda _: False) -> Iterator[str]:
    """Listen while the context is open; yield the endpoint."""
    place = urlsplit(cloud.endpoint)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query = f"{urlsplit(self.path).query}&{body.decode()}"
            # Signature version 3 names the action in a header.
            action = self.headers.get("x-acs-action", "")
            exchange = Exchange({"Action": action, **dict(parse_qsl(query))})
            if not instead(exchange):
                with closing(HTTPConnection(place.hostname or "", place.port, timeout=ANSWER_S)) as upstream:
                    upstream.request("POST", self.path, body, dict(self.headers.items()))
                    answer = upstream.getresponse()
                    exchange.value = json.loads(answer.read())
                exchange.status = answer.status
                exchange.headers = {k: v for k, v in answer.getheaders() if k.lower() not in _OWN_HEADERS}
                change(exchange)
            content = json.dumps(exchange.value).encode()
            self.send_response_only(exchange.status)
            for name, text in exchange.headers.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ExitStack() as running:
        yield f"http://{serve_with(running, Handler, None)}"
