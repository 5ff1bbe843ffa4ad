"""The verification of a refresh: edges have to serve what the origin serves, or no longer what they served before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from pulumi_alicdn.freshness.before import choice, served
from pulumi_alicdn.freshness.change import OPEN, Change, Changes, changes
from pulumi_alicdn.freshness.contents import Contents, content_of
from pulumi_alicdn.freshness.origins import Origins, ask_origins
from pulumi_alicdn.ports import Clock
from pulumi_alicdn.releases.network.budget import Budget
from pulumi_alicdn.releases.network.coverage import Coverage
from pulumi_alicdn.releases.proof.diagnosis import explained
from pulumi_alicdn.releases.proof.edge_reader import EdgeReader
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding
from pulumi_alicdn.releases.proof.judge import Expected, Probe, Served
from pulumi_alicdn.releases.proof.prove import FIRST_PAUSE_S, PATIENCE_S, ProofOptions, prove
from pulumi_alicdn.releases.proof.servers import Server

ORIGIN_SHARE: Final = 0.5
"""The part of the time that the origins may take. [chosen: the edges need the rest]"""

_UNKNOWN: Final = bytes(32)
"""A hash that no file has: it stands for bytes that nobody knows."""


class Freshness(StrEnum):
    """What is known of a refresh after its verification, if it did not fail."""

    PROVEN = "proven"
    """Every edge serves what the origin serves."""
    CHANGED = "changed"
    """No edge serves what it served before; the origin of some URLs could not be compared."""
    UNJUDGED = "unjudged"
    """Of some edges nothing can be said: they serve what they served before, and the origin is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How a refresh is verified.

    ``origins``: the origin of each URL. ``before``: what edges served before the refresh. ``timeout_s``: seconds for
    all of it. ``budget``: what may be used at the edges; None for everything. ``seed``: draws what a budget allows.
    """

    origins: Origins
    before: Contents = field(default_factory=dict)
    timeout_s: float
    user_agent: str
    budget: Budget | None = None
    seed: str = ""
    patience_s: float = PATIENCE_S


@dataclass(frozen=True, slots=True)
class Result:
    """What a verification found.

    ``evidence``: that of URLs whose origin is known. ``changes``: the others, by URL, and ``unknown`` why. ``edges``:
    the servers that were asked for each of all URLs. ``seen``: the answers to the last requests for ``changes``.
    ``coverage``: what a budget allowed of ``evidence``.
    """

    evidence: tuple[Evidence, ...] = ()
    changes: Mapping[str, Changes] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)
    edges: Mapping[str, Sequence[Server]] = field(default_factory=dict)
    seen: tuple[Evidence, ...] = ()
    coverage: tuple[Coverage, ...] = ()

    @property
    def failed(self) -> tuple[Evidence, ...]:
        """The evidence of all edges that do not serve what they have to."""
        return (*(one for one in self.evidence if not one.ok), *(one for one in self.seen if not one.ok))

    @property
    def freshness(self) -> Freshness:
        """What is known, if nothing failed."""
        found = {change for one in self.changes.values() for change in one.by_edge.values()}
        if Change.UNJUDGED in found or any(not one.by_edge for one in self.changes.values()):
            return Freshness.UNJUDGED
        return Freshness.CHANGED if self.changes else Freshness.PROVEN


OnAnswer = Callable[[str, str, bool], None]
"""Called with edge, URL, and whether it serves what it has to; once more for the same after another request."""


def verify(
    reader: EdgeReader,
    clock: Clock,
    urls: Sequence[str],
    how: How,
    on_answer: OnAnswer = lambda _edge, _url, _ok: None,
) -> Result:
    """Ask the origin and then the edges for *urls*; no behaviour of a server raises an error.

    Edges that lag are asked again for a while.
    """
    until = clock.monotonic() + how.timeout_s
    at = ask_origins(reader, clock, urls, how.origins, how.timeout_s * ORIGIN_SHARE, how.user_agent)
    edges = {url: tuple(reader.edges(url)) for url in urls}
    groups: dict[Server, list[Expected]] = {}
    for url in urls:
        one = at[url]
        if one.expected is not None and one.server is not None:
            groups.setdefault(one.server, []).append(one.expected)
    found: list[Evidence] = []
    coverage: list[Coverage] = []
    for origin, expected in groups.items():
        options = ProofOptions(
            origin=origin,
            patience_s=how.patience_s,
            timeout_s=max(0.0, until - clock.monotonic()),
            user_agent=how.user_agent,
            budget=_share(how.budget, len(expected), len(urls)),
            seed=how.seed,
        )
        found += prove(
            reader, clock, expected, options, lambda one: on_answer(one.edge, one.url, one.ok), coverage.append
        )
    rest = [url for url in urls if at[url].expected is None]
    by_url, seen = _Watch(reader, clock, rest, how, until, len(urls), on_answer).run() if rest else ({}, ())
    unknown = {url: at[url].why for url in rest}
    return Result(tuple(found), by_url, unknown, edges, seen, tuple(coverage))


def _share(budget: Budget | None, urls: int, of: int) -> Budget | None:
    """Return the part of *budget* for some of all URLs."""
    if budget is None or urls == of:
        return budget
    return replace(budget, requests=max(1, budget.requests * urls // of), bytes=max(1, budget.bytes * urls // of))


class _Watch:
    """The requests for URLs whose origin is not known, until no edge is open or the patience is over."""

    def __init__(
        self,
        reader: EdgeReader,
        clock: Clock,
        urls: Sequence[str],
        how: How,
        until: float,
        of: int,
        on_answer: OnAnswer,
    ) -> None:
        self._reader = reader
        self._clock = clock
        self._urls = urls
        self._how = how
        self._until = until
        self._budget = _share(how.budget, len(urls), of)
        self._on_answer = on_answer
        self._now: dict[tuple[Server, str], Served] = {}

    def run(self) -> tuple[dict[str, Changes], tuple[Evidence, ...]]:
        """Return the changes of each URL, and evidence of what the edges serve."""
        pairs = self._pairs()
        pause_s, until = FIRST_PAUSE_S, self._until
        first = True
        while True:
            self._ask(pairs)
            found = self._judged()
            pairs = [pair for pair in self._now if found[pair[1]].by_edge[str(pair[0])] in OPEN]
            now = self._clock.monotonic()
            until, first = (min(until, now + self._how.patience_s) if first else until), False
            if not pairs or now >= until:
                return found, tuple(self._evidence(found))
            self._clock.sleep(min(pause_s, until - now))
            pause_s *= 2

    def _pairs(self) -> list[tuple[Server, str]]:
        """Return the edges that were asked before the refresh; where a URL has none, as a budget allows."""
        before = self._how.before
        everywhere = [(server, url) for url in self._urls for server in self._reader.edges(url)]
        known = [(server, url) for server, url in everywhere if str(server) in before.get(url, ())]
        asked = {url for _, url in known}
        rest = [url for url in self._urls if url not in asked]
        if self._budget is None or len(everywhere) + self._budget.kept_back <= self._budget.requests:
            return everywhere
        left = replace(self._budget, requests=max(1, self._budget.requests - len(known)))
        return [*known, *choice(self._reader, rest, left, self._how.seed)]

    def _ask(self, pairs: Sequence[tuple[Server, str]]) -> None:
        within_s = max(0.0, self._until - self._clock.monotonic())
        for server, url, answer in served(
            self._reader, self._clock, pairs, self._budget, within_s, self._how.user_agent
        ):
            if not answer.time_up or (server, url) not in self._now:
                self._now[server, url] = answer
            self._on_answer(str(server), url, bool(content_of(answer)))

    def _judged(self) -> dict[str, Changes]:
        now: dict[str, dict[str, str]] = {url: {} for url in self._urls}
        for (server, url), answer in self._now.items():
            now[url][str(server)] = content_of(answer)
        return {url: changes(self._how.before.get(url, {}), by_edge) for url, by_edge in now.items()}

    def _evidence(self, found: Mapping[str, Changes]) -> Iterator[Evidence]:
        for (server, url), answer in self._now.items():
            change = found[url].by_edge[str(server)]
            probe = Probe(server, url, user_agent=self._how.user_agent)
            made = replace(explained(probe, Expected(url, _UNKNOWN), answer), expected="")
            if change is not Change.SILENT:
                finding = Finding.STALE if change is Change.STALE else Finding.FRESH
                made = replace(made, finding=finding, note="", diagnosis=None)
            yield made
