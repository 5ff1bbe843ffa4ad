"""The progress of a proof in words: `42% · proven 4,200 of 10,000 URLs`, and where it waits, now and then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

from pulumi_alicdn.phrases import counted, foreign, share
from pulumi_alicdn.releases.network.node_choice import FROM_HERE
from pulumi_alicdn.releases.proof.evidence import Evidence

EVERY_S: Final = 1.0
"""Seconds between two messages. [chosen: a message is a call to the engine, and thousands of URLs come in a second]"""

_MAX_PLACE: Final = 60
"""The most characters of a place. [chosen: the names of a country and a province, on a line of a terminal]"""


class ProofProgress:
    """Counts URLs that every edge serves as released; a callback for the evidence of a proof."""

    def __init__(
        self, urls: int, edges: Callable[[str], int], now: Callable[[], float], show: Callable[[str], None]
    ) -> None:
        """Count to *urls*, each at as many servers as *edges* returns; *now*: monotonic. The message goes to *show*."""
        self._urls = urls
        self._edges = edges
        self._now = now
        self._show = show
        self._left: dict[str, int] = {}
        self._wrong: dict[str, set[tuple[str, str]]] = {}
        self._behind: Counter[tuple[str, str]] = Counter()
        """Edges that differ, with their places: for how many URLs and copies each of them does."""
        self._answered = 0
        self._shown_at: float | None = None

    def __call__(self, one: Evidence) -> None:
        """Take the evidence of one probe; each probe that differed may come again."""
        before = self._answered, bool(self._wrong)
        self._take(one)
        # Otherwise a proof that ends within a second would leave its first message on the row.
        ends = self._answered == self._urls and before != (self._answered, bool(self._wrong))
        now = self._now()
        if ends or self._shown_at is None or now >= self._shown_at + EVERY_S:
            self._shown_at = now
            # The share comes first, since a narrow terminal shows no more of it.
            proven, of = self._proven(), self._urls
            self._show(f"{share(proven, of)} · proven {proven:,} of {counted(of, 'URL')}{self._where()}")

    def _take(self, one: Evidence) -> None:
        key, wrong = (one.edge, one.copy), self._wrong.get(one.url, set())
        if key not in wrong and not one.copy:
            left = self._left.pop(one.url, None)
            left = (self._edges(one.url) if left is None else left) - 1
            if left:
                self._left[one.url] = left
            else:
                self._answered += 1
        self._behind[one.edge, one.place] += (not one.ok) - (key in wrong)
        if not one.ok:
            self._wrong[one.url] = {*wrong, key}
        elif wrong and wrong <= {key}:
            del self._wrong[one.url]
        else:
            wrong.discard(key)

    def _proven(self) -> int:
        """How many URLs every edge answered, but for those that differ at one of them."""
        return self._answered - sum(1 for url in self._wrong if url not in self._left)

    def _where(self) -> str:
        """Return ` · not yet at 3 nodes in China, Guangdong`; empty if every edge that answered serves the release."""
        behind = [edge for edge, differences in self._behind.items() if differences]
        if not behind:
            return ""
        places = {place for _, place in behind} - {"", FROM_HERE}
        if not places:
            return f" · not yet at {counted(len(behind), 'edge')}"
        where = foreign(places.pop(), _MAX_PLACE) if len(places) == 1 else counted(len(places), "place")
        return f" · not yet at {counted(len(behind), 'node')} in {where}"
