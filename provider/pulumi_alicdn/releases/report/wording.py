"""The words that both reports of a release use: headline, durations, findings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from pulumi_alicdn.phrases import counted
from pulumi_alicdn.releases.network.node_choice import FROM_HERE
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding
from pulumi_alicdn.releases.removed import Why, by_reason
from pulumi_alicdn.releases.report.story import ReleaseOutcome, Story

_FINDINGS: Final = {Finding.STALE_EDGE: "edge is stale", Finding.STALE_ORIGIN: "origin is stale"}

_PLAIN_URL: Final = re.compile(r"https?://[\w.~:/?#@!$&()*+,;=%-]+", re.ASCII)
"""A URL of the characters of RFC 3986, without the quote, and the brackets of addresses."""

SHOWN_HASH: Final = 12
"""Hex digits of a hash in a report. [chosen: unique among 10,000 files, and short enough for a phone]"""

NAMED_EDGES: Final = 3
"""The most edges that a mismatch names. [chosen: a line; the table of edges has all]"""

MINUTE_S: Final = 60
HOUR_S: Final = 3600
DAY_S: Final = 86400
"""Lengths in seconds."""

# From here on, one decimal would round to 10.0.
_PRECISE_S: Final = 9.95


def duration(seconds: float) -> str:
    """`0.8 s`, `42 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`."""
    if seconds < _PRECISE_S:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for unit_s, name, part_s, part_name in ((DAY_S, "d", HOUR_S, "h"), (HOUR_S, "h", MINUTE_S, "min")):
        if whole >= unit_s:
            return f"{whole // unit_s} {name} {whole % unit_s // part_s} {part_name}"
    return f"{whole // MINUTE_S} min {whole % MINUTE_S} s" if whole >= MINUTE_S else f"{whole} s"


def clock(at: datetime) -> str:
    """`2026-01-02 03:04:05 UTC`."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def plain_url(text: str) -> bool:
    """Whether *text* is nothing but a URL: it cannot end an attribute, or the cell of a table."""
    return _PLAIN_URL.fullmatch(text) is not None


def headline(story: Story) -> str:
    """Return the outcome of the release in a few words."""
    if story.outcome is ReleaseOutcome.FAILED:
        return "Release failed"
    if story.outcome is ReleaseOutcome.UNPROVEN:
        return "Release is not proven"
    if story.outcome is ReleaseOutcome.SUBMITTED:
        return "Release submitted, not waited for"
    return "Release is live" if story.refreshed or story.prefetched else "Release is live, nothing to do"


def proof_sentence(story: Story) -> str:
    """Return a sentence with the number of URLs, edges and checks, and how many checks found the release."""
    if not story.evidence:
        return "The edges were not checked."
    urls = len({seen.url for seen in story.evidence})
    checks = f"{counted(urls, 'URL')} {_where(story)}"
    wrong, others = story.wrong, story.not_required
    if wrong:
        all_ = counted(story.checks, "check")
        return " ".join([f"{checks}: {wrong:,} of {all_} did not find the release.", *_limits(story)])
    weak = story.weak
    said = [
        f"{checks}: {counted(story.checks - others, 'check')}, all fresh.",
        f"{counted(weak, 'check')} compared the length only, which is weak proof." if weak else "",
        f"{counted(others, 'more check')} of folders found no index file, as the site serves none." if others else "",
        f"{counted(len(story.healed), 'URL')} had to be refreshed again." if story.healed else "",
        *_limits(story),
    ]
    return " ".join(filter(None, said))


def _where(story: Story) -> str:
    """Return `on 3 edges`, or `at 214 nodes in 43 places` if the service named the places."""
    edges = len({seen.edge for seen in story.evidence})
    places = len({seen.place for seen in story.evidence} - {"", FROM_HERE})
    return f"at {counted(edges, 'node')} in {counted(places, 'place')}" if places else f"on {counted(edges, 'edge')}"


def _limits(story: Story) -> list[str]:
    """Return the sentences on what the proof did not cover."""
    from_here = any(seen.place == FROM_HERE for seen in story.evidence)
    said = [f"The edges are those of DNS, {FROM_HERE}."] if from_here else []
    return [*said, *([f"{story.coverage[0].upper()}{story.coverage[1:]}."] if story.coverage else [])]


_LEADS: Final = {
    Why.THERE: "The origin still has these removed files. The next run after they have left it refreshes them.",
    Why.SILENT: "The origin did not answer, or with an error, when it was asked about these removed files. "
    "The next run asks again.",
    Why.REFUSED: "The origin refuses requests (403), and may have these removed files. The next run asks again.",
    Why.LEFT: "These removed files have left the origin since the release began. The next run refreshes them.",
}
_SERVED: Final = "Edges still serve these removed files. The next release with changes refreshes them again."


def pending_groups(story: Story) -> list[tuple[str, tuple[str, ...]]]:
    """Return, for each reason why removed files are pending, a sentence on them and their sorted paths."""
    if not story.asked:
        return [(_SERVED, tuple(sorted(story.pending)))] if story.pending else []
    return [(_LEADS[why], paths) for why, paths in by_reason(story.pending).items()]


HEALED: Final = "These URLs were stale at an edge, were refreshed again with force, and are proven since."
"""What the list of healed URLs says before it."""


def finding(seen: Evidence) -> str:
    """Return the finding in two or three words."""
    return _FINDINGS.get(seen.finding, seen.finding.replace("-", " "))


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One URL, and the edges that all serve the same instead of the release. ``finding`` and ``why`` are in words."""

    url: str
    edges: tuple[str, ...]
    finding: str
    why: str

    @property
    def where(self) -> str:
        """The edges: all of a few, else the first ones and the number of the others."""
        named, more = self.edges[:NAMED_EDGES], len(self.edges) - NAMED_EDGES
        return ", ".join(named) + (f" and {more:,} more" if more > 0 else "")


def grouped(evidence: Iterable[Evidence]) -> tuple[Mismatch, ...]:
    """Return the mismatches of *evidence*; what several edges serve alike for one URL is one of them.

    Headers that differ between them are left out.
    """
    groups: dict[tuple[object, ...], list[Evidence]] = {}
    for seen in evidence:
        if not seen.ok:
            alike = (seen.url, seen.finding, seen.note, seen.status, seen.expected, seen.served)
            groups.setdefault(alike, []).append(seen)
    return tuple(
        Mismatch(alike[0].url, tuple(one.edge for one in alike), finding(alike[0]), why(_common(alike)))
        for alike in groups.values()
    )


def _common(alike: Sequence[Evidence]) -> Evidence:
    """Return one of *alike*, without the headers in which they differ."""

    def shared(values: Iterable[str]) -> str:
        found = set(values)
        return found.pop() if len(found) == 1 else ""

    return replace(
        alike[0],
        age=shared(one.age for one in alike),
        x_cache=shared(one.x_cache for one in alike),
        last_modified=shared(one.last_modified for one in alike),
    )


def why(seen: Evidence) -> str:
    """Return why *seen* is a mismatch: the note, then status, hashes and headers of the answer."""
    facts = [f"HTTP {seen.status}" if seen.status else "no answer"]
    if seen.expected or seen.served:
        facts.append(f"expected {seen.expected[:SHOWN_HASH] or 'nothing'}")
    if seen.served:
        facts.append(f"served {seen.served[:SHOWN_HASH]}")
    named = (("Age", seen.age), ("X-Cache", seen.x_cache), ("Last-Modified", seen.last_modified))
    facts += [f"{name}: {value}" for name, value in named if value]
    return f"{seen.note} ({' · '.join(facts)})" if seen.note else " · ".join(facts)
