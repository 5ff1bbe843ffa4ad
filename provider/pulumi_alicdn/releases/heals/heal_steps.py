"""The steps around a heal on plain data: what a proof leaves open, the proof after a heal, and drift at the edges."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar, cast

from pulumi_alicdn.api.limits import quota_name
from pulumi_alicdn.api.rows import Allowance
from pulumi_alicdn.api.spec import ObjectType, Service
from pulumi_alicdn.errors import AlicdnError
from pulumi_alicdn.releases import manifest as manifests
from pulumi_alicdn.releases.heals.heal_messages import next_step
from pulumi_alicdn.releases.heals.open_urls import (
    MAX_NAMED,
    OpenUrl,
    from_stale,
    healable,
    joined,
    packed,
    unpacked,
)
from pulumi_alicdn.releases.proof.checks.folded import NOTHING, Folded
from pulumi_alicdn.releases.proof.checks.sampling import sample
from pulumi_alicdn.releases.proof.edge_reader import EdgeReader
from pulumi_alicdn.releases.proof.evidence import HARMLESS, Evidence, Finding
from pulumi_alicdn.releases.proof.expected import expected
from pulumi_alicdn.releases.proof.judge import Expected
from pulumi_alicdn.releases.proof.proof_messages import Words, failure
from pulumi_alicdn.releases.release_options import RequiredProof, Verify
from pulumi_alicdn.state import (
    EvidenceEntry,
    HealProofState,
    LeftOpen,
    ReleaseRecordInputs,
    ReleaseRecordState,
    StaleEntry,
)

MAX_DRIFT_URLS: Final = 20
"""The most URLs for which `pulumi refresh` asks edges. [chosen: a sample that holds the entry points of a site]"""

MAX_DRIFT_PROBES: Final = 200
"""The most requests of a `pulumi refresh`. [chosen: 20 URLs at 10 edges]"""

DRIFT_S: Final = 30.0
"""Seconds after which a `pulumi refresh` asks no further edge. [chosen: it reads many resources, one of them this]"""

_One = TypeVar("_One")
_Seen = TypeVar("_Seen", ReleaseRecordState, HealProofState)


@dataclass(frozen=True, slots=True)
class Around:
    """What a proof needs besides the edges.

    ``new_id``: makes an id that no other proof has. ``allowances``: asks the service for today's quota; may raise an
    AlicdnError. ``words``: those of the front end.
    """

    new_id: Callable[[], str]
    allowances: Callable[[Service], Mapping[str, Allowance]]
    words: Words


def what_is_left(
    around: Around,
    inputs: Mapping[str, Any],
    evidence: Sequence[Evidence],
    urls: Sequence[OpenUrl],
    refreshed: Collection[str],
    now: datetime,
    folded: Folded = NOTHING,
) -> LeftOpen:
    """Return what a proof leaves open: *urls*, after *refreshed* were refreshed again.

    *folded*: checks that have no evidence.

    The quota is asked for only if something is to be refreshed again; if that fails, the service decides later.
    """
    found: LeftOpen = {"proof_id": around.new_id()}
    if not urls:
        return found
    service, heals = str(inputs["service"]), int(inputs.get("heal") or 0)
    stale = [one.url for one in healable(urls)]
    most = _allowed(around, service) if stale and heals else None
    step = next_step(service, stale, refreshed, heals=heals, most=most, words=around.words, now=now)
    return {
        **found,
        "mismatches": packed(urls),
        "unproven": [one.url for one in urls[:MAX_NAMED]],
        "most": most,
        "failure": failure(evidence, step, around.words, folded) + _origin_said(inputs, evidence),
    }


def _origin_said(inputs: Mapping[str, Any], evidence: Iterable[Evidence]) -> str:
    """Return a line on the origin that was asked, if the user did not name it and a reason depends on it."""
    blamed = any(one.finding in (Finding.STALE_EDGE, Finding.STALE_ORIGIN) for one in evidence)
    if not (blamed and inputs.get("origin_from")):
        return ""
    return f"\nThe origin that was asked is {inputs['origin']}, as the service names it."


def _allowed(around: Around, service: str) -> int | None:
    try:
        known = around.allowances(Service(service)).get(quota_name(Service(service), ObjectType.FILE))
    except AlicdnError:
        return None
    return None if known is None else known.remaining


def goes_on(inputs: ReleaseRecordInputs, urls: Iterable[OpenUrl]) -> bool:
    """Whether a record is kept although *urls* are not proven: a heal follows, or a warning is enough."""
    warns = inputs.get("proof") == RequiredProof.WARN
    return warns or (bool(inputs.get("heal")) and bool(healable(urls)))


def evidence_after(before: Iterable[EvidenceEntry], later: Iterable[EvidenceEntry]) -> list[EvidenceEntry]:
    """Return the entries of *before*, with those of *later* in place of the ones for the same edge and URL."""
    return replaced(before, later, lambda one: (one["edge"], one["url"]))


def replaced(before: Iterable[_One], later: Iterable[_One], where: Callable[[_One], tuple[str, str]]) -> list[_One]:
    """Return *before*, with all of *later* at the same place (*where*: edge and URL) instead of all that was there.

    One edge has several copies of one URL, by their encodings.
    """

    def grouped(seen: Iterable[_One]) -> dict[tuple[str, str], list[_One]]:
        groups: dict[tuple[str, str], list[_One]] = {}
        for one in seen:
            groups.setdefault(where(one), []).append(one)
        return groups

    return [one for group in (grouped(before) | grouped(later)).values() for one in group]


def healed_urls(before: Iterable[str], refreshed: Iterable[str], left: Iterable[OpenUrl]) -> list[str]:
    """Return the URLs that were refreshed again and are proven since: those of *before*, and of *refreshed*."""
    still = {one.url for one in left}
    return [url for url in dict.fromkeys((*before, *refreshed)) if url not in still][:MAX_NAMED]


def asked_on_refresh(state: ReleaseRecordState, seed: str) -> tuple[Expected, ...]:
    """Return the URLs for which `pulumi refresh` asks edges: those found stale before, then a sample.

    The sample has the entry points first; *seed*: another one gives another sample. Nothing is asked for a release
    whose proof asked no edge. URLs that the proof left open are those of the heal's own step.
    """
    if not state.get("evidence_summary") or state.get("verify") == Verify.OFF:
        return ()
    known = expected_of(state)
    open_urls = {one.url for one in unpacked(state.get("mismatches"))}
    before = {one["url"] for one in state.get("drift") or ()}
    first = [one for url, one in known.items() if url in before][:MAX_DRIFT_URLS]
    others = [one for url, one in known.items() if url not in before and url not in open_urls]
    return (*first, *sample(others, MAX_DRIFT_URLS - len(first), seed))


def expected_of(state: ReleaseRecordState) -> dict[str, Expected]:
    """Return what edges have to serve for each URL of the release."""
    files = manifests.unpack(state["manifest"])
    return {one.url: one for one in expected(files, state["base_urls"], state.get("index_files") or ())}


def bounded(reader: EdgeReader, urls: Iterable[Expected]) -> tuple[Expected, ...]:
    """Return the first of *urls* that take at most :data:`MAX_DRIFT_PROBES` requests, and at least one."""
    found: list[Expected] = []
    probes = 0
    for one in urls:
        probes += len(reader.edges(one.url))
        if found and probes > MAX_DRIFT_PROBES:
            break
        found.append(one)
    return tuple(found)


def unseen_drift(state: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    """Whether a refresh found drift that no run knew yet: Pulumi shows it only if a comparison finds a change.

    A run passes the id of what it knows as an input, and heals it: for that, the record need not be made anew.
    """
    found = state.get("drift_id")
    return bool(found) and found != inputs.get("drift_seen")


def with_unseen_drift(state: ReleaseRecordState, inputs: ReleaseRecordInputs) -> ReleaseRecordInputs:
    """Return *inputs* with the drift of *state* as pending if the run did not know it, so that none is forgotten."""
    if not unseen_drift(state, inputs):
        return inputs
    drift = from_stale(state.get("drift") or (), expected_of(state))
    return {**inputs, "to_heal": packed(joined([unpacked(inputs.get("to_heal")), drift]))}


def with_drift(state: _Seen, evidence: Sequence[Evidence], new_id: Callable[[], str]) -> _Seen:
    """Return *state* with what *evidence* shows to be stale at an edge; the same state if nothing is new.

    An edge that was not asked, or did not answer, neither adds nor clears anything: a network that is down is no drift.
    """
    known_origin = state.get("origin") is not None
    stale: tuple[Finding, ...] = (Finding.STALE_EDGE,) if known_origin else (Finding.STALE_EDGE, Finding.STALE)
    shown = (*HARMLESS, Finding.STALE_ORIGIN, *stale)
    decided = {(one.edge, one.url) for one in evidence if one.finding in shown}
    before = {(one["edge"], one["url"]) for one in state.get("drift") or ()}
    now = {(one.edge, one.url) for one in evidence if one.finding in stale} | (before - decided)
    if now == before:
        return state
    drift: list[StaleEntry] = [{"edge": edge, "url": url} for edge, url in sorted(now)]
    found = {**state, "drift": drift or None, "drift_id": new_id() if drift else None}
    return cast("_Seen", found)
