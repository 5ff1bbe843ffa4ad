"""The steps of a release around its tasks, as dynamic resources: the check of the origin before, the proof after."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, cast

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, UpdateResult

from pulumi_alicdn.releases import steps
from pulumi_alicdn.releases.proof.edge_reader import EdgeReader
from pulumi_alicdn.releases.proof.servers import Server
from pulumi_alicdn.resources.dynamic import Props, Step, StepProvider
from pulumi_alicdn.resources.provider_process import clean_errors, plain
from pulumi_alicdn.state import OriginCheckState, ReleaseRecordState


def _reader(edges: tuple[Server, ...], resolve: Mapping[str, tuple[Server, ...]]) -> EdgeReader:
    from pulumi_alicdn.system.edges import EdgeFetcher

    return EdgeFetcher(edges, resolve)


class OriginCheckProvider(StepProvider):
    """Before anything is submitted: a refresh while the origin has the old files would only cache those again."""

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Ask again for another release."""
        with clean_errors():
            return DiffResult(changes=steps.origin_check_changed(plain(olds), plain(news)))

    def create(self, props: Props) -> CreateResult:
        """Ask the origin."""
        return CreateResult("checked", self._checked(props))

    def update(self, _id: str, _olds: Props, news: Props) -> UpdateResult:
        """Ask the origin."""
        return UpdateResult(self._checked(news))

    @staticmethod
    def _checked(props: Props) -> Props:
        from pulumi_alicdn.system.clock import SystemClock

        with clean_errors():
            inputs = cast("OriginCheckState", plain(props))
            return dict(steps.check_first(_reader, SystemClock(), inputs))


class ReleaseRecordProvider(StepProvider):
    """After the tasks: the edges are asked, reports are written, and what was released is kept."""

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Prove again what was not proven, or otherwise."""
        with clean_errors():
            return DiffResult(changes=steps.proof_changed(plain(olds), plain(news)))

    def create(self, props: Props) -> CreateResult:
        """Prove, and keep."""
        return CreateResult("released", self._proven(props))

    def update(self, _id: str, _olds: Props, news: Props) -> UpdateResult:
        """Prove, and keep."""
        return UpdateResult(self._proven(news))

    @staticmethod
    def _proven(props: Props) -> Props:
        from pulumi_alicdn.system.clock import SystemClock, utc_now
        from pulumi_alicdn.system.report_files import write_reports

        with clean_errors():
            inputs = cast("ReleaseRecordState", plain(props))
            state, story = steps.prove_release(_reader, SystemClock(), utc_now, inputs)
            write_reports(story, inputs.get("summary_file"), inputs.get("report_file"), os.environ)
            steps.require_proof(story)
            return dict(state)


class OriginCheck(Step):
    """That the origin has the release."""


class ReleaseRecord(Step):
    """What was released, and the proof."""

    status: pulumi.Output[str]
    evidence: pulumi.Output[list[dict[str, Any]]]
    evidence_summary: pulumi.Output[list[dict[str, Any]]]
