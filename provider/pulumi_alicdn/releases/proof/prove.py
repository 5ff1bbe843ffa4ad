"""The proof: probe every edge for every URL, retry mismatches for a while, and probe the origin for their reason."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from pulumi_alicdn.ports import Clock
from pulumi_alicdn.releases.network.budget import Budget
from pulumi_alicdn.releases.network.coverage import Coverage, covered
from pulumi_alicdn.releases.network.covering import Wanted, covering
from pulumi_alicdn.releases.network.meter import Meter
from pulumi_alicdn.releases.proof.asked import Asked, Key, key_of
from pulumi_alicdn.releases.proof.diagnosis import NO_CLUES, Clues, asks_why, explained, of_version, optional
from pulumi_alicdn.releases.proof.edge_reader import EdgeReader
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding
from pulumi_alicdn.releases.proof.judge import (
    COPIES,
    HEAD_OVER_BYTES,
    USER_AGENT,
    Expected,
    Probe,
    Served,
    is_entry_point,
    matches,
    probe_for,
)
from pulumi_alicdn.releases.proof.large_files import LargeFile
from pulumi_alicdn.releases.proof.servers import Server

PATIENCE_S: Final = 10.0
"""Seconds. [chosen: edges of a Complete task have dropped the old copy; a node behind an edge may lag a moment]"""

TIMEOUT_S: Final = 300.0
"""Seconds. [chosen: 1,000 URLs at 10 edges, 16 at a time and half a second each]"""

FIRST_PAUSE_S: Final = 1.0
"""Seconds before the second round; each pause is twice the previous one. [chosen: 4 more rounds within the patience]"""

MAX_KEPT: Final = 200
"""Answers with a difference whose first bytes are kept to explain it. [chosen: 13 MB of 64 KiB each, and many more than
a failure lists]"""

MAX_SPELLED: Final = 40
"""Differences for which other spellings of the URL are asked for. [chosen: twice as many as a failure lists]"""

_MOST_REQUESTS: Final = 1 + len(COPIES)
"""Requests for one URL at one node, before anything is probed again."""

NOT_IN_BUDGET: Final = "was not probed at any node: `proof_budget` was used up before"
"""The note of a URL that a budget did not allow anywhere."""

_MAY_CHANGE: Final = (Finding.STALE_EDGE, Finding.STALE, Finding.UNREACHABLE)
_OF_ORIGIN: Final = (Finding.STALE, Finding.EDGE_RULE)
"""Findings for which the origin is asked: who is at fault is not known yet."""


@dataclass(frozen=True, slots=True)
class ProofOptions:
    """How to probe.

    ``origin``: the server to probe for the reason of a mismatch; None leaves the reason open.
    ``patience_s``: seconds for which edges with a mismatch are probed again.
    ``timeout_s``: seconds after which the whole proof ends.
    ``head_over_bytes``: files with more bytes are compared by their length, and by the ETag of other copies.
    ``user_agent``: the User-Agent header of all requests.
    ``index_required``: whether the URL of each folder has to serve its index file; else only where the site does that.
    ``budget``: what the proof may use; None for everything. ``seed``: draws what a budget allows besides what it has to
    cover.
    """

    origin: Server | None = None
    patience_s: float = PATIENCE_S
    timeout_s: float = TIMEOUT_S
    head_over_bytes: int = HEAD_OVER_BYTES
    user_agent: str = USER_AGENT
    index_required: bool = True
    budget: Budget | None = None
    seed: str = ""


OnEvidence = Callable[[Evidence], None]
"""Called with the evidence of each probe; once more for the same edge, URL and copy after another probe."""

OnCoverage = Callable[[Coverage], None]
"""Called at the end of a proof that has a budget."""


NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of a probe that was not made, where no other was either. [chosen: no proof is as old]"""


