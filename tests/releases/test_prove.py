"""Proof against the emulator's edges and origin: who is stale, who is asked, and how often."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator, Sequence
from hashlib import sha256
from urllib.parse import urlsplit

import pytest

from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import Json
from pulumi_alicdn.errors import InterruptedWaitError
from pulumi_alicdn.releases.network.meter import Meter
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding
from pulumi_alicdn.releases.proof.judge import Expected, Probe, Served
from pulumi_alicdn.releases.proof.proof_messages import failure
from pulumi_alicdn.releases.proof.prove import PATIENCE_S, ProofOptions, check_origin, prove
from pulumi_alicdn.releases.proof.servers import Server, parse_edge, parse_origin
from pulumi_alicdn.system.edges import EdgeFetcher
from support.virtual_clock import VirtualClock

BASE = "https://media.example.com"


class Witness:
    """An EdgeReader that passes everything on, and remembers what was asked for."""

    def __init__(self, reader: EdgeFetcher) -> None:
        self._reader = reader
        self.asked: list[Probe] = []

    def edges(self, url: str) -> Sequence[Server]:
        return self._reader.edges(url)

    def read(
        self, probes: Sequence[Probe], within_s: float, meter: Meter | None = None
    ) -> Generator[tuple[Probe, Served]]:
        self.asked += probes
        return self._reader.read(probes, within_s, meter)

    def of_origin(self) -> list[str]:
        return [urlsplit(probe.url).path for probe in self.asked if probe.server.origin]


@pytest.fixture
def witness(cloud: Emulator) -> Witness:
    return Witness(EdgeFetcher([parse_edge(edge) for edge in cloud.edges]))


@pytest.fixture
def origin(cloud: Emulator) -> Server:
    return parse_origin(cloud.origin)


@pytest.fixture
def publish(cloud: Emulator) -> Callable[..., list[Expected]]:
    """Put files on the origin; return what is expected of their URLs."""

    def put(*names: str, text: str = "new") -> list[Expected]:
        cloud.admin("origin", {"files": {f"/{name}": f"{text} {name}" for name in names}})
        return [expected(name, text) for name in names]

    return put


def expected(name: str, text: str = "new") -> Expected:
    body = f"{text} {name}".encode()
    return Expected(f"{BASE}/{name}", sha256(body).digest(), len(body))


def removed(name: str) -> Expected:
    return Expected(f"{BASE}/{name}", None)


def plant(cloud: Emulator, edge: int, *names: str) -> None:
    copies: list[Json] = [
        {"edge": f"edge-{edge}", "url": f"{BASE}/{name}", "body": "old", "age_s": 812} for name in names
    ]
    cloud.admin("edges", {"copies": copies})


def host(cloud: Emulator, edge: int) -> str:
    return cloud.edges[edge].removeprefix("http://")


def findings(evidence: Sequence[Evidence]) -> list[str]:
    return [str(one.finding) for one in evidence]


def modified(evidence: Evidence) -> str:
    return f"Last-Modified {evidence.last_modified}"


Publish = Callable[..., list[Expected]]


def test_edges_that_serve_the_release_prove_it_and_nobody_asks_the_origin(
    cloud: Emulator, witness: Witness, clock: VirtualClock, origin: Server, publish: Publish
) -> None:
    wanted = [*publish("a.js", "b.js"), removed("gone.js")]
    said: list[Evidence] = []

    found = prove(witness, clock, wanted, ProofOptions(origin), said.append)

    # An answer that a file is gone does not say whether another copy is still there.
    assert [one.copy for one in found] == [*6 * [""], *3 * ["", "identity", "gzip", "br"]]
    assert findings(found) == 18 * ["fresh"]
    asked = [(one.url, host(cloud, n)) for one in wanted for n in range(3)]
    assert [(one.url, one.edge) for one in found if not one.copy] == asked
    assert {(one.method, one.status) for one in found} == {("GET", 200), ("GET", 404)}
    assert sorted(map(str, said)) == sorted(map(str, found))
    assert (len(witness.asked), witness.of_origin(), clock.slept) == (18, [], [])


def test_one_stale_edge_is_named_and_distinguished_from_the_origin(
    cloud: Emulator, witness: Witness, clock: VirtualClock, origin: Server, publish: Publish
) -> None:
    wanted = publish("a.js", "b.js")
    plant(cloud, 1, "a.js", "gone.js")

    found = prove(witness, clock, [*wanted, removed("gone.js")], ProofOptions(origin))

    stale = [one for one in found if not one.ok]
    assert {(one.edge, one.finding) for one in stale} == {(host(cloud, 1), Finding.STALE_EDGE)}
    assert [one.url for one in stale] == [f"{BASE}/a.js", f"{BASE}/gone.js"]
    assert (stale[0].served, stale[0].x_cache) == (sha256(b"old").hexdigest(), "HIT")
    assert int(stale[0].age) >= 812
    # The origin was asked for what differs, once; the edge for a while, and the others not again.
    assert sorted(witness.of_origin()) == ["/a.js", "/gone.js"]
    assert clock.slept == [1, 2, 4, 3]
    assert sum(clock.slept) == PATIENCE_S
    asked = [str(probe.server) for probe in witness.asked if not probe.server.origin]
    assert {host(cloud, edge): asked.count(host(cloud, edge)) for edge in range(3)} == {
        # Where the removed file is gone, its three other copies are asked for.
        host(cloud, 0): 3 + 3,
        host(cloud, 1): 3 + 4 * 2,
        host(cloud, 2): 3 + 3,
    }
    assert failure(found).startswith("the release is not proven: 2 of 3 URLs at 1 of 3 edges:\n  " + host(cloud, 1))


def test_an_edge_that_lags_for_a_moment_is_waited_for(
    cloud: Emulator, witness: Witness, clock: VirtualClock, origin: Server, publish: Publish
) -> None:
    wanted = publish("a.js")
    plant(cloud, 2, "a.js")
    clock.at(
        2.5, lambda: cloud.admin("edges", {"copies": [{"edge": "edge-2", "url": f"{BASE}/a.js", "body": "new a.js"}]})
    )
    assert findings(prove(witness, clock, wanted, ProofOptions(origin))) == 3 * ["fresh"]
    assert clock.slept == [1, 2]


def test_an_origin_that_was_not_updated_is_to_blame_and_no_patience_is_wasted_on_it(
    cloud: Emulator, witness: Witness, clock: VirtualClock, origin: Server, publish: Publish
) -> None:
    publish("a.js", text="old")
    plant(cloud, 0, "missing.js")
    found = prove(witness, clock, [expected("a.js"), expected("missing.js")], ProofOptions(origin))
    by_url = {url: {one.finding for one in found if one.url == f"{BASE}/{url}"} for url in ("a.js", "missing.js")}
    assert by_url == {"a.js": {Finding.STALE_ORIGIN}, "missing.js": {Finding.STALE_ORIGIN}}
    assert "it does not have the release yet" in found[0].note
    assert (clock.slept, sorted(witness.of_origin())) == ([], ["/a.js", "/missing.js"])


def test_without_an_origin_the_reason_stays_open(
    cloud: Emulator, witness: Witness, clock: VirtualClock, publish: Publish
) -> None:
    wanted = publish("a.js")
    plant(cloud, 0, "a.js")
    found = prove(witness, clock, wanted, ProofOptions(patience_s=0))
    assert findings(found) == ["stale", "fresh", "fresh"]
    assert (clock.slept, len(witness.asked)) == ([], 3)


def test_an_origin_that_is_down_leaves_the_reason_open(
    cloud: Emulator, witness: Witness, clock: VirtualClock, publish: Publish
) -> None:
    wanted = publish("a.js")
    plant(cloud, 0, "a.js")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        down = parse_origin(f"http://127.0.0.1:{closed.getsockname()[1]}")
        found = prove(witness, clock, wanted, ProofOptions(down))
    assert found[0].finding is Finding.STALE
    # It is not asked again, though the edge is.
    assert (witness.of_origin(), len(witness.asked)) == (["/a.js"], 3 + 4 + 1)
    assert found[0].note.endswith("the origin could not be asked: no connection")


def test_an_edge_that_is_down_is_unreachable_and_the_others_are_proven(
    cloud: Emulator, clock: VirtualClock, origin: Server, publish: Publish
) -> None:
    wanted = publish("a.js", "b.js")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        down = Server("127.0.0.1", closed.getsockname()[1])
        reader = Witness(EdgeFetcher([down, parse_edge(cloud.edges[0])]))
        found = prove(reader, clock, wanted, ProofOptions(origin))
    assert findings(found) == ["unreachable", "fresh", "unreachable", "fresh"]
    assert (found[0].note, found[0].status, reader.of_origin()) == ("no connection", 0, [])


def test_an_edge_without_its_origin_has_trouble_of_its_own(
    cloud: Emulator, witness: Witness, clock: VirtualClock, origin: Server
) -> None:
    cloud.admin("origin", {"rules": [{"path": "/new.js", "status": 503}]})
    found = prove(witness, clock, [expected("new.js")], ProofOptions(origin, patience_s=0))
    assert {(one.finding, one.status) for one in found} == {(Finding.UNREACHABLE, 503)}


def test_large_files_are_compared_by_length_with_head(
    cloud: Emulator, witness: Witness, clock: VirtualClock, origin: Server, publish: Publish
) -> None:
    wanted = publish("a.mp4", text="x" * 100)
    plant(cloud, 1, "a.mp4")
    found = prove(witness, clock, wanted, ProofOptions(origin, head_over_bytes=50, patience_s=0))
    assert findings(found) == ["fresh", "stale-edge", "fresh"]
    assert {one.method for one in found} == {"HEAD"}
    # The emulator's origin has half a SHA-256 as ETag, which is as good as the bytes.
    assert found[0].note == "compared by length and ETag (HEAD, 106 bytes)"
    assert found[1].note.startswith("serves another file (3 bytes, Age ")


def test_where_head_names_no_length_the_file_is_fetched(
    cloud: Emulator, witness: Witness, clock: VirtualClock, origin: Server
) -> None:
    # An encoded answer has another length than the file.
    copy: Json = {"edge": "edge-0", "url": f"{BASE}/a.js", "body": "new a.js", "headers": {"Content-Encoding": "br2"}}
    cloud.admin("edges", {"copies": [copy]})
    reader = Witness(EdgeFetcher([parse_edge(cloud.edges[0])]))
    found, *others = prove(reader, clock, [expected("a.js")], ProofOptions(origin, head_over_bytes=1))
    assert (found.finding, found.method) == (Finding.FRESH, "GET")
    assert [probe.method for probe in reader.asked][:2] == ["HEAD", "GET"]
    # As the answer is encoded, other visitors may get other copies.
    assert [one.copy for one in others] == [probe.copy for probe in reader.asked[2:]] == ["identity", "gzip", "br"]
    assert witness.asked == []


def test_when_the_time_is_up_what_was_not_seen_is_not_claimed(
    cloud: Emulator, witness: Witness, clock: VirtualClock, origin: Server, publish: Publish
) -> None:
    wanted = publish("a.js")
    found = prove(witness, clock, wanted, ProofOptions(origin, timeout_s=0))
    assert findings(found) == 3 * ["time-up"]
    # What was seen before counts for what it was.
    plant(cloud, 0, "a.js")
    found = prove(witness, clock, wanted, ProofOptions(origin, timeout_s=5))
    assert findings(found) == ["stale-edge", "fresh", "fresh"]
    assert sum(clock.slept) == 5


def test_the_callback_may_end_the_proof(
    witness: Witness, clock: VirtualClock, origin: Server, publish: Publish
) -> None:
    def enough(_: Evidence) -> None:
        raise InterruptedWaitError

    with pytest.raises(InterruptedWaitError) as caught:
        prove(witness, clock, publish("a.js"), ProofOptions(origin), enough)
    # Though the error, and with it every frame, is still held.
    assert caught.value.__traceback__ is not None
    assert "alicdn-edges" not in [thread.name for thread in threading.enumerate()]


def test_an_origin_is_checked_before_anything_is_submitted(
    cloud: Emulator, witness: Witness, clock: VirtualClock, origin: Server, publish: Publish
) -> None:
    publish("there.js")
    publish("old.js", "still.js", text="old")
    wanted = [expected("there.js"), expected("old.js"), removed("gone.js"), removed("still.js"), expected("no.js")]

    found = check_origin(witness, clock, wanted, ProofOptions(origin))

    assert [one.url for one in found] == [one.url for one in wanted]
    assert findings(found) == ["fresh", "stale-origin", "fresh", "stale-origin", "stale-origin"]
    assert {one.edge for one in found} == {cloud.origin.removeprefix("http://")}
    assert [one.note for one in found][1::3] == [
        f"serves {found[1].served[:8]}… (10 bytes, {modified(found[1])})",
        "answers 404",
    ]
    assert (len(witness.asked), clock.slept) == (5, [])
    assert cloud.admin("edges") == {"edges": []}
    assert check_origin(witness, clock, wanted, ProofOptions()) == ()
