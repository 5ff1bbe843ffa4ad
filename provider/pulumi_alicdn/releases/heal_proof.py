"""The proof after a heal, and the questions that `pulumi refresh` asks edges, on plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from pulumi_alicdn.api.rows import instant
from pulumi_alicdn.api.spec import ObjectType
from pulumi_alicdn.errors import NotProvenError
from pulumi_alicdn.ports import Clock
from pulumi_alicdn.releases.decision import Decision
from pulumi_alicdn.releases.heals.heal_steps import (
    DRIFT_S,
    MAX_DRIFT_URLS,
    Around,
    asked_on_refresh,
    bounded,
    evidence_after,
    healed_urls,
    replaced,
    what_is_left,
    with_drift,
)
from pulumi_alicdn.releases.heals.open_urls import OpenUrl, left_open, packed, unpacked
from pulumi_alicdn.releases.heals.pending import FIRST_PLACE, Pending, next_pending
from pulumi_alicdn.releases.manifest import Difference
from pulumi_alicdn.releases.plan import Plan
from pulumi_alicdn.releases.proof.checks.folded import NOTHING, Folded
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding
from pulumi_alicdn.releases.proof.judge import Expected
from pulumi_alicdn.releases.proof.prove import prove
from pulumi_alicdn.releases.release_options import RequiredProof
from pulumi_alicdn.releases.report.story import ReleaseOutcome, Story, by_edge
from pulumi_alicdn.releases.steps import (
    MAX_EVIDENCE,
    NO_NAMES,
    NO_PLACE,
    Readers,
    Watch,
    entry,
    proof_options,
    reader_of,
    unwatched,
    watched_proof,
    with_edge_source,
)
from pulumi_alicdn.state import (
    HEAL_PROOF_OPTIONS,
    PROOF,
    EdgeSummaryEntry,
    EvidenceEntry,
    HealOptions,
    HealProofInputs,
    HealProofState,
    LeftOpen,
    ReleasePlace,
    ReleaseProofInputs,
    ReleaseRecordState,
)


def heal_inputs(
    name: str,
    decision: Decision,
    options: Mapping[str, Any],
    left: Pending,
    refreshed: Sequence[str],
    found: Mapping[str, Any],
    *,
    last: bool,
    evidence: Sequence[EvidenceEntry] = (),
    place: ReleasePlace = NO_PLACE,
) -> HealProofInputs:
    """Return the inputs of the proof after a heal of *left*; the caller adds what its task left.

    *found*: the result of the proof before. *last*: whether no other heal follows in this run. *evidence*: that of
    earlier proofs, which the state forgets with this heal. *place*: where Pulumi keeps the release.
    """
    given = with_edge_source({one: options[one] for one in HEAL_PROOF_OPTIONS if options.get(one) is not None})
    inputs = {
        **given,
        **place,
        "name": name,
        "service": str(decision.policy.service),
        "base_urls": list(decision.policy.base_urls),
        "files": len(decision.manifest),
        "finds": list(left.finds),
        "covers": list(left.covers),
        "subject": packed(left.urls),
        "refreshed": list(refreshed),
        "healed_before": list(found.get("healed") or ()),
        "summary_before": list(found.get("evidence_summary") or ()),
        "last": last,
        # Several earlier heals may have found more than a state should hold.
        **({"evidence_before": list(evidence[:MAX_EVIDENCE])} if evidence else {}),
    }
    return cast("HealProofInputs", inputs)


def with_proof(record: ReleaseRecordState, proof: HealProofState) -> ReleaseRecordState:
    """Return *record* with the result of *proof*, which followed a heal."""
    later = {one: proof.get(one) for one in PROOF}
    evidence = evidence_after(record.get("evidence") or (), proof.get("evidence") or ())
    return cast("ReleaseRecordState", {**record, **later, "evidence": evidence})


def prove_again(
    readers: Readers,
    clock: Clock,
    now: Callable[[], datetime],
    inputs: HealProofInputs,
    around: Around,
    before: Story | None = None,
    watch: Watch = unwatched,
) -> tuple[HealProofState, Story]:
    """Probe the edges for the URLs that an earlier proof left open; the result is stored, also if it is not good.

    *before*: the story of that proof, if it took place in the same run: its evidence of other URLs is taken over.
    """
    subject = unpacked(inputs["subject"])
    began = now()
    wanted = [one.expected for one in subject]
    evidence, folded, coverage = watched_proof(reader_of(readers, inputs), clock, wanted, inputs, began, watch)
    urls = left_open(wanted, evidence, {one.url for one in subject if one.stale}, folded)
    # A refresh that failed healed nothing, and shows nothing of the edge.
    refreshed = inputs["refreshed"] if inputs.get("effective_at") else ()
    left = what_is_left(around, inputs, evidence, urls, refreshed, now(), folded)
    healed = healed_urls(inputs["healed_before"], refreshed, urls)
    status = ReleaseOutcome.UNPROVEN if urls else ReleaseOutcome.LIVE
    state: HealProofState = {
        **NO_NAMES,
        **inputs,
        "evidence": _with_earlier([entry(one) for one in evidence[:MAX_EVIDENCE]], inputs.get("evidence_before") or ()),
        "evidence_summary": summary_after(inputs["summary_before"], evidence, subject, folded),
        "status": str(status),
        "drift": None,
        "drift_id": None,
        "drift_seen": None,
        **left,
        "healed": healed,
    }
    earlier = before or _alone(inputs, began)
    story = replace(
        earlier,
        outcome=status,
        failure=left.get("failure") or "",
        task_ids=(*earlier.task_ids, *(inputs.get("task_ids") or ())),
        request_ids=(*earlier.request_ids, *(inputs.get("request_ids") or ())),
        proof_ended_at=now(),
        evidence=tuple(replaced(earlier.evidence, evidence, lambda one: (one.edge, one.url))),
        healed=tuple(healed),
        coverage=coverage or earlier.coverage,
        folded=earlier.folded.but({one.url for one in wanted}).and_(folded),
    )
    return state, story


def _with_earlier(own: Sequence[EvidenceEntry], earlier: Iterable[EvidenceEntry]) -> list[EvidenceEntry]:
    """Return *own*, then what is *earlier* of other edges and URLs, as much as the state holds."""
    asked = {(one["edge"], one["url"]) for one in own}
    others = (one for one in earlier if (one["edge"], one["url"]) not in asked)
    return [*own, *others][:MAX_EVIDENCE]


def summary_after(
    before: Iterable[EdgeSummaryEntry],
    evidence: Sequence[Evidence],
    subject: Iterable[OpenUrl],
    folded: Folded = NOTHING,
) -> list[EdgeSummaryEntry]:
    """Return the counts of each edge once *evidence* replaces what was known of the same URLs.

    *before*: the counts until then; all mismatches among them are at URLs of *evidence*. *subject*: where these
    were. *folded*: checks that have no evidence.
    """
    now = {one.edge: one for one in by_edge(evidence, folded)}
    before = list(before)
    known = {one["edge"]: int(one["fresh"]) + int(one["other"]) for one in before}
    places = {one["edge"]: (one.get("place", ""), one.get("provider", "")) for one in before}
    stale = {(edge, one.url) for one in subject for edge in one.stale}
    # What was stale, and of which nothing is required any more, is not counted again.
    settled = {(one.edge, one.url) for one in evidence if one.finding is Finding.NOT_REQUIRED} & stale
    for edge, _ in settled:
        known[edge] = known.get(edge, 0) - 1
    found: list[EdgeSummaryEntry] = []
    for edge in {*known, *now}:
        other = now[edge].other if edge in now else 0
        probed = now[edge].fresh + other if edge in now else 0
        entry_: EdgeSummaryEntry = {"edge": edge, "fresh": max(known.get(edge, 0), probed) - other, "other": other}
        place, provider = (now[edge].place, now[edge].provider) if edge in now else places[edge]
        if place:
            entry_["place"] = place
        if provider:
            entry_["provider"] = provider
        found.append(entry_)
    return sorted(found, key=lambda one: (one.get("place", ""), one.get("provider", ""), one["edge"]))


def _alone(inputs: HealProofInputs, began: datetime) -> Story:
    """Return the story of a heal whose release was another run's."""
    submitted, nothing = inputs.get("submitted_at"), Difference((), (), (), int(inputs["files"]))
    at = instant(submitted) if submitted else None
    refreshed = tuple(inputs["refreshed"])
    return Story(
        name=inputs["name"],
        service=inputs["service"],
        base_urls=tuple(inputs["base_urls"]),
        outcome=ReleaseOutcome.UNPROVEN,
        failure="",
        files=int(inputs["files"]),
        plan=Plan(nothing, first=False, refresh=refreshed, refresh_type=ObjectType.FILE, prefetch=(), reason=""),
        task_ids=(),
        request_ids=(),
        uploaded_at=None,
        began_at=min(began, at) if at is not None else began,
        submitted_at=at,
        prefetch_submitted_at=None,
        effects=(),
        proof_began_at=began,
        proof_ended_at=None,
        evidence=(),
        stack=inputs.get("stack") or "",
        project=inputs.get("project") or "",
    )


