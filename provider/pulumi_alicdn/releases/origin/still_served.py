"""The question which removed files an origin still has, before a release decides what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from pulumi_alicdn.ports import Clock
from pulumi_alicdn.releases.manifest import Asset, Manifest
from pulumi_alicdn.releases.proof.edge_reader import EdgeReader
from pulumi_alicdn.releases.proof.evidence import NO_ANSWER, Evidence
from pulumi_alicdn.releases.proof.expected import expected
from pulumi_alicdn.releases.proof.prove import ProofOptions, check_origin
from pulumi_alicdn.releases.removed import Held, Why
from pulumi_alicdn.releases.urls import urls

ASKED_S: Final = 20.0
"""Seconds for the question. [chosen: a preview stays short; at 16 requests of 50 ms at a time, 6,000 files]"""

HEAD_OVER_BYTES: Final = 1024 * 1024
"""Bytes; of larger files, HEAD shows whether they are still there. [chosen: thousands of old video segments that are
kept would otherwise be read by every preview]"""

_FORBIDDEN: Final = 403
"""RFC 9110, section 15.5.4. Object storage answers so for what is missing, and a private bucket for everything."""


def still_served(
    reader: EdgeReader,
    clock: Clock,
    removed: Mapping[str, Asset | None],
    release: Manifest,
    base_urls: Sequence[str],
    index_files: Sequence[str],
    options: ProofOptions,
) -> dict[str, Held]:
    """Return those of the files *removed* that ``options.origin`` still has, each with the bytes that have to go.

    *removed*: the files as they were; None for one whose bytes are not known: those that are served count as the old
    ones. *release*: the files that the origin should have. A known file without a clear answer is among the result.
    """
    options = replace(options, timeout_s=min(options.timeout_s, ASKED_S), head_over_bytes=HEAD_OVER_BYTES)
    wanted = expected({}, base_urls, index_files, (), removed)
    seen = check_origin(reader, clock, wanted, options)
    refused = any(one.status == _FORBIDDEN for one in seen) and _refuses(reader, clock, release, base_urls, options)
    # A URL can have several copies, by the encodings that visitors accept: each of them has to be gone.
    paths = {url: path for path in removed for base in base_urls for url in urls(base, path, index_files)}
    found: dict[str, Held] = {}
    for one in seen:
        path = paths[one.url]
        left = removed[path] or _served(path, one)
        if left is not None and (not one.ok or (refused and one.status == _FORBIDDEN)):
            held = Held(left, _why(one))
            # What one copy shows, or one base URL, is known, whatever the others are.
            if path not in found or held.why is Why.THERE:
                found[path] = held
    return found


def _why(seen: Evidence) -> Why:
    if seen.finding in NO_ANSWER:
        return Why.SILENT
    return Why.REFUSED if seen.status == _FORBIDDEN else Why.THERE


def _served(path: str, seen: Evidence) -> Asset | None:
    return Asset(path, seen.size, bytes.fromhex(seen.served)) if seen.served else None


def _refuses(
    reader: EdgeReader, clock: Clock, release: Manifest, base_urls: Sequence[str], options: ProofOptions
) -> bool:
    """Whether the origin refuses also a file of the release, so that its 403 says nothing of a removed one."""
    if not release:
        return False
    smallest = min(release.values(), key=lambda one: (one.size, one.path))
    (control,) = expected({smallest.path: smallest}, base_urls[:1], ())
    return any(one.status == _FORBIDDEN for one in check_origin(reader, clock, [control], options))
