"""What edges and origin of the local cloud do by their rules: redirects, compression, refusals, folders."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

import pytest

from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import Json

HOST = "www.example.com"
PAGE = "<!doctype html>\n<!-- a comment -->\n<p>\n  Some   text\n</p>\n"
Ask = Callable[..., tuple[HTTPResponse, bytes]]


@pytest.fixture
def ask(emulator: Emulator) -> Ask:
    """Ask the first edge, or the origin, for a path."""

    def ask(path: str, method: str = "GET", *, origin: bool = False, **headers: str) -> tuple[HTTPResponse, bytes]:
        at = HTTPConnection(urlsplit(emulator.origin if origin else emulator.edges[0]).netloc, timeout=20)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        at.request(method, path, headers={"Host": HOST, "Accept-Encoding": "identity", **sent})
        answer = at.getresponse()
        body = answer.read()
        at.close()
        return answer, body

    emulator.admin("origin", {"files": {"/index.html": PAGE, "/a b.js": "ab", "/docs/index.html": "docs"}})
    return ask


def rules(emulator: Emulator, **changed: Json) -> None:
    emulator.admin("rules", {**changed})


def test_without_rules_nothing_is_changed(emulator: Emulator, ask: Ask) -> None:
    answer, body = ask("/index.html")
    assert (answer.status, body.decode()) == (200, PAGE)
    assert not any(value for value in emulator.admin("rules").values() if value is True)


def test_every_request_is_redirected_to_https(emulator: Emulator, ask: Ask) -> None:
    rules(emulator, redirect_https=True)
    answer, _ = ask("/a%20b.js?v=1")
    assert (answer.status, answer.getheader("Location")) == (301, f"https://{HOST}/a%20b.js?v=1")


def test_pages_lose_their_comments_and_blanks(emulator: Emulator, ask: Ask) -> None:
    rules(emulator, page_optimization=True)
    answer, body = ask("/index.html")
    assert body == b"<!doctype html><p> Some text </p>"
    assert int(answer.getheader("Content-Length") or 0) == len(body)
    assert ask("/a%20b.js")[1] == b"ab"


def test_text_is_compressed_whatever_is_accepted(emulator: Emulator, ask: Ask) -> None:
    rules(emulator, force_gzip=True)
    answer, body = ask("/index.html")
    assert (answer.getheader("Content-Encoding"), answer.getheader("Vary")) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(body).decode() == PAGE


def test_programs_and_head_are_refused(emulator: Emulator, ask: Ask) -> None:
    rules(emulator, browsers_only=True)
    answer, _ = ask("/index.html", User_Agent="curl/8")
    assert (answer.status, answer.getheader("X-Tengine-Error")) == (403, "black ua")
    assert ask("/index.html", User_Agent="Mozilla/5.0")[0].status == 200
    rules(emulator, browsers_only=False, head_refused=True)
    assert (ask("/index.html", "HEAD")[0].status, ask("/index.html")[0].status) == (403, 200)


@pytest.mark.parametrize(("how", "share"), [("whole", 1), ("half", 2)])
def test_get_is_answered_with_a_part(emulator: Emulator, ask: Ask, how: str, share: int) -> None:
    rules(emulator, partial=how)
    answer, body = ask("/index.html")
    size = (len(PAGE) + share - 1) // share
    assert (answer.status, answer.getheader("Content-Range")) == (206, f"bytes 0-{size - 1}/{len(PAGE)}")
    assert body.decode() == PAGE[:size]


def test_the_origin_serves_folders_unknown_names_and_plus_signs_as_its_rules_say(emulator: Emulator, ask: Ask) -> None:
    assert ask("/docs/", origin=True)[1] == b"docs"
    rules(emulator, folders="first-page")
    assert ask("/docs/", origin=True)[1].decode() == PAGE
    rules(emulator, folders="none")
    assert ask("/docs/", origin=True)[0].status == 404
    assert ask("/no.js", origin=True)[0].status == 404
    rules(emulator, unknown="first-page")
    answer, body = ask("/no.js", origin=True)
    assert (answer.status, answer.getheader("Content-Type"), body.decode()) == (200, "text/html; charset=utf-8", PAGE)
    assert ask("/a%20b.js", origin=True)[1] == b"ab"
    rules(emulator, unknown="404", plus_is_blank=True)
    assert ask("/a+b.js", origin=True)[1] == b"ab"


def test_a_reset_ends_all_rules(emulator: Emulator, ask: Ask) -> None:
    rules(emulator, redirect_https=True)
    emulator.admin("reset", {})
    assert ask("/index.html")[0].status == 200
