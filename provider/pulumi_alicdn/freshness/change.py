"""The judgement without an origin: whether an edge serves something else than before the refresh; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Change(StrEnum):
    """What the content of one edge after a refresh shows, beside that of all edges before it."""

    CHANGED = "changed"
    """It is not what any edge served before, or not what this edge served."""
    AGREES = "agrees"
    """It is what other edges have changed to."""
    STALE = "stale"
    """It is what it was, while other edges have changed."""
    UNJUDGED = "unjudged"
    """It is what it was, as at all other edges; or nothing is known of it from before."""
    SILENT = "silent"
    """The edge does not answer."""


OPEN: Final = (Change.STALE, Change.SILENT)
"""What may change within moments, so that it is asked again."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes of one URL by edge, and the contents that edges have changed to."""

    by_edge: Mapping[str, Change] = field(default_factory=dict)
    new: frozenset[str] = frozenset()


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> Changes:
    """Judge the contents of one URL at each edge of *now*; *before*: contents of edges before the refresh.

    An edge that answered nothing has the empty content in *now*, and is missing in *before*.
    """
    known = {edge: content for edge, content in now.items() if content}
    new = frozenset(content for edge, content in known.items() if edge in before and before[edge] != content)
    old = frozenset(before.values())

    def judged(edge: str, content: str) -> Change:
        if not content:
            return Change.SILENT
        if edge in before and before[edge] != content:
            return Change.CHANGED
        if content in new:
            return Change.AGREES
        if edge not in before:
            # Of this edge nothing is known from before: it may only not have what others had.
            return Change.CHANGED if old and content not in old else Change.STALE if new else Change.UNJUDGED
        return Change.STALE if new else Change.UNJUDGED

    return Changes({edge: judged(edge, content) for edge, content in now.items()}, new)
