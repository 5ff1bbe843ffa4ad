"""One release as it went, from the upload to the proof: what its reports are made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pulumi_alicdn.api.rows import RowStatus
from pulumi_alicdn.api.spec import Kind
from pulumi_alicdn.releases.plan import Plan
from pulumi_alicdn.releases.proof.evidence import Evidence


class ReleaseOutcome(StrEnum):
    """How far the release came. The values are the ones that users read."""

    LIVE = "live"
    FAILED = "failed"
    SUBMITTED = "submitted"
    """It was submitted and nobody waited for it."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One object path of a task and when it took effect.

    ``created_at``: when the service took it. ``effective_by``: the look at which it was first seen Complete, so it took
    effect then or a little earlier; None where it was not seen. ``description`` is the service's reason, empty without
    one. Instants are aware UTC.
    """

    url: str
    kind: Kind
    created_at: datetime
    effective_by: datetime | None
    status: RowStatus
    description: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """A release as its reports show it. All instants are aware UTC; None is what did not happen.

    ``failure`` is the sentence of a failed release, else empty. ``files`` counts those of the folder.
    ``uploaded_at`` is the newest mtime of the folder. ``began_at`` is when the release began, before anything was
    submitted.
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

    def effective_at(self, kind: Kind) -> datetime | None:
        """When the last object of *kind* was seen to have taken effect; None unless all were."""
        instants = [effect.effective_by for effect in self.effects if effect.kind is kind]
        known = [at for at in instants if at is not None]
        return max(known) if known and len(known) == len(instants) else None

    @property
    def refresh_s(self) -> float | None:
        """Seconds from the submission until every refreshed object had taken effect."""
        return _between(self.submitted_at, self.effective_at(Kind.REFRESH))

    @property
    def prefetch_s(self) -> float | None:
        """Seconds from the prefetch's submission until every prefetched object had taken effect."""
        return _between(self.prefetch_submitted_at, self.effective_at(Kind.PREFETCH))

    @property
    def proof_s(self) -> float | None:
        """Seconds that the edges were looked at."""
        return _between(self.proof_began_at, self.proof_ended_at)

    @property
    def ended_at(self) -> datetime:
        """The last instant that is known of the release."""
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
        """Seconds from the beginning of the release to the last instant that is known of it."""
        return (self.ended_at - self.began_at).total_seconds()


@dataclass(frozen=True, slots=True)
class EdgeSummary:
    """How many looks at one edge spoke for the release, and how many did not."""

    edge: str
    fresh: int
    other: int


def by_edge(evidence: Iterable[Evidence]) -> tuple[EdgeSummary, ...]:
    """One summary for each edge, in the order of their names."""
    tally: dict[str, list[int]] = {}
    for seen in evidence:
        tally.setdefault(seen.edge, [0, 0])[0 if seen.ok else 1] += 1
    return tuple(EdgeSummary(edge, fresh, other) for edge, (fresh, other) in sorted(tally.items()))


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else max(0.0, (end - start).total_seconds())
