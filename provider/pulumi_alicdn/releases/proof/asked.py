"""The requests of a proof until it times out: what is asked for, and what is asked after an answer."""

from __future__ import annotations

from collections.abc import Container, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from pulumi_alicdn.ports import Clock
from pulumi_alicdn.releases.network.meter import Meter
from pulumi_alicdn.releases.proof.diagnosis import Clues, aliases, home
from pulumi_alicdn.releases.proof.edge_reader import EdgeReader
from pulumi_alicdn.releases.proof.evidence import Diagnosis
from pulumi_alicdn.releases.proof.judge import Expected, Probe, Served, matches, needs_body, other_copies
from pulumi_alicdn.releases.proof.lessons import Lessons, Subject, subject_of
from pulumi_alicdn.releases.proof.servers import Server

Key: TypeAlias = tuple[Server, str, str]
"""One copy of one URL at one server, by its :attr:`Probe.copy`."""

_NOT_MODIFIED: Final = 304
"""RFC 9110, section 15.4.5."""


def key_of(probe: Probe) -> Key:
    """Return the key of the copy that *probe* asks for."""
    return probe.server, probe.url, probe.copy


class Asked:
    """The expected content of each URL at each server, and the instant at which the proof times out."""

    def __init__(
        self,
        reader: EdgeReader,
        clock: Clock,
        expected: Mapping[tuple[Server, str], Expected],
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
        self, probes: Sequence[Probe], but: Container[Key] = (), *, copies: bool = True
    ) -> Generator[tuple[Probe, Expected, Served]]:
        """Yield the answer to each of *probes*, and then those for the other *copies*, except for the keys *but*.

        A probe for which HEAD did not suffice is repeated with GET. One node sends a copy as a whole; the others may
        say that they have the same.
        """
        again: list[Probe] = []
        others: list[Probe] = []
        for probe, served in self._taught(probes):
            one = self._expected[probe.server, probe.url]
            if needs_body(one, probe, served):
                again.append(replace(probe, head=False))
            else:
                others += [replace(probe, copy=copy, known=()) for copy in other_copies(one, probe, served)]
                yield probe, one, served
        for probe, served in self._taught(again):
            one = self._expected[probe.server, probe.url]
            others += [replace(probe, copy=copy, known=()) for copy in other_copies(one, probe, served)]
            yield probe, one, served
        for probe, served in self._taught([one for one in dict.fromkeys(others) if copies and key_of(one) not in but]):
            yield probe, self._expected[probe.server, probe.url], served

    def _taught(self, probes: Sequence[Probe]) -> Iterator[tuple[Probe, Served]]:
        """Yield the answer to each of *probes*; as few nodes as possible send the same bytes.

        Each URL begins with one node, another one for each URL, so that no node has to send everything. Until a node
        has named the bytes that it sent, twice as many are asked in each round.
        """
        waiting: dict[Subject, list[Probe]] = {}
        rounds: list[Probe] = []
        for probe in probes:
            if probe.head or probe.server.origin:
                rounds.append(probe)
            else:
                waiting.setdefault(subject_of(probe), []).append(probe)
        for at, ones in enumerate(waiting.values()):
            ones[:] = ones[at % len(ones) :] + ones[: at % len(ones)]
        believed: list[Probe] = []
        share = 1
        while rounds or waiting:
            rounds += self._next_round(waiting, share)
            again: list[Probe] = []
            for probe, served in self._read(rounds):
                if probe.known and served.status == _NOT_MODIFIED and not served.unchanged:
                    # The server named bytes that nobody knows, or none at all: only its body shows them.
                    again.append(probe)
                    continue
                self._learn(probe, served)
                if served.unchanged:
                    believed.append(probe)
                yield probe, served
            again += [probe for probe in believed if self._lessons.void(probe)]
            believed = [probe for probe in believed if not self._lessons.void(probe)]
            rounds = [replace(probe, known=()) for probe in again]
            share *= 2

    def _next_round(self, waiting: dict[Subject, list[Probe]], share: int) -> list[Probe]:
        """Take *share* probes of each copy out of *waiting*; all of them if a node has named its bytes."""
        found: list[Probe] = []
        for subject, ones in list(waiting.items()):
            known = self._lessons.known(ones[0])
            taken = len(ones) if known else share
            found += [replace(probe, known=known) for probe in ones[:taken]] if known else ones[:taken]
            waiting[subject] = ones[taken:]
            if not waiting[subject]:
                del waiting[subject]
        return found

    def _learn(self, probe: Probe, served: Served) -> None:
        if not (probe.head or probe.server.origin):
            right = matches(self._expected[probe.server, probe.url], served)
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
        one = self._expected.get((probe.server, probe.url))
        return 0 if probe.head or probe.known or one is None or one.removed else one.size or 0
