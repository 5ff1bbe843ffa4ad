"""What servers served, as it is stored: it comes back whole, and little of it is stored."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.freshness.contents import content_of, packed, unpacked
from pulumi_alicdn.freshness.node_progress import NodeProgress
from pulumi_alicdn.releases.proof.judge import Served
from pulumi_alicdn.releases.proof.servers import Server

NOW = datetime(2026, 1, 2, tzinfo=UTC)
TEXT = st.text(max_size=6)
DIGEST = bytes(range(32))


@given(st.dictionaries(TEXT, st.dictionaries(TEXT, TEXT, min_size=1)))
def test_what_is_stored_comes_back(contents: dict[str, dict[str, str]]) -> None:
    assert unpacked(packed(contents)) == contents


def test_without_a_before_there_are_no_contents() -> None:
    assert unpacked(None) == {}


def test_a_thousand_urls_at_twenty_nodes_take_little_of_the_state() -> None:
    nodes = [f"203.0.113.{n}" for n in range(20)]
    contents = {f"https://www.example.com/{n}.js": dict.fromkeys(nodes, f"{n:024x}") for n in range(1000)}
    assert len(packed(contents)) < 60_000


@pytest.mark.parametrize(
    ("served", "content"),
    [
        (Served(200, NOW, sha256=DIGEST, size=3), DIGEST.hex()[:24]),
        (Served(200, NOW, sent_sha256=DIGEST, error="cannot be decoded"), DIGEST.hex()[:24]),
        (Served(404, NOW), "status 404"),
        (Served(0, NOW, error="no connection"), ""),
        (Served(503, NOW), ""),
        (Served(429, NOW), ""),
        (Served(403, NOW, refusal="denied by referer"), ""),
        (Served(200, NOW, time_up=True), ""),
    ],
)
def test_what_makes_two_answers_equal(served: Served, content: str) -> None:
    assert content_of(served) == content


def test_redirects_are_equal_if_they_lead_to_the_same_place() -> None:
    here, there = (content_of(Served(302, NOW, location=place)) for place in ("/a", "/b"))
    assert here != there
    assert here == content_of(Served(302, NOW, location="/a"))


def test_bodies_that_are_too_long_are_compared_by_their_marks() -> None:
    one, other = (content_of(Served(200, NOW, cut=True, etag=etag)) for etag in ('"1"', '"2"'))
    assert one != other
    assert one


@pytest.mark.parametrize(("whole", "proven"), [(True, 0), (False, 1)])
def test_the_progress_counts_nodes_that_serve_all_that_they_are_asked_for(whole: bool, proven: int) -> None:
    shown: list[tuple[int, int]] = []
    one, two = Server("203.0.113.1"), Server("203.0.113.2")
    times = iter(range(100))
    count = NodeProgress(
        {"a": [one, two], "b": [one]}, lambda: float(next(times)), lambda *at: shown.append(at), whole=whole
    )
    count(str(one), "a", True)
    count(str(two), "a", False)
    count(str(one), "b", True)
    count(str(two), "a", True)
    count("203.0.113.9", "a", True)
    assert shown == [(proven, 2), (proven, 2), (1, 2), (2, 2)]
