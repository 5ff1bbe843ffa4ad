"""The steps of a release besides its tasks, as dynamic resources: the origin check before them, the proofs after."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.ports import Clock
from pulumi_alicdn.releases import steps
from pulumi_alicdn.releases.heal_proof import (
    heal_follows,
    proof_warning,
    prove_again,
    reconcile_heal,
    reconcile_record,
    without_heal,
)
from pulumi_alicdn.releases.heals.heal_steps import Around, unseen_drift, with_unseen_drift
from pulumi_alicdn.releases.heals.pending import proof_id
from pulumi_alicdn.releases.proof.edge_access import EdgeAccess
from pulumi_alicdn.releases.proof.edge_reader import EdgeReader
from pulumi_alicdn.releases.proof.proof_messages import PROGRAM
from pulumi_alicdn.releases.proof.servers import EdgeSource, Server
from pulumi_alicdn.releases.report.story import Story
from pulumi_alicdn.releases.report.veiled import veiled
from pulumi_alicdn.resources import outgoing
from pulumi_alicdn.resources.dynamic import Props, Step, StepProvider, change, row_sink, warn_once
from pulumi_alicdn.resources.provider_process import PROCESS, clean_errors, plain
from pulumi_alicdn.resources.release.proof_progress import ProofProgress
from pulumi_alicdn.resources.secret_values import Veil, names_changed, names_of
from pulumi_alicdn.state import (
    HealProofInputs,
    HealProofState,
    OriginCheckState,
    ProofLimits,
    ReleaseProofInputs,
    ReleaseRecordInputs,
    ReleaseRecordState,
    ShownRow,
)
from pulumi_alicdn.tasks.retry_policy import Caller


def edge_reader(edges: tuple[Server, ...], resolve: Mapping[str, tuple[Server, ...]], access: EdgeAccess) -> EdgeReader:
    """Return a reader of these edges; its HTTP is loaded with the first one."""
    from pulumi_alicdn.system.edges import EdgeFetcher

    return EdgeFetcher(edges, resolve, access)


def edge_readers(inputs: ReleaseRecordInputs | HealProofInputs, veil: Veil) -> steps.Readers:
    """Return what makes readers of the edges that *inputs* name, or of the nodes that the service lists."""
    if steps.edge_source(inputs) is not EdgeSource.NETWORK:
        return edge_reader
    network = PROCESS.network(Service(inputs["service"]), lambda message: warn_once(message, veil))

    def reader(edges: tuple[Server, ...], resolve: Mapping[str, tuple[Server, ...]], access: EdgeAccess) -> EdgeReader:
        from pulumi_alicdn.system.edges import EdgeFetcher

        return EdgeFetcher(edges, resolve, access, network=network)

    return reader


class OriginCheckProvider(StepProvider):
    """The first step: check the origin. A refresh while it has the old files would only cache those again."""

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Check again if another release is expected."""
        with clean_errors():
            then, now = plain(olds), plain(news)
            return change(steps.origin_check_changed(then, now), then, now, "expected")

    def create(self, props: Props) -> CreateResult:
        """Check the origin."""
        return outgoing.created("checked", props, self._checked(props))

    def update(self, _id: str, _olds: Props, news: Props) -> UpdateResult:
        """Check the origin."""
        return outgoing.updated(news, self._checked(news))

    @staticmethod
    def _checked(props: Props) -> Props:
        with clean_errors(props):
            inputs: OriginCheckState = plain(props)
            return dict(steps.check_first(edge_reader, PROCESS.clock(), inputs))


@contextmanager
def _watched(inputs: ShownRow, veil: Veil, clock: Clock) -> Iterator[steps.Watch]:
    """Yield what shows the progress of a proof on the row of its step."""
    with row_sink(inputs.get("urn"), veil) as shown:
        yield lambda urls, edges: ProofProgress(urls, edges, clock.monotonic, shown.show)


def _around() -> Around:
    return Around(lambda: uuid4().hex, lambda service: _caller().read(PROCESS.api(service).quota), PROGRAM)


def _caller() -> Caller:
    return PROCESS.context().caller()


def _shown(story: Story, props: Props, veil: Veil) -> Story:
    """Return *story* without what is secret in *props*: pipelines show reports and failures to many people."""
    secret = names_of(props)
    return veiled(story, veil.hide, urls="base_urls" in secret) if secret else story


def _reported(story: Story, inputs: ProofLimits) -> None:
    from pulumi_alicdn.system.report_files import write_reports

    write_reports(story, inputs.get("summary_file"), inputs.get("report_file"), os.environ)


def _failure(shown: Story) -> Props:
    """Return the failure as the state keeps it for the last step, which knows no secret that it could hide."""
    return {"failure": shown.failure} if shown.failure else {}


