"""The progress of a verification in words: `30% · proven 12 of 40 nodes`, now and then while answers come in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from pulumi_alicdn.phrases import counted, share
from pulumi_alicdn.releases.proof.servers import Server

EVERY_S: Final = 1.0
"""Seconds between two messages. [chosen: each is a call to another process, and thousands of answers may come]"""


class NodeProgress:
    """Counts nodes that serve what they have to for each URL that is asked for; a callback for answers."""

    def __init__(
        self,
        edges: Mapping[str, Sequence[Server]],
        now: Callable[[], float],
        show: Callable[[int, int], None],
        *,
        whole: bool = True,
    ) -> None:
        """Count to the nodes of *edges*, which are those of each URL; *now*: monotonic. *show* gets the counts.

        *whole*: whether each node is asked for each of its URLs; else one right answer counts until another is wrong.
        """
        self._now = now
        self._show = show
        self._whole = whole
        self._left: dict[str, set[str]] = {}
        for url, servers in edges.items():
            for server in servers:
                self._left.setdefault(str(server), set()).add(url)
        self._done: set[str] = set()
        self._shown_at: float | None = None

    def __call__(self, edge: str, url: str, ok: bool) -> None:
        """Take one answer; one that was not right may come again."""
        left = self._left.get(edge)
        if left is None:
            return
        before = len(self._done)
        if not ok:
            left.add(url)
        elif self._whole:
            left.discard(url)
        else:
            left.clear()
        if left:
            self._done.discard(edge)
        else:
            self._done.add(edge)
        ends = len(self._done) == len(self._left) != before
        now = self._now()
        if ends or self._shown_at is None or now >= self._shown_at + EVERY_S:
            self._shown_at = now
            self._show(len(self._done), len(self._left))


def nodes_sentence(proven: int, of: int) -> str:
    """Return the progress in words; the share comes first, since a narrow terminal shows no more of it."""
    return f"{share(proven, of)} · proven {proven:,} of {counted(of, 'node')}"
