"""The judgement whether an edge serves the release, from what is expected and what was served."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from pulumi_alicdn.phrases import clipped, foreign
from pulumi_alicdn.releases.manifest import same_content
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding
from pulumi_alicdn.releases.proof.servers import Server

HEAD_OVER_BYTES: Final = 64 * 1024 * 1024
"""Bytes; larger files are probed with HEAD. [chosen: 64 MiB take 5 s at 100 Mbit/s, and traffic of edges is billed]"""

GONE: Final = (403, 404, 410)
"""Statuses that are right for a removed file; object storage answers 403 to clients that must not list the bucket."""

_OK: Final = 200
_PARTIAL: Final = 206
_REDIRECTS: Final = range(300, 400)
_BUSY: Final = (408, 425, 429)
"""Statuses (RFC 9110, section 15; RFC 6585 for 429; RFC 8470 for 425): success; a part; redirects; to be tried again
later."""

_WHOLE: Final = re.compile(r"bytes 0-(\d+)/(\d+)", re.IGNORECASE)
"""The Content-Range of an answer that begins at the first byte (RFC 9110, section 14.4)."""

WEAK: Final = "compared by length only, which is weak proof"
"""Begins the note of a large file of which nothing but the length was compared."""

ENCODED_BYTES: Final = 1024
"""Bytes by which an encoded body can be longer than the file, besides an eighth of it. [chosen: gzip adds 18 bytes, and
5 for each 64 KiB (RFC 1951, RFC 1952), brotli about as many (RFC 7932)]"""

VISITORS: Final = "gzip, br"
"""The Accept-Encoding of visitors: what browsers and caches have in common."""

COPIES: Final = ("identity", "gzip", "br")
"""The copies that a cache can hold of one URL, by the Accept-Encoding that gets each of them."""

USER_AGENT: Final = "pulumi-alicdn"
"""The User-Agent of a proof, if the user names no other."""

_MAX_HEADER: Final = 80
"""Characters of a header that evidence keeps: a server may send one of any length. [chosen: a line of a terminal]"""


@dataclass(frozen=True, slots=True)
class Expected:
    """The content of the release at *url*: ``sha256`` of the file, None if it was removed; maybe a short one.

    ``size`` is in bytes, None if it is not known. ``old``: for a removed file, the SHA-256 of the bytes that must no
    longer be served; None if it is not known. ``size`` is then the one of these bytes. ``optional``: the URL of a
    folder, which counts only if the site serves the index files of its folders.
    """

    url: str
    sha256: bytes | None
    size: int | None = None
    old: bytes | None = None
    optional: bool = False

    @property
    def removed(self) -> bool:
        """Whether the file was removed, so that its bytes may not be served."""
        return self.sha256 is None


@dataclass(frozen=True, slots=True)
class Probe:
    """One request to *server* for *url*, with HEAD or GET.

    At most ``most_bytes`` of a body are read (None: all), and an encoded one is decoded to at most ``most_decoded``
    bytes (None: as many as may be read). ``copy``: the one copy that is asked for, of :data:`COPIES`; empty for the
    one that visitors get. ``known``: answers of other nodes for the same copy, each with a strong ETag, by which this
    node may say that it serves the same bytes.
    """

    server: Server
    url: str
    head: bool = False
    most_bytes: int | None = None
    most_decoded: int | None = None
    copy: str = ""
    user_agent: str = USER_AGENT
    known: tuple[Served, ...] = ()

    def at(self, server: Server, known: tuple[Served, ...] = ()) -> Probe:
        """Return the same request to *server*, which may name bytes that are *known*."""
        return Probe(
            server,
            self.url,
            self.head,
            self.most_bytes,
            self.most_decoded,
            self.copy,
            self.user_agent,
            known,
        )

    @property
    def method(self) -> str:
        """The HTTP method."""
        return "HEAD" if self.head else "GET"

    @property
    def accepts(self) -> str:
        """The Accept-Encoding header."""
        return self.copy or VISITORS


_TEXTS: Final = (
    "etag",
    "age",
    "x_cache",
    "last_modified",
    "content_encoding",
    "error",
    "content_type",
    "content_range",
    "checksum",
    "vary",
    "location",
    "refusal",
)
"""The fields of an answer that a server fills with text."""


_one_line: Final = lru_cache(4096)(foreign)
"""Edges say much the same in most of their answers."""


@dataclass(frozen=True, slots=True)
class Served:
    """The answer to a probe.

    ``status``: HTTP status, 0 without an answer. ``error``: why there is no answer, or why the body could not be read.
    ``sha256``: hash of the content. ``sent_sha256``: hash of the bytes as they were sent; the two differ only if the
    content is encoded. Both are None if no body was read to its end; the first one also if the content cannot be
    decoded, or is longer than the probe decodes.
    ``size``: bytes of the content; after HEAD the Content-Length; else None. Headers are empty if they are missing.
    ``cut``: the body was longer than the probe reads. ``time_up``: the proof timed out. ``at``: aware UTC. Each
    text is on one line. ``checksum``: x-oss-hash-crc64ecma, the CRC-64 of an object of OSS (its document on data
    checks). ``refusal``: X-Tengine-Error, the reason why an edge refuses. ``start``: the first bytes of the content.
    ``other_name``: the TLS certificate is for other names. ``no_address``: DNS does not know the server. ``broken``:
    the body is not encoded as it says. ``unchanged``: no body was read, because the server named the bytes by an ETag
    that the probe knows. ``received``: bytes of the body as they came. ``requests``: how many were sent.
    ``left_out``: the budget of the proof did not allow it, or the rest of the body.
    """

    status: int
    at: datetime
    sha256: bytes | None = None
    sent_sha256: bytes | None = None
    size: int | None = None
    etag: str = ""
    age: str = ""
    x_cache: str = ""
    last_modified: str = ""
    content_encoding: str = ""
    error: str = ""
    cut: bool = False
    time_up: bool = False
    content_type: str = ""
    content_range: str = ""
    checksum: str = ""
    vary: str = ""
    location: str = ""
    refusal: str = ""
    start: bytes = b""
    other_name: bool = False
    no_address: bool = False
    broken: bool = False
    unchanged: bool = False
    received: int = 0
    requests: int = 1
    left_out: bool = False

    def __post_init__(self) -> None:
        """Make each text a part of a sentence: a header can hold C1 characters, which terminals obey."""
        for name in _TEXTS:
            if text := getattr(self, name):
                object.__setattr__(self, name, _one_line(text))

    @property
    def complete(self) -> bool:
        """Whether the server answers with the whole object: with 200, or with 206 and a range that is everything."""
        whole = _WHOLE.fullmatch(self.content_range.strip()) if self.status == _PARTIAL else None
        return self.status == _OK or (whole is not None and int(whole[1]) + 1 == int(whole[2]))

    @property
    def varies(self) -> bool:
        """Whether other visitors may get another copy, by the encodings that they accept."""
        names = [name.strip().lower() for name in self.vary.split(",")]
        return bool(self.content_encoding) or "accept-encoding" in names or "*" in names

    @property
    def answered(self) -> bool:
        """Whether the server answered about the object, and not with a temporary error of its own."""
        return 0 < self.status < 500 and self.status not in _BUSY  # noqa: PLR2004  errors of a server


def probe_for(
    expected: Expected, server: Server, head_over_bytes: int = HEAD_OVER_BYTES, user_agent: str = USER_AGENT
) -> Probe:
    """Return the request that shows whether *server* serves *expected*.

    HEAD for a file of more than *head_over_bytes*; GET for any other, also if the size is not known. A body is read,
    and decoded, only until it is longer than the file could be.
    """
    large = expected.size is not None and expected.size > head_over_bytes
    most = None if expected.size is None else max(expected.size, head_over_bytes)
    if expected.removed:
        most = head_over_bytes if expected.size is None else expected.size + expected.size // 8 + ENCODED_BYTES
    # The page of / is recognized by its hash where it is served for a folder, however long it is.
    most_decoded = most if expected.optional else expected.size
    return Probe(server, expected.url, large, most, most_decoded=most_decoded, user_agent=user_agent)


def needs_body(expected: Expected, probe: Probe, served: Served) -> bool:
    """Whether HEAD did not suffice.

    Some servers and rules refuse HEAD alone, with any error: only GET shows what visitors get. Else the answer gave no
    length, or that of an encoded body. HEAD can show that a removed file is still there, but never that it is gone.
    """
    if not probe.head or not served.status or served.status in _REDIRECTS:
        return False
    lengthless = served.size is None or bool(served.content_encoding)
    return not served.complete or lengthless or (expected.removed and served.size != expected.size)


def other_copies(expected: Expected, probe: Probe, served: Served) -> tuple[str, ...]:
    """Return the copies that other visitors may get, where *served* is the one that the visitors' request got.

    After HEAD there are none: a file that is compared by its length is too large to be encoded. Of a removed file, one
    copy may be gone and another one still there; an answer that the file is gone does not say whether it varies.
    """
    if probe.head or probe.copy or not served.answered:
        return ()
    seems_gone = expected.removed and not probe.server.origin and matches(expected, served)
    if not (served.varies or seems_gone):
        return ()
    known = (served.content_encoding.lower() or "identity") if served.complete else ""
    return tuple(one for one in COPIES if one != known)


def matches(expected: Expected, served: Served) -> bool:
    """Whether *served* matches *expected*, as far as the body was read."""
    if expected.removed:
        # A rule of the edge refuses whatever is there: URL signing answers 403 while visitors still get the old bytes.
        return (served.status in GONE and not served.refusal) or _another(expected, served)
    if not served.complete or served.cut:
        return False
    if served.sha256 is None and served.sent_sha256 is None:
        return not served.error and served.size is not None and served.size == expected.size
    digest = expected.sha256 or b""
    return same_content(digest, served.sha256) or same_content(digest, served.sent_sha256)


def _another(expected: Expected, served: Served) -> bool:
    """Whether other bytes are served than those of the removed file, such as the index of a single-page site."""
    digests = {served.sha256, served.sent_sha256} - {None}
    if expected.old is None or not served.complete or served.error:
        return False
    # A body that is longer than the file was is cut, and has no digest.
    same = any(same_content(expected.old, one) for one in digests)
    return not same and (served.cut or bool(digests))


def judge(expected: Expected, served: Served, origin: Served | None) -> tuple[Finding, str]:
    """Return the finding for *served*, and a short sentence on the mismatch and its likely reason.

    *origin* is the origin's answer for the same URL, None if it was not probed. The sentence is empty for a fresh
    object whose content was compared; after HEAD it says that only the length was compared.
    """
    if served.time_up:
        return Finding.TIME_UP, "had not answered when the time for the proof was up"
    if served.status == 0:
        return Finding.UNREACHABLE, served.error or "did not answer"
    if matches(expected, served):
        return Finding.FRESH, _not_compared(expected, served)
    what = seen(expected, served)
    if not served.answered:
        return Finding.UNREACHABLE, f"{what}: it has an error of its own, or cannot reach the origin"
    if served.error and not served.broken:
        return Finding.UNREADABLE, f"{what}, which cannot be compared: {served.error}"
    finding, reason = _reason(expected, served, origin)
    return finding, f"{what}; {reason}"


def evidence(probe: Probe, expected: Expected, served: Served, origin: Served | None = None) -> Evidence:
    """Return the evidence of *probe*, judged by :func:`judge`."""
    finding, note = judge(expected, served, origin)
    if probe.server.origin and finding is Finding.STALE_ORIGIN:
        # The probe went to the origin itself: a comparison of the origin with the origin would say nothing.
        note = seen(expected, served)
    if probe.copy:
        note = f"{copy_name(probe.copy)}{': ' if note else ''}{note}"
    return Evidence(
        edge=str(probe.server),
        url=probe.url,
        finding=finding,
        method=probe.method,
        expected=expected.sha256.hex() if expected.sha256 else "",
        served=served.sha256.hex() if served.sha256 else "",
        status=served.status,
        size=served.size or 0,
        age=clipped(served.age, _MAX_HEADER),
        x_cache=clipped(served.x_cache, _MAX_HEADER),
        last_modified=clipped(served.last_modified, _MAX_HEADER),
        note=note,
        at=served.at,
        copy=probe.copy,
        weak=finding is Finding.FRESH and note.startswith(WEAK),
        place=probe.server.place,
        provider=probe.server.provider,
        by_etag=served.unchanged,
    )


def copy_name(copy: str) -> str:
    """Return the name of a copy in a sentence."""
    return "the copy without compression" if copy == "identity" else f"compressed copy ({copy})"


def _not_compared(expected: Expected, served: Served) -> str:
    if expected.removed or served.sha256 is not None or served.sent_sha256 is not None:
        return ""
    digest = (expected.sha256 or b"").hex()
    etag = served.etag.removeprefix("W/").strip('"').lower()
    # Only an ETag that holds a SHA-256, or half of one, proves anything: other ETags are not derived from this hash.
    if len(etag) in (32, 64) and (digest.startswith(etag) or etag.startswith(digest)):
        return f"compared by length and ETag (HEAD, {served.size:,} bytes)"
    return f"{WEAK} (HEAD, {served.size:,} bytes)"


def seen(expected: Expected, served: Served) -> str:
    """Return what was served: `serves 41fe2c10… (12,034 bytes, Age 812, X-Cache HIT)`."""
    headers = {"Age": served.age, "X-Cache": served.x_cache, "Last-Modified": served.last_modified}
    facts = [f"{name} {clipped(value, _MAX_HEADER)}" for name, value in headers.items() if value]
    if not served.complete:
        what = f"answers {served.status}"
    elif expected.removed:
        known = expected.old is not None
        what = "still serves what was removed" if known else f"answers {served.status} for what was removed"
    elif served.sha256 is not None:
        what = f"serves {_short(served.sha256)}"
    elif served.broken:
        what = f"serves what cannot be read: {served.error}"
    else:
        what = "serves another file" if not served.error else "serves something"
    if served.size is not None and served.complete:
        more = served.cut or (served.sha256 is None and served.sent_sha256 is not None and not served.error)
        facts.insert(0, f"{'more than ' if more else ''}{served.size:,} bytes")
    return f"{what} ({', '.join(facts)})" if facts else what


def _reason(expected: Expected, served: Served, origin: Served | None) -> tuple[Finding, str]:
    """Return the server at fault for a mismatch, as a finding, and the reason in words."""
    if origin is None:
        return Finding.STALE, "the origin was not asked: either the edge or the origin is stale"
    if not origin.answered or origin.error or origin.time_up:
        why = origin.error or ("there was no time left" if origin.time_up else f"it answers {origin.status}")
        return Finding.STALE, f"the origin could not be asked: {why}"
    if not matches(expected, origin):
        return Finding.STALE_ORIGIN, _of_origin(expected, served, origin)
    return Finding.STALE_EDGE, "the origin serves the release: this edge is stale"


def _of_origin(expected: Expected, served: Served, origin: Served) -> str:
    if not origin.complete:
        return f"the origin answers {origin.status}: the release is not there"
    if expected.removed:
        if expected.old is None:
            return f"the origin answers {origin.status}, too"
        return "the origin still has it: it was not removed there"
    known = served.sha256 or served.sent_sha256
    if (known and known in (origin.sha256, origin.sent_sha256)) or (not known and origin.size == served.size):
        return "the origin serves the same: it does not have the release yet"
    other = f" ({_short(origin.sha256)})" if origin.sha256 is not None else ""
    return f"the origin still serves another file{other}: it does not have the release either"


def _short(digest: bytes) -> str:
    return f"{digest.hex()[:8]}…"
