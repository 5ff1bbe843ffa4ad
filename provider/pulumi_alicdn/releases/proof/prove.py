"""The proof: probe every edge for every URL, retry mismatches for a while, and probe the origin for their reason."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from pulumi_alicdn.ports import Clock
from pulumi_alicdn.releases.network.budget import Budget
from pulumi_alicdn.releases.network.coverage import Coverage
from pulumi_alicdn.releases.network.covering import Wanted, covering
from pulumi_alicdn.releases.network.meter import Meter
from pulumi_alicdn.releases.proof.asked import Asked, Key, key_of
from pulumi_alicdn.releases.proof.checks.folded import Folded
from pulumi_alicdn.releases.proof.checks.ledger import Ledger, Record
from pulumi_alicdn.releases.proof.checks.pairs import Pairs
from pulumi_alicdn.releases.proof.checks.sampling import is_entry_point
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

OnFolded = Callable[[Folded], None]
"""Called at the end of a proof that made more checks than it keeps evidence of."""


NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of a probe that was not made, where no other was either. [chosen: no proof is as old]"""


def prove(
    reader: EdgeReader,
    clock: Clock,
    expected: Sequence[Expected],
    options: ProofOptions,
    on_evidence: OnEvidence = lambda _: None,
    on_coverage: OnCoverage = lambda _: None,
    on_folded: OnFolded = lambda _: None,
) -> tuple[Evidence, ...]:
    """Return the evidence of each URL at each edge, in the order of the URLs and then of the edges.

    Where an edge has several copies of a URL, by the encodings that visitors accept, each has evidence of its own.
    *on_evidence* is called for each probe. The origin is probed only for URLs with a mismatch and for large files, once
    for each. URLs that the origin does not serve as released are not probed again: more waiting does not update it.

    With a budget, there is evidence of what it allowed, and a URL that it allowed nowhere is not proven: *on_coverage*.
    Of very many checks, a part is only counted: *on_folded*. Each URL, and each edge, has evidence even then.
    """
    proof = _Proof(reader, clock, Pairs(expected, reader.edges), options, on_evidence)
    proof.run()
    evidence, folded = proof.results()
    if options.budget is not None:
        on_coverage(proof.coverage())
    if folded.rows:
        on_folded(folded)
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
    at_origin = Pairs(expected, lambda _: (origin,))
    proof = _Proof(reader, clock, at_origin, replace(options, patience_s=0.0), lambda _: None)
    proof.run()
    return proof.results()[0]


