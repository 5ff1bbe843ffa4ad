"""The story of one release, from the upload to the proof: the data of its reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pulumi_alicdn.api.rows import RowStatus
from pulumi_alicdn.api.spec import Kind
from pulumi_alicdn.releases.plan import Plan
from pulumi_alicdn.releases.proof.checks.folded import NOTHING, Counts, Folded
from pulumi_alicdn.releases.proof.evidence import HARMLESS, Evidence, Finding
from pulumi_alicdn.releases.removed import Why


class ReleaseOutcome(StrEnum):
    """How the release ended. The values are the words that users read."""

    LIVE = "live"
    UNPROVEN = "unproven"
    """Edges do not serve it. A heal follows, or the user chose a warning."""
    FAILED = "failed"
    SUBMITTED = "submitted"
    """Its tasks were submitted; the run did not wait for them."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One object path of a task and when it took effect.

    ``created_at``: when the service accepted it. ``effective_by``: the time of the first poll that saw it Complete; it
    took effect then or a little earlier; None if no poll saw it. ``description``: the service's reason, may be empty.
    Instants are aware UTC.
    """

    url: str
    kind: Kind
    created_at: datetime
    effective_by: datetime | None
    status: RowStatus
    description: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """A release as its reports show it. All instants are aware UTC; None if the event did not happen.

    ``failure``: the message of a release that is not proven, else empty. ``healed``: URLs that were stale at an edge,
    were refreshed again, and are proven since. ``files``: the number of files in the folder.
    ``uploaded_at``: the newest mtime in the folder. ``began_at``: the beginning of the release, before anything was
    submitted. ``stack``, ``project``: those of Pulumi; empty for a release from the shell. ``pending``: paths of
    removed files that may still be served, and what is known of each. ``asked``: whether the origin is known.
    ``coverage``: a sentence on what the budget of the proof left out; empty if that is nothing. ``folded``: checks that
    have no evidence, as there are very many.
    """

    name: str
    service: str
    base_urls: tuple[str, ...]
    outcome: ReleaseOutcome
    failure: str
    files: int
    plan: Plan
    task_ids: tuple[str, ...]
    request_ids: tuple[str, ...]
    uploaded_at: datetime | None
    began_at: datetime
    submitted_at: datetime | None
    prefetch_submitted_at: datetime | None
    effects: tuple[Effect, ...]
    proof_began_at: datetime | None
    proof_ended_at: datetime | None
    evidence: tuple[Evidence, ...]
    stack: str = ""
    project: str = ""
    pending: Mapping[str, Why] = field(default_factory=dict)
    asked: bool = True
    healed: tuple[str, ...] = ()
    coverage: str = ""
    folded: Folded = NOTHING

    @property
    def refreshed(self) -> tuple[str, ...]:
        """Object paths that were refreshed; a directory stands for its files."""
        return self.plan.refresh

    @property
    def prefetched(self) -> tuple[str, ...]:
        """Object paths that were prefetched."""
        return self.plan.prefetch

    @property
    def mismatches(self) -> tuple[Evidence, ...]:
        """Evidence of edges that do not serve the release."""
        return tuple(seen for seen in self.evidence if not seen.ok)

    @property
    def not_required(self) -> int:
        """The number of checks of folders for which the site does not serve the index file, as nothing requires."""
        found = sum(seen.finding is Finding.NOT_REQUIRED for seen in self.evidence)
        return found + self.folded.total.not_required

    @property
    def checks(self) -> int:
        """The number of checks."""
        return len(self.evidence) + self.folded.total.checks

    @property
    def wrong(self) -> int:
        """The number of checks that did not find the release."""
        return len(self.mismatches) + self.folded.total.other

    @property
    def weak(self) -> int:
        """The number of checks that compared the length only."""
        return sum(seen.weak for seen in self.evidence) + self.folded.total.weak

    def effective_at(self, kind: Kind) -> datetime | None:
        """Return the instant by which all objects of *kind* had taken effect; None if any was not seen Complete."""
        instants = [effect.effective_by for effect in self.effects if effect.kind is kind]
        known = [at for at in instants if at is not None]
        return max(known) if known and len(known) == len(instants) else None

    @property
    def refresh_s(self) -> float | None:
        """Seconds from the submit of the refresh until every object had taken effect."""
        return _between(self.submitted_at, self.effective_at(Kind.REFRESH))

    @property
    def prefetch_s(self) -> float | None:
        """Seconds from the submit of the prefetch until every object had taken effect."""
        return _between(self.prefetch_submitted_at, self.effective_at(Kind.PREFETCH))

    @property
    def proof_s(self) -> float | None:
        """Seconds that the probes of the edges took."""
        return _between(self.proof_began_at, self.proof_ended_at)

    @property
    def ended_at(self) -> datetime:
        """The last known instant of the release."""
        known = [
            self.submitted_at,
            self.prefetch_submitted_at,
            self.proof_began_at,
            self.proof_ended_at,
            *(effect.effective_by or effect.created_at for effect in self.effects),
        ]
        return max([self.began_at, *(at for at in known if at is not None)])

    @property
    def total_s(self) -> float:
        """Seconds from the beginning of the release to its last known instant."""
        return (self.ended_at - self.began_at).total_seconds()


@dataclass(frozen=True, slots=True)
class EdgeSummary:
    """One edge: ``fresh`` is the number of URLs that it serves as released, ``other`` the number of mismatches.

    URLs of which nothing is required count as neither. ``place``, ``provider``: where it is, and in
    whose network; each is empty if that is not known.
    """

    edge: str
    fresh: int
    other: int
    place: str = ""
    provider: str = ""


def by_edge(evidence: Iterable[Evidence], folded: Folded = NOTHING) -> tuple[EdgeSummary, ...]:
    """Return one summary for each edge, sorted by place, provider and name.

    A URL is fresh if all its copies are. *folded*: checks that have no evidence; each of their edges has some.
    """
    tally: dict[str, dict[str, set[Finding]]] = {}
    places: dict[str, tuple[str, str]] = {}
    for seen in evidence:
        places[seen.edge] = seen.place, seen.provider
        tally.setdefault(seen.edge, {}).setdefault(seen.url, set()).add(seen.finding)
    counts = dict.fromkeys(tally, (0, 0))
    for edge, url, more in folded:
        found = tally.get(edge, {}).get(url)
        if found is not None:
            found.update(_findings(more))
        else:
            fresh, other = counts.get(edge, (0, 0))
            counts[edge] = fresh + (not more.other and not more.not_required), other + bool(more.other)
    return tuple(
        EdgeSummary(
            edge,
            fresh + sum(found == {Finding.FRESH} for found in tally.get(edge, {}).values()),
            other + sum(not found.issubset(HARMLESS) for found in tally.get(edge, {}).values()),
            *places.get(edge, ("", "")),
        )
        for edge, (fresh, other) in sorted(counts.items(), key=lambda item: (*places.get(item[0], ("", "")), item[0]))
    )


def _findings(counts: Counts) -> set[Finding]:
    found = {Finding.FRESH: counts.fresh, Finding.NOT_REQUIRED: counts.not_required, Finding.STALE: counts.other}
    return {finding for finding, count in found.items() if count}


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else max(0.0, (end - start).total_seconds())
