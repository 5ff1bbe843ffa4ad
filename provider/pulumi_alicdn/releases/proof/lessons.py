"""What one copy of a URL teaches of all others: an ETag that is a digest names its bytes, which are sent only once.

A cache that is asked with If-None-Match compares the ETag with that of the copy that it holds: a stale copy has another
one. It answers 304 for an equal ETag, without a body, and an answer with other bytes is read and hashed as ever.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, TypeAlias

from pulumi_alicdn.releases.proof.judge import Probe, Served

Subject: TypeAlias = tuple[str, str]
"""One copy of one URL, at whatever node: the URL and :attr:`Probe.copy`."""

_DIGEST: Final = re.compile(r'"[0-9A-Fa-f]{32,128}(?:-[0-9]{1,5})?"')
"""A strong ETag that can be a digest of the bytes: OSS has an MD5, or for an upload in parts one with their number (its
document on object metadata). Any other may be made of date and length, as nginx and Apache do: files of one build have
the date of the build, or one that never changes, and a new version of equal length would have the ETag of the old one.
[chosen: 128 bits, the shortest digest in use]"""

_OK: Final = 200
_NOT_MODIFIED: Final = 304
"""Statuses (RFC 9110, section 15)."""

MAX_TAUGHT: Final = 4
"""The most ETags that a request names. [chosen: servers that make their own for equal bytes are few, or all differ]"""


def subject_of(probe: Probe) -> Subject:
    """Return the copy that *probe* asks for."""
    return probe.url, probe.copy


def named(probe: Probe, head: Served, length: int | None) -> Served | None:
    """Return the answer whose bytes the server names, out of those that *probe* knows; None if it names none of them.

    *head*: the headers of its answer, with *length*, the Content-Length. A 304 has to state the ETag: If-None-Match is
    compared weakly, so that a copy with a weak ETag, which is not the same bytes, is answered with 304, too.
    """
    for one in probe.known:
        if head.etag != one.etag:
            continue
        same = length == one.received and head.content_encoding.lower() == one.content_encoding.lower()
        if head.status == _NOT_MODIFIED or (head.status == _OK and same):
            return one
    return None


def unchanged(head: Served, known: Served) -> Served:
    """Return *head*, an answer without a body, as the one that a visitor gets: 200, with the bytes of *known*."""
    return replace(
        head,
        status=_OK,
        unchanged=True,
        sha256=known.sha256,
        sent_sha256=known.sent_sha256,
        size=known.size,
        content_encoding=known.content_encoding,
        vary=head.vary or known.vary,
    )


class Lessons:
    """The copies of the release whose bytes were hashed, by their ETags, as far as these are digests."""

    def __init__(self) -> None:
        """Begin without any."""
        self._known: dict[Subject, dict[str, Served]] = {}
        self._void: set[Subject] = set()

    def known(self, probe: Probe) -> tuple[Served, ...]:
        """Return what a request for the same copy may name; nothing if no ETag stands for its bytes."""
        subject = subject_of(probe)
        return () if subject in self._void else tuple(self._known.get(subject, {}).values())

    def learn(self, probe: Probe, served: Served, *, right: bool) -> None:
        """Take in an answer, and whether it is what is expected: other versions are read wherever they are served.

        A server whose ETag stands for different bytes proves that ETags of this copy name nothing: all of them are
        forgotten for good.
        """
        if served.unchanged or served.sent_sha256 is None or served.status != _OK or not _DIGEST.fullmatch(served.etag):
            return
        subject = subject_of(probe)
        versions = self._known.get(subject, {})
        before = versions.get(served.etag)
        if before is not None and before.sent_sha256 != served.sent_sha256:
            self._void.add(subject)
        elif right and before is None and len(versions) < MAX_TAUGHT:
            self._known[subject] = {**versions, served.etag: replace(served, start=b"")}

    def void(self, probe: Probe) -> bool:
        """Whether nothing can be learned of this copy, so that answers without a body prove nothing."""
        return subject_of(probe) in self._void
