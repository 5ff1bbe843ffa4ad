"""Whether an edge serves the release: what is expected, what was served, and what follows from it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from pulumi_alicdn.phrases import clipped
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding
from pulumi_alicdn.releases.proof.servers import Server

HEAD_OVER_BYTES: Final = 64 * 1024 * 1024
"""Larger files are asked for with HEAD. [chosen: 64 MiB take 5 s on a line of 100 Mbit/s; edges bill what they send]"""

SAMPLE: Final = 50
"""URLs of a sample. [chosen: where 6% of the URLs are wrong, 50 of them show it with a probability of 95%]"""

GONE: Final = (403, 404, 410)
"""What may be answered for a removed file; object storage answers 403 to clients that must not list
the bucket."""

_OK: Final = 200
_BUSY: Final = (408, 425, 429)
_REFUSED: Final = (401, 403)
_NO_HEAD: Final = (405, 501)
_MAX_HEADER: Final = 80
"""Characters of a header that evidence keeps: the server wrote it."""
_ENTRY_POINTS: Final = ("/", "/index.html", "/index.htm", ".m3u8", ".mpd")


@dataclass(frozen=True, slots=True)
class Expected:
    """What the release has at *url*: ``sha256`` (32 bytes) of the file, None where it was removed.

    ``size`` is in bytes, None where it is not known.
    """

    url: str
    sha256: bytes | None
    size: int | None = None

    @property
    def removed(self) -> bool:
        """Whether nothing may be served."""
        return self.sha256 is None


@dataclass(frozen=True, slots=True)
class Probe:
    """One request: *url* at *server*, with HEAD or GET. More than ``most_bytes`` of a body are not read (None: all)."""

    server: Server
    url: str
    head: bool = False
    most_bytes: int | None = None

    @property
    def method(self) -> str:
        """The method of HTTP."""
        return "HEAD" if self.head else "GET"


@dataclass(frozen=True, slots=True)
class Served:
    """What was answered. ``status`` is 0 where nothing was; ``error`` says then why, or why a body could not be read.

    ``sha256`` is that of the content, ``sent_sha256`` that of the bytes as they came; they differ only where the server
    encoded the content although it was asked not to. Both are None where no body was read to its end. ``size`` is that
    of the content in bytes, after HEAD what Content-Length says, else None. Headers are empty without one. ``cut``:
    there was more than was to be read. ``time_up``: the time of the whole proof was over. ``at``: aware UTC.
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

    @property
    def answered(self) -> bool:
        """Whether a server answered for the object, and not with a trouble of its own."""
        return 0 < self.status < 500 and self.status not in _BUSY  # noqa: PLR2004  errors of a server


def probe_for(expected: Expected, server: Server, head_over_bytes: int = HEAD_OVER_BYTES) -> Probe:
    """The request that shows whether *server* serves *expected*.

    HEAD for what was removed, and for a file of more than *head_over_bytes*; GET for everything else, also where the
    size is not known. No more of a body is read than shows that it is another one.
    """
    large = expected.size is not None and expected.size > head_over_bytes
    most = None if expected.size is None else max(expected.size, head_over_bytes)
    return Probe(server, expected.url, expected.removed or large, most)


def needs_body(expected: Expected, probe: Probe, served: Served) -> bool:
    """Whether HEAD did not suffice: the server does not know it, or named no length, or that of an encoded body."""
    if not probe.head:
        return False
    lengthless = served.size is None or bool(served.content_encoding)
    return served.status in _NO_HEAD or (served.status == _OK and not expected.removed and lengthless)


def matches(expected: Expected, served: Served) -> bool:
    """Whether *served* is the release, as far as it was read."""
    if expected.removed:
        return served.status in GONE
    if served.status != _OK or served.cut:
        return False
    if served.sha256 is None and served.sent_sha256 is None:
        return not served.error and served.size is not None and served.size == expected.size
    return expected.sha256 in (served.sha256, served.sent_sha256)


def judge(expected: Expected, served: Served, origin: Served | None) -> tuple[Finding, str]:
    """What *served* says of the release, and a short sentence on what differs and the likely reason.

    *origin* is what the origin answered for the same URL, None where it was not asked. The sentence is empty for what
    is fresh and was compared byte by byte; after HEAD it says that only the length was.
    """
    if served.time_up:
        return Finding.TIME_UP, "had not answered when the time for the proof was up"
    if served.status == 0:
        return Finding.UNREACHABLE, served.error or "did not answer"
    if matches(expected, served):
        return Finding.FRESH, _not_compared(expected, served)
    seen = _seen(expected, served)
    if not served.answered:
        return Finding.UNREACHABLE, f"{seen}: it has trouble of its own, or with the origin"
    if served.error:
        return Finding.UNREADABLE, f"{seen}, which proves nothing: {served.error}"
    finding, reason = _reason(expected, served, origin)
    return finding, f"{seen}; {reason}"


