"""What a proof has found: the evidence of what differs and of the first checks, and one byte for each other check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from pulumi_alicdn.releases.network.coverage import Coverage, covered
from pulumi_alicdn.releases.proof.asked import Key
from pulumi_alicdn.releases.proof.checks.folded import Counts, Folded, code
from pulumi_alicdn.releases.proof.checks.pairs import Pairs
from pulumi_alicdn.releases.proof.evidence import Diagnosis, Evidence, Finding
from pulumi_alicdn.releases.proof.judge import COPIES, Probe, Served
from pulumi_alicdn.releases.proof.servers import Server

MAX_FRESH: Final = 20_000
"""Evidence of fresh checks that is kept. [chosen: as many as a proof makes by default; 10 MB]"""

MAX_DIFFERENT: Final = 20_000
"""Evidence of differences that is kept, besides one of each URL and edge. [chosen: 30 MB; a failure lists 20]"""

_COPIES: Final = ("", *COPIES)
_PLACE: Final = {copy: at for at, copy in enumerate(_COPIES)}

_PLAIN, _ENCODED, _NOT_REQUIRED, _OPEN, _FOLDED = range(1, 6)
"""What is known of one copy at one server; 0 is nothing. The first two are the release, without and with an encoding;
the last two are not settled: there is a record, or only a difference was counted."""

_CODES: Final = {
    _PLAIN: code(Counts(fresh=1)),
    _ENCODED: code(Counts(fresh=1)),
    _NOT_REQUIRED: code(Counts(not_required=1)),
    _FOLDED: code(Counts(other=1)),
    # Records of differences have evidence in any case; others were compared by their length only.
    _OPEN: code(Counts(fresh=1, weak=1)),
}
"""What a check without evidence counts as. The code of a sum is the sum of the codes."""


@dataclass(frozen=True, slots=True)
class Record:
    """An answer that does not settle a check, and its evidence."""

    probe: Probe
    served: Served
    found: Evidence


class Ledger:
    """The results of the checks of *pairs*."""

    def __init__(self, pairs: Pairs, max_fresh: int = MAX_FRESH, max_different: int = MAX_DIFFERENT) -> None:
        """Begin without any result; keep as much evidence besides the first of each URL and edge."""
        self._pairs = pairs
        self._max_fresh = max_fresh
        self._max_different = max_different
        self._marks: dict[tuple[str, str], bytearray] = {}
        self.open: dict[Key, Record] = {}
        """What differs, or was compared by its length only: it is judged again when more is known."""
        self._different = 0
        self._open_of: Counter[str] = Counter()
        """How many of them each URL has, and each edge."""
        self._kept: dict[int, Evidence] = {}
        """Evidence of settled checks, by the number of the check."""
        self._first: dict[str, tuple[int, Evidence]] = {}
        """The first of them for each URL, and for each edge: each has to be seen somewhere."""
        self._below: float = float("inf")

    def take(self, key: Key, record: Record) -> None:
        """Replace what was known of a check."""
        server, url, copy = key
        found = record.found
        marks = self._marks.get((url, copy))
        if marks is None:
            marks = self._marks[url, copy] = bytearray(len(self._pairs.servers(url)))
        at = self._pairs.at(server, url)
        if marks[at]:
            self._forget(key)
        if found.ok and not found.weak:
            plain = not record.served.content_encoding
            marks[at] = _NOT_REQUIRED if found.finding is Finding.NOT_REQUIRED else _PLAIN if plain else _ENCODED
            self._keep(self._rank(key), found)
        elif found.ok or self._different < self._max_different or not self._seen(found):
            self.open[key] = record
            self._different += not found.ok
            self._open_of.update((url, found.edge))
            marks[at] = _OPEN
        else:
            marks[at] = _FOLDED

    def _seen(self, found: Evidence) -> bool:
        """Whether there is evidence of the same URL, and of the same edge."""
        return all(self._open_of[name] or name in self._first for name in (found.url, found.edge))

    def _forget(self, key: Key) -> None:
        """Drop what was kept of an earlier answer."""
        before = self.open.pop(key, None)
        if before is not None:
            self._different -= not before.found.ok
            self._open_of.subtract((before.found.url, before.found.edge))
        if not self.settled(key):
            return
        rank = self._rank(key)
        self._kept.pop(rank, None)
        self._first = {name: kept for name, kept in self._first.items() if kept[0] != rank}

    def _rank(self, key: Key) -> int:
        server, url, copy = key
        return len(_COPIES) * self._pairs.rank(url, self._pairs.at(server, url)) + _PLACE[copy]

    def _keep(self, rank: int, found: Evidence) -> None:
        for name in (found.url, found.edge):
            if name not in self._first or rank < self._first[name][0]:
                self._first[name] = rank, found
        if rank >= self._below:
            return
        self._kept[rank] = found
        if len(self._kept) > 2 * self._max_fresh:
            ranks = sorted(self._kept)[self._max_fresh :]
            self._below = ranks[0]
            for one in ranks:
                del self._kept[one]

    def _mark(self, key: Key) -> int:
        server, url, copy = key
        marks = self._marks.get((url, copy))
        return 0 if marks is None else marks[self._pairs.at(server, url)]

    def __contains__(self, key: object) -> bool:
        """Whether anything is known of the check *key*."""
        return isinstance(key, tuple) and self._mark(key) > 0

    def settled(self, key: Key) -> bool:
        """Whether a check found the release, or that nothing is required."""
        return self._mark(key) in (_PLAIN, _ENCODED, _NOT_REQUIRED)

    def plain(self, key: Key) -> bool:
        """Whether a check found the release, as it is without an encoding."""
        record = self.open.get(key)
        if record is not None:
            return record.found.ok and not record.served.content_encoding
        return self._mark(key) == _PLAIN

    def open_at(self, url: str) -> bool:
        """Whether a check of *url* has a record that is not settled."""
        return self._open_of[url] > 0

    def folded_keys(self) -> Iterator[Key]:
        """Yield the checks that differ and have no evidence."""
        for (url, copy), marks in self._marks.items():
            for at, server in enumerate(self._pairs.servers(url)) if _FOLDED in marks else ():
                if marks[at] == _FOLDED:
                    yield server, url, copy

    def asked(self, url: str) -> bool:
        """Whether *url* was checked anywhere."""
        return any(any(self._marks.get((url, copy), b"")) for copy in _COPIES)

    def _evidence(self) -> dict[int, Evidence]:
        ranked = {self._rank(key): record.found for key, record in self.open.items()}
        weak = {rank: found for rank, found in ranked.items() if found.ok}
        settled = self._kept | weak
        found = dict(self._first.values())
        found |= {rank: settled[rank] for rank in sorted(settled)[: self._max_fresh]}
        found |= {rank: one for rank, one in ranked.items() if not one.ok}
        names = {name for one in found.values() for name in (one.url, one.edge)}
        for rank in sorted(weak):
            if not names.issuperset((weak[rank].url, weak[rank].edge)):
                found[rank] = weak[rank]
                names |= {weak[rank].url, weak[rank].edge}
        return found

    def results(self) -> tuple[tuple[Evidence, ...], Folded]:
        """Return the evidence in the order of the checks, and the counts of all checks without evidence.

        Each URL has evidence, and each that differs anywhere has evidence of a difference.
        """
        found = self._evidence()
        shown = {one.url: one for one in sorted(found.values(), key=lambda one: not one.ok)}
        for server, url, copy in self.folded_keys():
            if shown[url].ok:
                shown[url] = _bare(shown[url], server, copy)
                found[self._rank((server, url, copy))] = shown[url]
        rows: dict[str, tuple[tuple[str, ...], bytes]] = {}
        names = {group.servers: tuple(map(str, group.servers)) for group in self._pairs.groups}
        for url in self._pairs.expected:
            codes = self._codes(url, found)
            if any(codes):
                rows[url] = names[self._pairs.servers(url)], bytes(codes)
        return tuple(found[rank] for rank in sorted(found)), Folded(rows)

    def _codes(self, url: str, found: dict[int, Evidence]) -> bytearray:
        codes = bytearray(len(self._pairs.servers(url)))
        first = len(_COPIES) * self._pairs.rank(url, 0)
        for place, copy in enumerate(_COPIES):
            for at, mark in enumerate(self._marks.get((url, copy), b"")):
                if mark and first + len(_COPIES) * at + place not in found:
                    # A file that is compared by its length has one copy.
                    codes[at] += _CODES[_PLAIN if place and mark == _OPEN else mark]
        return codes

    def coverage(self) -> Coverage:
        """Return what was checked, out of every URL at every server."""
        return covered(
            (
                group.servers,
                [(one.place, one.provider) for one in group.servers],
                [bytes(self._marks.get((url, ""), bytes(len(group.servers)))) for url in group.urls],
            )
            for group in self._pairs.groups
        )


def _bare(one: Evidence, server: Server, copy: str) -> Evidence:
    """Return evidence of a difference whose answer was not kept, by that of the same URL elsewhere."""
    return replace(
        one,
        edge=str(server),
        place=server.place,
        provider=server.provider,
        copy=copy,
        finding=Finding.STALE,
        diagnosis=Diagnosis.STALE,
        weak=False,
        served="",
        note="did not serve the release when it was last asked",
    )
