"""What an edge was seen to serve for one URL, and what that says of the release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Finding(StrEnum):
    """What one probe of one edge showed."""

    FRESH = "fresh"
    """It serves the release: the file's bytes, or nothing where the file was removed."""
    STALE_EDGE = "stale-edge"
    """It serves something else than the release, though the origin serves the release."""
    STALE_ORIGIN = "stale-origin"
    """It serves something else than the release, and so does the origin."""
    STALE = "stale"
    """It serves something else than the release; the origin could not be asked."""
    UNREACHABLE = "unreachable"
    """It did not answer, or with an error of its own (5xx, 429)."""
    UNREADABLE = "unreadable"
    """It answered with bytes that cannot be compared: an encoding that is not known here, or a broken one."""
    TIME_UP = "time-up"
    """The time for the whole proof was over before it had answered; nothing is known of it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One URL at one edge.

    ``edge`` is `host:port` or `host`, as it was named or found. ``expected`` and ``served`` are SHA-256 in hex;
    ``expected`` is empty for a removed file, ``served`` where no body was read (HEAD, an error). ``status`` is HTTP's,
    0 without an answer. ``age``, ``x_cache`` and ``last_modified`` are the headers' values, empty without one. ``note``
    says in words what differs, with the likely reason; for what is fresh it is empty, or says what was not compared
    (after HEAD the content was not). ``at``: when it was asked, aware UTC.
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
