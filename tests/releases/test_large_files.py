"""Large files, whose length alone proves little: what ETags and checksums of other copies show."""

from __future__ import annotations

from contextlib import ExitStack
from hashlib import sha256

import pytest

from pulumi_alicdn.releases.proof.evidence import Diagnosis, Evidence, Finding
from pulumi_alicdn.releases.proof.judge import Expected
from pulumi_alicdn.releases.proof.proof_messages import failure
from pulumi_alicdn.releases.proof.prove import ProofOptions, prove
from pulumi_alicdn.releases.proof.servers import parse_edge, parse_origin
from pulumi_alicdn.system.clock import SystemClock
from pulumi_alicdn.system.edges import EdgeFetcher
from support.scripted_edge import Answer, Asked, Script, scripted

NEW, OLD = b"n" * 1000, b"o" * 1000
VIDEO = Expected("http://media.example.com/a.mp4", sha256(NEW).digest(), len(NEW))
Headers = dict[str, str]


def edge(body: bytes, headers: Headers, *, head: bool = True, get: int = 200) -> Script:
    """A server with one copy, which may refuse HEAD, or GET."""

    def script(asked: Asked) -> Answer:
        if asked.method == "HEAD":
            return Answer(body, 200 if head else 405, headers)
        return Answer(body if get == 200 else b"", get, headers)

    return script


def tagged(tag: str) -> Headers:
    return {"ETag": f'"{tag}"'}


def proven(edges: list[Script], origin: Script | None = None) -> tuple[tuple[Evidence, ...], list[list[str]]]:
    """Return the evidence of each edge, and the methods that each server was asked with, the origin last."""
    asked: list[list[Asked]] = [[] for _ in [*edges, origin]]
    with ExitStack() as running:
        at = [running.enter_context(scripted(one, asked[place])) for place, one in enumerate(edges)]
        behind = None
        if origin is not None:
            behind = parse_origin(f"http://{running.enter_context(scripted(origin, asked[-1]))}")
        options = ProofOptions(behind, 0.0, 60.0, head_over_bytes=100)
        found = prove(EdgeFetcher([parse_edge(one) for one in at]), SystemClock(), [VIDEO], options)
    return found, [[one.method for one in methods] for methods in asked]


def test_equal_length_alone_is_called_weak() -> None:
    (found, *_), asked = proven([edge(NEW, {})])
    assert (found.finding, found.weak) == (Finding.FRESH, True)
    assert found.note == "compared by length only, which is weak proof (HEAD, 1,000 bytes)"
    assert asked[0] == ["HEAD"]


@pytest.mark.parametrize("name", ["ETag", "x-oss-hash-crc64ecma"])
def test_edges_that_agree_with_each_other_and_with_the_origin_are_not_read(name: str) -> None:
    copies = [edge(NEW, {name: '"7"'}) for _ in range(3)]
    found, asked = proven(copies, edge(NEW, {name: '"7"'}))
    assert {(one.finding, one.weak) for one in found} == {(Finding.FRESH, True)}
    assert asked == [["HEAD"]] * 4


@pytest.mark.parametrize("name", ["ETag", "x-oss-hash-crc64ecma"])
@pytest.mark.parametrize("order", [1, -1])
def test_an_edge_whose_version_is_not_the_proven_one_is_stale(name: str, order: int) -> None:
    copies = [edge(NEW, {name: '"7"'}), edge(NEW, {name: '"7"'}), edge(OLD, {name: '"6"'})]
    found, asked = proven(copies[::order], edge(NEW, {name: '"7"'}))
    assert [one.finding for one in found][::order] == [Finding.FRESH, Finding.FRESH, Finding.STALE_EDGE]
    # One copy of each version is read, and decides for the others.
    assert sorted(asked[:3]) == [["HEAD"], ["HEAD", "GET"], ["HEAD", "GET"]]
    by_bytes = next(one for one in found if one.ok and one.method == "HEAD")
    assert not by_bytes.weak
    assert "of a copy whose bytes were compared" in by_bytes.note


def test_edges_that_all_have_another_version_than_the_origin_are_found() -> None:
    found, _ = proven([edge(OLD, tagged("6")), edge(OLD, tagged("6"))], edge(NEW, tagged("7")))
    assert {one.finding for one in found} == {Finding.STALE_EDGE}
    assert [one.diagnosis for one in found if one.method == "HEAD"] == [Diagnosis.VERSION]
    assert "its ETag is not that of the release (1,000 bytes)" in failure(found)
    assert "Refresh these URLs again" in failure(found)


def test_an_origin_whose_servers_name_one_version_by_several_etags_makes_no_edge_stale() -> None:
    found, asked = proven([edge(NEW, tagged("a")), edge(NEW, tagged("a"))], edge(NEW, tagged("b")))
    assert {one.finding for one in found} == {Finding.FRESH}
    assert asked[2] == ["HEAD"]


def test_a_copy_that_was_read_anyway_decides_for_the_others() -> None:
    found, _ = proven([edge(NEW, tagged("7"), head=False), edge(OLD, tagged("6")), edge(NEW, tagged("7"))])
    assert [one.finding for one in found] == [Finding.FRESH, Finding.STALE, Finding.FRESH]


def test_copies_that_differ_and_cannot_be_read_are_not_taken_for_the_release() -> None:
    copies = [edge(NEW, tagged("7"), get=503), edge(OLD, tagged("6"), get=503)]
    found, _ = proven(copies, edge(NEW, tagged("7"), get=503))
    assert [(one.finding, one.weak) for one in found] == [(Finding.FRESH, True), (Finding.STALE_EDGE, False)]
    found, _ = proven(copies)
    assert [one.finding for one in found] == [Finding.STALE, Finding.STALE]


@pytest.mark.parametrize(("one", "other"), [('W/"7"', 'W/"6"'), ('"7"', ""), ('"7"', 'W/"6"')])
def test_a_weak_etag_or_none_says_nothing(one: str, other: str) -> None:
    found, asked = proven([edge(NEW, {"ETag": one}), edge(NEW, {"ETag": other})])
    assert {(seen.finding, seen.weak) for seen in found} == {(Finding.FRESH, True)}
    assert asked[:2] == [["HEAD"], ["HEAD"]]
