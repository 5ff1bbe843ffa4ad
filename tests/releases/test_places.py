"""The table and the matrix of places: every node counts once, and what is stale or silent stands out."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.releases.network.node_choice import FROM_HERE
from pulumi_alicdn.releases.proof.checks.folded import COUNTS as ALL_COUNTS
from pulumi_alicdn.releases.proof.checks.folded import Counts, Folded
from pulumi_alicdn.releases.proof.evidence import HARMLESS, Evidence, Finding
from pulumi_alicdn.releases.report.markdown import markdown
from pulumi_alicdn.releases.report.page import page
from pulumi_alicdn.releases.report.place_matrix import COLUMN, LABEL, MAX_LINES, MAX_PROVIDERS, matrix
from pulumi_alicdn.releases.report.place_table import PlaceCount, by_place
from pulumi_alicdn.releases.report.story import by_edge
from releases.test_report import Outline
from support.hostile import HOSTILE, MARK, unseen
from support.release_stories import in_the_network, live, nodes, seen, urls

PAGE_WIDTH, GAP = 1080, 24


def at(edge: str, place: str, provider: str, finding: Finding = Finding.FRESH, url: str = "a") -> Evidence:
    known = finding if finding in (Finding.FRESH, Finding.UNREACHABLE) else Finding.STALE_EDGE
    return replace(seen(url, edge, known), place=place, provider=provider, finding=finding)


PLACES = st.sampled_from(["", "China, Beijing", "China, Hubei", "Japan", "Korea, Republic of, Seoul", "India, Goa"])
EVIDENCE = st.lists(
    st.builds(
        at,
        st.sampled_from("abcdefgh"),
        PLACES,
        st.sampled_from(["", "Telecom", "China Unicom", "NTT", "X", "Y", "Z"]),
        st.sampled_from(list(Finding)),
        st.sampled_from(["1", "2"]),
    )
)


@given(EVIDENCE)
def test_every_node_counts_once_and_its_worst_check_decides(evidence: list[Evidence]) -> None:
    where = {one.edge: (one.place, one.provider) for one in evidence}
    evidence = [replace(one, place=where[one.edge][0], provider=where[one.edge][1]) for one in evidence]
    counts = by_place(evidence)
    if not any(place for place, _ in where.values()):
        assert counts == ()
        return
    assert sum(one.nodes for one in counts) == len(where)
    assert len({(one.place, one.provider) for one in counts}) == len(counts)
    wrong = {one.edge for one in evidence if one.finding not in HARMLESS}
    silent = (*HARMLESS, Finding.UNREACHABLE, Finding.TIME_UP)
    assert sum(one.wrong for one in counts) == len(wrong)
    assert sum(one.stale for one in counts) == len({one.edge for one in evidence if one.finding not in silent})


def test_checks_that_are_only_counted_do_not_make_a_silent_node_a_stale_one() -> None:
    found = [at("a", "Japan", "NTT", Finding.UNREACHABLE), at("b", "Japan", "NTT"), at("c", "Japan", "NTT")]
    differs = ALL_COUNTS.index(Counts(other=1))
    folded = Folded({"2": (("a", "b", "c"), bytes([differs, differs, 0]))})
    assert by_place(found, folded) == (PlaceCount("Japan", "NTT", fresh=1, stale=1, silent=1),)


COUNTS = st.lists(
    st.builds(
        PlaceCount,
        st.one_of(PLACES.filter(bool), st.builds("Land {}, {}".format, st.integers(0, 5), st.integers(0, 50))),
        st.sampled_from(["Telecom", "Unicom", "Mobile", "CERNET", "NTT", "KDDI"]),
        st.integers(1, 9),
        st.integers(0, 3),
        st.integers(0, 3),
    ),
    unique_by=lambda one: (one.place, one.provider),
)


@given(COUNTS)
def test_each_place_and_provider_is_in_one_cell_of_a_block_that_is_no_longer_than_a_screen(
    counts: list[PlaceCount],
) -> None:
    blocks = matrix(counts)
    cells = [cell for block in blocks for line in block.lines for cell in line.cells]
    hints = [hint for cell in cells for hint in cell.hint.split("; ")]
    assert sorted(hint.partition(": ")[0] for hint in hints) == sorted(f"{one.place}, {one.provider}" for one in counts)
    for block in blocks:
        assert 0 < len(block.lines) <= MAX_LINES + 1
        assert len(block.heads) <= MAX_PROVIDERS + 1
        heads = {head.x for head in block.heads}
        assert all({cell.x for cell in line.cells} <= heads for line in block.lines)
        assert all(len({cell.x for cell in line.cells}) == len(line.cells) for line in block.lines)
        assert not block.lines[0].label.x, "a province stands below the name of its country"
    signs = {cell.text[0] for cell in cells if not cell.text[0].isdigit()}
    assert ("✗" in signs) == any(one.stale for one in counts)
    assert signs <= {"✗", "?"}


def test_the_places_of_a_large_network_fit_side_by_side() -> None:
    blocks = matrix(by_place(in_the_network(urls(1), nodes(300)).evidence))
    assert len(blocks) == 3
    assert sum(block.width for block in blocks) + GAP * (len(blocks) - 1) <= PAGE_WIDTH
    assert [head.text for head in blocks[0].heads] == ["Mobile", "Telecom", "Unicom", "Others"]
    assert blocks[0].width == LABEL + 4 * COLUMN


def test_a_stale_node_makes_its_place_the_first_of_the_summary() -> None:
    story = in_the_network(urls(2), nodes(300), Hunan=Finding.STALE_EDGE)
    text = markdown(story)
    (first, *_) = [line for line in text.splitlines() if line.startswith("| <code>China")]
    assert first == "| <code>China, Hunan</code> | <code>China Mobile</code> | 0 | 3 | 0 | ❌ |"
    assert "2 URLs at 300 nodes in 43 places: 18 of 600 checks did not find the release." in text
    assert "and 5 more places and providers." in text


def test_edges_without_places_are_listed_as_ever() -> None:
    story = live(urls(2))
    here = replace(story, evidence=tuple(replace(one, place=FROM_HERE) for one in story.evidence))
    for one in (story, here):
        assert by_place(one.evidence) == ()
        assert "matrix" not in page(one).partition("<body>")[2]
        assert "| Edge | Fresh | Not fresh |" in markdown(one)


def test_the_summary_of_edges_is_sorted_by_place_and_provider() -> None:
    found = [
        at("b", "Japan", "NTT"),
        at("c", "China, Hubei", "Unicom"),
        at("a", "China, Hubei", "Unicom"),
        at("d", "", ""),
    ]
    assert [one.edge for one in by_edge(found)] == ["d", "a", "c", "b"]


def test_hostile_names_of_places_and_providers_are_shown_and_do_nothing() -> None:
    plain = Outline(page(in_the_network(urls(1), nodes(60))))
    where = [(f"203.0.113.{number}:443", f"China, {text}", text) for number, text in enumerate(HOSTILE)]
    where += [(f"203.0.114.{number}:443", text, "x") for number, text in enumerate(HOSTILE)]
    story = in_the_network(urls(1), where)
    text = page(story)
    text.encode()
    odd = Outline(text)
    assert odd.depth == 0
    assert set(map(str, odd.tags)) <= set(map(str, plain.tags))
    assert unseen(text) == []
    assert unseen(markdown(story)) == []
    # The matrix shows the beginning of a name, and its whole as a hint; the tables show all of it.
    assert text.count(MARK) > 4 * len(HOSTILE)
