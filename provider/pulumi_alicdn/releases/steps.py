"""The steps of a release that probe the origin and the edges, on plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final, cast

from pulumi_alicdn.api.object_paths import canonical
from pulumi_alicdn.api.rows import instant_text
from pulumi_alicdn.errors import NotProvenError
from pulumi_alicdn.ports import Clock
from pulumi_alicdn.releases import manifest as manifests
from pulumi_alicdn.releases.decision import Decision
from pulumi_alicdn.releases.heals.heal_steps import Around, goes_on, what_is_left
from pulumi_alicdn.releases.heals.open_urls import left_open, packed, unpacked
from pulumi_alicdn.releases.manifest import Asset, Manifest
from pulumi_alicdn.releases.network.budget import Budget, parse_proof_budget
from pulumi_alicdn.releases.network.coverage import Coverage
from pulumi_alicdn.releases.origin.still_served import still_served
from pulumi_alicdn.releases.packed import pack, unpack
from pulumi_alicdn.releases.plan import Plan
from pulumi_alicdn.releases.proof.checks.folded import NOTHING, Folded
from pulumi_alicdn.releases.proof.checks.sampling import sample
from pulumi_alicdn.releases.proof.edge_access import OPEN_ACCESS, EdgeAccess, parse_access, without_secrets
from pulumi_alicdn.releases.proof.edge_reader import EdgeReader
from pulumi_alicdn.releases.proof.evidence import NO_ANSWER, Evidence
from pulumi_alicdn.releases.proof.expected import home_folders
from pulumi_alicdn.releases.proof.judge import Expected
from pulumi_alicdn.releases.proof.proof_messages import PROGRAM, Words, not_on_origin
from pulumi_alicdn.releases.proof.prove import OnEvidence, ProofOptions, check_origin, prove
from pulumi_alicdn.releases.proof.servers import (
    EdgeSource,
    Server,
    option_source,
    parse_edge,
    parse_origin,
    parse_resolve,
)
from pulumi_alicdn.releases.proof.visitors import sent_user_agent
from pulumi_alicdn.releases.release_options import Removed, Verify
from pulumi_alicdn.releases.removed import Held, OldFiles, Why, stored_pending, stored_reasons, undecided
from pulumi_alicdn.releases.report.release_story import story_of
from pulumi_alicdn.releases.report.story import ReleaseOutcome, Story, by_edge
from pulumi_alicdn.releases.urls import urls
from pulumi_alicdn.state import (
    EDGE_ACCESS,
    ORIGIN_CHECK_OPTIONS,
    PROVEN_AGAIN,
    RECORD_OPTIONS,
    DecidedRelease,
    EdgeSummaryEntry,
    EvidenceEntry,
    HealProofInputs,
    OriginCheckOptions,
    OriginCheckState,
    ReleasePlace,
    ReleaseRecordInputs,
    ReleaseRecordState,
    SecretNames,
)

Readers = Callable[[tuple[Server, ...], Mapping[str, tuple[Server, ...]], EdgeAccess], EdgeReader]
"""Makes a reader for the given edges, or for those given for each host, which sends what lets requests pass there."""

Watch = Callable[[int, Callable[[str], int]], OnEvidence]
"""Gets the number of URLs of a proof, and what returns the number of edges of a URL; returns what gets the evidence."""

MAX_AT_ORIGIN: Final = 1000
"""The most URLs for which the origin is probed before a submit. [chosen: far fewer probes reveal an origin that was not
updated, or only in part]"""

MAX_EVIDENCE: Final = 1000
"""The most probes that the state keeps. [chosen: 300 kB; the counts for each edge cover all probes]"""


_UNPROVEN: Final = (*EDGE_ACCESS, "removed", "removed_pending")
"""Inputs of a record whose change is kept without a new proof."""

NO_NAMES: Final[SecretNames] = {}
"""What a front end adds if some inputs are secret: their names."""

NO_PLACE: Final[ReleasePlace] = {}
"""The place of a release that Pulumi does not keep."""


def unwatched(_urls: int, _edges: Callable[[str], int]) -> OnEvidence:
    """Ignore the evidence until it is complete."""
    return lambda _: None


def origin_check_inputs(decision: Decision, options: Mapping[str, Any]) -> OriginCheckState | None:
    """Return the inputs of the origin check; None if *options* name no origin, or if nothing will be submitted."""
    if options["origin"] is None or not decision.plan.anything:
        return None
    wanted = decision.plan.expected(decision.manifest, decision.policy.base_urls, decision.policy.index_files)
    if decision.policy.removed is Removed.SETTLE:
        # A removed file that is there again, or still, is pending; it must not stop the release of all others.
        wanted = tuple(one for one in wanted if not one.removed)
    if not wanted:
        return None
    asked = sample(wanted, MAX_AT_ORIGIN, decision.digest)
    text = pack([_packed(one) for one in asked])
    given = cast("OriginCheckOptions", _given(options, ORIGIN_CHECK_OPTIONS))
    return {**given, "expected": text}


def record_inputs(
    name: str,
    decision: Decision,
    options: Mapping[str, Any],
    uploaded_at: datetime | None,
    place: ReleasePlace = NO_PLACE,
) -> DecidedRelease:
    """Return the inputs of the proof; the caller adds the ids of the tasks and the times of submit and effect."""
    given = cast("DecidedRelease", with_edge_source(_given(options, RECORD_OPTIONS)))
    mode = decision.policy.removed
    if mode is not Removed.SETTLE:
        given["removed"] = str(mode)
    if decision.pending:
        given["removed_pending"] = manifests.pack(decision.pending)
    if decision.homes:
        given["home_folders"] = pack(list(decision.homes))
    if decision.why:
        given["removed_why"] = pack({path: str(why) for path, why in decision.why.items()})
    if decision.to_heal is not None:
        given["to_heal"] = packed(decision.to_heal.urls)
    return {
        **given,
        **place,
        "name": name,
        "service": str(decision.policy.service),
        "base_urls": list(decision.policy.base_urls),
        "index_files": list(decision.policy.index_files),
        "manifest": decision.packed,
        "plan": decision.packed_plan or pack(decision.plan.stored(decision.manifest)),
        "earlier_intents": list(decision.earlier_intents),
        "uploaded_at": instant_text(uploaded_at) if uploaded_at is not None else None,
    }


def with_edge_source(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options *given* with ``edges`` as a list, or with the word that stands for it as ``edges_from``.

    A list that is not known yet is a list.
    """
    source = option_source(given.get("edges"))
    if source is None:
        return dict(given)
    others = {name: value for name, value in given.items() if name != "edges"}
    return {**others, "edges_from": str(source)}


