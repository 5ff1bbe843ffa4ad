"""The requests of a proof until it times out: what is asked for, and what is asked after an answer."""

from __future__ import annotations

from collections.abc import Container, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from pulumi_alicdn.ports import Clock
from pulumi_alicdn.releases.proof.diagnosis import Clues, aliases, home
from pulumi_alicdn.releases.proof.edge_reader import EdgeReader
from pulumi_alicdn.releases.proof.evidence import Diagnosis
from pulumi_alicdn.releases.proof.judge import Expected, Probe, Served, needs_body, other_copies
from pulumi_alicdn.releases.proof.servers import Server

Key: TypeAlias = tuple[Server, str, str]
"""One copy of one URL at one server, by its :attr:`Probe.copy`."""


def key_of(probe: Probe) -> Key:
    """Return the key of the copy that *probe* asks for."""
    return probe.server, probe.url, probe.copy


class Asked:
    """The expected content of each URL at each server, and the instant at which the proof times out."""

    def __init__(
        self, reader: EdgeReader, clock: Clock, expected: Mapping[tuple[Server, str], Expected], until: float
    ) -> None:
        """Ask *reader* for URLs of *expected* until the monotonic instant *until*."""
        self._reader = reader
        self._clock = clock
        self._expected = expected
        self._until = until
        self._homes: dict[tuple[Server, str], Served] = {}

    def answers(
        self, probes: Sequence[Probe], but: Container[Key] = (), *, copies: bool = True
    ) -> Generator[tuple[Probe, Expected, Served]]:
        """Yield the answer to each of *probes*, and then those for the other *copies*, except for the keys *but*.

        A probe for which HEAD did not suffice is repeated with GET.
        """
        again: list[Probe] = []
        others: list[Probe] = []
        for probe, served in self._read(probes):
            one = self._expected[probe.server, probe.url]
            if needs_body(one, probe, served):
                again.append(replace(probe, head=False))
            else:
                others += [
                    replace(probe, copy=copy)
                    for copy in other_copies(self._expected[probe.server, probe.url], probe, served)
                ]
                yield probe, one, served
        for probe, served in self._read(again):
            others += [
                replace(probe, copy=copy)
                for copy in other_copies(self._expected[probe.server, probe.url], probe, served)
            ]
            yield probe, self._expected[probe.server, probe.url], served
        for probe, served in self._read([probe for probe in others if copies and key_of(probe) not in but]):
            yield probe, self._expected[probe.server, probe.url], served

    def bodies(self, probes: Sequence[Probe]) -> Iterator[tuple[Probe, Served]]:
        """Yield the answer to each of *probes* with GET."""
        return self._read([replace(probe, head=False) for probe in probes])

    def clues(self, probes: Sequence[Probe], others: Container[Probe]) -> dict[Probe, Clues]:
        """Return the first page of the site at the server of each of *probes*; of *others*, also other spellings."""
        first = {(probe.server, home(probe.url)): replace(probe, url=home(probe.url), head=False) for probe in probes}
        for probe, served in self._read([one for key, one in first.items() if key not in self._homes]):
            self._homes[probe.server, probe.url] = served
        spelled = {
            replace(probe, url=url, head=False): (probe, kind)
            for probe in probes
            if probe in others
            for kind, urls in aliases(probe.url).items()
            for url in urls
        }
        found: dict[Probe, dict[Diagnosis, list[Served]]] = {}
        for asked, served in self._read(list(spelled)):
            probe, kind = spelled[asked]
            found.setdefault(probe, {}).setdefault(kind, []).append(served)
        return {
            probe: Clues(
                self._homes.get((probe.server, home(probe.url))),
                {kind: tuple(found.get(probe, {}).get(kind, ())) for kind in aliases(probe.url)},
            )
            for probe in probes
        }

    def _read(self, probes: Sequence[Probe]) -> Iterator[tuple[Probe, Served]]:
        if probes:
            yield from self._reader.read(probes, max(0.0, self._until - self._clock.monotonic()))
