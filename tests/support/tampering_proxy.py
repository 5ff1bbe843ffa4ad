"""A service whose answers are not true: it hands requests on to a cloud, and changes what comes back."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from pulumi_alicdn.emulator.running import Emulator

Lie = Callable[[dict[str, str], dict[str, Any]], None]
"""Changes an answer in place, given the question's parameters."""


class TamperingProxy:
    """Listens on loopback while it is entered."""

    def __init__(self, cloud: Emulator, lie: Lie) -> None:
        place = urlsplit(cloud.endpoint)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                upstream = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
                try:
                    upstream.request("POST", self.path, body, dict(self.headers.items()))
                    answer = upstream.getresponse()
                    content = answer.read()
                finally:
                    upstream.close()
                if answer.status == http.client.OK:
                    value = json.loads(content)
                    lie(dict(parse_qsl(urlsplit(self.path).query)), value)
                    content = json.dumps(value).encode()
                self.send_response_only(answer.status)
                for name, text in answer.getheaders():
                    if name.lower() not in {"content-length", "transfer-encoding"}:
                        self.send_header(name, text)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
