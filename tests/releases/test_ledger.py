"""What a proof keeps of its checks: evidence of some, and counts that say the same of all."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.releases.heals.open_urls import left_open
from pulumi_alicdn.releases.network.meter import Meter
from pulumi_alicdn.releases.proof.checks.folded import Folded
from pulumi_alicdn.releases.proof.checks.ledger import MAX_DIFFERENT, MAX_FRESH, Ledger, Record
from pulumi_alicdn.releases.proof.checks.pairs import Pairs
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding
from pulumi_alicdn.releases.proof.judge import COPIES, Expected, Probe, Served, evidence
from pulumi_alicdn.releases.proof.proof_messages import failure
from pulumi_alicdn.releases.proof.prove import ProofOptions, prove
from pulumi_alicdn.releases.proof.servers import Server
from pulumi_alicdn.releases.report.story import Story, by_edge
from pulumi_alicdn.releases.report.url_table import url_rows
from pulumi_alicdn.releases.report.wording import proof_sentence
from pulumi_alicdn.system.clock import SystemClock
from support.release_stories import live

SERVERS = tuple(Server(f"192.0.2.{n}", place=f"China, Province {n % 3}", provider="China Telecom") for n in range(8))
URLS = tuple(f"https://cdn.example.com/{n}.js" for n in range(4))
AT = datetime(2026, 3, 1, tzinfo=UTC)
FRESH = (Finding.FRESH, Finding.NOT_REQUIRED)

CHECKS = st.tuples(st.sampled_from(SERVERS), st.sampled_from(URLS), st.sampled_from(("", *COPIES)))
RESULTS = st.lists(
    st.tuples(CHECKS, st.sampled_from((*FRESH, Finding.STALE, Finding.UNREACHABLE)), st.booleans()), max_size=80
)


def record(server: Server, url: str, copy: str, finding: Finding, *, weak: bool) -> Record:
    probe, served = Probe(server, url, copy=copy), Served(200, AT)
    found = evidence(probe, Expected(url, b"release"), served)
    weak = weak and finding is Finding.FRESH and not copy
    return Record(probe, served, replace(found, finding=finding, weak=weak, note="weak" if weak else ""))


def story_of(found: Sequence[Evidence], folded: Folded) -> Story:
    return replace(live([]), evidence=tuple(found), folded=folded)


def wrong_cells(story: Story) -> list[tuple[str, bool, list[bool]]]:
    return [(row.url, row.wrong, [cell.css_class == "n" for cell in row.cells]) for row in url_rows(story)]


@given(RESULTS, st.integers(1, 6), st.integers(0, 6))
def test_counts_and_reports_say_the_same_however_little_evidence_is_kept(
    results: list[tuple[tuple[Server, str, str], Finding, bool]], fresh: int, different: int
) -> None:
    pairs = Pairs([Expected(url, b"release") for url in URLS], lambda _: SERVERS)
    few, all_ = Ledger(pairs, fresh, different), Ledger(pairs)
    for key, finding, weak in results:
        one = record(*key, finding, weak=weak)
        few.take(key, one)
        all_.take(key, one)

    (kept, folded), (whole, nothing) = few.results(), all_.results()

    assert nothing.rows == {}
    bare = [one for one in kept if one not in whole]
    assert all(one.note == "did not serve the release when it was last asked" for one in bare)
    assert [one for one in kept if one in whole] == [one for one in whole if one in kept]
    assert {one.url for one in kept if not one.ok} == {one.url for one in whole if not one.ok}
    assert len(kept) <= fresh + different + 4 * (len(URLS) + len(SERVERS))
    assert by_edge(kept, folded) == by_edge(whole)
    assert few.coverage() == all_.coverage()
    ours, theirs = story_of(kept, folded), story_of(whole, nothing)
    assert (ours.checks, ours.wrong, ours.weak, ours.not_required) == (
        theirs.checks,
        theirs.wrong,
        theirs.weak,
        theirs.not_required,
    )
    assert proof_sentence(ours) == proof_sentence(theirs)
    assert wrong_cells(ours) == wrong_cells(theirs)
    assert failure(kept, folded=folded).split("\n")[0] == failure(whole).split("\n")[0]
    wanted = [Expected(url, b"release") for url in URLS]
    assert [one.url for one in left_open(wanted, kept, folded=folded)] == [one.url for one in left_open(wanted, whole)]


class Network:
    """An EdgeReader without a network: every node has every file, but for those that are stale."""

    def __init__(self, nodes: int, stale: int = 0) -> None:
        self.nodes = tuple(Server(f"127.0.{n // 200 + 1}.{n % 200 + 1}", place=f"P{n % 43}") for n in range(nodes))
        self.stale = frozenset(self.nodes[:stale])
        self.asked = 0
        self.bodies = 0

    def edges(self, url: str) -> Sequence[Server]:
        del url
        return self.nodes

    def read(
        self, probes: Sequence[Probe], within_s: float, meter: Meter | None = None
    ) -> Generator[tuple[Probe, Served]]:
        del within_s, meter
        for probe in probes:
            self.asked += 1
            body = b"old" if probe.server in self.stale else probe.url.encode()
            digest = sha256(body).digest()
            served = Served(200, AT, digest, digest, len(body), etag=f'"{digest.hex()[:32]}"', received=len(body))
            same = any(one.etag == served.etag for one in probe.known)
            self.bodies += not same
            yield probe, replace(served, unchanged=True, received=0) if same else served


def proven(network: Network, urls: int) -> tuple[tuple[Evidence, ...], Folded]:
    wanted = [
        Expected(url, sha256(url.encode()).digest()) for url in (f"https://a.example.com/{n}" for n in range(urls))
    ]
    folded = [Folded()]
    found = prove(network, SystemClock(), wanted, ProofOptions(patience_s=0.0), on_folded=folded.append)
    return found, folded[-1]


def test_as_checks_grow_the_evidence_does_not() -> None:
    network = Network(300)
    found, folded = proven(network, 70)

    assert (network.asked, network.bodies) == (21_000, 70)
    assert len(found) + folded.total.checks == 21_000
    assert len(found) <= MAX_FRESH + 70 + 300
    assert {one.url for one in found} == set(folded.rows) | {f"https://a.example.com/{n}" for n in range(70)}
    assert {one.fresh for one in by_edge(found, folded)} == {70}


def test_where_nearly_all_differ_the_differences_are_counted_and_every_url_is_named() -> None:
    found, folded = proven(Network(300, stale=299), 70)

    assert len(found) <= MAX_DIFFERENT + 2 * (70 + 300)
    assert sum(not one.ok for one in found) + folded.total.other == 70 * 299
    assert failure(found, folded=folded).startswith("the release is not proven: 70 of 70 URLs at 299 of 300 edges:")
    assert f"… and {70 * 299 - 20} more" in failure(found, folded=folded)
    wanted = [Expected(one.url, None) for one in found if one.edge == "127.0.1.1"]
    assert len(left_open(wanted, found, folded=folded)) == len(wanted)