class _Proof:
    def __init__(
        self, reader: EdgeReader, clock: Clock, pairs: Pairs, options: ProofOptions, on_evidence: OnEvidence
    ) -> None:
        self._clock = clock
        self._options = options
        self._on_evidence = on_evidence
        self._until = clock.monotonic() + options.timeout_s
        self._pairs = pairs
        required = options.index_required
        self._expected = {url: one if required else optional(one) for url, one in pairs.expected.items()}
        self._meter = None if options.budget is None else Meter(options.budget, clock.monotonic())
        self._asked = Asked(reader, clock, self._expected, self._until, self._meter)
        self._ledger = Ledger(pairs)
        self._origin: dict[tuple[str, str], Served] = {}
        self._clues: dict[tuple[Server, str], Clues] = {}
        self._large: dict[str, LargeFile] = {}
        self._served: set[str] = set()
        """URLs of folders that serve their index files at some edge, so that the site serves them."""
        self._kept = 0

    def run(self) -> None:
        """Probe until all evidence is fresh, or the patience is over."""
        probes: Iterable[Probe] = self._first_probes()
        pause_s, until = FIRST_PAUSE_S, self._until
        for first in itertools.chain([True], itertools.repeat(False)):
            self._ask(probes)
            self._ask_origin()
            self._read_large()
            self._ask_why()
            probes = [self._again(key) for key in self._may_change()]
            now = self._clock.monotonic()
            until = min(until, now + self._options.patience_s) if first else until
            if not probes or now >= until:
                break
            self._clock.sleep(min(pause_s, until - now))
            pause_s *= 2

    def results(self) -> tuple[tuple[Evidence, ...], Folded]:
        """Return the evidence, and the counts of all other checks."""
        evidence, folded = self._ledger.results()
        return (*evidence, *self._unprobed(evidence)), folded

    def coverage(self) -> Coverage:
        """Return what was probed, out of every URL at every node."""
        return self._ledger.coverage()

    def _may_change(self) -> Iterator[Key]:
        """Yield the checks whose result another probe may change."""
        found = self._ledger.open.items()
        yield from (key for key, record in found if record.found.finding in _MAY_CHANGE)
        never = {url for (_, url, _), record in found if record.found.finding not in _MAY_CHANGE}
        yield from (key for key in self._ledger.folded_keys() if key[1] not in never)

    def _unprobed(self, evidence: Sequence[Evidence]) -> Iterator[Evidence]:
        """Yield evidence of each URL that the budget allowed at no node: nothing is known about it."""
        if self._options.budget is None:
            return
        at = max((one.at for one in evidence), default=NEVER)
        for url, one in self._expected.items():
            if not self._ledger.asked(url):
                nothing = Served(0, at, time_up=True)
                found = explained(self._probe(one, self._pairs.servers(url)[0]), one, nothing)
                yield replace(found, note=NOT_IN_BUDGET)

    def _first_probes(self) -> Iterable[Probe]:
        """Return the probes of the first round: all, or a choice that the budget allows, by what each URL costs.

        A first node has shown by then how many copies a URL has, and whether others can be asked without a body.
        """
        budget, meter = self._options.budget, self._meter
        wanted = {url: self._wanted(one) for url, one in self._expected.items()}
        dear = {url: replace(one, requests=_MOST_REQUESTS, later_bytes=one.first_bytes) for url, one in wanted.items()}
        if budget is None or meter is None or self._fits(dear, meter, copies=_MOST_REQUESTS):
            return (self._probe(self._expected[one.url], server) for server, one in self._pairs)
        first = {url: (url, server) for url, server in reversed(self._choice(wanted, meter, budget.kept_back))}
        self._ask([self._probe(self._expected[url], server) for url, server in first.values()])
        wanted = {url: self._cost(one, *pair) if (pair := first.get(url)) else one for url, one in wanted.items()}
        chosen: Iterable[tuple[str, Server]]
        if len(first) == len(wanted) and self._fits(wanted, meter, budget.kept_back):
            done = set(first.values())
            chosen = ((one.url, server) for server, one in self._pairs if (one.url, server) not in done)
        else:
            chosen = self._choice(wanted, meter, budget.kept_back, frozenset(first.values()))
        return (self._probe(self._expected[url], server) for url, server in chosen)

    def _fits(self, wanted: Mapping[str, Wanted], meter: Meter, kept_back: int = 0, copies: int = 1) -> bool:
        """Whether the budget allows every URL at each of its servers, as *wanted* says what that costs."""
        at = {url: len(self._pairs.servers(url)) for url in wanted}
        requests = sum(one.requests * at[url] for url, one in wanted.items())
        most_bytes = sum(one.later_bytes * at[url] for url, one in wanted.items())
        return requests + kept_back <= meter.requests and most_bytes * copies <= meter.bytes

    def _choice(
        self,
        wanted: Mapping[str, Wanted],
        meter: Meter,
        kept_back: int,
        done: frozenset[tuple[str, Server]] = frozenset(),
    ) -> list[tuple[str, Server]]:
        """Return URLs and nodes within what is left of the budget; hosts with other nodes have their share of it."""
        requests, most_bytes = max(0, meter.requests - kept_back), max(0, meter.bytes)
        found: list[tuple[str, Server]] = []
        for group in self._pairs.groups:
            share = len(group.servers) * len(group.urls) / len(self._pairs)
            urls = set(group.urls)
            found += covering(
                [wanted[url] for url in group.urls],
                {server: (server.place, server.provider) for server in group.servers},
                int(requests * share),
                most_bytes * share,
                self._options.seed,
                {pair for pair in done if pair[0] in urls},
            ).probes
        return found

    def _wanted(self, one: Expected) -> Wanted:
        """Return what *one* may cost before anything is known of it."""
        large = one.size is not None and one.size > self._options.head_over_bytes
        body = 0 if large or one.removed else one.size or 0
        return Wanted(one.url, is_entry_point(one), 1, body, body)

    def _cost(self, one: Wanted, url: str, server: Server) -> Wanted:
        """Return what *one* costs at each further node, by what the first one answered."""
        probe = self._probe(self._expected[url], server)
        copies = [copy for copy in ("", *COPIES) if (server, url, copy) in self._ledger]
        unnamed = sum(not self._asked.names_bytes(replace(probe, copy=copy)) for copy in copies)
        return replace(one, requests=max(1, len(copies)), later_bytes=one.later_bytes * unnamed)

    def _probe(self, one: Expected, server: Server) -> Probe:
        return probe_for(one, server, self._options.head_over_bytes, self._options.user_agent)

    def _again(self, key: Key) -> Probe:
        """Return the probe for the same copy, which begins with HEAD for a large file whose bytes were read."""
        server, url, copy = key
        return replace(self._probe(self._expected[url], server), copy=copy)

    def _ask(self, probes: Iterable[Probe]) -> None:
        several: list[tuple[Server, str]] = []
        # If the callback raises, closing the generator cancels the requests in flight.
        with closing(self._asked.answers(probes, self._ledger.settled)) as answers:
            for probe, one, served in answers:
                key = key_of(probe)
                before = self._ledger.open.get(key)
                if served.time_up and before is not None:
                    self._on_evidence(before.found)
                elif not (served.time_up and key in self._ledger):
                    self._take_large(probe, one, served)
                    if one.optional and matches(one, served):
                        self._served.add(one.url)
                    self._on_evidence(self._judge(key, probe, self._lean(one, served)))
                if probe.copy and self._ledger.open_at(probe.url):
                    several.append((probe.server, probe.url))
        # A copy that came later may say more of one that came earlier.
        self._judge_again(several)

    def _lean(self, one: Expected, served: Served) -> Served:
        """Return *served* without its first bytes, unless they can explain a difference and few others are kept."""
        if not served.start:
            return served
        if matches(one, served) or self._kept >= MAX_KEPT:
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
            (url, copy): replace(self._probe(self._expected[url], origin), copy=copy)
            for (server, url, copy), record in self._ledger.open.items()
            if not server.origin
            and (url, copy) not in self._origin
            and (record.found.weak or record.found.finding in _OF_ORIGIN)
        }
        for probe, _, served in self._asked.answers(list(wanted.values()), copies=False):
            kept = served if len(self._origin) < MAX_KEPT else replace(served, start=b"")
            self._origin[probe.url, probe.copy] = kept
        urls = {url for url, _ in wanted}
        self._judge_again([(server, url) for server, url, _ in self._ledger.open if url in urls])

    def _read_large(self) -> None:
        """Read the bytes of large files whose copies have one length but several ETags or checksums."""
        chosen = [
            (file, probe) for url, file in self._large.items() for probe in file.to_read(self._origin.get((url, "")))
        ]
        for probe, served in self._asked.bodies([probe for _, probe in chosen]):
            key, one = key_of(probe), self._expected[probe.url]
            record = self._ledger.open.get(key)
            if served.complete and (served.cut or served.sent_sha256 is not None):
                self._large[probe.url].read(served, right=matches(one, served))
                self._judge(key, probe, replace(served, start=b""))
            elif record is not None:
                self._large[probe.url].read(record.served, right=None)
        # A copy that was read decides for those that were compared by their length before.
        self._judge_again([(server, url) for server, url, _ in self._ledger.open if url in self._large])

    def _ask_why(self) -> None:
        """Ask the server at fault further questions about what differs, once for each URL at each server."""
        at: dict[tuple[Server, str], Probe] = {}
        for (server, url, copy), record in self._ledger.open.items():
            found = record.found
            if copy or found.diagnosis is None or (server, url) in self._clues:
                continue
            origin = self._origin.get((url, "")) if found.finding is Finding.STALE_ORIGIN else None
            asked_at = self._options.origin if origin is not None and self._options.origin is not None else server
            if asks_why(url, origin or record.served):
                at[server, url] = replace(self._probe(self._expected[url], asked_at), head=False)
        if at:
            probes = list(dict.fromkeys(at.values()))
            clues = self._asked.clues(probes, set(probes[:MAX_SPELLED]))
            self._clues |= {key: clues[probe] for key, probe in at.items()}
            self._judge_again(list(at))

    def _judge_again(self, where: Iterable[tuple[Server, str]]) -> None:
        """Judge all copies of these URLs at these servers again, unless they are fresh."""
        for server, url in dict.fromkeys(where):
            for copy in ("", *COPIES):
                record = self._ledger.open.get((server, url, copy))
                if record is not None:
                    self._judge((server, url, copy), record.probe, record.served)

    def _judge(self, key: Key, probe: Probe, served: Served) -> Evidence:
        server, url, copy = key
        one = self._expected[url]
        origin = served if server.origin else self._origin.get((url, copy))
        clues = self._clues.get((server, url), NO_CLUES)
        if not matches(one, served):
            # Whether the copy without compression is the release.
            plain = any(self._ledger.plain((server, url, other)) for other in ("identity", ""))
            clues = replace(clues, plain=plain)
        if one.optional and url in self._served:
            one = replace(one, optional=False)
        found = explained(probe, one, served, origin, clues)
        if found.weak and url in self._large:
            found = of_version(found, served, self._large[url].verdict(served, origin), origin)
        self._ledger.take(key, Record(probe, served, found))
        return found