class ReleaseRecordProvider(StepProvider):
    """The record of a release: probe the edges, and keep what was found, also of stale edges that a heal follows."""

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Name long texts instead of storing them as inputs, too: the outputs have them."""
        with clean_errors(news) as veil:
            return outgoing.checked(PROCESS.shortened(news), (), veil)

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Prove again if an input of the proof changed; show what a refresh found.

        Other pending files, keys, headers and secret names are kept without a proof.
        """
        with clean_errors(olds, news):
            then, now = plain(olds), PROCESS.whole(news)
            another = then != steps.kept_record(then, now) or names_changed(olds, news)
            changes = steps.proof_changed(then, now) or another or unseen_drift(then, now)
            return change(changes, then, now, "manifest", "plan", "task_ids")

    def create(self, props: Props) -> CreateResult:
        """Prove the release, and keep its record."""
        with clean_errors(props):
            inputs: ReleaseRecordInputs = PROCESS.whole(props)
        return outgoing.created("released", props, self._proven(props, inputs))

    def update(self, _id: str, olds: Props, news: Props) -> UpdateResult:
        """Prove the release, and keep its record; prove only if an input of the proof changed."""
        with clean_errors(olds, news):
            then, now = plain(olds), PROCESS.whole(news)
            if not steps.proof_changed(then, now) and not unseen_drift(then, now):
                return outgoing.updated(news, steps.kept_record(then, now))
            inputs = with_unseen_drift(then, now)
        return outgoing.updated(news, self._proven(news, inputs))

    def read(self, id_: str, props: Props) -> ReadResult:
        """Ask edges for a sample, within half a minute; what is stale shows as drift. Nothing is submitted."""
        from pulumi_alicdn.system.clock import utc_now

        with clean_errors(props) as veil:
            state: ReleaseRecordState = plain(props)
            seed = utc_now().isoformat()
            found = reconcile_record(edge_readers(state, veil), PROCESS.clock(), state, lambda: uuid4().hex, seed)
            return outgoing.read(id_, props, found)

    @staticmethod
    def _proven(props: Props, inputs: ReleaseRecordInputs) -> Props:
        from pulumi_alicdn.system.clock import utc_now

        with clean_errors(props) as veil:
            clock = PROCESS.clock()
            with _watched(inputs, veil, clock) as watch:
                readers = edge_readers(inputs, veil)
                state, story = steps.prove_release(readers, clock, utc_now, inputs, _around(), watch)
            if story.coverage:
                warn_once(story.coverage, veil)
            shown = without_heal(_shown(story, props, veil), inputs)
            if heal_follows(state, int(inputs.get("heal") or 0)):
                # The proof after the heal reports of both.
                PROCESS.note_story(proof_id(state), story)
            else:
                _reported(shown, inputs)
                steps.require_proof(shown)
            return {**state, **_failure(shown)}


class HealProofProvider(StepProvider):
    """The proof after a heal. It keeps what it found, also if that is not good: the next heal is about it."""

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Prove again for other findings; show what a refresh found."""
        with clean_errors(olds, news):
            state, inputs = plain(olds), plain(news)
            another = names_changed(olds, news) or unseen_drift(state, inputs)
            return change(state.get("finds") != inputs.get("finds") or another, state, inputs, "finds")

    def create(self, props: Props) -> CreateResult:
        """Prove again."""
        return outgoing.created("proven", props, self._proven(props))

    def update(self, id_: str, olds: Props, news: Props) -> UpdateResult:
        """Prove again, unless only other options are secret."""
        if plain(olds).get("finds") == plain(news).get("finds"):
            return super().update(id_, olds, news)
        return outgoing.updated(news, self._proven(news))

    def read(self, id_: str, props: Props) -> ReadResult:
        """Ask edges for what was healed, within half a minute; what is stale shows as drift. Nothing is submitted."""
        with clean_errors(props) as veil:
            state: HealProofState = plain(props)
            found = reconcile_heal(edge_readers(state, veil), PROCESS.clock(), state, lambda: uuid4().hex)
            return outgoing.read(id_, props, found)

    @staticmethod
    def _proven(props: Props) -> Props:
        from pulumi_alicdn.system.clock import utc_now

        with clean_errors(props) as veil:
            inputs: HealProofInputs = plain(props)
            before = PROCESS.noted_story(inputs["finds"])
            clock = PROCESS.clock()
            with _watched(inputs, veil, clock) as watch:
                readers = edge_readers(inputs, veil)
                state, story = prove_again(readers, clock, utc_now, inputs, _around(), before, watch)
            shown = _shown(story, props, veil)
            if not inputs.get("last") and heal_follows(state, int(inputs.get("heal") or 0)):
                PROCESS.note_story(proof_id(state), story)
            else:
                _reported(without_heal(shown, inputs), inputs)
            return {**state, **_failure(shown)}


class ReleaseProofProvider(StepProvider):
    """The last step of a release: fail or warn if it is not proven."""

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Decide again after another proof."""
        with clean_errors():
            then, now = plain(olds), plain(news)
            return change(then.get("proof_id") != now.get("proof_id"), then, now, "proof_id")

    def create(self, props: Props) -> CreateResult:
        """Keep the result."""
        return outgoing.created("proof", props, self._decided(props))

    def update(self, _id: str, _olds: Props, news: Props) -> UpdateResult:
        """Keep the result."""
        return outgoing.updated(news, self._decided(news))

    @staticmethod
    def _decided(props: Props) -> Props:
        with clean_errors(props) as veil:
            inputs: ReleaseProofInputs = plain(props)
            warning = proof_warning(inputs)
            if warning:
                with row_sink(inputs.get("urn"), veil) as shown:
                    shown.warn(warning)
            return dict(inputs)


class OriginCheck(Step):
    """The check that the origin has the release."""


class ProofStep(Step):
    """A step that proves: its outputs."""

    # Pulumi refuses outputs whose annotation is a TypedDict: AssetRelease has the types of the entries.
    status: pulumi.Output[str]
    evidence: pulumi.Output[list[Any]]
    evidence_summary: pulumi.Output[list[Any]]
    proof_id: pulumi.Output[str | None]
    mismatches: pulumi.Output[str | None]
    unproven: pulumi.Output[list[str] | None]
    most: pulumi.Output[float | None]
    failure: pulumi.Output[str | None]
    healed: pulumi.Output[list[str] | None]


class ReleaseRecord(ProofStep):
    """The record of a release: its files, its plan and its proof."""

    removed_pending: pulumi.Output[str | None]


class HealProof(ProofStep):
    """The proof after a heal."""


class ReleaseProof(Step):
    """The end of a release: whether it is proven."""

    status: pulumi.Output[str | None]
