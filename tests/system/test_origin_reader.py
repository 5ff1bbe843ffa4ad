"""Asking an origin for objects: servers on loopback that have them or not, under one name or another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from typing import TypeAlias

import pytest

from pulumi_alicdn.system.origin_reader import read_origin
from support.loopback import serve_with, silent_edge

HOST = "media.example.com"
THERE, GONE, ODD = (f"https://{HOST}/{name}" for name in ("there.js", "gone.js", "a%2Fb?v=1"))

Serve: TypeAlias = Callable[[Callable[[str, str], int]], tuple[str, list[str]]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start an origin with the status for a path and a Host header; its address, and the requests as they come in."""
    with ExitStack() as running:

        def start(status: Callable[[str, str], int]) -> tuple[str, list[str]]:
            asked: list[str] = []

            class Handler(BaseHTTPRequestHandler):
                def do_HEAD(self) -> None:
                    asked.append(f"{self.path} {self.headers['Host']}")
                    self.send_response_only(status(self.path, str(self.headers["Host"])))
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            return f"http://{serve_with(running, Handler, None)}", asked

        yield start


def test_each_url_is_requested_once_as_it_is_spelled(serve: Serve) -> None:
    origin, asked = serve(lambda _path, _host: 200)
    answers = read_origin(origin, [THERE, ODD], 5)
    assert (list(answers.missing), answers.silent) == ([], "")
    assert sorted(asked) == [f"/a%2Fb?v=1 {HOST}", f"/there.js {HOST}"]


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_there_under_either_name_is_missing(serve: Serve, status: int) -> None:
    origin, asked = serve(lambda path, _host: status if "gone" in path else 200)
    assert list(read_origin(origin, [THERE, GONE], 5).missing) == [GONE]
    assert sorted(asked) == [f"/gone.js {origin.removeprefix('http://')}", f"/gone.js {HOST}", f"/there.js {HOST}"]


def test_an_origin_that_knows_only_its_own_name_misses_nothing(serve: Serve) -> None:
    origin, _ = serve(lambda _path, host: 404 if host == HOST else 200)
    assert list(read_origin(origin, [THERE], 5).missing) == []


@pytest.mark.parametrize("status", [301, 401, 403, 405, 429, 500, 503])
def test_no_other_status_means_missing(serve: Serve, status: int) -> None:
    origin, _ = serve(lambda _path, _host: status)
    answers = read_origin(origin, [THERE], 5)
    assert (list(answers.missing), answers.silent) == ([], "")


def test_an_origin_that_is_down_or_silent_is_reported_and_raises_nothing() -> None:
    assert read_origin("http://127.0.0.1:9", [THERE], 5).silent == "no connection"
    with silent_edge() as (address, _):
        assert read_origin(f"http://{address}", [THERE], 0.2).silent == "it did not answer in time"
