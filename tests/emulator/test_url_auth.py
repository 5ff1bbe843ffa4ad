"""Edges that check signed URLs: the documents' own examples pass, and what they call a failure is answered with 403."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pulumi_alicdn.emulator.running import EdgeAnswer, Emulator, EmulatorError
from support.emulators import start

DOMAIN = "cdn.example.com"
BASE = f"https://{DOMAIN}"
KEY = "aliyuncdnexp1234"
LATER_S = 56 * 86_400.0
"""From the instant of the examples of types B and C to that of type A."""

A, B, C = "/video/standard/test.mp4", "/4/44/44c0909bcfc20a01afaf256ca99a8b8b.mp3", "/test.flv"
SIGNED_A = f"{A}?auth_key=1444435200-0-0-23bf85053008f5c0e791667a313e28ce"
SIGNED_B = f"/201508150800/9044548ef1527deadafa49a890a377f0{B}"
SIGNED_C = f"/a37fa50a5fb8f71214b1e7c95ec7a1bd/55CE8100{C}"
QUERY_C = f"{C}?KEY1=a37fa50a5fb8f71214b1e7c95ec7a1bd&KEY2=55CE8100"
EXAMPLES = [("A", A, SIGNED_A, LATER_S), ("B", B, SIGNED_B, 0.0), ("C", C, SIGNED_C, 0.0), ("C", C, QUERY_C, 0.0)]

NO_SIGNATURE = "denied by req auth: no url arg auth_key"
EXPIRED = "denied by req auth: expired timestamp"
WRONG = "denied by req auth: invalid md5hash"


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Emulator]:
    """An emulator at the instant of the documents' examples, with a clock that only the test moves."""
    for path in (A, B, C):
        file = tmp_path / path.removeprefix("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(path)
    with start(origin=tmp_path, edges=1, start_at="2015-08-15T00:00:00Z") as running:
        running.admin("clock", {"frozen": True})
        yield running


def check(cloud: Emulator, type_: str, **more: object) -> None:
    cloud.admin("url-auth", {"url_auth": {DOMAIN: {"type": type_, "key": KEY, **more}}})  # type: ignore[dict-item]


def answer(cloud: Emulator, target: str) -> EdgeAnswer:
    return cloud.get(0, BASE + target)


def refusal(cloud: Emulator, target: str) -> tuple[int, str]:
    found = answer(cloud, target)
    return found.status, found.headers.get("x-tengine-error", "")


@pytest.mark.parametrize(("type_", "path", "signed", "later_s"), EXAMPLES)
def test_the_examples_of_the_documents_pass_until_they_expire(
    cloud: Emulator, type_: str, path: str, signed: str, later_s: float
) -> None:
    check(cloud, type_)
    cloud.advance(later_s)
    assert [(one.status, one.body, one.cache) for one in (answer(cloud, signed), answer(cloud, signed))] == [
        (200, path.encode(), "MISS"),
        (200, path.encode(), "HIT"),
    ]
    assert cloud.admin("edges")["edges"][0]["url"] == BASE + path  # type: ignore[index, call-overload]
    cloud.advance(1790)
    assert answer(cloud, signed).status == 200
    cloud.advance(20)
    assert refusal(cloud, signed) == (403, EXPIRED)
    check(cloud, type_, validity_s=1830)
    assert answer(cloud, signed).status == 200


@pytest.mark.parametrize(("type_", "path", "signed", "later_s"), EXAMPLES)
def test_unsigned_and_wrong_requests_are_refused(
    cloud: Emulator, type_: str, path: str, signed: str, later_s: float
) -> None:
    check(cloud, type_)
    cloud.advance(later_s)
    assert refusal(cloud, path) == (403, NO_SIGNATURE)
    assert refusal(cloud, signed.replace(path, "/b.js")) == (403, WRONG)
    check(cloud, type_, key="another1234567890")
    assert refusal(cloud, signed) == (403, WRONG)
    check(cloud, type_, key="another1234567890", secondary_key=KEY)
    assert answer(cloud, signed).status == 200


def test_other_types_are_no_signature(cloud: Emulator) -> None:
    for type_, signed in (("A", SIGNED_B), ("A", QUERY_C), ("B", SIGNED_C), ("C", SIGNED_A), ("C", SIGNED_B)):
        check(cloud, type_)
        assert refusal(cloud, signed) == (403, NO_SIGNATURE), (type_, signed)


def test_other_parameters_stay_part_of_the_object(cloud: Emulator) -> None:
    check(cloud, "A")
    cloud.advance(LATER_S)
    assert answer(cloud, SIGNED_A.replace("?", "?v=1&") + "&w=2").status == 200
    assert cloud.admin("edges")["edges"][0]["url"] == f"{BASE}{A}?v=1&w=2"  # type: ignore[index, call-overload]


def test_only_the_named_domains_check_and_no_key_is_listed(cloud: Emulator) -> None:
    check(cloud, "C", sign_param="sign", time_param="t")
    assert answer(cloud, QUERY_C.replace("KEY1", "sign").replace("KEY2", "t")).status == 200
    assert cloud.get(0, f"https://open.example.com{C}").status == 200
    assert cloud.admin("url-auth") == {"url_auth": {DOMAIN: "C"}}
    for wrong in ({"type": "D", "key": KEY}, {"type": "A", "key": "short"}, {"type": "A", "key": "with-a-hyphen"}):
        with pytest.raises(EmulatorError):
            cloud.admin("url-auth", {"url_auth": {DOMAIN: wrong}})
    cloud.admin("reset", {})
    assert cloud.admin("url-auth") == {"url_auth": {}}
    assert answer(cloud, C).status == 200
