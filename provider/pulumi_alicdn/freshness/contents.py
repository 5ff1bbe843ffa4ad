"""What a server serves for a URL, as a short text that is stored and compared; pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from pulumi_alicdn.releases.packed import pack, unpack
from pulumi_alicdn.releases.proof.judge import Served
from pulumi_alicdn.releases.proof.servers import Server

Contents: TypeAlias = Mapping[str, Mapping[str, str]]
"""By URL and edge, as `host:port` or `host`: :func:`content_of` its answer."""

NOTHING_KNOWN: Final = ""
"""The content of an edge that did not answer, or that refused to."""

_DIGITS: Final = 24
"""Digits of a hash that are stored. [chosen: 96 bits; two versions of a file do not share them by chance]"""


def content_of(served: Served) -> str:
    """Return what makes two answers for a URL equal: the bytes, the status, or where a redirect leads."""
    if served.time_up or not served.answered or served.refusal:
        return NOTHING_KNOWN
    if served.complete:
        digest = served.sha256 or served.sent_sha256
        if digest is not None:
            return digest.hex()[:_DIGITS]
        # A body that is too long to be read: its other marks are all that there is to compare.
        return f"marks {_short(served.etag + served.checksum + served.last_modified)}"
    return f"status {served.status}" + (f" {_short(served.location)}" if served.location else "")


def shown(content: str) -> str:
    """Return *content* in words: `41fe2c10…`, or `status 404`."""
    return content if " " in content else f"{content[:8]}…"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def contents_of(answers: Iterable[tuple[Server, str, Served]]) -> dict[str, dict[str, str]]:
    """Return the contents of *answers*, but for those of which nothing is known."""
    found: dict[str, dict[str, str]] = {}
    for server, url, served in answers:
        if content := content_of(served):
            found.setdefault(url, {})[str(server)] = content
    return found


def packed(contents: Contents) -> str:
    """Pack *contents* into a line for the state: most edges have the same content."""
    edges = sorted({edge for by_edge in contents.values() for edge in by_edge})
    number = {edge: at for at, edge in enumerate(edges)}
    urls: dict[str, dict[str, list[int]]] = {}
    for url, by_edge in contents.items():
        for edge, content in sorted(by_edge.items()):
            urls.setdefault(url, {}).setdefault(content, []).append(number[edge])
    return pack({"edges": edges, "urls": urls})


def unpacked(text: str | None) -> Contents:
    """Read what :func:`packed` wrote; None stands for nothing. Raises DamagedTextError for any other text."""
    if not text:
        return {}
    found = unpack(text)
    return {url: dict(_by_edge(by_content, found["edges"])) for url, by_content in found["urls"].items()}


def _by_edge(by_content: Mapping[str, Sequence[int]], edges: Sequence[str]) -> Iterator[tuple[str, str]]:
    for content, numbers in by_content.items():
        for number in numbers:
            yield edges[int(number)], content
