"""Servers whose answers hold hostile texts wherever a text can stand: a service that refuses, an edge, a gateway."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from itertools import count

from support.hostile import HEADERS
from support.loopback import serve_with


def together(texts: Iterable[str], most: int = 60) -> list[str]:
    """As many texts in one as a message shows, in the order of *texts*."""
    found = [""]
    for text in texts:
        if len(found[-1]) + len(text) > most:
            found.append("")
        found[-1] += text
    return found


def refusing_service(running: ExitStack, texts: list[str]) -> str:
    """A service that refuses every call for good, each with the next of *texts* in all fields; its address."""
    asked = count()

    class Handler(_Quiet):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            text = texts[next(asked) % len(texts)]
            said = dict.fromkeys(("Message", "RequestId", "HostId", "Recommend"), text)
            content = json.dumps({"Code": f"Forbidden.{text}", **said}).encode()
            self.wfile.write(b"HTTP/1.1 403 " + in_header(text) + b"\r\n")
            self.wfile.write(b"Server: " + in_header(text) + b"\r\nContent-Type: application/json\r\n")
            self.wfile.write(b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(content) + content)
            self.close_connection = True

    return f"http://{serve_with(running, Handler, None)}"


def gateway(running: ExitStack, texts: list[str]) -> str:
    """A gateway that answers a page, whose title, body, type and headers hold the next of *texts*; its address."""
    asked = count()

    class Handler(_Quiet):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            number = next(asked)
            text = texts[number // 2 % len(texts)]
            page = f"<title>{text}</title>" if number % 2 else text
            content = page.encode(errors="backslashreplace")
            self.wfile.write(b"HTTP/1.1 200 " + in_header(text) + b"\r\nContent-Type: text/" + in_header(text))
            # The last line is no header at all.
            self.wfile.write(b"\r\nX-" + in_header(text) + b": boo\r\n" + in_header(text) + b"\r\n")
            self.wfile.write(b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(content) + content)
            self.close_connection = True

    return f"http://{serve_with(running, Handler, None)}"


def edge(running: ExitStack, content: bytes, *, refused: bool = True) -> str:
    """An edge that serves *content*, or sometimes 404 if *refused*, with hostile texts in its headers; `host:port`."""
    texts = together(HEADERS)
    asked = count()

    class Handler(_Quiet):
        def do_GET(self) -> None:
            number = next(asked)
            text = in_header(texts[number % len(texts)])
            self.wfile.write(b"HTTP/1.1 %d " % (404 if refused and number % 5 == 0 else 200) + text + b"\r\n")
            for name in (b"X-Cache", b"Age", b"Last-Modified", b"ETag", b"Via", b"Server"):
                self.wfile.write(name + b": " + text + b"\r\n")
            self.wfile.write(b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(content) + content)
            self.close_connection = True

    return serve_with(running, Handler, None)


def in_header(text: str) -> bytes:
    """*text* as far as a header can hold it."""
    return "".join(one for one in text if ord(one) >= 32 and one != "\x7f").encode(errors="backslashreplace")


class _Quiet(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass
