"""Removed files: which are still at the origin, so that their refresh has to wait, and which have to be gone now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pulumi_alicdn.phrases import clipped, counted
from pulumi_alicdn.releases.manifest import Asset, Manifest
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding
from pulumi_alicdn.releases.release_options import Policy, Removed
from pulumi_alicdn.releases.urls import urls

OldFiles = Mapping[str, Asset | None]
"""Removed files by their path, as they were; None for one whose bytes are not known."""

AskOrigin = Callable[[OldFiles], Manifest]
"""Returns those of the removed files that the origin still has, each with the bytes that have to go. A known file for
which the origin gives no answer is among them, because nothing shows that it is gone."""

SHOWN: Final = 5
"""The most paths that a sentence names. [chosen: a line or two of a terminal]"""

_MAX_PATH: Final = 80
"""The most characters of a path in a sentence. [chosen: a line of a terminal]"""

_UNDECIDED: Final = (Finding.STALE, Finding.STALE_ORIGIN)
"""The findings that do not show that an edge alone is at fault: the origin may still have the file."""


@dataclass(frozen=True, slots=True)
class Removals:
    """The removed files of a release.

    ``gone``: they are refreshed, and have to be gone. ``pending``: they are still served, so that nothing is done about
    them. ``settled``: those of ``gone`` that left the folder with an earlier release.
    """

    gone: OldFiles = field(default_factory=dict)
    pending: Manifest = field(default_factory=dict)
    settled: tuple[str, ...] = ()


def removals(policy: Policy, found: OldFiles, earlier: Collection[str], ask: AskOrigin | None) -> Removals:
    """Decide what becomes of the removed files *found*; those of *earlier* left the folder with an earlier release.

    Without an origin to ask, all of them are refreshed, and the edges show which are still served.
    """
    if policy.removed is Removed.IGNORE:
        return Removals()
    still = ask(found) if found and ask is not None and policy.removed is not Removed.REQUIRE else {}
    gone = {path: old for path, old in found.items() if path not in still}
    return Removals(gone, dict(still), tuple(sorted(path for path in gone if path in earlier)))


def covered(found: Removals, paths: Collection[str]) -> Removals:
    """Return *found* with all of ``gone`` but *paths* pending for now; a file whose bytes are not known stays."""
    later = {path: old for path, old in found.gone.items() if old is not None and path not in paths}
    gone = {path: old for path, old in found.gone.items() if path not in later}
    settled = tuple(path for path in found.settled if path in gone)
    return Removals(gone, {**found.pending, **later}, settled)


def undecided(
    evidence: Iterable[Evidence], gone: OldFiles, base_urls: Sequence[str], index_files: Sequence[str]
) -> tuple[tuple[Evidence, ...], dict[str, Asset]]:
    """Return *evidence* without the mismatches of removed files that the origin may still have, and these files."""
    paths = {url: path for path in gone for base in base_urls for url in urls(base, path, index_files)}
    left: list[Evidence] = []
    pending: dict[str, Asset] = {}
    for one in evidence:
        path = paths.get(one.url) if one.finding in _UNDECIDED and not one.expected else None
        old = _old(path, gone, one) if path is not None else None
        if path is None or old is None:
            left.append(one)
        else:
            pending[path] = old
    return tuple(left), pending


def _old(path: str, gone: OldFiles, seen: Evidence) -> Asset | None:
    """Return the bytes that have to go; None if they are not known, and the edge showed none."""
    return gone[path] or (Asset(path, seen.size, bytes.fromhex(seen.served)) if seen.served else None)


def pending_sentence(paths: Collection[str], *, asked: bool) -> str:
    """Return a sentence on removed files that are still served; empty without any. *asked*: the origin is asked."""
    if not paths:
        return ""
    are, them, they_have = ("is", "it", "it has") if len(paths) == 1 else ("are", "them", "they have")
    files = f"{counted(len(paths), 'removed file')} {are} still"
    if asked:
        return f"{files} at the origin: {_named(paths)}; the next run after {they_have} left refreshes {them}"
    return f"{files} served: {_named(paths)}; the next release with changes refreshes {them} again"


def settled_sentence(paths: Collection[str]) -> str:
    """Return a sentence on files that left the folder earlier and are refreshed now; empty without any."""
    if not paths:
        return ""
    return f"{counted(len(paths), 'file')} removed earlier, to be gone from every edge now: {_named(paths)}"


def _named(paths: Collection[str]) -> str:
    names = [clipped(path, _MAX_PATH) for path in sorted(paths)]
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
