"""The resources of a release after its record: heals while edges are stale, and the end.

A heal's resources are registered once it is known that an edge is stale. A release whose edges are right has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, cast

import pulumi

from pulumi_alicdn.releases.decision import Decision
from pulumi_alicdn.releases.heal_proof import heal_inputs
from pulumi_alicdn.releases.heals.heal_steps import evidence_after
from pulumi_alicdn.releases.heals.pending import FIRST_PLACE, MAX_PLACES, Pending, next_pending, proof_id
from pulumi_alicdn.releases.release_options import RequiredProof
from pulumi_alicdn.resources.program import waits_provider
from pulumi_alicdn.resources.release.previous_release import StoredRelease, heal_name
from pulumi_alicdn.resources.release.release_inputs import Known
from pulumi_alicdn.resources.release.release_tasks import release_place
from pulumi_alicdn.resources.release_steps import (
    HealProof,
    HealProofProvider,
    ReleaseProof,
    ReleaseProofProvider,
    ReleaseRecord,
)
from pulumi_alicdn.resources.secret_values import secret_names
from pulumi_alicdn.resources.task import RefreshTask
from pulumi_alicdn.resources.task_steps import own_urn
from pulumi_alicdn.state import (
    HEAL_PROOF_INPUTS,
    HEAL_PROOF_OPTIONS,
    PROOF,
    EvidenceEntry,
    HealProofState,
    LeftOpen,
)

Result = Mapping[str, Any]
"""The result of the last proof so far: the outputs that PROOF names."""

_END: Final = ("status", "proof_id", "unproven", "healed", "failure")


class HealChain:
    """The heals of one release, once its options are known."""

    def __init__(
        self,
        component: pulumi.ComponentResource,
        name: str,
        decision: Decision,
        options: Mapping[str, Any],
        waiting: Mapping[str, Any],
        stored: StoredRelease,
        known: Known,
    ) -> None:
        """Go on from what the state holds (*stored*).

        *options*: the user's, which may be outputs; *known*: the same as far as they are known. *waiting*: timeout and
        retry_failed of the heals' tasks.
        """
        self._component = component
        self._name = name
        self._decision = decision
        self._options = options
        self._waiting = waiting
        self._stored = stored
        self._known = known

    def follow(self, record: ReleaseRecord, found: Result) -> Result | pulumi.Output[Result]:
        """Register the heals after *record*, whose proof *found* this; return the result of the last proof."""
        before = self._stored.record
        own = found["proof_id"] or ""
        if before is None or own != proof_id(before):
            # The edges were asked anew: no earlier heal is about that.
            return self._next(record, found, (own,), FIRST_PLACE, self._decision.policy.heal)
        left = self._decision.to_heal
        forgotten: list[EvidenceEntry] = []
        for place, proof in self._stored.healing.as_they_were(proof_id(before)).items():
            found = _merged(found, proof)
            if left is not None and place >= left.place:
                forgotten = evidence_after(forgotten, proof.get("evidence") or ())
            else:
                stored = {one: value for one, value in proof.items() if one in _FINDINGS}
                self._register(record, place, {**stored, "drift_seen": proof.get("drift_id")})
        if left is None:
            return found
        return self._heal(record, found, left, self._decision.heal, self._decision.policy.heal - 1, forgotten)

    def _next(
        self, record: ReleaseRecord, found: Result, covers: Sequence[str], place: int, heals: int
    ) -> Result | pulumi.Output[Result]:
        """Heal what the last proof (*found*) left, if this run may do so *heals* times more."""
        left = next_pending(cast("LeftOpen", found), covers, place)
        refreshed = left.refreshed(heals) if left is not None else ()
        if left is None or not refreshed or place > MAX_PLACES:
            return found
        return self._heal(record, found, left, refreshed, heals - 1)

    def _heal(
        self,
        record: ReleaseRecord,
        found: Result,
        left: Pending,
        refreshed: Sequence[str],
        heals: int,
        forgotten: Sequence[EvidenceEntry] = (),
    ) -> pulumi.Output[Result]:
        """Refresh again and prove again; *heals*: how many times more this run may do so.

        *forgotten*: the evidence of steps of earlier runs that end with this one.
        """
        inputs = heal_inputs(
            self._name,
            self._decision,
            self._options,
            left,
            refreshed,
            found,
            last=heals < 1,
            evidence=forgotten,
            place=release_place(),
        )
        proof = self._register(record, left.place, inputs)

        def go_on(known: Result) -> Result | pulumi.Output[Result]:
            return self._next(record, _merged(found, known), left.covers, left.place + 1, heals)

        return pulumi.Output.all(**{one: getattr(proof, one) for one in PROOF}).apply(go_on)

    def _register(self, record: ReleaseRecord, place: int, inputs: Mapping[str, Any]) -> HealProof:
        """Register the task at *place*, if it refreshes anything, and the proof after it."""
        name, facts = heal_name(self._name, place), dict[str, Any]()
        after: list[pulumi.Resource] = [record]
        urls = {one: self._known.carried(inputs[one], ("base_urls",)) for one in _OF_URLS}
        of_edges = (one for one in _OF_EDGES if one in inputs)
        urls |= {one: self._known.carried(inputs[one], ("base_urls", "edges", "resolve")) for one in of_edges}
        if inputs["refreshed"]:
            given = {
                "service": inputs["service"],
                "object_paths": urls["refreshed"],
                "force": True,
                "triggers": inputs["finds"],
                **self._waiting,
            }
            opts = pulumi.ResourceOptions(parent=self._component, depends_on=[record])
            # Where a warning is enough, a heal that fails is no more than that.
            goes_on = self._options["proof"] == RequiredProof.WARN
            task = RefreshTask.of_release(name, given, opts, goes_on=goes_on)
            facts = {one: getattr(task, one) for one in ("task_ids", "request_ids", "submitted_at", "effective_at")}
            after.append(task)
        options = {one: self._options[one] for one in HEAL_PROOF_OPTIONS if self._options.get(one) is not None}
        row = own_urn(self._component, HealProof, name)
        props = {**dict.fromkeys(PROOF), **inputs, **options, **urls, **facts, "urn": row}
        opts = pulumi.ResourceOptions(
            parent=self._component, provider=waits_provider(self._component), depends_on=after
        )
        return HealProof(HealProofProvider(), name, {**props, **secret_names(props, config=False)}, opts)


_FINDINGS: Final = tuple(one for one in HEAL_PROOF_INPUTS if one not in HEAL_PROOF_OPTIONS)
"""What the state holds of the inputs of a proof after a heal, besides options, of which some are secret."""

_OF_URLS: Final = ("base_urls", "refreshed", "healed_before")
_OF_EDGES: Final = ("subject", "summary_before", "evidence_before")
"""Inputs with URLs, and with edges."""


def after_record(
    component: pulumi.ComponentResource,
    name: str,
    proof: str,
    record: ReleaseRecord,
    chain: HealChain | pulumi.Output[HealChain],
    *,
    ends: bool,
) -> pulumi.Output[Result]:
    """Register what follows *record*; return the result of the last proof, once a release may go on after it.

    *ends*: whether the last step exists from the start, so that what depends on the release waits for it. A state of an
    earlier version goes on without it until something changes: otherwise the new version would seem to be a change.
    """

    def follow(known: Result) -> Result | pulumi.Output[Result]:
        if isinstance(chain, pulumi.Output):
            return chain.apply(lambda one: one.follow(record, known))
        return chain.follow(record, known)

    def end(found: pulumi.Output[Result]) -> pulumi.Output[Result]:
        inputs = {
            "proof": proof,
            **{one: found.apply(itemgetter(one)) for one in _END},
            "urn": own_urn(component, ReleaseProof, name),
        }
        opts = pulumi.ResourceOptions(parent=component, provider=waits_provider(component))
        props = {**inputs, **secret_names(inputs, config=False)}
        ended = ReleaseProof(ReleaseProofProvider(), name, props, opts)
        return pulumi.Output.all(found, ended.status).apply(itemgetter(0))

    def end_if_proven_anew(known: Result) -> Result | pulumi.Output[Result]:
        # The output, and not its value: what is secret in it stays secret in the state of the last step.
        return end(found) if known["proof_id"] else known

    found: pulumi.Output[Result] = pulumi.Output.all(**{one: getattr(record, one) for one in PROOF}).apply(follow)
    return end(found) if ends else found.apply(end_if_proven_anew)


def _merged(before: Result, proof: Result | HealProofState) -> Result:
    """Return the result of *proof*, with the evidence of other URLs from *before*."""
    evidence = evidence_after(before["evidence"] or (), proof.get("evidence") or ())
    return {**{one: proof.get(one) for one in PROOF}, "evidence": evidence}
