"""Copies by encoding at edges: each is fetched, dropped and warmed in its own right, or together with the others."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.plain import ask, refresh
from pulumi_alicdn.emulator.network.encodings import Encoding, encoded, preferred
from pulumi_alicdn.emulator.running import EdgeAnswer, Emulator
from pulumi_alicdn.emulator.values import Json

URL = "https://a.example.com/a.js"
ALL = "gzip, deflate, br"


@pytest.fixture
def cloud(emulator: Emulator) -> Emulator:
    """An emulator whose edges keep copies by encoding."""
    emulator.admin("modes", {"copies_by_encoding": True})
    return emulator


def br_decoded(stream: bytes) -> bytes:
    """The bytes of a br stream, all of whose blocks are stored as they are."""
    body, at, skipped = b"", 0, 1
    while True:
        bits = int.from_bytes(stream[at : at + 3], "little") >> skipped
        if bits & 1:
            assert (bits & 3, len(stream) - at) == (3, 1)
            return body
        assert (bits & 6, bits >> 19 & 1) == (0, 1)
        length = (bits >> 3 & 0xFFFF) + 1
        body, at, skipped = body + stream[at + 3 : at + 3 + length], at + 3 + length, 0


def text_of(answer: EdgeAnswer) -> str:
    decoders = {"gzip": gzip.decompress, "br": br_decoded}
    decode = decoders.get(answer.headers.get("content-encoding", ""), bytes)
    return decode(answer.body).decode()


def kinds(cloud: Emulator) -> list[tuple[str, str]]:
    """Edge and encoding of each copy."""
    listed = cloud.admin("edges")["edges"]
    assert isinstance(listed, list)
    return sorted((str(copy["edge"]), str(copy.get("encoding", ""))) for copy in listed if isinstance(copy, dict))


@given(st.integers(0, 140_000), st.sampled_from(list(Encoding)))
def test_bodies_can_be_decoded(length: int, encoding: Encoding) -> None:
    body = (b"0123456789abcdef" * (length // 16 + 1))[:length]
    decoders = {Encoding.BR: br_decoded, Encoding.GZIP: gzip.decompress, Encoding.IDENTITY: bytes}
    assert decoders[encoding](encoded(body, encoding)) == body


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("", "identity"),
        ("identity", "identity"),
        ("deflate, zstd", "identity"),
        ("gzip", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        (ALL, "br"),
        ("br;q=0, gzip; q=0.8", "gzip"),
        ("gzip;q=0, br; q=0.0", "identity"),
    ],
)
def test_the_encoding_that_a_request_gets(accepted: str, encoding: str) -> None:
    assert preferred(accepted) == encoding


def test_an_edge_keeps_one_copy_per_encoding(cloud: Emulator) -> None:
    for accepted, encoding in ((ALL, "br"), ("gzip", "gzip"), ("identity", None)):
        first, second = (cloud.get(0, URL, encoding=accepted) for _ in range(2))
        assert (first.cache, second.cache) == ("MISS", "HIT")
        for answer in (first, second):
            assert (answer.headers.get("content-encoding"), answer.headers["vary"]) == (encoding, "Accept-Encoding")
            assert text_of(answer) == "old a.js"
            assert answer.headers["etag"].startswith("W/") is (encoding is not None)
    assert kinds(cloud) == [("edge-0", ""), ("edge-0", "br"), ("edge-0", "gzip")]


@pytest.mark.parametrize(("object_type", "path"), [("File", URL), ("Directory", "https://a.example.com/")])
def test_a_refresh_drops_the_copies_of_all_encodings(cloud: Emulator, object_type: str, path: str) -> None:
    for accepted in ("br", "gzip", "identity"):
        cloud.get(0, URL, encoding=accepted)
        cloud.get(0, URL + "?other", encoding=accepted)
    refresh(cloud, path, object_type=object_type)
    cloud.advance(6)
    assert len(kinds(cloud)) == (3 if object_type == "File" else 0)
    assert cloud.get(0, URL, encoding="gzip").cache == "MISS"


@pytest.mark.parametrize(
    ("headers", "warm"), [("", "gzip"), ('{"accept-encoding": "br"}', "br"), ('{"Accept-Encoding": ["identity"]}', "")]
)
def test_a_prefetch_warms_the_copy_of_its_own_encoding_only(cloud: Emulator, headers: str, warm: str) -> None:
    ask(cloud, "PreloadVodObjectCaches", ObjectPath=URL, WithHeader=headers)
    cloud.advance(6)
    assert kinds(cloud) == [(f"edge-{number}", warm) for number in range(3)]
    assert cloud.get(0, URL, encoding=warm or "identity").cache == "HIT"
    others = {"br", "gzip", "identity"} - {warm or "identity"}
    assert [cloud.get(0, URL, encoding=other).cache for other in sorted(others)] == ["MISS", "MISS"]


def test_a_stale_copy_of_one_encoding(cloud: Emulator) -> None:
    stale: Json = {"edge": "edge-1", "url": URL, "body": "stale", "encoding": "gzip"}
    cloud.admin("edges", {"copies": [stale]})
    assert text_of(cloud.get(1, URL, encoding="gzip")) == "stale"
    assert [text_of(cloud.get(1, URL, encoding=other)) for other in ("br", "identity")] == ["old a.js"] * 2


def test_without_the_mode_there_is_one_copy_without_an_encoding(emulator: Emulator) -> None:
    assert [emulator.get(0, URL, encoding=accepted).cache for accepted in (ALL, "identity")] == ["MISS", "HIT"]
    answer = emulator.get(0, URL, encoding=ALL)
    assert "content-encoding" not in answer.headers
    assert "vary" not in answer.headers
