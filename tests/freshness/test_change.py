"""The judgement without an origin: each edge beside what it, and all others, served before the refresh."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.freshness.change import Change, changes

EDGES = ("a", "b", "c")
CONTENTS = ("", "v1", "v2", "v3")
NOW = st.fixed_dictionaries({edge: st.sampled_from(CONTENTS) for edge in EDGES})
BEFORE = NOW.map(lambda found: {edge: content for edge, content in found.items() if content})


@pytest.mark.parametrize(
    ("before", "now", "judged"),
    [
        pytest.param({"a": "v1", "b": "v1"}, {"a": "v2", "b": "v2"}, "changed changed", id="all changed"),
        pytest.param({"a": "v1", "b": "v1"}, {"a": "v2", "b": "v1"}, "changed stale", id="one is as before"),
        pytest.param({"a": "v1", "b": "v1"}, {"a": "v1", "b": "v1"}, "unjudged unjudged", id="all are as before"),
        pytest.param({"a": "v1", "b": "v2"}, {"a": "v2", "b": "v2"}, "changed agrees", id="one was fresh before"),
        pytest.param({"a": "v1", "b": "v1"}, {"a": "v2", "b": ""}, "changed silent", id="one does not answer"),
        pytest.param({"a": "v1"}, {"a": "v1", "b": "v1"}, "unjudged unjudged", id="one was not asked, and is the same"),
        pytest.param({"a": "v1"}, {"a": "v2", "b": "v1"}, "changed stale", id="one was not asked, and has the old one"),
        pytest.param({"a": "v1"}, {"a": "v1", "b": "v2"}, "unjudged changed", id="one was not asked, and differs"),
        pytest.param({}, {"a": "v1", "b": "v2"}, "unjudged unjudged", id="nothing is known from before"),
        pytest.param({"a": "status 404"}, {"a": "v1"}, "changed", id="it was not there before"),
    ],
)
def test_what_each_edge_shows(before: dict[str, str], now: dict[str, str], judged: str) -> None:
    assert " ".join(changes(before, now).by_edge[edge] for edge in sorted(now)) == judged


@given(BEFORE, NOW)
def test_no_edge_is_right_that_serves_what_it_served_unless_another_has_changed_to_that(
    before: dict[str, str], now: dict[str, str]
) -> None:
    found = changes(before, now)
    for edge, change in found.by_edge.items():
        same = now[edge] == before.get(edge)
        if change is Change.CHANGED:
            assert not same
        if change is Change.AGREES:
            assert any(now[other] == now[edge] != before.get(other) for other in before)


@given(BEFORE, NOW)
def test_no_edge_is_wrong_unless_another_has_changed(before: dict[str, str], now: dict[str, str]) -> None:
    found = changes(before, now)
    for change in found.by_edge.values():
        if change is Change.STALE:
            assert Change.CHANGED in found.by_edge.values()
        if change is Change.SILENT:
            assert "" in now.values()
