"""Removed files: which are still at the origin, so that their refresh has to wait, and which have to be gone now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from pulumi_alicdn.phrases import clipped, counted
from pulumi_alicdn.releases import manifest as manifests
from pulumi_alicdn.releases.manifest import Asset, Manifest
from pulumi_alicdn.releases.packed import unpack
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding
from pulumi_alicdn.releases.release_options import Policy, Removed
from pulumi_alicdn.releases.urls import urls

OldFiles = Mapping[str, Asset | None]
"""Removed files by their path, as they were; None for one whose bytes are not known."""


class Why(StrEnum):
    """What is known of a removed file that is pending."""

    THERE = "there"
    """The origin still has it; or an edge has it, and no origin is known."""
    SILENT = "silent"
    """The origin did not answer, or with an error of its own."""
    REFUSED = "refused"
    """The origin refuses every request (403), also those for files that it has."""
    LEFT = "left"
    """It has left the origin only since the tasks of this release began, which do not contain it."""


@dataclass(frozen=True, slots=True)
class Held:
    """A removed file that is pending, as it was: these bytes have to go."""

    file: Asset
    why: Why = Why.THERE


AskOrigin = Callable[[OldFiles], Mapping[str, Held]]
"""Returns those of the removed files that the origin still has. A known file for which the origin gives no answer is
among them, because nothing shows that it is gone."""

SHOWN: Final = 5
"""The most paths that a sentence names. [chosen: a line or two of a terminal]"""

_MAX_PATH: Final = 80
"""The most characters of a path in a sentence. [chosen: a line of a terminal]"""

_UNDECIDED: Final = (Finding.STALE, Finding.STALE_ORIGIN)
"""The findings that do not show that an edge alone is at fault: the origin may still have the file."""


@dataclass(frozen=True, slots=True)
class Removals:
    """The removed files of a release.

    ``gone``: they are refreshed, and have to be gone. ``pending``: they may still be served, so that nothing is done
    about them. ``settled``: those of ``gone`` that left the folder with an earlier release.
    """

    gone: OldFiles = field(default_factory=dict)
    pending: Mapping[str, Held] = field(default_factory=dict)
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
    later = {path: Held(old, Why.LEFT) for path, old in found.gone.items() if old is not None and path not in paths}
    gone = {path: old for path, old in found.gone.items() if path not in later}
    settled = tuple(path for path in found.settled if path in gone)
    return Removals(gone, {**found.pending, **later}, settled)


def undecided(
    evidence: Iterable[Evidence], gone: OldFiles, base_urls: Sequence[str], index_files: Sequence[str], *, asked: bool
) -> tuple[tuple[Evidence, ...], dict[str, Held]]:
    """Return *evidence* without the mismatches of removed files that the origin may still have, and these files.

    *asked*: whether an origin is known, which was asked about mismatches.
    """
    paths = {url: path for path in gone for base in base_urls for url in urls(base, path, index_files)}
    left: list[Evidence] = []
    pending: dict[str, Held] = {}
    for one in evidence:
        path = paths.get(one.url) if one.finding in _UNDECIDED and not one.expected else None
        old = _old(path, gone, one) if path is not None else None
        if path is None or old is None:
            left.append(one)
        else:
            pending[path] = Held(old, Why.SILENT if asked and one.finding is Finding.STALE else Why.THERE)
    return tuple(left), pending


def _old(path: str, gone: OldFiles, seen: Evidence) -> Asset | None:
    """Return the bytes that have to go; None if they are not known, and the edge showed none."""
    return gone[path] or (Asset(path, seen.size, bytes.fromhex(seen.served)) if seen.served else None)


def stored_pending(state: Mapping[str, Any]) -> Manifest:
    """Return the removed files that were pending after the release of *state*."""
    text = state.get("removed_pending")
    return manifests.unpack(text) if text else {}


def stored_reasons(state: Mapping[str, Any]) -> dict[str, Why]:
    """Return why those are pending of which *state* says it."""
    text = state.get("removed_why")
    return {path: Why(why) for path, why in unpack(text).items()} if text else {}


def by_reason(pending: Mapping[str, Why]) -> dict[Why, tuple[str, ...]]:
    """Return the sorted paths of *pending* files for each reason."""
    return {why: found for why in Why if (found := tuple(sorted(path for path, one in pending.items() if one is why)))}


def pending_sentence(pending: Mapping[str, Why], *, asked: bool) -> str:
    """Return a line on removed files for each reason why they are *pending*; empty without any.

    *asked*: whether an origin is known, which is asked.
    """
    groups = by_reason(pending if asked else dict.fromkeys(pending, Why.THERE))
    return "\n".join(_pending(why, paths, asked=asked) for why, paths in groups.items())


def _pending(why: Why, paths: Collection[str], *, asked: bool) -> str:
    one = len(paths) == 1
    are, have, them, they_have = ("is", "has", "it", "it has") if one else ("are", "have", "them", "they have")
    files, named = counted(len(paths), "removed file"), _named(paths)
    if why is Why.SILENT:
        return f"the origin did not answer, or with an error, for {files}: {named}; the next run asks again"
    if why is Why.REFUSED:
        return f"the origin refuses requests (403), and may have {files}: {named}; the next run asks again"
    if why is Why.LEFT:
        return f"{files} {have} left the origin since this release began: {named}; the next run refreshes {them}"
    if asked:
        where, then = "at the origin", f"the next run after {they_have} left refreshes {them}"
    else:
        where, then = "served", f"the next release with changes refreshes {them} again"
    return f"{files} {are} still {where}: {named}; {then}"


def settled_sentence(paths: Collection[str]) -> str:
    """Return a sentence on files that left the folder earlier and are refreshed now; empty without any."""
    if not paths:
        return ""
    return f"{counted(len(paths), 'file')} removed earlier, to be gone from every edge now: {_named(paths)}"


def _named(paths: Collection[str]) -> str:
    names = [clipped(path, _MAX_PATH) for path in sorted(paths)]
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
