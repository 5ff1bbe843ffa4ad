"""The story of a release, from what its record takes and what its proof saw."""

from __future__ import annotations

from datetime import datetime

from pulumi_alicdn.api.rows import RowStatus, instant
from pulumi_alicdn.api.spec import Kind
from pulumi_alicdn.releases.plan import Plan
from pulumi_alicdn.releases.proof.evidence import Evidence
from pulumi_alicdn.releases.report.story import Effect, ReleaseOutcome, Story
from pulumi_alicdn.state import ReleaseRecordInputs


def story_of(
    inputs: ReleaseRecordInputs,
    planned: Plan,
    files: int,
    evidence: tuple[Evidence, ...],
    proof: tuple[datetime, datetime],
    outcome: ReleaseOutcome,
    trouble: str,
) -> Story:
    """Return the story of the release of *inputs*, with what its proof saw.

    *planned*: its plan. *files*: how many the folder has. *proof*: when the proof began and ended. *trouble*: the
    message of a release that is not proven.
    """
    submitted = _instant(inputs.get("submitted_at"))
    prefetch_submitted = _instant(inputs.get("prefetch_submitted_at"))
    began = min(at for at in (submitted, prefetch_submitted, proof[0]) if at is not None)
    return Story(
        name=inputs["name"],
        service=inputs["service"],
        base_urls=tuple(inputs["base_urls"]),
        outcome=outcome,
        failure=trouble,
        files=files,
        plan=planned,
        task_ids=tuple(inputs.get("task_ids") or ()),
        request_ids=tuple(inputs.get("request_ids") or ()),
        uploaded_at=_instant(inputs.get("uploaded_at")),
        began_at=began,
        submitted_at=submitted,
        prefetch_submitted_at=prefetch_submitted,
        effects=(
            *_effects(planned.refresh, Kind.REFRESH, submitted, _instant(inputs.get("effective_at"))),
            *_effects(
                planned.prefetch, Kind.PREFETCH, prefetch_submitted, _instant(inputs.get("prefetch_effective_at"))
            ),
        ),
        proof_began_at=proof[0] if evidence else None,
        proof_ended_at=proof[1] if evidence else None,
        evidence=evidence,
        stack=inputs.get("stack") or "",
        project=inputs.get("project") or "",
    )


def _effects(
    named: tuple[str, ...], kind: Kind, created: datetime | None, effective: datetime | None
) -> tuple[Effect, ...]:
    if created is None:
        return ()
    return tuple(Effect(url, kind, created, effective, RowStatus.COMPLETE) for url in named)


def _instant(text: str | None) -> datetime | None:
    return instant(text) if text else None