def reconcile_record(
    readers: Readers, clock: Clock, state: ReleaseRecordState, new_id: Callable[[], str], seed: str
) -> ReleaseRecordState:
    """Return *state* with what a sample of its URLs shows to be stale at an edge; nothing is submitted."""
    return with_drift(state, _asked(readers, clock, state, asked_on_refresh(state, seed)), new_id)


def reconcile_heal(readers: Readers, clock: Clock, state: HealProofState, new_id: Callable[[], str]) -> HealProofState:
    """Do the same for the URLs of a heal that are proven."""
    left = {one.url for one in unpacked(state.get("mismatches"))}
    proven: list[OpenUrl] = [one for one in unpacked(state["subject"]) if one.url not in left]
    return with_drift(state, _asked(readers, clock, state, [one.expected for one in proven[:MAX_DRIFT_URLS]]), new_id)


def _asked(
    readers: Readers, clock: Clock, state: ReleaseRecordState | HealProofState, urls: Sequence[Expected]
) -> tuple[Evidence, ...]:
    if not urls:
        return ()
    reader = reader_of(readers, state)
    options = replace(proof_options(state), patience_s=0.0, timeout_s=min(DRIFT_S, float(state["proof_timeout"])))
    return prove(reader, clock, bounded(reader, urls), options)


def heal_follows(state: LeftOpen, heals: int) -> bool:
    """Whether a proof is followed by a heal, of which a run does *heals* more."""
    found = next_pending(state, (), FIRST_PLACE)
    return found is not None and bool(found.refreshed(heals))


def without_heal(story: Story, inputs: HealOptions) -> Story:
    """Return *story* as it ends if no heal follows: what is not proven has failed, unless a warning is enough."""
    if story.outcome is ReleaseOutcome.UNPROVEN and inputs.get("proof") != RequiredProof.WARN:
        return replace(story, outcome=ReleaseOutcome.FAILED)
    return story


def proof_warning(inputs: ReleaseProofInputs) -> str:
    """Return the warning of a release that is not proven; empty if it is. Raises NotProvenError if that is required."""
    if inputs.get("status") != ReleaseOutcome.UNPROVEN:
        return ""
    message = inputs.get("failure") or "the release is not proven"
    if inputs["proof"] == RequiredProof.WARN:
        return message
    raise NotProvenError(message, ())
