"""The proof: probe every edge for every URL, retry mismatches for a while, and probe the origin for their reason."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Final

from pulumi_alicdn.ports import Clock
from pulumi_alicdn.releases.proof.edge_reader import EdgeReader
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding
from pulumi_alicdn.releases.proof.judge import HEAD_OVER_BYTES, Expected, Probe, Served, evidence, needs_body, probe_for
from pulumi_alicdn.releases.proof.servers import Server

PATIENCE_S: Final = 10.0
"""Seconds. [chosen: edges of a Complete task have dropped the old copy; a node behind an edge may lag a moment]"""

TIMEOUT_S: Final = 300.0
"""Seconds. [chosen: 1,000 URLs at 10 edges, 16 at a time and half a second each]"""

FIRST_PAUSE_S: Final = 1.0
"""Seconds before the second round; each pause is twice the previous one. [chosen: 4 more rounds within the patience]"""

_MAY_CHANGE: Final = (Finding.STALE_EDGE, Finding.STALE, Finding.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class ProofOptions:
    """How to probe.

    ``origin``: the server to probe for the reason of a mismatch; None leaves the reason open.
    ``patience_s``: seconds for which edges with a mismatch are probed again.
    ``timeout_s``: seconds after which the whole proof ends.
    ``head_over_bytes``: files with more bytes are compared by their length only.
    """

    origin: Server | None = None
    patience_s: float = PATIENCE_S
    timeout_s: float = TIMEOUT_S
    head_over_bytes: int = HEAD_OVER_BYTES


OnEvidence = Callable[[Evidence], None]
"""Called with the evidence of each probe; once more for the same edge and URL after another probe."""


def prove(
    reader: EdgeReader,
    clock: Clock,
    expected: Sequence[Expected],
    options: ProofOptions,
    on_evidence: OnEvidence = lambda _: None,
) -> tuple[Evidence, ...]:
    """Return the evidence of each URL at each edge, in the order of the URLs and then of the edges.

    *on_evidence* is called for each probe. The origin is probed only for URLs with a mismatch, and once for each. URLs
    that the origin does not serve as released are not probed again: more waiting does not update the origin.
    """
    return _Proof(reader, clock, expected, options, on_evidence).run()


def check_origin(
    reader: EdgeReader, clock: Clock, expected: Sequence[Expected], options: ProofOptions
) -> tuple[Evidence, ...]:
    """Return the evidence of each URL at the origin, in the order of the URLs, before anything is submitted.

    Each URL is probed once; a mismatch is ``stale-origin``. Without ``options.origin`` there is no evidence.
    """
    if options.origin is None:
        return ()
    until = clock.monotonic() + options.timeout_s
    asked = _Asked(reader, clock, {(options.origin, one.url): one for one in expected}, until)
    found = {
        probe.url: evidence(probe, one, served, served)
        for probe, one, served in asked.answers(
            [probe_for(one, options.origin, options.head_over_bytes) for one in expected]
        )
    }
    return tuple(found[one.url] for one in expected)


class _Asked:
    """The probes of a proof, the expected content of each, and the instant at which the proof times out."""

    def __init__(
        self, reader: EdgeReader, clock: Clock, expected: Mapping[tuple[Server, str], Expected], until: float
    ) -> None:
        self._reader = reader
        self._clock = clock
        self._expected = expected
        self._until = until

    def answers(self, probes: Sequence[Probe]) -> Generator[tuple[Probe, Expected, Served]]:
        """Yield the answer to each of *probes*; a probe for which HEAD did not suffice is repeated with GET."""
        again = []
        for probe, served in self._read(probes):
            one = self._expected[probe.server, probe.url]
            if needs_body(one, probe, served):
                again.append(replace(probe, head=False))
            else:
                yield probe, one, served
        for probe, served in self._read(again):
            yield probe, self._expected[probe.server, probe.url], served

    def _read(self, probes: Sequence[Probe]) -> Iterator[tuple[Probe, Served]]:
        if probes:
            yield from self._reader.read(probes, max(0.0, self._until - self._clock.monotonic()))


class _Proof:
    def __init__(
        self,
        reader: EdgeReader,
        clock: Clock,
        expected: Sequence[Expected],
        options: ProofOptions,
        on_evidence: OnEvidence,
    ) -> None:
        self._clock = clock
        self._options = options
        self._on_evidence = on_evidence
        self._until = clock.monotonic() + options.timeout_s
        self._expected = {(server, one.url): one for one in expected for server in reader.edges(one.url)}
        asked = dict(self._expected)
        if options.origin is not None:
            asked |= {(options.origin, one.url): one for one in expected}
        self._asked = _Asked(reader, clock, asked, self._until)
        self._origin: dict[str, Served] = {}
        self._seen: dict[tuple[Server, str], tuple[Probe, Served]] = {}

    def run(self) -> tuple[Evidence, ...]:
        """Probe until all evidence is fresh, or the patience is over."""
        probes = [probe_for(one, server, self._options.head_over_bytes) for (server, _), one in self._expected.items()]
        pause_s, until = FIRST_PAUSE_S, self._until
        for first in itertools.chain([True], itertools.repeat(False)):
            self._ask(probes)
            self._ask_origin([probe.url for probe in probes])
            probes = [probe for probe in probes if self._judged(probe.server, probe.url).finding in _MAY_CHANGE]
            now = self._clock.monotonic()
            until = min(until, now + self._options.patience_s) if first else until
            if not probes or now >= until:
                break
            self._clock.sleep(min(pause_s, until - now))
            pause_s *= 2
        return tuple(self._judged(*key) for key in self._expected)

    def _ask(self, probes: Sequence[Probe]) -> None:
        # If the callback raises, closing the generator cancels the requests in flight.
        with closing(self._asked.answers(probes)) as answers:
            for probe, _, served in answers:
                if not served.time_up or (probe.server, probe.url) not in self._seen:
                    self._seen[probe.server, probe.url] = probe, served
                self._on_evidence(self._judged(probe.server, probe.url))

    def _ask_origin(self, urls: Sequence[str]) -> None:
        """Probe the origin for those of *urls* that have a mismatch, each once in the whole proof."""
        origin = self._options.origin
        if origin is None:
            return
        differing = {
            url: one
            for (server, url), one in self._expected.items()
            if self._judged(server, url).finding is Finding.STALE
        }
        wanted = [differing[url] for url in dict.fromkeys(urls) if url in differing and url not in self._origin]
        probes = [probe_for(one, origin, self._options.head_over_bytes) for one in wanted]
        for probe, _, served in self._asked.answers(probes):
            self._origin[probe.url] = served

    def _judged(self, server: Server, url: str) -> Evidence:
        probe, served = self._seen[server, url]
        return evidence(probe, self._expected[server, url], served, self._origin.get(url))
