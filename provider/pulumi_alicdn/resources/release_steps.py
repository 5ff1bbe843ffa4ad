"""The steps of a release besides its tasks, as dynamic resources: the origin check before them, the proof after."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, UpdateResult

from pulumi_alicdn.releases import steps
from pulumi_alicdn.releases.proof.edge_access import EdgeAccess
from pulumi_alicdn.releases.proof.edge_reader import EdgeReader
from pulumi_alicdn.releases.proof.servers import Server
from pulumi_alicdn.resources import outgoing
from pulumi_alicdn.resources.dynamic import Props, Step, StepProvider
from pulumi_alicdn.resources.provider_process import clean_errors, plain
from pulumi_alicdn.resources.secret_values import names_changed
from pulumi_alicdn.state import OriginCheckState, ReleaseRecordInputs


def edge_reader(edges: tuple[Server, ...], resolve: Mapping[str, tuple[Server, ...]], access: EdgeAccess) -> EdgeReader:
    """Return a reader of these edges; its HTTP is loaded with the first one."""
    from pulumi_alicdn.system.edges import EdgeFetcher

    return EdgeFetcher(edges, resolve, access)


class OriginCheckProvider(StepProvider):
    """The first step: check the origin. A refresh while it has the old files would only cache those again."""

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Check again if another release is expected."""
        with clean_errors():
            return DiffResult(changes=steps.origin_check_changed(plain(olds), plain(news)))

    def create(self, props: Props) -> CreateResult:
        """Check the origin."""
        return outgoing.created("checked", props, self._checked(props))

    def update(self, _id: str, _olds: Props, news: Props) -> UpdateResult:
        """Check the origin."""
        return outgoing.updated(news, self._checked(news))

    @staticmethod
    def _checked(props: Props) -> Props:
        from pulumi_alicdn.resources.engine.engine_clock import EngineClock

        with clean_errors(props):
            inputs: OriginCheckState = plain(props)
            return dict(steps.check_first(edge_reader, EngineClock(), inputs))


class ReleaseRecordProvider(StepProvider):
    """The last step: probe the edges, write the reports, and keep the record of the release."""

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Prove again if an input of the proof changed; keep other pending files, keys, headers and secret names."""
        with clean_errors(olds, news):
            then, now = plain(olds), plain(news)
            another = then != steps.kept_record(then, now) or names_changed(olds, news)
            return DiffResult(changes=steps.proof_changed(then, now) or another)

    def create(self, props: Props) -> CreateResult:
        """Prove the release, and keep its record."""
        return outgoing.created("released", props, self._proven(props))

    def update(self, _id: str, olds: Props, news: Props) -> UpdateResult:
        """Prove the release, and keep its record; prove only if an input of the proof changed."""
        with clean_errors(olds, news):
            then, now = plain(olds), plain(news)
            if not steps.proof_changed(then, now):
                return outgoing.updated(news, steps.kept_record(then, now))
        return outgoing.updated(news, self._proven(news))

    @staticmethod
    def _proven(props: Props) -> Props:
        from pulumi_alicdn.resources.engine.engine_clock import EngineClock
        from pulumi_alicdn.system.clock import utc_now
        from pulumi_alicdn.system.report_files import write_reports

        with clean_errors(props):
            inputs: ReleaseRecordInputs = plain(props)
            state, story = steps.prove_release(edge_reader, EngineClock(), utc_now, inputs)
            write_reports(story, inputs.get("summary_file"), inputs.get("report_file"), os.environ)
            steps.require_proof(story)
            return dict(state)


class OriginCheck(Step):
    """The check that the origin has the release."""


class ReleaseRecord(Step):
    """The record of a release: its files, its plan and its proof."""

    # Pulumi refuses outputs whose annotation is a TypedDict: AssetRelease has the types of the entries.
    status: pulumi.Output[str]
    evidence: pulumi.Output[list[Any]]
    evidence_summary: pulumi.Output[list[Any]]
    removed_pending: pulumi.Output[str | None]
