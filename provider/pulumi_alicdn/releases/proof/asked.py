"""The requests of a proof until it times out: what is asked for, and what is asked after an answer."""

from __future__ import annotations

from collections.abc import Callable, Container, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from pulumi_alicdn.ports import Clock
from pulumi_alicdn.releases.network.meter import Meter
from pulumi_alicdn.releases.proof.diagnosis import Clues, aliases, home
from pulumi_alicdn.releases.proof.edge_reader import EdgeReader
from pulumi_alicdn.releases.proof.evidence import Diagnosis
from pulumi_alicdn.releases.proof.judge import Expected, Probe, Served, matches, needs_body, other_copies
from pulumi_alicdn.releases.proof.lessons import Lessons
from pulumi_alicdn.releases.proof.servers import Server

Key: TypeAlias = tuple[Server, str, str]
"""One copy of one URL at one server, by its :attr:`Probe.copy`."""

_NOT_MODIFIED: Final = 304
"""RFC 9110, section 15.4.5."""


_MOST_AT_ONCE: Final = 100_000
"""Probes of one round, about. [chosen: 10 MB; a round opens its connections anew, few beside as many requests]"""


def key_of(probe: Probe) -> Key:
    """Return the key of the copy that *probe* asks for."""
    return probe.server, probe.url, probe.copy


class Asked:
    """The expected content of each URL, and the instant at which the proof times out."""

    def __init__(
        self,
        reader: EdgeReader,
        clock: Clock,
        expected: Mapping[str, Expected],
        until: float,
        meter: Meter | None,
    ) -> None:
        """Ask *reader* for URLs of *expected* until the monotonic instant *until*, and for no more than *meter* allows.

        What it does not allow has no answer; None allows everything.
        """
        self._meter = meter
        self._reader = reader
        self._clock = clock
        self._expected = expected
        self._until = until
        self._homes: dict[tuple[Server, str], Served] = {}
        self._lessons = Lessons()

    def answers(
        self, probes: Iterable[Probe], settled: Callable[[Key], bool] = lambda _: False, *, copies: bool = True
    ) -> Generator[tuple[Probe, Expected, Served]]:
        """Yield the answer to each of *probes*, and then those for the other *copies* that are not *settled* yet.

        A probe for which HEAD did not suffice is repeated with GET. One node sends a copy as a whole; the others may
        say that they have the same.
        """
        again, others = _Waiting(), _Waiting()
        for group in (_Waiting(probes), again):
            for probe, served in self._taught(group):
                one = self._expected[probe.url]
                if group is not again and needs_body(one, probe, served):
                    again.add(replace(probe, head=False))
                    continue
                for copy in other_copies(one, probe, served) if copies else ():
                    if not settled((probe.server, probe.url, copy)):
                        others.add(replace(probe, copy=copy, known=()))
                yield probe, one, served
        for probe, served in self._taught(others):
            yield probe, self._expected[probe.url], served

    def _taught(self, waiting: _Waiting) -> Iterator[tuple[Probe, Served]]:
        """Yield the answer to each probe that is *waiting*; as few nodes as possible send the same bytes.

        Each URL begins with one node, another one for each URL, so that no node has to send everything. Until a node
        has named the bytes that it sent, twice as many are asked in each round.
        """
        urgent = waiting.take(lambda probe: probe.head or probe.server.origin)
        waiting.turn()
        believed = _Waiting()
        share = 1
        while urgent or waiting:
            again = _Waiting()
            for probe, served in self._read([*urgent, *waiting.next_round(self._lessons, share)]):
                if probe.known and served.status == _NOT_MODIFIED and not served.unchanged:
                    # The server named bytes that nobody knows, or none at all: only its body shows them.
                    again.add(probe)
                    continue
                self._learn(probe, served)
                if served.unchanged:
                    believed.add(probe)
                yield probe, served
            urgent = [*again.take(lambda _: True), *believed.take(self._lessons.void)]
            share *= 2

    def _learn(self, probe: Probe, served: Served) -> None:
        if not (probe.head or probe.server.origin or served.unchanged):
            right = matches(self._expected[probe.url], served)
            self._lessons.learn(probe, served, right=right)

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

    def names_bytes(self, probe: Probe) -> bool:
        """Whether a node has named the bytes that it sent for the same copy, so that no other has to send them."""
        return bool(self._lessons.known(probe))

    def _read(self, probes: Sequence[Probe]) -> Iterator[tuple[Probe, Served]]:
        if not probes:
            return
        if self._meter is None:
            yield from self._reader.read(probes, max(0.0, self._until - self._clock.monotonic()))
            return
        self._meter.begin()
        allowed = [probe for probe in probes if self._meter.admit(self._body(probe))]
        if not allowed:
            return
        until = min(self._until, self._meter.until)
        unsent = 0
        for probe, served in self._reader.read(allowed, max(0.0, until - self._clock.monotonic()), self._meter):
            unsent += not served.requests
            if not (served.left_out or (served.time_up and until < self._until)):
                yield probe, served
        self._meter.give_back(unsent)

    def _body(self, probe: Probe) -> int:
        """Return the bytes of the body that *probe* is likely to read."""
        one = self._expected.get(probe.url)
        return 0 if probe.head or probe.known or one is None or one.removed else one.size or 0


class _Waiting:
    """Probes that wait, by the copy of a URL: of each, one probe and the servers, as there can be very many."""

    def __init__(self, probes: Iterable[Probe] = ()) -> None:
        self._of: dict[tuple[str, str, bool, bool], tuple[Probe, list[Server]]] = {}
        for probe in probes:
            self.add(probe)

    def __bool__(self) -> bool:
        return bool(self._of)

    def add(self, probe: Probe) -> None:
        """Have *probe* wait; a server that waits already for the same is asked once."""
        key = probe.url, probe.copy, probe.head, probe.server.origin
        if key in self._of:
            self._of[key][1].append(probe.server)
        else:
            self._of[key] = probe, [probe.server]

    def take(self, wanted: Callable[[Probe], bool]) -> list[Probe]:
        """Return the probes of the copies that are *wanted*, which then do not wait any more."""
        found = {key: of for key, of in self._of.items() if wanted(of[0])}
        self._of = {key: of for key, of in self._of.items() if key not in found}
        return [probe.at(server) for probe, servers in found.values() for server in dict.fromkeys(servers)]

    def turn(self) -> None:
        """Have each copy begin with another server."""
        for at, (_, servers) in enumerate(self._of.values()):
            servers[:] = dict.fromkeys(servers)
            servers[:] = servers[at % len(servers) :] + servers[: at % len(servers)]

    def next_round(self, lessons: Lessons, share: int) -> list[Probe]:
        """Take *share* probes of each copy; all of them if a node has named its bytes, but not too many at once."""
        found: list[Probe] = []
        for key, (probe, servers) in list(self._of.items()):
            if len(found) >= _MOST_AT_ONCE:
                break
            known = lessons.known(probe)
            taken = servers if known else servers[:share]
            found += [probe.at(server, known) for server in taken]
            del self._of[key]
            if len(taken) < len(servers):
                self._of[key] = probe, servers[share:]
        return found
