"""Signed requests and extra headers as edges and other hosts receive them, and edges that repeat what they got."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, fields
from http.server import BaseHTTPRequestHandler
from urllib.parse import quote

import pytest

from pulumi_alicdn.releases.proof.edge_access import EdgeAccess, check_request_headers, parse_access, without_secrets
from pulumi_alicdn.releases.proof.judge import Probe, Served
from pulumi_alicdn.releases.proof.servers import parse_edge, parse_origin
from pulumi_alicdn.system.edges import EdgeFetcher
from support.loopback import serve_with

KEY, TOKEN = "canaryKey1a2b3c4d5e6f", "canary-token-0f1e2d3c"
ACCESS = parse_access({"url_auth": {"type": "A", "key": KEY}, "request_headers": {"X-Token": TOKEN}})
URL = "https://media.example.com/a.js"


@dataclass
class Echo:
    """A server that repeats target and header in all that a proof keeps; it redirects to *location* if there is one."""

    location: str = ""
    asked: list[tuple[str, str | None]] = field(default_factory=list)


@pytest.fixture
def echo() -> Iterator[tuple[Echo, str]]:
    """The server, and its `host:port`."""
    page = Echo()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            token = self.headers.get("X-Token")
            page.asked.append((self.path, token))
            self.send_response_only(301 if page.location else 200)
            for name in ("ETag", "Age", "X-Cache", "Last-Modified", "Location", "Via"):
                self.send_header(name, f"{page.location}{self.path} {quote(self.path)} {token} {KEY}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_GET  # noqa: N815  the library calls it so

        def log_message(self, *_: object) -> None:
            pass

    with ExitStack() as running:
        yield page, serve_with(running, Handler, None)


def served(access: EdgeAccess, *probes: Probe) -> list[Served]:
    return [answer for _, answer in EdgeFetcher(access=access).read(probes, 20)]


def test_edges_get_the_signature_and_the_headers_and_the_origin_does_not(echo: tuple[Echo, str]) -> None:
    page, address = echo
    served(ACCESS, Probe(parse_edge(address), URL), Probe(parse_edge(address), URL, head=True))
    assert [(path.split("=")[0], token) for path, token in page.asked] == [("/a.js?auth_key", TOKEN)] * 2
    # Each request has a random number of its own.
    assert page.asked[0][0] != page.asked[1][0]
    page.asked.clear()
    served(ACCESS, Probe(parse_origin(f"http://{address}"), URL))
    assert page.asked == [("/a.js", None)]


def test_no_redirect_takes_them_to_another_host(echo: tuple[Echo, str]) -> None:
    page, address = echo
    page.location = f"http://{address}/elsewhere"
    served(ACCESS, Probe(parse_edge(address), URL))
    assert len(page.asked) == 1


def test_an_edge_that_repeats_them_brings_nothing_into_the_evidence(echo: tuple[Echo, str]) -> None:
    page, address = echo
    for location in ("", "https://media.example.com"):
        page.location = location
        (answer,) = served(ACCESS, Probe(parse_edge(address), URL))
        signature = page.asked[-1][0].rpartition("-")[2]
        texts = [text for one in fields(answer) if isinstance(text := getattr(answer, one.name), str)]
        assert any("***" in text for text in texts)
        for secret in (KEY, TOKEN, signature):
            assert all(secret not in text for text in texts)


@pytest.mark.parametrize(
    ("value", "sentences"),
    [
        (None, []),
        ({"X-Token": TOKEN, "Authorization": "Bearer a", "Cookie": "a=b", "Referer": "https://a.example/"}, []),
        (TOKEN, ["request_headers is text, but must map names of headers to their values"]),
        ({"": TOKEN}, ["request_headers has a name that is '', but must be the name of a header"]),
        ({"a\r\nb": TOKEN}, ["request_headers has a name that is 'a\\r\\nb', but must be the name of a header"]),
        ({"X-A": f"{TOKEN}\r\nHost: b"}, ["request_headers['X-A'] is text, but must be text in ASCII, on one line"]),
        ({"X-A": 1}, ["request_headers['X-A'] is a number, but must be text in ASCII, on one line"]),
        ({"X-A": "1", "x-a": "2"}, ["request_headers names 'x-a' twice; capitals make no difference"]),
        ({"hOST": TOKEN}, ["request_headers may not name 'hOST': it decides which site answers"]),
        ({"range": TOKEN}, ["request_headers may not name 'range': the proof needs the whole file"]),
        ({"Accept-Encoding": TOKEN}, ["request_headers may not name 'Accept-Encoding': the proof chooses it"]),
        ({"User-Agent": TOKEN}, ["request_headers may not name 'User-Agent': the option user_agent sets it"]),
        (
            {"Pragma": TOKEN},
            [
                (
                    "request_headers may not name 'Pragma': an edge may fetch the file again, which visitors do not "
                    "make it do"
                )
            ],
        ),
        (
            {"If-None-Match": TOKEN},
            ["request_headers may not name 'If-None-Match': an edge would answer without the file"],
        ),
        (
            {"Transfer-Encoding": TOKEN},
            ["request_headers may not name 'Transfer-Encoding': it belongs to the connection"],
        ),
    ],
)
def test_what_users_write(value: object, sentences: list[str]) -> None:
    said = [problem.sentence for problem in check_request_headers("request_headers", value)]
    assert said == sentences
    assert TOKEN not in "".join(said)


def test_what_is_stored_without_secrets_says_how_edges_are_asked() -> None:
    options = {"url_auth": {"type": "A", "key": KEY, "ttl": 60}, "request_headers": {"X-Token": TOKEN}, "verify": "all"}
    assert without_secrets(options) == {
        "url_auth": {"type": "A", "ttl": 60},
        "request_headers": {"X-Token": ""},
        "verify": "all",
    }
    assert without_secrets({"verify": "all"}) == {"verify": "all"}
    assert KEY not in repr(ACCESS)
    assert TOKEN not in repr(ACCESS)
