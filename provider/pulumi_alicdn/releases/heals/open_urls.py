"""The URLs that a proof left open, and which of them a refresh can heal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pulumi_alicdn.releases import packed as packing
from pulumi_alicdn.releases.proof.checks.folded import NOTHING, Folded
from pulumi_alicdn.releases.proof.evidence import CURABLE, Evidence, Finding
from pulumi_alicdn.releases.proof.judge import Expected
from pulumi_alicdn.state import StaleEntry

MAX_HEALED: Final = 1000
"""The most URLs that one heal refreshes. [chosen: what one call carries; where more are stale, the release as a whole
did not reach the edges, and the daily quota should outlast the search for the reason]"""

MAX_NAMED: Final = 1000
"""The most URLs that outputs name as unproven or healed. [chosen: as many as they have evidence for]"""


@dataclass(frozen=True, slots=True)
class OpenUrl:
    """A URL that is not proven: what every edge has to serve, and the edges at which a refresh can help."""

    expected: Expected
    stale: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """The URL."""
        return self.expected.url


def left_open(
    expected: Iterable[Expected],
    evidence: Sequence[Evidence],
    right: Collection[str] = (),
    folded: Folded = NOTHING,
) -> tuple[OpenUrl, ...]:
    """Return those of *expected* that *evidence* does not prove, in their order.

    A refresh helps against a stale edge only if the origin is right: it was asked, or another edge serves the release,
    which it has from there, or the URL is among *right*, since an earlier proof knew it. *folded*: checks that have no
    evidence; of a difference among them, the reason is not known.
    """
    known_right = {one.url for one in evidence if one.ok}.union(right)
    stale: dict[str, list[str]] = defaultdict(list)
    unproven = {one.url for one in evidence if not one.ok}
    unproven |= {url for _, url, counts in folded if counts.other}
    for one in evidence:
        if one.diagnosis not in CURABLE:
            continue
        if one.finding is Finding.STALE_EDGE or (one.finding is Finding.STALE and one.url in known_right):
            stale[one.url].append(one.edge)
    return tuple(OpenUrl(one, tuple(stale.get(one.url, ()))) for one in expected if one.url in unproven)


def healable(urls: Iterable[OpenUrl]) -> tuple[OpenUrl, ...]:
    """Return those of *urls* that a refresh can heal."""
    return tuple(one for one in urls if one.stale)


def stale_edges(urls: Iterable[OpenUrl]) -> frozenset[str]:
    """Return the edges at which any of *urls* is stale."""
    return frozenset(edge for one in urls for edge in one.stale)


def joined(groups: Iterable[Iterable[OpenUrl]]) -> tuple[OpenUrl, ...]:
    """Return the URLs of all *groups*, each once; what a later group expects replaces what an earlier one does."""
    found: dict[str, OpenUrl] = {}
    for one in (one for group in groups for one in group):
        before = found.get(one.url)
        edges = (*before.stale, *one.stale) if before is not None else one.stale
        found[one.url] = replace(one, stale=tuple(dict.fromkeys(edges)))
    return tuple(found.values())


def from_stale(entries: Iterable[StaleEntry], expected: Mapping[str, Expected]) -> tuple[OpenUrl, ...]:
    """Return the URLs of *entries*, pairs of edge and URL that are stale, as far as *expected* knows them."""
    known = (one for one in entries if one["url"] in expected)
    return joined([OpenUrl(expected[one["url"]], (one["edge"],))] for one in known)


def packed(urls: Iterable[OpenUrl]) -> str:
    """Pack *urls* into one line; empty without any."""
    rows = [[one.url, _hex(one.expected.sha256), one.expected.size, one.stale, _hex(one.expected.old)] for one in urls]
    return packing.pack(rows) if rows else ""


def _hex(digest: bytes | None) -> str:
    return (digest or b"").hex()


def unpacked(text: str | None) -> tuple[OpenUrl, ...]:
    """Unpack what :func:`packed` returned. Raises DamagedTextError for any other text."""
    if not text:
        return ()
    return tuple(
        OpenUrl(Expected(url, bytes.fromhex(digest) or None, size, bytes.fromhex(old) or None), tuple(stale))
        for url, digest, size, stale, old in packing.unpack(text)
    )
