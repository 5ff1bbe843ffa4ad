"""Evidence: what one edge served for one URL, and whether that is the release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Finding(StrEnum):
    """The result of one probe."""

    FRESH = "fresh"
    """The edge serves the release: the file's bytes, or nothing for a removed file."""
    STALE_EDGE = "stale-edge"
    """The edge does not serve the release, but the origin does."""
    STALE_ORIGIN = "stale-origin"
    """Neither the edge nor the origin serves the release."""
    STALE = "stale"
    """The edge does not serve the release; the origin was not probed, or did not answer."""
    UNREACHABLE = "unreachable"
    """The edge did not answer, or answered with an error of its own (5xx, 429)."""
    UNREADABLE = "unreadable"
    """The edge answered with bytes that cannot be compared: their encoding is unknown or broken."""
    TIME_UP = "time-up"
    """The proof timed out before the edge answered; nothing is known about it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One URL at one edge.

    ``edge`` is `host:port` or `host`, as the user named it or DNS listed it. ``expected`` and ``served`` are SHA-256 in
    hex; ``expected`` is empty for a removed file, ``served`` if no body was read (HEAD, an error). ``status`` is the
    HTTP status, 0 without an answer. ``age``, ``x_cache`` and ``last_modified`` are values of headers, empty without
    the header. ``note`` is a sentence on the mismatch and its likely reason; for fresh evidence it is empty, or names
    what was not compared (the content, after HEAD). ``at`` is the time of the probe, aware UTC.
    """

    edge: str
    url: str
    finding: Finding
    method: str
    expected: str
    served: str
    status: int
    size: int
    age: str
    x_cache: str
    last_modified: str
    note: str
    at: datetime

    @property
    def ok(self) -> bool:
        """Whether the edge serves the release."""
        return self.finding is Finding.FRESH
