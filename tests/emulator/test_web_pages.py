"""A web page in a browser on this machine cannot use the admin calls, whatever it sends and whatever its name is."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from emulator.raw import status
from pulumi_alicdn.emulator.running import Emulator

JSON = "Content-Type: application/json"
FREEZE = b'{"frozen": false}'


def host(emulator: Emulator, name: str = "127.0.0.1") -> str:
    return f"Host: {name}:{urlsplit(emulator.endpoint).port}"


@pytest.mark.parametrize(
    "header",
    [
        "Origin: https://attacker.example",
        "Origin: null",
        "Origin: http://localhost:3000",
        "Origin: http://127.0.0.1",
        "Origin: https://127.0.0.1:{port}",
        "Origin: http://127.0.0.1:{port}.attacker.example",
        "Origin: http://127.0.0.1:{port}\r\nOrigin: https://attacker.example",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
        "Sec-Fetch-Site: Cross-Site",
        "Sec-Fetch-Site: odd",
    ],
)
@pytest.mark.parametrize(("method", "body"), [("GET", b""), ("POST", FREEZE), ("OPTIONS", b""), ("DELETE", b"")])
def test_a_page_of_another_site_is_refused(emulator: Emulator, header: str, method: str, body: bytes) -> None:
    page = header.format(port=urlsplit(emulator.endpoint).port)
    assert status(emulator.endpoint, method, b"/_emulator/clock", host(emulator), JSON, page, body=body) == 403
    assert status(emulator.endpoint, method, b"/%5femulator/clock", host(emulator), JSON, page, body=body) == 403
    assert emulator.admin("clock")["frozen"] is True


@pytest.mark.parametrize(
    "name",
    ["attacker.example", "127.0.0.1.attacker.example", "localhost.attacker.example", "127.0.0.1@attacker.example"],
)
def test_a_page_whose_name_resolves_to_loopback_is_refused(emulator: Emulator, name: str) -> None:
    own = f"Origin: http://{name}:{urlsplit(emulator.endpoint).port}"
    same = "Sec-Fetch-Site: same-origin"
    assert status(emulator.endpoint, "GET", b"/_emulator/calls", host(emulator, name), own, same) == 403
    assert status(emulator.endpoint, "GET", b"/_emulator/calls", f"Host: {name}") == 403


@pytest.mark.parametrize(
    "content_type",
    [
        "Content-Type: text/plain",
        "Content-Type: text/plain; a=application/json",
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Type: multipart/form-data; boundary=x",
        "X-No-Type: at-all",
    ],
)
def test_a_body_that_any_page_may_send_is_refused(emulator: Emulator, content_type: str) -> None:
    assert status(emulator.endpoint, "POST", b"/_emulator/clock", host(emulator), content_type, body=FREEZE) == 415
    chunked = "Transfer-Encoding: chunked\r\nX-Ignored: 1"
    sent = [host(emulator), content_type, chunked]
    assert status(emulator.endpoint, "POST", b"/_emulator/clock", *sent, "X-End: \r\n\r\n0") == 415
    assert emulator.admin("clock")["frozen"] is True


@pytest.mark.parametrize(
    "headers",
    [
        [JSON],
        ["Content-Type: application/json; charset=utf-8"],
        [JSON, "Origin: http://127.0.0.1:{port}", "Sec-Fetch-Site: same-origin"],
        [JSON, "Sec-Fetch-Site: none"],
    ],
)
def test_own_pages_and_programs_are_served(emulator: Emulator, headers: list[str]) -> None:
    sent = [line.format(port=urlsplit(emulator.endpoint).port) for line in headers]
    body = b'{"frozen": true}'
    assert status(emulator.endpoint, "POST", b"/_emulator/clock", host(emulator), *sent, body=body) == 200
    assert status(emulator.endpoint, "GET", b"/_emulator/clock", host(emulator, "localhost")) == 200