def prove(
    reader: EdgeReader,
    clock: Clock,
    expected: Sequence[Expected],
    options: ProofOptions,
    on_evidence: OnEvidence = lambda _: None,
    on_coverage: OnCoverage = lambda _: None,
) -> tuple[Evidence, ...]:
    """Return the evidence of each URL at each edge, in the order of the URLs and then of the edges.

    Where an edge has several copies of a URL, by the encodings that visitors accept, each has evidence of its own.
    *on_evidence* is called for each probe. The origin is probed only for URLs with a mismatch and for large files, once
    for each. URLs that the origin does not serve as released are not probed again: more waiting does not update it.

    With a budget, there is evidence of what it allowed, and a URL that it allowed nowhere is not proven: *on_coverage*.
    """
    at_edges = {(server, one.url): one for one in expected for server in reader.edges(one.url)}
    proof = _Proof(reader, clock, at_edges, options, on_evidence)
    evidence = proof.run()
    if options.budget is not None:
        on_coverage(proof.coverage())
    return evidence


def check_origin(
    reader: EdgeReader, clock: Clock, expected: Sequence[Expected], options: ProofOptions
) -> tuple[Evidence, ...]:
    """Return the evidence of each URL at the origin, in the order of the URLs, before anything is submitted.

    Each URL is probed once; a mismatch is ``stale-origin``. Without ``options.origin`` there is no evidence.
    """
    origin = options.origin
    if origin is None:
        return ()
    at_origin = {(origin, one.url): one for one in expected}
    return _Proof(reader, clock, at_origin, replace(options, patience_s=0.0), lambda _: None).run()


