"""The network between a provider and the cloud: it hands requests on, and can be cut at an exact moment."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, Self
from urllib.parse import urlsplit

from pulumi_alicdn.emulator.running import Emulator

Phase = Literal["asked", "held", "answered"]


@dataclass(frozen=True)
class Moment:
    """A moment in the life of the *nth* request whose action begins with *action*.

    `asked`: it has left the client and not reached the cloud; `held`: it took effect, and the client has no answer;
    `answered`: the client has the answer, *later_s* ago. With *containing*, only requests count whose answer holds it.
    """

    action: str
    nth: int
    phase: Phase
    later_s: float = 0.0
    containing: bytes = b""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    wire: Wire

    def handle_error(self, *_: object) -> None:
        """A client that was killed says no goodbye."""


class Wire:
    """Listens on loopback and hands every request on to *cloud*, as it is: the signature stays valid."""

    def __init__(self, cloud: Emulator) -> None:
        self._cloud = cloud
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._moment: Moment | None = None
        self._happen: Callable[[], None] = lambda: None
        self._seen = 0
        self._happened = threading.Event()
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._listen(0)
        self.port = self._require().server_address[1]

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def at(self, moment: Moment, happen: Callable[[], None]) -> None:
        """Have something happen at *moment*; the request that was under way gets no further."""
        with self._lock:
            self._moment, self._happen, self._seen = moment, happen, 0
            self._happened.clear()

    def happened(self, within_s: float = 30.0) -> bool:
        """Wait until what was to happen has."""
        return self._happened.wait(within_s)

    def cut(self) -> None:
        """Break every connection and refuse new ones."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._server = self._thread = None
        with self._lock:
            for connection in self._open:
                with suppress(OSError):  # it broke by itself meanwhile
                    connection.shutdown(socket.SHUT_RDWR)
            self._open.clear()

    def restore(self) -> None:
        """Listen again where it did before."""
        self._listen(self.port)

    def _require(self) -> _Server:
        assert self._server is not None
        return self._server

    def _listen(self, port: int) -> None:
        wire = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                with wire._lock:
                    wire._open.add(self.connection)

            def finish(self) -> None:
                with wire._lock:
                    wire._open.discard(self.connection)
                super().finish()

            def do_POST(self) -> None:
                wire._hand_on(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = _Server(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def _due(self, action: str, phase: Phase, answer: bytes = b"") -> Moment | None:
        """The moment, if it has come. A request counts once: in the phase that is looked for."""
        with self._lock:
            moment = self._moment
            if moment is None or phase != moment.phase or not action.startswith(moment.action):
                return None
            if moment.containing not in answer:
                return None
            self._seen += 1
            if self._seen != moment.nth:
                return None
            self._moment = None
            return moment

    def _hand_on(self, request: BaseHTTPRequestHandler) -> None:
        action = request.headers.get("x-acs-action", "")
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        if self._due(action, "asked"):
            return self._end(request)
        place = urlsplit(self._cloud.endpoint)
        upstream = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
        try:
            upstream.request(request.command, request.path, body, dict(request.headers.items()))
            answer = upstream.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            request.close_connection = True
            return None
        finally:
            upstream.close()
        if self._due(action, "held", content):
            return self._end(request)
        request.send_response_only(answer.status)
        for name, value in answer.getheaders():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(content)
        request.wfile.flush()
        if moment := self._due(action, "answered", content):
            time.sleep(moment.later_s)
            return self._end(request)
        return None

    def _end(self, request: BaseHTTPRequestHandler) -> None:
        self._happen()
        self._happened.set()
        request.close_connection = True