def edge_source(inputs: Mapping[str, Any]) -> EdgeSource | None:
    """Return where the edges of a proof come from; None if *inputs* name them."""
    if inputs.get("edges"):
        return None
    return EdgeSource(inputs.get("edges_from") or EdgeSource.DNS)


def _packed(one: Expected) -> list[str | int | None]:
    """Return *one* as the state keeps it; the old bytes of a removed file only where they are known, as ever."""
    old = [one.old.hex()] if one.old is not None else []
    return [one.url, one.sha256.hex() if one.sha256 else "", one.size, *old]


def _unpacked(url: str, digest: str, size: int | None, old: str = "") -> Expected:
    return Expected(url, bytes.fromhex(digest) or None, size, bytes.fromhex(old) or None)


def _given(options: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: options[name] for name in names if options.get(name) is not None}


def origin_check_changed(state: OriginCheckState, inputs: OriginCheckState) -> bool:
    """Whether the origin has to be probed again, because another release is expected there."""
    return state.get("expected") != inputs.get("expected")


def proof_changed(state: ReleaseRecordState, inputs: ReleaseRecordInputs) -> bool:
    """Whether the edges have to be probed again."""
    then, now = without_secrets(state), without_secrets(inputs)
    if then.get("edges_from") not in (None, now.get("edges_from")):
        return True
    then, now = _without_found_origin(then), _without_found_origin(now)
    return any((then.get(name) or None) != (now.get(name) or None) for name in PROVEN_AGAIN)