class _Proof:
    def __init__(
        self,
        reader: EdgeReader,
        clock: Clock,
        expected: Mapping[tuple[Server, str], Expected],
        options: ProofOptions,
        on_evidence: OnEvidence,
    ) -> None:
        self._clock = clock
        self._options = options
        self._on_evidence = on_evidence
        self._until = clock.monotonic() + options.timeout_s
        self._expected = expected if options.index_required else {key: optional(one) for key, one in expected.items()}
        asked = dict(self._expected)
        if options.origin is not None:
            asked |= {(options.origin, one.url): one for one in self._expected.values()}
        self._meter = None if options.budget is None else Meter(options.budget, clock.monotonic())
        self._asked = Asked(reader, clock, asked, self._until, self._meter)
        self._seen: dict[Key, tuple[Probe, Served]] = {}
        self._found: dict[Key, Evidence] = {}
        self._origin: dict[tuple[str, str], Served] = {}
        self._clues: dict[tuple[Server, str], Clues] = {}
        self._large: dict[str, LargeFile] = {}
        self._served: set[str] = set()
        """URLs of folders that serve their index files at some edge, so that the site serves them."""
        self._kept = 0

    def run(self) -> tuple[Evidence, ...]:
        """Probe until all evidence is fresh, or the patience is over."""
        probes = self._first_probes()
        pause_s, until = FIRST_PAUSE_S, self._until
        for first in itertools.chain([True], itertools.repeat(False)):
            self._ask(probes)
            self._ask_origin()
            self._read_large()
            self._ask_why()
            probes = [self._again(key) for key, one in self._found.items() if one.finding in _MAY_CHANGE]
            now = self._clock.monotonic()
            until = min(until, now + self._options.patience_s) if first else until
            if not probes or now >= until:
                break
            self._clock.sleep(min(pause_s, until - now))
            pause_s *= 2
        keys = ((server, url, copy) for server, url in self._expected for copy in ("", *COPIES))
        return (*(self._found[key] for key in keys if key in self._found), *self._unprobed())

    def coverage(self) -> Coverage:
        """Return what was probed, out of every URL at every node."""
        places = {pair: (pair[0].place, pair[0].provider) for pair in self._expected}
        return covered(places, [pair for pair in self._expected if (*pair, "") in self._found])

    def _unprobed(self) -> Iterator[Evidence]:
        """Yield evidence of each URL that the budget allowed at no node: nothing is known about it."""
        if self._options.budget is None:
            return
        probed = {url for _, url, _ in self._found}
        at = max((one.at for one in self._found.values()), default=NEVER)
        for (server, url), one in self._expected.items():
            if url not in probed:
                probed.add(url)
                nothing = Served(0, at, time_up=True)
                found = explained(self._probe(one, server), one, nothing)
                yield replace(found, note=NOT_IN_BUDGET)

    def _first_probes(self) -> list[Probe]:
        """Return the probes of the first round: all, or a choice that the budget allows, by what each URL costs.

        A first node has shown by then how many copies a URL has, and whether others can be asked without a body.
        """
        budget, meter = self._options.budget, self._meter
        wanted = {one.url: self._wanted(one) for one in self._expected.values()}
        sizes = [wanted[url].first_bytes for _, url in self._expected]
        fits = budget is None or (
            len(sizes) * _MOST_REQUESTS <= budget.requests and sum(sizes) * _MOST_REQUESTS <= budget.bytes
        )
        if budget is None or meter is None or fits:
            return [self._probe(one, server) for (server, _), one in self._expected.items()]
        first = {url: (url, server) for url, server in reversed(self._choice(wanted, meter, budget.kept_back))}
        self._ask([self._probe(self._expected[server, url], server) for url, server in first.values()])
        wanted = {url: self._cost(one, *pair) if (pair := first.get(url)) else one for url, one in wanted.items()}
        chosen = self._choice(wanted, meter, budget.kept_back, frozenset(first.values()))
        return [self._probe(self._expected[server, url], server) for url, server in chosen]

    def _choice(
        self,
        wanted: Mapping[str, Wanted],
        meter: Meter,
        kept_back: int,
        done: frozenset[tuple[str, Server]] = frozenset(),
    ) -> list[tuple[str, Server]]:
        """Return URLs and nodes within what is left of the budget; hosts with other nodes have their share of it."""
        nodes: dict[str, list[Server]] = defaultdict(list)
        for server, url in self._expected:
            nodes[url].append(server)
        groups: dict[tuple[Server, ...], list[str]] = defaultdict(list)
        for url, at in nodes.items():
            groups[tuple(at)].append(url)
        requests, most_bytes = max(0, meter.requests - kept_back), max(0, meter.bytes)
        found: list[tuple[str, Server]] = []
        for servers, urls in groups.items():
            share = len(servers) * len(urls) / len(self._expected)
            found += covering(
                [wanted[url] for url in urls],
                {server: (server.place, server.provider) for server in servers},
                int(requests * share),
                most_bytes * share,
                self._options.seed,
                {pair for pair in done if pair[0] in set(urls)},
            ).probes
        return found

    def _wanted(self, one: Expected) -> Wanted:
        """Return what *one* may cost before anything is known of it."""
        large = one.size is not None and one.size > self._options.head_over_bytes
        body = 0 if large or one.removed else one.size or 0
        return Wanted(one.url, is_entry_point(one), 1, body, body)

    def _cost(self, one: Wanted, url: str, server: Server) -> Wanted:
        """Return what *one* costs at each further node, by what the first one answered."""
        probe = self._probe(self._expected[server, url], server)
        copies = [copy for copy in ("", *COPIES) if (server, url, copy) in self._seen]
        unnamed = sum(not self._asked.names_bytes(replace(probe, copy=copy)) for copy in copies)
        return replace(one, requests=max(1, len(copies)), later_bytes=one.later_bytes * unnamed)

    def _probe(self, one: Expected, server: Server) -> Probe:
        return probe_for(one, server, self._options.head_over_bytes, self._options.user_agent)

    def _again(self, key: Key) -> Probe:
        """Return the probe for the same copy, which begins with HEAD for a large file whose bytes were read."""
        server, url, copy = key
        return replace(self._probe(self._expected[server, url], server), copy=copy)

    def _ask(self, probes: Sequence[Probe]) -> None:
        fresh = {key for key, one in self._found.items() if one.ok}
        several: list[tuple[Server, str]] = []
        # If the callback raises, closing the generator cancels the requests in flight.
        with closing(self._asked.answers(probes, fresh)) as answers:
            for probe, one, served in answers:
                key = key_of(probe)
                if not served.time_up or key not in self._seen:
                    self._seen[key] = probe, self._lean(one, served)
                    self._take_large(probe, one, served)
                    if one.optional and matches(one, served):
                        self._served.add(one.url)
                self._on_evidence(self._judge(key))
                if probe.copy:
                    several.append((probe.server, probe.url))
        # A copy that came later may say more of one that came earlier.
        self._judge_again(several)

    def _lean(self, one: Expected, served: Served) -> Served:
        """Return *served* without its first bytes, unless they can explain a difference and few others are kept."""
        if not served.start or matches(one, served) or self._kept >= MAX_KEPT:
            return replace(served, start=b"")
        self._kept += 1
        return served

    def _take_large(self, probe: Probe, one: Expected, served: Served) -> None:
        """Remember what a copy of a large file shows of all others."""
        if probe.server.origin or one.size is None or one.size <= self._options.head_over_bytes:
            return
        right = matches(one, served)
        if not probe.head and served.complete:
            self._large.setdefault(one.url, LargeFile()).read(served, right=right)
        elif probe.head and right:
            self._large.setdefault(one.url, LargeFile()).add(probe, served)

    def _ask_origin(self) -> None:
        """Probe the origin for what differs and for large files, each copy once in the whole proof."""
        origin = self._options.origin
        if origin is None:
            return
        wanted = {
            (url, copy): replace(self._probe(self._expected[server, url], origin), copy=copy)
            for (server, url, copy), found in self._found.items()
            if not server.origin and (url, copy) not in self._origin and (found.weak or found.finding in _OF_ORIGIN)
        }
        for probe, _, served in self._asked.answers(list(wanted.values()), copies=False):
            kept = served if len(self._origin) < MAX_KEPT else replace(served, start=b"")
            self._origin[probe.url, probe.copy] = kept
        urls = {url for url, _ in wanted}
        self._judge_again([key for key in self._expected if key[1] in urls])

    def _read_large(self) -> None:
        """Read the bytes of large files whose copies have one length but several ETags or checksums."""
        chosen = [
            (file, probe) for url, file in self._large.items() for probe in file.to_read(self._origin.get((url, "")))
        ]
        for probe, served in self._asked.bodies([probe for _, probe in chosen]):
            key, one = key_of(probe), self._expected[probe.server, probe.url]
            if served.complete and (served.cut or served.sent_sha256 is not None):
                self._seen[key] = probe, replace(served, start=b"")
                self._large[probe.url].read(served, right=matches(one, served))
            else:
                self._large[probe.url].read(self._seen[key][1], right=None)
        # A copy that was read decides for those that were compared by their length before.
        self._judge_again([key for key in self._expected if key[1] in self._large] if self._large else [])

    def _ask_why(self) -> None:
        """Ask the server at fault further questions about what differs, once for each URL at each server."""
        at: dict[tuple[Server, str], Probe] = {}
        for (server, url, copy), found in self._found.items():
            if copy or found.diagnosis is None or (server, url) in self._clues:
                continue
            origin = self._origin.get((url, "")) if found.finding is Finding.STALE_ORIGIN else None
            asked_at = self._options.origin if origin is not None and self._options.origin is not None else server
            if asks_why(url, origin or self._seen[server, url, ""][1]):
                at[server, url] = replace(self._probe(self._expected[server, url], asked_at), head=False)
        if at:
            probes = list(dict.fromkeys(at.values()))
            clues = self._asked.clues(probes, set(probes[:MAX_SPELLED]))
            self._clues |= {key: clues[probe] for key, probe in at.items()}
            self._judge_again(list(at))

    def _judge_again(self, where: Sequence[tuple[Server, str]]) -> None:
        """Judge all copies of these URLs at these servers again, unless they are fresh."""
        for server, url in dict.fromkeys(where):
            for copy in ("", *COPIES):
                found = self._found.get((server, url, copy))
                if found is not None and (found.weak or not found.ok):
                    self._judge((server, url, copy))

    def _judge(self, key: Key) -> Evidence:
        server, url, copy = key
        probe, served = self._seen[key]
        origin = served if server.origin else self._origin.get((url, copy))
        clues = self._clues.get((server, url), NO_CLUES)
        if not matches(self._expected[server, url], served):
            clues = replace(clues, plain=self._plain(server, url))
        one = self._expected[server, url]
        if one.optional and url in self._served:
            one = replace(one, optional=False)
        found = explained(probe, one, served, origin, clues)
        if found.weak and url in self._large:
            found = of_version(found, served, self._large[url].verdict(served, origin), origin)
        self._found[key] = found
        return found

    def _plain(self, server: Server, url: str) -> bool:
        """Whether the copy without compression is the release."""
        seen = (self._seen[server, url, copy][1] for copy in ("identity", "") if (server, url, copy) in self._seen)
        return any(not one.content_encoding and matches(self._expected[server, url], one) for one in seen)