def evidence(probe: Probe, expected: Expected, served: Served, origin: Served | None = None) -> Evidence:
    """The evidence that *probe* gave, judged as :func:`judge` does."""
    finding, note = judge(expected, served, origin)
    if probe.server.origin and finding is Finding.STALE_ORIGIN:
        # The origin itself was asked: there is no other server to compare it with.
        note = _seen(expected, served)
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
    )


def sample(expected: Sequence[Expected], count: int = SAMPLE, seed: str = "") -> tuple[Expected, ...]:
    """*count* of the URLs at most, in their order; the same ones for the same URLs and *seed*.

    *count* is a bound that always holds, so that the time of a proof is known. Up to half of it goes to entry points
    (`/`, `index.html`, playlists; those nearest to the root first): visitors meet them first, and an old one makes
    everything behind it old. Up to a quarter goes to removed files, which nothing but a probe would notice. The rest is
    drawn evenly from all others.
    """
    if len(expected) <= count:
        return tuple(expected)

    def drawn(one: Expected) -> bytes:
        return hashlib.sha256(f"{seed}\n{one.url}".encode()).digest()

    entries = [one for one in expected if not one.removed and urlsplit(one.url).path.endswith(_ENTRY_POINTS)]
    entries.sort(key=lambda one: (urlsplit(one.url).path.count("/"), drawn(one)))
    removed = sorted((one for one in expected if one.removed), key=drawn)
    taken = {one.url for one in (*entries[: (count + 1) // 2], *removed[: (count + 2) // 4])}
    rest = sorted((one for one in expected if one.url not in taken), key=drawn)
    taken |= {one.url for one in rest[: max(0, count - len(taken))]}
    return tuple(one for one in expected if one.url in taken)


def _not_compared(expected: Expected, served: Served) -> str:
    if expected.removed or served.sha256 is not None or served.sent_sha256 is not None:
        return ""
    digest = (expected.sha256 or b"").hex()
    etag = served.etag.removeprefix("W/").strip('"').lower()
    # The hexadecimal digits of a SHA-256, or half of them, do not match by chance; any other tag says nothing of it.
    if len(etag) in (32, 64) and digest.startswith(etag):
        return f"compared by length and ETag (HEAD, {served.size:,} bytes)"
    return f"compared by length only (HEAD, {served.size:,} bytes)"


def _seen(expected: Expected, served: Served) -> str:
    """`serves 41fe2c10… (12,034 bytes, Age 812, X-Cache HIT)`."""
    headers = {"Age": served.age, "X-Cache": served.x_cache, "Last-Modified": served.last_modified}
    facts = [f"{name} {clipped(value, _MAX_HEADER)}" for name, value in headers.items() if value]
    if served.status != _OK:
        what = f"answers {served.status}"
    elif expected.removed:
        what = "still serves what was removed"
    elif served.sha256 is not None:
        what = f"serves {_short(served.sha256)}"
    else:
        what = "serves another file" if not served.error else "serves something"
    if served.size is not None and served.status == _OK:
        facts.insert(0, f"{'more than ' if served.cut else ''}{served.size:,} bytes")
    return f"{what} ({', '.join(facts)})" if facts else what


def _reason(expected: Expected, served: Served, origin: Served | None) -> tuple[Finding, str]:
    """Which server is at fault for an answer that is not the release, and why, in words."""
    if origin is None:
        return Finding.STALE, "the origin was not asked: either the edge is stale, or the origin"
    if not origin.answered or origin.error or origin.time_up:
        why = origin.error or ("there was no time left" if origin.time_up else f"it answers {origin.status}")
        return Finding.STALE, f"the origin could not be asked: {why}"
    if not matches(expected, origin):
        return Finding.STALE_ORIGIN, _of_origin(expected, served, origin)
    if served.status in _REFUSED:
        return Finding.STALE_EDGE, (
            "the origin serves the release: this edge refuses it, by rules such as URL signing, referer or IP lists, "
            "or because it keeps an old refusal"
        )
    return Finding.STALE_EDGE, "the origin serves the release: this edge is stale"


def _of_origin(expected: Expected, served: Served, origin: Served) -> str:
    if origin.status != _OK:
        return f"the origin answers {origin.status}: the release is not there"
    if expected.removed:
        return "the origin still has it: it was not removed there"
    if (origin.sha256, origin.size) == (served.sha256, served.size):
        return "the origin serves the same: it does not have the release yet"
    other = f" ({_short(origin.sha256)})" if origin.sha256 is not None else ""
    return f"the origin serves another file still{other}: it does not have the release either"


def _short(digest: bytes) -> str:
    return f"{digest.hex()[:8]}…"
