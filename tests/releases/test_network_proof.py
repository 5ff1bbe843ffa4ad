"""A proof at hundreds of nodes: who sends bytes, who only names them, and what a budget allows."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from hashlib import sha256

import pytest

from pulumi_alicdn.releases.network.budget import Budget
from pulumi_alicdn.releases.network.coverage import Coverage
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding
from pulumi_alicdn.releases.proof.judge import Expected
from pulumi_alicdn.releases.proof.prove import NOT_IN_BUDGET, ProofOptions, prove
from pulumi_alicdn.system.clock import SystemClock
from pulumi_alicdn.system.edges import PER_EDGE, EdgeFetcher
from support.many_nodes import Copy, Nodes, many_nodes

BASE = "http://cdn.example.com"
ONCE = ProofOptions(patience_s=0.0)
PLACES = 43
SAME = f'"{"5a" * 16}"'
"""An ETag that has the form of a digest."""


def body(path: str) -> bytes:
    return f"the release at {path} ".encode() * 50


def fresh(address: str, path: str, accepts: str) -> Copy | None:
    del address, accepts
    return Copy(body(path))


def wanted(count: int) -> list[Expected]:
    paths = ["/index.html", *(f"/{n}.js" for n in range(1, count))]
    return [Expected(f"{BASE}{path}", sha256(body(path)).digest(), len(body(path))) for path in paths]


def proven(
    nodes: Nodes, urls: Sequence[Expected], count: int, options: ProofOptions = ONCE
) -> tuple[tuple[Evidence, ...], Coverage | None]:
    coverage: list[Coverage] = []
    reader = EdgeFetcher(nodes.servers(count, lambda n: f"China, Province {n % PLACES}"))
    found = prove(reader, SystemClock(), urls, options, on_coverage=coverage.append)
    return found, coverage[0] if coverage else None


def test_one_node_sends_each_file_and_all_others_name_its_bytes() -> None:
    with many_nodes(fresh) as nodes:
        found, _ = proven(nodes, wanted(10), 300)

    assert len(found) == 3000
    assert {one.finding for one in found} == {Finding.FRESH}
    assert {one.served for one in found} == {one.expected for one in found}
    assert nodes.bodies == {f"/{name}": 1 for name in ("index.html", *(f"{n}.js" for n in range(1, 10)))}
    assert sum(nodes.requests.values()) == 3000
    assert nodes.most_at_one <= PER_EDGE


def test_few_connections_are_opened_however_many_urls_there_are() -> None:
    with many_nodes(fresh) as nodes:
        found, _ = proven(nodes, wanted(20), 50)

    assert len(found) == 1000
    # Those that send the files, and then at most four to each node.
    assert nodes.connections <= 20 + 50 * PER_EDGE


def test_the_one_stale_node_among_300_is_found_and_named_with_its_place() -> None:
    def has(address: str, path: str, accepts: str) -> Copy | None:
        stale = address == Nodes.address(217) and path == "/3.js"
        return Copy(b"old") if stale else fresh(address, path, accepts)

    with many_nodes(has) as nodes:
        found, _ = proven(nodes, wanted(5), 300)

        (wrong,) = (one for one in found if not one.ok)
        assert (wrong.edge, wrong.url) == (f"{Nodes.address(217)}:{nodes.port}", f"{BASE}/3.js")
    assert wrong.place == f"China, Province {217 % PLACES}"
    assert wrong.finding is Finding.STALE
    assert wrong.served == sha256(b"old").hexdigest()


@pytest.mark.parametrize("first", [0, 1, 2])
def test_a_stale_node_that_is_asked_first_teaches_nothing(first: int) -> None:
    def has(address: str, path: str, accepts: str) -> Copy | None:
        return Copy(b"old") if address == Nodes.address(first) else fresh(address, path, accepts)

    with many_nodes(has) as nodes:
        found, _ = proven(nodes, wanted(3), 20)

    assert [one.edge.split(":")[0] for one in found if not one.ok] == 3 * [Nodes.address(first)]
    assert all(count <= 4 for count in nodes.bodies.values())


def test_a_stale_copy_of_equal_length_and_date_is_found_although_its_etag_is_that_of_the_release() -> None:
    """As nginx serves files whose dates a build sets to a constant."""

    def has(address: str, path: str, accepts: str) -> Copy | None:
        del accepts
        old = body(path).replace(b"release", b"RELEASE")
        return Copy(old if address == Nodes.address(4) else body(path), '"65f1a2b3-4b0"')

    with many_nodes(has) as nodes:
        found, _ = proven(nodes, wanted(1), 10)

    assert [one.edge.split(":")[0] for one in found if not one.ok] == [Nodes.address(4)]


@pytest.mark.parametrize(
    ("copy", "bodies"),
    [
        (lambda path: Copy(body(path), etag=""), 30),
        (lambda path: Copy(body(path), etag='W/"1"'), 30),
        (lambda path: Copy(body(path), etag='"a b"'), 30),
        (lambda path: Copy(body(path), etag='"65f1a2b3-4b0"'), 30),
        (lambda path: Copy(body(path), etag=f'"{"0A" * 16}-3"'), 1),
        (lambda path: Copy(body(path), named=False), 30),
        (lambda path: Copy(body(path)), 1),
    ],
    ids=[
        "none",
        "weak",
        "against the grammar",
        "of date and length",
        "upload in parts",
        "304 without an ETag",
        "strong",
    ],
)
def test_without_a_name_for_its_bytes_every_node_sends_them(copy: object, bodies: int) -> None:
    assert callable(copy)
    with many_nodes(lambda _, path, __: copy(path)) as nodes:
        found, _ = proven(nodes, wanted(2), 30)

    assert all(one.ok for one in found)
    assert set(nodes.bodies.values()) == {bodies}


def test_nodes_that_ignore_the_condition_but_state_the_same_etag_and_length_need_not_send_all_of_it() -> None:
    with many_nodes(lambda _, path, __: Copy(body(path), obeys=False)) as nodes:
        found, _ = proven(nodes, wanted(2), 10)

    assert all(one.ok for one in found)
    assert sum(one.by_etag for one in found) == 18
    assert {one.note for one in found} == {""}


def test_an_etag_that_stands_for_two_contents_is_believed_nowhere() -> None:
    """The length differs at one node, so that its bytes are read; until then, 304 was believed everywhere else."""

    def has(address: str, path: str, accepts: str) -> Copy | None:
        del accepts
        if address == Nodes.address(7):
            return Copy(b"shorter", etag=SAME, obeys=False)
        return Copy(b"old, as long as it was"[: len(body(path))] if address == Nodes.address(8) else body(path), SAME)

    with many_nodes(has) as nodes:
        found, _ = proven(nodes, wanted(1), 20)

    assert {one.edge.split(":")[0] for one in found if not one.ok} == {Nodes.address(7), Nodes.address(8)}
    assert nodes.bodies["/index.html"] >= 20


def test_a_node_whose_weak_etag_only_resembles_the_strong_one_has_to_send_its_bytes() -> None:
    def has(address: str, path: str, accepts: str) -> Copy | None:
        del accepts
        right = Copy(body(path), SAME)
        return Copy(b"rewritten", f"W/{SAME}") if address == Nodes.address(5) else right

    with many_nodes(has) as nodes:
        found, _ = proven(nodes, wanted(1), 10)

    assert [one.edge.split(":")[0] for one in found if not one.ok] == [Nodes.address(5)]


def test_each_encoding_has_its_own_etag_and_a_stale_compressed_copy_is_found() -> None:
    def has(address: str, path: str, accepts: str) -> Copy | None:
        if "gzip" not in accepts:
            return fresh(address, path, accepts)
        text = b"old" if address == Nodes.address(3) else body(path)
        return Copy(gzip.compress(text, mtime=0), encoding="gzip")

    with many_nodes(has) as nodes:
        found, _ = proven(nodes, wanted(2), 10)

    wrong = [one for one in found if not one.ok]
    assert {(one.edge.split(":")[0], one.copy) for one in wrong} <= {(Nodes.address(3), copy) for copy in ("", "gzip")}
    assert {one.url for one in wrong} == {one.url for one in wanted(2)}
    assert len(found) == 2 * 10 * 3
    assert all(count <= 3 + 2 for count in nodes.bodies.values())


@pytest.mark.parametrize("requests", [60, 150, 400, 1000])
def test_a_budget_of_requests_is_kept_and_what_it_covers_is_said(requests: int) -> None:
    budget = Budget(requests=requests)
    with many_nodes(fresh) as nodes:
        found, coverage = proven(nodes, wanted(10), 50, ProofOptions(patience_s=0.0, budget=budget))

    assert coverage is not None
    assert sum(nodes.requests.values()) <= requests
    assert coverage.checks == sum(nodes.requests.values()) == len(found)
    assert (coverage.nodes, coverage.nodes_left, coverage.urls_left) == (50, 0, 0)
    assert bool(coverage.sentence(budget)) == (coverage.checks < 500)
    assert coverage.checks >= min(500, 0.9 * requests - 10)


@pytest.mark.parametrize("copy_count", [1, 3])
def test_a_budget_counts_every_copy(copy_count: int) -> None:
    def has(address: str, path: str, accepts: str) -> Copy | None:
        packed = Copy(gzip.compress(body(path), mtime=0), encoding="gzip")
        return packed if copy_count > 1 and "gzip" in accepts else fresh(address, path, accepts)

    with many_nodes(has) as nodes:
        found, coverage = proven(nodes, wanted(5), 40, ProofOptions(patience_s=0.0, budget=Budget(requests=150)))

    assert coverage is not None
    assert sum(nodes.requests.values()) <= 150
    assert all(one.ok for one in found)
    assert coverage.checks >= 120 / copy_count


def test_a_budget_of_bytes_is_kept() -> None:
    size = len(body("/index.html"))
    budget = Budget(bytes=20 * size)
    with many_nodes(lambda _, path, __: Copy(body(path), etag="")) as nodes:
        found, coverage = proven(nodes, wanted(2), 50, ProofOptions(patience_s=0.0, budget=budget))

    assert coverage is not None
    assert sum(nodes.bodies.values()) * len(body("/1.js")) <= 20 * size
    assert all(one.ok for one in found)
    assert 10 <= coverage.checks <= 21
    assert "proof_budget allows" in coverage.sentence(budget)


@pytest.mark.parametrize("longer", [1, 40])
def test_bodies_that_are_longer_than_the_file_use_up_the_budget_and_nobody_is_blamed(longer: int) -> None:
    """Every node but one in four sends something else, so that the budget is not what the sizes of the files say."""
    size = len(body("/1.js"))

    def has(address: str, path: str, accepts: str) -> Copy | None:
        del accepts
        odd = int(address.rpartition(".")[2]) % 4
        return Copy(body(path) * longer + b"!" if odd else body(path), etag="")

    budget = Budget(bytes=80 * size)
    with many_nodes(has) as nodes:
        found, coverage = proven(nodes, wanted(3), 40, ProofOptions(patience_s=0.0, budget=budget))

    assert coverage is not None
    assert coverage.checks < 120
    assert {one.finding for one in found} <= {Finding.FRESH, Finding.STALE}
    # What is under way as the budget ends is one body for each connection.
    assert sum(nodes.bodies.values()) <= 80 // longer + 40 + 3


def test_a_url_that_the_budget_allows_nowhere_is_not_proven() -> None:
    with many_nodes(fresh) as nodes:
        found, coverage = proven(nodes, wanted(10), 4, ProofOptions(patience_s=0.0, budget=Budget(requests=5)))

    assert coverage is not None
    assert sum(nodes.requests.values()) <= 5
    assert coverage.urls_left >= 5
    assert {one.note for one in found if not one.ok} == {NOT_IN_BUDGET}
    assert {one.url for one in found} == {one.url for one in wanted(10)}


def test_a_refused_budget_of_seconds_leaves_urls_unproven_and_no_node_is_blamed() -> None:
    with many_nodes(fresh) as nodes:
        found, _ = proven(nodes, wanted(2), 10, ProofOptions(patience_s=0.0, budget=Budget(seconds=1e-9)))

    assert {one.note for one in found} == {NOT_IN_BUDGET}
    assert len(found) == 2
