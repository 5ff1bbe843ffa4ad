"""A refresh is verified at nodes and an origin of every kind: what is proven, what is stale, what nobody can know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from hashlib import sha256

import pytest

from pulumi_alicdn.domains.origin_choice import NoOrigin
from pulumi_alicdn.freshness.before import ask_before
from pulumi_alicdn.freshness.freshness_messages import OF_PROGRAM
from pulumi_alicdn.freshness.origins import Origins, given_origin
from pulumi_alicdn.freshness.outcome import Verified, verified
from pulumi_alicdn.freshness.verification import Freshness, How
from pulumi_alicdn.releases.network.budget import Budget
from pulumi_alicdn.releases.proof.evidence import Finding
from pulumi_alicdn.releases.proof.judge import USER_AGENT
from pulumi_alicdn.releases.proof.servers import parse_edge
from pulumi_alicdn.system.clock import SystemClock
from pulumi_alicdn.system.edges import EdgeFetcher
from support.many_nodes import Copy, Nodes, many_nodes
from support.scripted_edge import Answer, Asked, scripted

SITE = "http://cdn.example.com"
A, B = f"{SITE}/a.js", f"{SITE}/b.js"
COUNT, PLACES = 12, 4
UNKNOWN = NoOrigin("its bucket is private and answers the nodes only")
CLOCK = SystemClock()
WHERE = f"{COUNT} nodes in {PLACES} places"
CHANGED = "serve no longer what they served before the refresh"


def place(n: int) -> str:
    return f"China, Province {n % PLACES}"


class World:
    """Nodes whose contents a test changes, and an origin."""

    def __init__(self, running: ExitStack) -> None:
        self.content: dict[str, str | None] = {"/a.js": "old", "/b.js": "old"}
        self.at: dict[tuple[int, str], str | None] = {}
        self.origin: Callable[[Asked], Answer] = lambda asked: Answer((self.content[asked.target] or "").encode())
        self.nodes = running.enter_context(many_nodes(self._has))
        address = running.enter_context(scripted(self._answer))
        self.named: Origins = given_origin(f"http://{address}")
        self.reader = EdgeFetcher(self.nodes.servers(COUNT, place))

    def _answer(self, asked: Asked) -> Answer:
        return self.origin(asked)

    def _has(self, address: str, path: str, accepts: str) -> Copy | None:
        del accepts
        number = next(n for n in range(COUNT) if Nodes.address(n) == address)
        text = self.at.get((number, path), self.content[path])
        return None if text is None else Copy(text.encode())

    def before(self, *urls: str, budget: Budget | None = None) -> Mapping[str, Mapping[str, str]]:
        return ask_before(self.reader, CLOCK, urls, budget, "seed", USER_AGENT)

    def after(
        self,
        *urls: str,
        before: Mapping[str, Mapping[str, str]] | None = None,
        origins: Origins = lambda _url: UNKNOWN,
        budget: Budget | None = None,
        timeout_s: float = 20,
    ) -> Verified:
        known = before or {}
        how = How(
            origins=origins, before=known, timeout_s=timeout_s, user_agent=USER_AGENT, budget=budget, patience_s=0
        )
        return verified(self.reader, CLOCK, urls, how, lambda _proven, _of: None, OF_PROGRAM)


@pytest.fixture
def world() -> Iterator[World]:
    with ExitStack() as running:
        yield World(running)


def short(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]


def test_what_all_nodes_serve_as_the_origin_does_is_proven_also_if_it_has_not_changed(world: World) -> None:
    found = world.after(A, B, before=world.before(A, B), origins=world.named)
    assert (found.freshness, found.failure, found.doubts) == (Freshness.PROVEN, "", ())
    assert found.sentence == f"2 URLs: {WHERE} serve what the origin serves"


def test_a_stale_node_is_named_with_its_place_and_what_it_serves(world: World) -> None:
    before = world.before(A)
    world.content["/a.js"] = "new"
    world.at[5, "/a.js"] = "old"

    found = world.after(A, before=before, origins=world.named)

    at = f"{Nodes.address(5)}:{world.nodes.port} (China, Province 1)"
    assert found.failure.splitlines() == [
        "the task is Complete, but not verified: 1 of 1 URL at 1 of 12 edges:",
        f"  {at}: {A}: serves {short('old')}… (3 bytes), the origin serves {short('new')}…",
        OF_PROGRAM.again,
        OF_PROGRAM.anew,
    ]


def test_where_no_node_serves_what_the_origin_serves_the_origin_may_be_another_one(world: World) -> None:
    world.origin = lambda _asked: Answer(b"a page for strangers")
    found = world.after(A, origins=world.named)
    assert "If the origin answers this machine otherwise than the nodes, name the one that they use" in found.failure


def test_a_file_that_the_origin_does_not_have_has_to_be_gone_everywhere(world: World) -> None:
    world.origin = lambda _asked: Answer(status=404)
    world.content["/a.js"] = None
    gone = world.after(A, origins=world.named)
    assert gone.freshness is Freshness.PROVEN
    assert gone.sentence == f"1 URL: {WHERE} have no such file, and neither has the origin"
    world.at[3, "/a.js"] = "old"
    found = world.after(A, origins=world.named)
    assert f"{A}: serves {short('old')}… (3 bytes), the origin has no such file" in found.failure


def test_an_origin_that_knows_only_its_own_name_is_compared_under_it(world: World) -> None:
    world.origin = lambda asked: Answer(status=404) if asked.headers["host"] == "cdn.example.com" else Answer(b"old")
    assert world.after(A, origins=world.named).freshness is Freshness.PROVEN


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(status=403), "it answers 403 here"),
        (Answer(status=503), "it answers 503 here"),
        (Answer(status=301, headers={"Location": "/b.js"}), "it answers 301 here"),
    ],
)
def test_an_origin_that_cannot_be_compared_is_said_and_no_longer_what_it_was_is_enough(
    world: World, answer: Answer, why: str
) -> None:
    before = world.before(A)
    world.content["/a.js"] = "new"
    world.origin = lambda _asked: answer
    found = world.after(A, before=before, origins=world.named)
    assert found.freshness is Freshness.CHANGED
    assert (
        found.sentence == f"1 URL: {COUNT} nodes in {PLACES} places serve no longer what they served before the refresh"
    )
    known = f"it is known only that edges {CHANGED}"
    assert found.doubts == (f"the origin of 1 URL could not be compared: {why}; {known}",)


def test_an_origin_that_cannot_be_reached_from_here_is_one_that_is_not_known(world: World) -> None:
    found = world.after(A, before=world.before(A), origins=given_origin("http://127.0.0.1:9"))
    assert found.freshness is Freshness.UNJUDGED
    assert "it does not answer here" in found.sentence


def test_without_an_origin_a_node_that_is_as_before_beside_others_that_changed_is_stale(world: World) -> None:
    before = world.before(A)
    world.content["/a.js"] = "new"
    world.at[5, "/a.js"] = "old"
    found = world.after(A, before=before)
    assert (
        f"{A}: serves {short('old')}… (3 bytes), as before the refresh, while 11 edges serve something" in found.failure
    )
    (stale,) = found.failed
    assert (stale.edge, stale.finding) == (f"{Nodes.address(5)}:{world.nodes.port}", Finding.STALE)


def test_without_an_origin_what_no_node_has_changed_cannot_be_judged_and_has_a_next_step(world: World) -> None:
    before = world.before(A, B)
    world.content["/b.js"] = "new"
    found = world.after(A, B, before=before)
    assert (found.freshness, found.failure) == (Freshness.UNJUDGED, "")
    (doubt,) = found.doubts
    assert doubt.startswith(f"{A} cannot be judged at {COUNT} edges: what they serve is what was served before")
    assert UNKNOWN.reason in doubt
    assert doubt.endswith(
        "Name an origin that answers here with `origin`: then it is checked again, and nothing is submitted."
    )
    assert found.sentence.startswith(
        "1 URL: 12 nodes in 4 places serve no longer what they served before the refresh; "
    )


def test_a_url_that_was_not_there_before_has_changed(world: World) -> None:
    world.content["/a.js"] = None
    before = world.before(A)
    world.content["/a.js"] = "new"
    assert world.after(A, before=before).freshness is Freshness.CHANGED


def test_a_node_that_cannot_be_reached_is_named_with_a_next_step(world: World) -> None:
    before = world.before(A)
    world.reader = EdgeFetcher([*world.nodes.servers(2, place), parse_edge("http://127.0.0.1:9")])
    world.content["/a.js"] = "new"
    for origins in (world.named, lambda _url: UNKNOWN):
        found = world.after(A, before=before, origins=origins)
        assert f"  127.0.0.1:9: {A}: no connection" in found.failure
        assert 'check only those of DNS with verify="dns"' in found.failure


@pytest.mark.parametrize("known", [True, False])
def test_nodes_that_refuse_unsigned_requests_lead_to_url_auth(world: World, known: bool) -> None:
    refusal = Answer(status=403, headers={"X-Tengine-Error": "denied by req auth: no url arg auth_key"})
    with scripted(lambda _asked: refusal) as edge:
        world.reader = EdgeFetcher([parse_edge(f"http://{edge}")])
        before = world.before(A)
        assert before == {}
        found = world.after(A, before=before, origins=world.named if known else lambda _url: UNKNOWN)
    assert "Name `url_auth`" in found.failure
    assert "the release" not in found.failure


def test_without_time_nothing_is_proven_and_nothing_is_stale(world: World) -> None:
    found = world.after(A, before=world.before(A), origins=world.named, timeout_s=0)
    assert found.only_late
    assert "Give it more time with timeout." in found.failure


def test_a_budget_is_kept_before_and_after_and_every_node_is_asked(world: World) -> None:
    urls = [f"{SITE}/{n}.js" for n in range(40)]
    world.content |= {f"/{n}.js": "old" for n in range(40)}
    budget = Budget(requests=200)

    before = world.before(*urls, budget=budget)

    assert sum(world.nodes.requests.values()) <= 200
    assert {edge for by_edge in before.values() for edge in by_edge} == {str(one) for one in world.reader.edges(A)}
    assert set(before) == set(urls)
    world.content |= {f"/{n}.js": "new" for n in range(40)}
    for origins in (lambda _url: UNKNOWN, world.named):
        world.nodes.requests.clear()
        found = world.after(*urls, before=before, budget=budget, origins=origins)
        assert found.failure == ""
        assert sum(world.nodes.requests.values()) <= 200
