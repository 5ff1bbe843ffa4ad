"""Evidence: what one edge served for one URL, and whether that is the release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Finding(StrEnum):
    """The result of one probe."""

    FRESH = "fresh"
    """The edge serves the release: the file's bytes, or nothing for a removed file."""
    NOT_REQUIRED = "not-required"
    """The edge serves for a folder what the site serves there in place of its index file, which is not required."""
    STALE_EDGE = "stale-edge"
    """The edge does not serve the release, but the origin does."""
    STALE_ORIGIN = "stale-origin"
    """Neither the edge nor the origin serves the release."""
    STALE = "stale"
    """The edge does not serve the release; the origin was not probed, or did not answer."""
    EDGE_RULE = "edge-rule"
    """The edge answers by a rule of its own, such as a redirect; a refresh does not change that."""
    UNREACHABLE = "unreachable"
    """The edge did not answer, or answered with an error of its own (5xx, 429)."""
    UNREADABLE = "unreadable"
    """The edge answered with bytes that cannot be compared: their encoding is unknown or broken."""
    TIME_UP = "time-up"
    """The proof timed out before the edge answered; nothing is known about it."""


class Diagnosis(StrEnum):
    """The kind of a difference, each of which has a way out of its own."""

    STALE = "stale"
    """Another content, for no reason that the answer shows."""
    HTTPS = "redirect-to-https"
    """A redirect to the same URL with https."""
    REDIRECT = "redirect"
    """A redirect to another URL."""
    URL_AUTH = "url-auth"
    """A refusal by URL authentication."""
    USER_AGENT = "user-agent"
    """A refusal by a list of User-Agents."""
    REFUSED = "refused"
    """A refusal for another reason."""
    REWRITTEN = "rewritten"
    """A page that the edge rewrites, such as by page optimization."""
    COMPRESSED = "compressed-copy"
    """A compressed copy that is stale, while the copy without compression is the release."""
    BROKEN = "broken-encoding"
    """A body that is not encoded as its Content-Encoding says."""
    PARTIAL = "partial"
    """A part of the file (206), though the whole was requested."""
    TRUNCATED = "truncated"
    """The beginning of the file, and no more."""
    FALLBACK = "fallback"
    """The page of `/`, which the site serves for every name that it does not have."""
    ERROR_PAGE = "error-page"
    """A page instead of the file, with status 200."""
    INDEX = "index"
    """The URL of a folder, at which its index file is not served."""
    PLUS = "plus"
    """A name with + or a blank, one of which is read as the other."""
    UNICODE = "unicode"
    """A name whose other Unicode form (NFC, NFD) is served."""
    CERTIFICATE = "certificate"
    """A TLS certificate for other names."""
    VERSION = "version"
    """A large file of the right length, whose ETag or checksum is that of another version."""
    NO_NAME = "no-name"
    """No answer, since DNS has no address for the domain."""


CURABLE: Final = (
    None,
    Diagnosis.STALE,
    Diagnosis.COMPRESSED,
    Diagnosis.TRUNCATED,
    Diagnosis.FALLBACK,
    Diagnosis.ERROR_PAGE,
    Diagnosis.VERSION,
    Diagnosis.INDEX,
    Diagnosis.BROKEN,
    Diagnosis.REDIRECT,
)
"""Kinds of differences that a refresh can end: an edge may hold what is not at the origin any more."""


NO_ANSWER: Final = (Finding.UNREACHABLE, Finding.TIME_UP)
"""The findings of a server of which nothing else is known."""

HARMLESS: Final = (Finding.FRESH, Finding.NOT_REQUIRED)
"""The findings that are no mismatch."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One URL at one edge.

    ``edge`` is `host:port` or `host`, as the user named it or DNS listed it. ``expected`` and ``served`` are SHA-256 in
    hex; ``expected`` is empty for a removed file, ``served`` if no body was read (HEAD, an error). ``status`` is the
    HTTP status, 0 without an answer. ``age``, ``x_cache`` and ``last_modified`` are values of headers, empty without
    the header. ``note`` is a sentence on the mismatch and its likely reason; for fresh evidence it is empty, or names
    what was not compared (the content, after HEAD); for evidence that is not required it says what is served. ``at`` is
    the time of the probe, aware UTC. ``copy`` is the one copy that was requested, `identity`, `gzip` or `br`; empty for
    the one that visitors get. ``diagnosis`` is the kind of the difference; None without a mismatch, and if nothing is
    known. ``weak``: only the length was compared.
    ``by_etag``: the edge named the bytes by the strong ETag of a copy that was compared at another edge.
    ``place`` is where the edge is, such as `China, Guizhou`, and ``provider`` is whose network that is, such as `China
    Telecom`; each is empty if it is not known.
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
    copy: str = ""
    diagnosis: Diagnosis | None = None
    weak: bool = False
    place: str = ""
    provider: str = ""
    by_etag: bool = False

    @property
    def ok(self) -> bool:
        """Whether the edge serves the release, as far as it is required."""
        return self.finding in HARMLESS
