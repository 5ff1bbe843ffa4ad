"""The covering choice: every node, every URL at every place, nothing twice, and never more than the budget."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.releases.network.covering import Covering, Wanted, covering

ROOMY = 10**9

WANTED = st.builds(
    Wanted,
    st.integers(0, 40).map("https://cdn.example.com/{}".format),
    st.booleans(),
    st.integers(1, 3),
    st.integers(0, 100),
    st.integers(0, 100),
)
URLS = st.lists(WANTED, min_size=1, max_size=12, unique_by=lambda one: one.url)
NODES = st.dictionaries(st.integers(1, 60).map("192.0.2.{}".format), st.sampled_from("abcde"), min_size=1, max_size=20)
SEEDS = st.text(max_size=5)


def whole(wanted: list[Wanted], nodes: dict[str, str], seed: str = "") -> Covering[str]:
    return covering(wanted, nodes, ROOMY, ROOMY, seed)


@given(URLS, NODES, st.integers(0, 300), st.integers(0, 3000), SEEDS)
def test_no_choice_exceeds_its_budget_or_names_a_pair_twice(
    wanted: list[Wanted], nodes: dict[str, str], requests: int, most_bytes: int, seed: str
) -> None:
    found = covering(wanted, nodes, requests, most_bytes, seed)

    costs, seen, used = {one.url: one for one in wanted}, set[str](), 0
    for url, _ in found.probes:
        used += costs[url].later_bytes if url in seen else costs[url].first_bytes
        seen.add(url)
    assert sum(costs[url].requests for url, _ in found.probes) <= requests
    assert used <= most_bytes
    assert len(set(found.probes)) == len(found.probes)
    assert all(url in costs and node in nodes for url, node in found.probes)


@given(URLS, NODES, st.integers(0, 300), st.integers(0, 3000), SEEDS)
def test_what_is_not_covered_is_said(
    wanted: list[Wanted], nodes: dict[str, str], requests: int, most_bytes: int, seed: str
) -> None:
    found = covering(wanted, nodes, requests, most_bytes, seed)

    at_places = {(url, nodes[node]) for url, node in found.probes}
    assert set(found.nodes) == set(nodes) - {node for _, node in found.probes}
    assert set(found.urls) == {one.url for one in wanted} - {url for url, _ in found.probes}
    assert found.at_places == len(wanted) * len(set(nodes.values())) - len(at_places)


@given(URLS, NODES, SEEDS)
def test_a_budget_that_is_large_enough_allows_every_url_at_every_node(
    wanted: list[Wanted], nodes: dict[str, str], seed: str
) -> None:
    found = whole(wanted, nodes, seed)

    assert len(found.probes) == len(wanted) * len(nodes)
    assert (found.nodes, found.urls, found.at_places) == ((), (), 0)


@given(URLS, NODES, SEEDS)
def test_a_request_for_each_node_and_each_url_at_each_place_covers_them_all(
    wanted: list[Wanted], nodes: dict[str, str], seed: str
) -> None:
    wanted = [Wanted(one.url, one.entry) for one in wanted]
    enough = len(nodes) + len(wanted) * len(set(nodes.values()))

    found = covering(wanted, nodes, enough, ROOMY, seed)

    assert (found.nodes, found.urls, found.at_places) == ((), (), 0)


@given(URLS, NODES, SEEDS)
def test_each_url_is_probed_once_and_then_each_node_without_a_probe_gets_an_entry_point(
    wanted: list[Wanted], nodes: dict[str, str], seed: str
) -> None:
    entries = {one.url for one in wanted if one.entry} or {one.url for one in wanted}
    both = max(len(wanted), len(nodes))

    probes = whole(wanted, nodes, seed).probes

    first, then = probes[: len(wanted)], probes[len(wanted) : both]
    assert {url for url, _ in first} == {one.url for one in wanted}
    assert {node for _, node in probes[:both]} == set(nodes)
    assert {url for url, _ in then} <= entries


@given(URLS, NODES, st.integers(0, 100), st.integers(1, 100), SEEDS)
def test_a_second_choice_repeats_nothing_and_counts_what_was_done(
    wanted: list[Wanted], nodes: dict[str, str], requests: int, more: int, seed: str
) -> None:
    first = covering(wanted, nodes, requests, ROOMY, seed)

    then = covering(wanted, nodes, more, ROOMY, seed, frozenset(first.probes))

    assert not set(first.probes) & set(then.probes)
    assert set(then.nodes) == set(nodes) - {node for _, node in (*first.probes, *then.probes)}


@given(URLS, NODES, st.integers(0, 100), SEEDS)
def test_equal_arguments_give_an_equal_choice(
    wanted: list[Wanted], nodes: dict[str, str], requests: int, seed: str
) -> None:
    assert covering(wanted, nodes, requests, ROOMY, seed) == covering(wanted, nodes, requests, ROOMY, seed)


def test_reruns_with_another_seed_probe_other_pairs() -> None:
    wanted = [Wanted(f"https://cdn.example.com/{n}") for n in range(30)]
    nodes = {f"192.0.2.{n}": "here" for n in range(30)}

    one, other = (set(covering(wanted, nodes, 200, ROOMY, seed).probes) for seed in ("monday", "tuesday"))

    assert len(one - other) > 50


def test_a_url_that_is_too_large_for_the_budget_stops_no_other() -> None:
    wanted = [Wanted("https://cdn.example.com/film", first_bytes=500), Wanted("https://cdn.example.com/a")]

    found = covering(wanted, {"192.0.2.1": "here"}, 10, 100, "")

    assert found.probes == (("https://cdn.example.com/a", "192.0.2.1"),)
    assert found.urls == ("https://cdn.example.com/film",)
