"""Names that no file has, and files that cannot be read: 404 at once, from the origin and through an edge."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from emulator.raw import exchange, status
from pulumi_alicdn.emulator.running import Emulator

ODD = [
    b"/%00",
    b"/a.js%00",
    b"/a.js%00.css",
    b"/..",
    b"/../../../../etc/passwd",
    b"/%2e%2e/%2e%2e/etc/passwd",
    b"/..%2f..%2fetc%2fpasswd",
    b"/dir/%2e%2e%2f%2e%2e/etc/hostname",
    b"//etc/passwd",
    b"/%2fetc/passwd",
    b"/~root",
    b"/%ff%fe",
    b"/%c3%28",
    b"/%ed%a0%80",
    b"/%F0%9F%98%80",
    b"/%0d%0aX-Injected:%201",
    b"/%1b%5b31m",
    b"/%e2%80%ae",
    b"/%",
    b"/%zz",
    b"/\\..\\a.js",
    b"/C:%5Cwindows",
    b"/CON",
    b"/a.js/",
    b"/a.js/b",
    b"/dir",
    b"/dir/deep",
    b"/" + b"x" * 300,
    b"/" + b"x" * 5000,
    b"/" + b"d/" * 3000,
    b"/" + b"%c3%a4" * 200,
    b"/" + b"../" * 2000,
    b"/loop",
    b"/loop/a",
    b"/one",
    b"/dangling",
    b"/outside",
    b"/outside/passwd",
    b"/pipe",
    b"/socket",
    b"/self/self/self",
    b"/data:text/html,x",
]


NO_TARGETS = [
    b"/\xff",
    b"/\x80a",
    b"/a b",
    b"/\x00",
    b"/\x1b[31m",
    b"",
    b"a.js",
    b"@a.example.com/",
    b"http://x/y",
    b"*",
]


@pytest.fixture
def odd_origin(origin: Path) -> Path:
    (origin / "loop").symlink_to("loop")
    (origin / "one").symlink_to("two")
    (origin / "two").symlink_to("one")
    (origin / "dangling").symlink_to("nowhere")
    (origin / "outside").symlink_to("/etc")
    (origin / "self").symlink_to(".")
    os.mkfifo(origin / "pipe")
    return origin


@pytest.mark.usefixtures("odd_origin")
@pytest.mark.parametrize("target", ODD, ids=lambda target: target[:40].decode())
def test_an_odd_name_is_not_found(emulator: Emulator, target: bytes) -> None:
    assert status(emulator.origin, "GET", target, "Host: a.example.com") == 404
    assert status(emulator.edges[0], "GET", target, "Host: a.example.com") in {200, 404}
    assert status(emulator.edges[1], "HEAD", target, "Host: a.example.com") in {200, 404}
    assert emulator.admin("clock"), "it goes on"


@pytest.mark.usefixtures("odd_origin")
def test_a_link_within_the_folder_is_followed(emulator: Emulator) -> None:
    assert status(emulator.origin, "GET", b"/self/self/a.js", "Host: a.example.com") == 200


def test_a_name_too_long_for_a_request_to_the_origin_is_no_fault(emulator: Emulator) -> None:
    assert status(emulator.edges[0], "GET", b"/" + b"x" * 100_000, "Host: a.example.com") in {404, 414, 502}


@pytest.mark.parametrize("target", NO_TARGETS)
@pytest.mark.parametrize("server", ["endpoint", "origin", "edge"])
def test_what_is_no_target_is_refused_by_every_server(emulator: Emulator, server: str, target: bytes) -> None:
    base = {"endpoint": emulator.endpoint, "origin": emulator.origin, "edge": emulator.edges[0]}[server]
    assert status(base, "GET", target, "Host: a.example.com") in {400, 404}
    assert emulator.admin("clock"), "it goes on"


@pytest.mark.parametrize("host", ["[", "a b", "", "::1", "[::1]:80", "\x1b[31m", "x" * 300, "@"])
@pytest.mark.parametrize("target", [b"/", b"/?Action=DescribeRefreshTasks", b"/_emulator/clock"])
def test_an_odd_host_is_refused_by_every_server(emulator: Emulator, host: str, target: bytes) -> None:
    for base in (emulator.endpoint, emulator.edges[0]):
        assert 400 <= status(base, "GET", target, f"Host: {host}") < 500
    assert status(emulator.origin, "GET", b"/nothing", f"Host: {host}") in {400, 404}


def test_a_header_of_the_request_cannot_be_read_as_two(emulator: Emulator) -> None:
    answer = exchange(
        emulator.origin, b"GET /%0d%0aX-Injected:%201 HTTP/1.1\r\nHost: a.example.com\r\nConnection: close\r\n\r\n"
    )
    assert b"X-Injected" not in answer
