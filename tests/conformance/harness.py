"""What the checks run on: an emulator, a server with prepared answers, and requests that the vendor's library signs."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pulumi.runtime.config import CONFIG

from conformance.documents import DOMAIN, Document
from conformance.wild.forks import Forks, prepared
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import Json
from support.emulators import start
from support.signed_request import Answer, send, signed

KEY_ID, KEY_SECRET = "LTAIconformance", "conformance-secret-7c"
EFFECT_S = 6.0
EDGES = 3
ANSWER_S = 20.0

_VERSIONS = {True: "2017-03-21", False: "2018-05-10"}
_SUBMITS = {
    (True, "Preload"): ("PreloadVodObjectCaches", "PreloadTaskId"),
    (True, ""): ("RefreshVodObjectCaches", "RefreshTaskId"),
    (False, "Preload"): ("PushObjectCache", "PushTaskId"),
    (False, ""): ("RefreshObjectCaches", "RefreshTaskId"),
}


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request to the sample server; header names are lower case."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """One prepared answer of the sample server."""

    body: bytes
    status: int = 200
    media_type: str = "application/json;charset=utf-8"


@dataclass(slots=True)
class SampleServer:
    """A server that gives prepared answers in their order, the last one again and again, and keeps the requests."""

    url: str
    replies: list[Reply] = field(default_factory=list)
    received: list[ReceivedRequest] = field(default_factory=list)

    def reply_with(self, *replies: Reply) -> None:
        """Give these answers from now on."""
        self.replies[:] = replies
        self.received.clear()

    def next(self) -> Reply:
        """The answer to the last request."""
        return self.replies[min(len(self.received), len(self.replies)) - 1]


@contextlib.contextmanager
def _sample_server() -> Iterator[SampleServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def _answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            target = urlsplit(self.path)
            params = dict(parse_qsl(f"{target.query}&{content}", keep_blank_values=True))
            samples.received.append(ReceivedRequest(self.command, target.path, params, _lower(self.headers)))
            reply = samples.next()
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.media_type)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        samples = SampleServer(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield samples
        finally:
            server.shutdown()
            thread.join()


def _lower(headers: Message) -> dict[str, str]:
    return {name.lower(): text for name, text in headers.items()}


class Harness:
    """The emulator, whose clock only the checks move, the sample server, and commands in processes of their own."""

    def __init__(self, emulator: Emulator, samples: SampleServer, running: contextlib.ExitStack) -> None:
        self.emulator = emulator
        self.samples = samples
        self._running = running

    def reset(self, doc: Document) -> None:
        """Reset both, and let the emulator answer in the dialect of *doc*."""
        self.emulator.admin("reset", {})
        self.emulator.admin("clock", {"frozen": True})
        self.emulator.admin("dialect", {"describe": doc.dialect})
        self.samples.reply_with(Reply(b"{}"))

    def be_lenient(self) -> None:
        """Let the emulator accept what only other documents refuse, until the next reset."""
        self.emulator.admin("modes", {"strict": False})

    def raw(self, params: Mapping[str, str], method: str = "GET") -> Answer:
        """One signed request to the emulator."""
        return send(self.emulator.endpoint, method, "/?" + signed(params, KEY_ID, KEY_SECRET, method=method))

    def submit(self, doc: Document, *urls: str, object_type: str = "File") -> list[str]:
        """Submit *urls* by plain HTTP; the task ids of the answer."""
        action, id_name = _SUBMITS[doc.vod, "Preload" if object_type == "Preload" else ""]
        params = {"Action": action, "Version": _VERSIONS[doc.vod], "Format": "JSON", "ObjectPath": "\n".join(urls)}
        if object_type != "Preload":
            params["ObjectType"] = object_type
        answer = self.raw(params)
        assert answer.status == 200, answer.body
        ids: str = answer.json[id_name]
        return ids.split(",")

    def calls(self, doc: Document) -> Sequence[Mapping[str, Any]]:
        """The queries that the emulator logged."""
        return self.emulator.calls(doc.action)

    def now(self) -> str:
        """The emulator's time as the API writes it."""
        return str(self.emulator.admin("clock")["now"])

    def fail_next(self, doc: Document, description: str) -> None:
        """Let the rows of the next submissions fail."""
        actions = {_SUBMITS[doc.vod, object_type][0] for object_type in ("Preload", "")}
        fault: Mapping[str, Json] = {"kind": "fail", "times": -1, "description": description}
        self.emulator.admin("faults", {"faults": [{**fault, "action": action} for action in sorted(actions)]})

    @cached_property
    def forks(self) -> Forks:
        """What runs commands. It takes a while to start, so it starts once, for the first command."""
        return self._running.enter_context(prepared())

    @cached_property
    def slow_origin_description(self) -> str:
        """The description of a prefetch whose origin really does not answer. It takes seconds, so it runs once."""
        self.emulator.admin("origin", {"files": {"/slow.txt": "x"}, "rules": [{"path": "/slow.txt", "delay_s": 5}]})
        params = {"Action": "PreloadVodObjectCaches", "Version": "2017-03-21", "Format": "JSON"}
        self.raw({**params, "ObjectPath": f"http://{DOMAIN}/slow.txt"})
        self.emulator.advance(EFFECT_S)
        (row,) = (row for row in self.emulator.tasks() if str(row["ObjectPath"]).endswith("/slow.txt"))
        return str(row["Description"])


@contextlib.contextmanager
def opened() -> Iterator[Harness]:
    """Start both servers; everything stops with the context."""
    cloud = start(effect_s=EFFECT_S, edges=EDGES, access_key_id=KEY_ID, access_key_secret=KEY_SECRET)
    with cloud as emulator, _sample_server() as samples, contextlib.ExitStack() as running:
        yield Harness(emulator, samples, running)


@contextlib.contextmanager
def configured(endpoint: str) -> Iterator[None]:
    """Put *endpoint* and its key into the stack's configuration for the context."""
    token = CONFIG.set(
        {"alicdn:endpoint": endpoint, "alicloud:accessKey": KEY_ID, "alicloud:secretKey": KEY_SECRET},
    )
    try:
        yield
    finally:
        CONFIG.reset(token)
