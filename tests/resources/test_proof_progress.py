"""The progress of a proof: URLs that every edge serves, at most once a second."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.phrases import counted
from pulumi_alicdn.releases.network.node_choice import FROM_HERE
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding
from pulumi_alicdn.resources.release.proof_progress import EVERY_S, ProofProgress

AT = datetime(2026, 1, 2, tzinfo=UTC)


def seen(edge: str, url: str, finding: Finding = Finding.FRESH, copy: str = "", place: str = "") -> Evidence:
    return Evidence(edge, url, finding, "GET", "", "", 200, 1, "", "", "", "", AT, copy, place=place)


def said(urls: int, edges: int, *found: Evidence) -> str:
    """Return what is shown last if enough time passes between any two pieces of evidence."""
    shown: list[str] = []
    times = iter(range(len(found)))
    progress = ProofProgress(urls, lambda _: edges, lambda: next(times) * EVERY_S, shown.append)
    for one in found:
        progress(one)
    return shown[-1]


def test_a_url_is_proven_once_every_edge_serves_it() -> None:
    assert said(2, 2, seen("1", "a")) == "0% · proven 0 of 2 URLs"
    assert said(2, 2, seen("1", "a"), seen("1", "b")) == "0% · proven 0 of 2 URLs"
    assert said(2, 2, seen("1", "a"), seen("1", "b"), seen("2", "b")) == "50% · proven 1 of 2 URLs"
    assert said(1, 1, seen("1", "a")) == "100% · proven 1 of 1 URL"


def test_a_url_that_differs_counts_once_a_later_probe_finds_it_fresh() -> None:
    stale = seen("1", "a", Finding.STALE_EDGE)
    assert said(2, 1, stale, seen("1", "b")) == "50% · proven 1 of 2 URLs · not yet at 1 edge"
    assert said(2, 1, stale, seen("1", "b"), stale) == "50% · proven 1 of 2 URLs · not yet at 1 edge"
    assert said(2, 1, stale, seen("1", "b"), stale, seen("1", "a")) == "100% · proven 2 of 2 URLs"


def test_a_stale_copy_of_a_url_takes_it_out_again() -> None:
    packed = seen("1", "a", Finding.STALE_EDGE, "gzip")
    assert said(1, 1, seen("1", "a"), packed) == "0% · proven 0 of 1 URL · not yet at 1 edge"
    assert said(1, 1, seen("1", "a"), packed, seen("1", "a", copy="br")) == "0% · proven 0 of 1 URL · not yet at 1 edge"
    assert said(1, 1, seen("1", "a"), packed, seen("1", "a", copy="gzip")) == "100% · proven 1 of 1 URL"


def test_the_place_that_lags_is_named_until_it_serves_the_release() -> None:
    def at(edge: str, place: str, finding: Finding = Finding.STALE) -> Evidence:
        return seen(edge, "a", finding, place=place)

    late = [at("1", "China, Guangdong"), at("2", "China, Guangdong")]
    assert said(1, 3, *late) == "0% · proven 0 of 1 URL · not yet at 2 nodes in China, Guangdong"
    assert said(1, 3, *late, at("3", "Japan")) == "0% · proven 0 of 1 URL · not yet at 3 nodes in 2 places"
    healed = [at("1", "China, Guangdong", Finding.FRESH), at("2", "China, Guangdong", Finding.FRESH)]
    assert said(1, 3, *late, *healed, at("3", "Japan", Finding.FRESH)) == "100% · proven 1 of 1 URL"
    assert said(1, 1, at("1", FROM_HERE)) == "0% · proven 0 of 1 URL · not yet at 1 edge"
    odd = said(1, 1, at("1", "China,\n" + "x" * 500))
    assert "\n" not in odd
    assert len(odd) < 120


def test_thousands_of_urls_in_a_second_take_one_message_and_the_last_one_its_own() -> None:
    shown: list[str] = []
    progress = ProofProgress(10_000, lambda _: 1, lambda: 5.0, shown.append)
    for copy in ("", "gzip"):
        for number in range(10_000):
            progress(seen("1", str(number), copy=copy))
    assert shown == ["0% · proven 1 of 10,000 URLs", "100% · proven 10,000 of 10,000 URLs"]


@given(st.data(), st.integers(1, 3), st.integers(1, 4))
def test_the_count_is_that_of_all_evidence_so_far(data: st.DataObject, edges: int, urls: int) -> None:
    """First every edge is asked for each URL, in any order; then whatever differed, any number of times."""
    keys = [(str(edge), str(url), "") for edge in range(edges) for url in range(urls)]
    finding = st.sampled_from([Finding.FRESH, Finding.STALE_EDGE])
    known: dict[tuple[str, str, str], Finding] = {}
    found: list[Evidence] = []
    for edge, url, copy in data.draw(st.permutations(keys)):
        known[edge, url, copy] = data.draw(finding)
        found.append(seen(edge, url, known[edge, url, copy]))
        if data.draw(st.booleans()):
            known[edge, url, "gzip"] = data.draw(finding)
            found.append(seen(edge, url, known[edge, url, "gzip"], "gzip"))
    for _ in range(3):
        for edge, url, copy in [key for key, one in known.items() if one is not Finding.FRESH]:
            known[edge, url, copy] = data.draw(finding)
            found.append(seen(edge, url, known[edge, url, copy], copy))
    wrong = {url for (_, url, _), one in known.items() if one is not Finding.FRESH}
    text = said(urls, edges, *found)
    proven = urls - len(wrong)
    assert text.startswith(f"{100 * proven // urls}% · proven {proven} of ")
    behind = {edge for (edge, _, _), one in known.items() if one is not Finding.FRESH}
    assert ("not yet" in text) == bool(behind)
    assert (f"not yet at {counted(len(behind), 'edge')}" in text) == bool(behind)
