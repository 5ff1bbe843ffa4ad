"""Which URLs a proof asks for first, and which it asks for where it does not ask for all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from pulumi_alicdn.releases.proof.judge import Expected

SAMPLE: Final = 50
"""URLs of a sample. [chosen: if 6% of the URLs are wrong, 50 probes find one with a probability of 95%]"""

_ENTRY_POINTS: Final = ("/", "/index.html", "/index.htm", ".m3u8", ".mpd")
"""Ends of the paths that players and browsers request first."""


def sample(expected: Sequence[Expected], count: int = SAMPLE, seed: str = "") -> tuple[Expected, ...]:
    """Draw at most *count* of the URLs, in their order; equal URLs and an equal *seed* give an equal sample.

    The sample never exceeds *count*, so that the time of a proof is bounded. Up to half of it are entry points (`/`,
    `index.html`, playlists; those nearest to the root first): visitors request them first, and an old one leads to old
    files only. Up to a quarter are removed files, which only a probe can notice. The rest is drawn evenly from the
    other URLs.
    """
    if len(expected) <= count:
        return tuple(expected)

    def drawn(one: Expected) -> bytes:
        return hashlib.sha256(f"{seed}\n{one.url}".encode()).digest()

    entries = [one for one in expected if is_entry_point(one)]
    entries.sort(key=lambda one: (urlsplit(one.url).path.count("/"), drawn(one)))
    removed = sorted((one for one in expected if one.removed), key=drawn)
    taken = {one.url for one in (*entries[: (count + 1) // 2], *removed[: (count + 2) // 4])}
    rest = sorted((one for one in expected if one.url not in taken), key=drawn)
    taken |= {one.url for one in rest[: max(0, count - len(taken))]}
    return tuple(one for one in expected if one.url in taken)


def is_entry_point(expected: Expected) -> bool:
    """Whether browsers and players request it first."""
    return not expected.removed and urlsplit(expected.url).path.endswith(_ENTRY_POINTS)