def _without_found_origin(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return *inputs* without an origin that the user did not name: the service may name another one any day."""
    left_out = ("origin", "origin_host") if inputs.get("origin_from") else ()
    return {name: value for name, value in inputs.items() if name not in left_out}


def proves_again(state: ReleaseRecordState | None, inputs: Mapping[str, Any]) -> bool:
    """Whether the edges are probed again although the tasks stay the same; so they are without a record."""
    if state is None:
        return True
    return proof_changed(state, cast("ReleaseRecordInputs", {**inputs, "task_ids": state.get("task_ids")}))


def kept_record(state: ReleaseRecordState, inputs: ReleaseRecordInputs) -> ReleaseRecordState:
    """Return *state* with what changes nothing that was proven: key, headers, and which removed files are pending."""
    given = {name: inputs.get(name) for name in _UNPROVEN}
    kept = {name: value for name, value in state.items() if name not in _UNPROVEN}
    return cast("ReleaseRecordState", kept | {name: value for name, value in given.items() if value is not None})


def still_at_origin(
    readers: Readers, clock: Clock, options: Mapping[str, Any], release: Manifest, removed: OldFiles
) -> Mapping[str, Held]:
    """Return those of the files *removed* that the origin of *options* still has; *release*: the folder's files."""
    agent = sent_user_agent(options.get("user_agent"))
    how = ProofOptions(origin_server(options), timeout_s=options["proof_timeout"], user_agent=agent)
    return still_served(
        readers((), {}, OPEN_ACCESS), clock, removed, release, options["base_urls"], options["index_files"], how
    )


def check_first(readers: Readers, clock: Clock, inputs: OriginCheckState, words: Words = PROGRAM) -> OriginCheckState:
    """Check that the origin has the release, before anything is submitted. Raises NotProvenError if it has not."""
    wanted = [_unpacked(*one) for one in unpack(inputs["expected"])]
    evidence = check_origin(readers((), {}, OPEN_ACCESS), clock, wanted, proof_options(inputs))
    found = bool(inputs.get("origin_from"))
    # An origin that nobody named may leave this machine without an answer: that shows nothing of the release.
    failed = [one for one in evidence if not (one.ok or (found and one.finding in NO_ANSWER))]
    if failed:
        named = inputs["origin"] if found else ""
        raise NotProvenError(not_on_origin(evidence, words, named), evidence)
    return inputs


def prove_release(
    readers: Readers,
    clock: Clock,
    now: Callable[[], datetime],
    inputs: ReleaseRecordInputs,
    around: Around,
    watch: Watch = unwatched,
) -> tuple[ReleaseRecordState, Story]:
    """Probe every edge, and make the story of the release; ``Story.outcome`` says whether it is proven.

    *watch* is asked once, before the first probe, for what gets the evidence of each.
    The state holds the evidence of the first :data:`MAX_EVIDENCE` probes. A release that is not proven is ``unproven``
    if a heal can follow or a warning is enough, else ``failed``.
    """
    files = manifests.unpack(inputs["manifest"])
    planned = Plan.read(unpack(inputs["plan"]), files)
    wanted = planned.expected(files, inputs["base_urls"], inputs.get("index_files") or ())
    if inputs["verify"] == Verify.SAMPLE:
        wanted = sample(wanted, seed=manifests.stated_digest(inputs["manifest"]))
    own = {one.url for one in wanted}
    to_heal = [one for one in unpacked(inputs.get("to_heal")) if one.url not in own]
    wanted = (*wanted, *(one.expected for one in to_heal))
    began = now()
    evidence: tuple[Evidence, ...] = ()
    folded, coverage = NOTHING, ""
    if inputs["verify"] != Verify.OFF and wanted:
        evidence, folded, coverage = watched_proof(reader_of(readers, inputs), clock, wanted, inputs, began, watch)
    pending, why = dict(stored_pending(inputs)), stored_reasons(inputs)
    if inputs.get("removed") is None:
        index_files, asked = inputs.get("index_files") or (), bool(inputs.get("origin"))
        before = {one.url for one in evidence}
        evidence, found = undecided(evidence, planned.gone, inputs["base_urls"], index_files, asked=asked)
        folded = folded.but(before.difference(one.url for one in evidence))
        pending |= {path: one.file for path, one in found.items()}
        why |= {path: one.why for path, one in found.items()}
    open_urls = left_open(wanted, evidence, {one.url for one in to_heal if one.stale}, folded)
    left = what_is_left(around, inputs, evidence, open_urls, (), now(), folded)
    outcome = ReleaseOutcome.LIVE
    if open_urls:
        outcome = ReleaseOutcome.UNPROVEN if goes_on(inputs, open_urls) else ReleaseOutcome.FAILED
    story = story_of(inputs, planned, len(files), evidence, (began, now()), outcome, left.get("failure") or "")
    reasons = {path: why.get(path, Why.THERE) for path in sorted(pending)}
    story = replace(story, pending=reasons, asked=bool(inputs.get("origin")), coverage=coverage, folded=folded)
    state: ReleaseRecordState = {
        **NO_NAMES,
        **inputs,
        "evidence": [entry(one) for one in evidence[:MAX_EVIDENCE]],
        "evidence_summary": summary_entries(evidence, folded),
        "status": str(story.outcome),
        "drift": None,
        "drift_id": None,
        "drift_seen": None,
        **left,
    }
    if pending:
        state["removed_pending"] = manifests.pack(pending)
    text = inputs.get("home_folders")
    known = unpack(text) if text else ()
    homes = home_folders(known, evidence, files, inputs["base_urls"], inputs.get("index_files") or ())
    state.pop("home_folders", None)
    if homes:
        state["home_folders"] = pack(list(homes))
    # It was true when the origin was asked; a later run that changes nothing does not keep it up to date.
    state.pop("removed_why", None)
    return state, story


def removed_pending(state: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the sorted paths of the removed files that are still served after the release of *state*."""
    return tuple(sorted(stored_pending(state)))


def files_by_url(record: ReleaseRecordState) -> dict[str, Asset]:
    """Return each URL of the release of *record*, in canonical spelling, with the file that was released there.

    Files that were removed by then are among them, as they were before that.
    """
    gone = {path: old for path, old in Plan.read(unpack(record["plan"])).gone.items() if old is not None}
    files = {**gone, **stored_pending(record), **manifests.unpack(record["manifest"])}
    bases, index_files = record["base_urls"], record.get("index_files") or ()
    named = ((url, one) for base in bases for path, one in files.items() for url in urls(base, path, index_files))
    return {canonical(url): one for url, one in named}


def require_proof(story: Story) -> None:
    """Raise NotProvenError if an edge does not serve the release, and neither a heal nor a warning follows."""
    if story.outcome is ReleaseOutcome.FAILED:
        raise NotProvenError(story.failure, story.evidence)


def watched_proof(
    reader: EdgeReader,
    clock: Clock,
    wanted: Sequence[Expected],
    inputs: ReleaseRecordInputs | HealProofInputs,
    began: datetime,
    watch: Watch,
) -> tuple[tuple[Evidence, ...], Folded, str]:
    """Probe the edges for *wanted*, as *inputs* say, and pass the evidence of each probe to what *watch* returns.

    Of very many checks, some are only counted. The sentence says what the budget left out. *began* draws what a budget
    allows, so that runs differ.
    """
    on_evidence = watch(len(wanted), lambda url: len(reader.edges(url)))
    options = replace(proof_options(inputs), seed=began.isoformat())
    covered: list[Coverage] = []
    folded: list[Folded] = []
    evidence = prove(reader, clock, wanted, options, on_evidence, covered.append, folded.append)
    sentence = "".join(one.sentence(proof_budget(inputs)) for one in covered)
    return evidence, next(iter(folded), NOTHING), sentence


def reader_of(readers: Readers, inputs: ReleaseRecordInputs | HealProofInputs) -> EdgeReader:
    """Return a reader for the edges that *inputs* name."""
    edges = tuple(parse_edge(edge) for edge in inputs.get("edges") or ())
    return readers(edges, parse_resolve(inputs.get("resolve") or {}), parse_access(inputs))


def proof_options(inputs: OriginCheckState | ReleaseRecordInputs | HealProofInputs) -> ProofOptions:
    """Return how *inputs* say to probe."""
    origin = inputs.get("origin")
    in_network = edge_source(inputs) is EdgeSource.NETWORK
    return ProofOptions(
        origin=origin_server(inputs) if origin else None,
        patience_s=float(inputs["proof_patience"]),
        timeout_s=float(inputs["proof_timeout"]),
        user_agent=sent_user_agent(inputs.get("user_agent")),
        index_required=bool(inputs.get("index_required")),
        budget=proof_budget(inputs) if inputs.get("proof_budget") or in_network else None,
    )


def origin_server(inputs: Mapping[str, Any]) -> Server:
    """Return the origin that *inputs* name."""
    return parse_origin(inputs["origin"], inputs.get("origin_host") or "", foreign=bool(inputs.get("origin_from")))


def proof_budget(inputs: Mapping[str, Any]) -> Budget:
    """Return what a proof may use, by its inputs. Edges that the user names, and those of DNS, are asked for all."""
    return parse_proof_budget(inputs.get("proof_budget"))


def summary_entries(evidence: Iterable[Evidence], folded: Folded = NOTHING) -> list[EdgeSummaryEntry]:
    """Return the counts of each edge as the state keeps them; *folded*: checks that have no evidence."""
    found = [asdict(one) for one in by_edge(evidence, folded)]
    return [cast("EdgeSummaryEntry", {k: v for k, v in one.items() if v != ""}) for one in found]


def entry(one: Evidence) -> EvidenceEntry:
    """Return *one* as the state keeps it."""
    seen = {**asdict(one), "finding": str(one.finding), "at": instant_text(one.at)}
    # Most evidence is fresh, and a state holds a lot of it.
    for name in ("copy", "diagnosis", "weak", "place", "provider", "by_etag"):
        if not seen[name]:
            del seen[name]
    return cast("EvidenceEntry", seen)
