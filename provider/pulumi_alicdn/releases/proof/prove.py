"""Proof: every edge is asked for every URL, a stale one again for a while, and the origin for the reason."""

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
"""Seconds. [chosen: a Complete task means that edges have dropped the old copy; a node behind one may lag a moment]"""

TIMEOUT_S: Final = 300.0
"""Seconds. [chosen: 1,000 URLs at 10 edges, 16 at a time and half a second each]"""

FIRST_PAUSE_S: Final = 1.0
"""Seconds before the second look; each pause is twice the one before. [chosen: 4 looks again within the patience]"""

_MAY_CHANGE: Final = (Finding.STALE_EDGE, Finding.STALE, Finding.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class ProofOptions:
    """How to look. ``origin`` None: the reason of a stale answer stays open.

    What is not the release is looked at again for ``patience_s``; everything ends after ``timeout_s``. Files of more
    than ``head_over_bytes`` are compared by their length.
    """

    origin: Server | None = None
    patience_s: float = PATIENCE_S
    timeout_s: float = TIMEOUT_S
    head_over_bytes: int = HEAD_OVER_BYTES


OnEvidence = Callable[[Evidence], None]
"""Hears of evidence as it comes; of the same look again when it was looked at again."""


def prove(
    reader: EdgeReader,
    clock: Clock,
    expected: Sequence[Expected],
    options: ProofOptions,
    on_evidence: OnEvidence = lambda _: None,
) -> tuple[Evidence, ...]:
    """What each edge serves for each URL, in the order of the URLs and then of the edges.

    *on_evidence* hears of each look. The origin is asked only for what an edge serves otherwise than released, and for
    each URL once. What the origin does not have is not looked at again: no patience makes it right.
    """
    return _Proof(reader, clock, expected, options, on_evidence).run()


def check_origin(
    reader: EdgeReader, clock: Clock, expected: Sequence[Expected], options: ProofOptions
) -> tuple[Evidence, ...]:
    """Whether the origin has the release, in the order of the URLs: before anything is submitted.

    What it does not have is looked at once only: ``stale-origin``. Without ``options.origin`` there is no evidence.
    """
    if options.origin is None:
        return ()
    until = clock.monotonic() + options.timeout_s
    asked = _Asked(reader, clock, {(options.origin, one.url): one for one in expected}, until)
    found = {
        look.url: evidence(look, one, served, served)
        for look, one, served in asked.answers(
            [probe_for(one, options.origin, options.head_over_bytes) for one in expected]
        )
    }
    return tuple(found[one.url] for one in expected)


class _Asked:
    """Looks and what is expected of each, until the time is up."""

    def __init__(
        self, reader: EdgeReader, clock: Clock, expected: Mapping[tuple[Server, str], Expected], until: float
    ) -> None:
        self._reader = reader
        self._clock = clock
        self._expected = expected
        self._until = until

    def answers(self, looks: Sequence[Probe]) -> Generator[tuple[Probe, Expected, Served]]:
        """What was served for each look; with GET where HEAD did not do."""
        again = []
        for look, served in self._read(looks):
            one = self._expected[look.place, look.url]
            if needs_body(one, look, served):
                again.append(replace(look, head=False))
            else:
                yield look, one, served
        for look, served in self._read(again):
            yield look, self._expected[look.place, look.url], served

    def _read(self, looks: Sequence[Probe]) -> Iterator[tuple[Probe, Served]]:
        if looks:
            yield from self._reader.read(looks, max(0.0, self._until - self._clock.monotonic()))


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
        self._expected = {(place, one.url): one for one in expected for place in reader.edges(one.url)}
        places = dict(self._expected)
        if options.origin is not None:
            places |= {(options.origin, one.url): one for one in expected}
        self._asked = _Asked(reader, clock, places, self._until)
        self._origin: dict[str, Served] = {}
        self._seen: dict[tuple[Server, str], tuple[Probe, Served]] = {}

    def run(self) -> tuple[Evidence, ...]:
        """Look until everything is fresh, or the patience is over."""
        looks = [probe_for(one, place, self._options.head_over_bytes) for (place, _), one in self._expected.items()]
        pause_s, until = FIRST_PAUSE_S, self._until
        for first in itertools.chain([True], itertools.repeat(False)):
            self._look(looks)
            self._ask_origin([look.url for look in looks])
            looks = [look for look in looks if self._judged(look.place, look.url).finding in _MAY_CHANGE]
            now = self._clock.monotonic()
            until = min(until, now + self._options.patience_s) if first else until
            if not looks or now >= until:
                break
            self._clock.sleep(min(pause_s, until - now))
            pause_s *= 2
        return tuple(self._judged(*key) for key in self._expected)

    def _look(self, looks: Sequence[Probe]) -> None:
        # Where whoever is told has had enough, the requests that are on their way end at once.
        with closing(self._asked.answers(looks)) as answers:
            for look, _, served in answers:
                if not served.time_up or (look.place, look.url) not in self._seen:
                    self._seen[look.place, look.url] = look, served
                self._on_evidence(self._judged(look.place, look.url))

    def _ask_origin(self, urls: Sequence[str]) -> None:
        """Ask for those of *urls* that an edge serves otherwise than released: each once, in the whole proof."""
        origin = self._options.origin
        if origin is None:
            return
        differing = {
            url: one
            for (place, url), one in self._expected.items()
            if self._judged(place, url).finding is Finding.STALE
        }
        wanted = [differing[url] for url in dict.fromkeys(urls) if url in differing and url not in self._origin]
        looks = [probe_for(one, origin, self._options.head_over_bytes) for one in wanted]
        for look, _, served in self._asked.answers(looks):
            self._origin[look.url] = served

    def _judged(self, place: Server, url: str) -> Evidence:
        look, served = self._seen[place, url]
        return evidence(look, self._expected[place, url], served, self._origin.get(url))
