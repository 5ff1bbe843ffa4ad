"""Values that no client sends: each is refused, and the emulator goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast
from urllib.parse import urlsplit

import pytest

from emulator.plain import ask
from emulator.raw import status
from pulumi_alicdn.emulator.running import Emulator
from support.emulators import start

BODIES = [
    b"[]",
    b"null",
    b"\xff",
    b'{"a": "\\ud800"}',
    b"[" * 100_000,
    b'{"faults": [{"kind": "fail", "description": "\\ud800"}]}',
    b'{"faults": [{"kind": "date", "shift_s": 1e300}]}',
    b'{"advance_s": 1e308}',
    b'{"advance_s": 1e9}',
    b'{"speed": 1e308}',
    b'{"speed": 1e6}',
    b'{"speed": NaN}',
    b'{"files": {"/x": "\\ud83d"}}',
    b'{"files": {"/\\u0000": "x"}}',
    b'{"UrlRemain": 1' + b"0" * 5000 + b"}",
    b'{"total_count_off_by": 1' + b"0" * 4000 + b"}",
    b'{"sts": {"access_key_id": "a", "access_key_secret": "b", "security_token": "c", "expires_in_s": 1e300}}',
    b'{"sts": {"access_key_id": "a", "access_key_secret": "b", "security_token": "c", "expires_in_s": NaN}}',
    b'{"copies": [{"edge": "edge-0", "url": "https://a.example.com/x", "body": "", "age_s": 1e300}]}',
    b'{"copies": [{"edge": "edge-0", "url": "https://[/x", "body": ""}]}',
    b'{"per_s": 1e-320}',
    b'{"per_s": 1e308, "burst": 1e308}',
]
JSON = "Content-Type: application/json"
NUMBERS = ["9" * 5000, "0" * 5000, "-1", "1e9", "\u00b2", "\u0663", "1_0", " 1", "+1", "1\n", "\x00"]


@pytest.fixture(scope="module")
def own_emulator() -> Iterator[Emulator]:
    """An emulator whose clock no other test reads."""
    with start(edges=1) as running:
        yield running


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body[:60].decode("latin-1"))
def test_an_odd_body_is_no_fault_of_the_emulator(own_emulator: Emulator, body: bytes) -> None:
    host = f"Host: {urlsplit(own_emulator.endpoint).netloc}"
    for path in cast("dict[str, object]", own_emulator.admin("")["calls"]):
        answered = status(own_emulator.endpoint, "POST", path.encode(), host, JSON, body=body)
        assert answered in {200, 400, 405}, path
        own_emulator.admin("limits", {"per_s": None})
        assert own_emulator.admin("clock", {"speed": 1}), path
        assert ask(own_emulator, "DescribeRefreshTasks").status < 500, path


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: ascii(number[:20]))
@pytest.mark.parametrize("name", ["PageNumber", "PageSize"])
@pytest.mark.parametrize("action", ["DescribeRefreshTasks", "DescribeVodRefreshTasks"])
def test_an_odd_number_is_refused(emulator: Emulator, action: str, name: str, number: str) -> None:
    assert ask(emulator, action, **{name: number}).status == 400


def test_a_clock_at_the_end_of_all_dates_stays_there(own_emulator: Emulator) -> None:
    for _ in range(300):
        own_emulator.advance(1e9)
    assert own_emulator.admin("clock")["now"] == "9000-01-01T00:00:00Z"
    own_emulator.admin("clock", {"speed": 1e6})
    assert own_emulator.admin("tasks") == {"tasks": []}
