"""The last step of a refresh that is verified: edges are asked once the task is Complete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, UpdateResult

from pulumi_alicdn.freshness.verify_options import check_waits
from pulumi_alicdn.resources import outgoing
from pulumi_alicdn.resources.dynamic import Props, Step, StepProvider, change, row_sink, warn_once
from pulumi_alicdn.resources.provider_process import PROCESS, clean_errors, plain
from pulumi_alicdn.resources.refresh_edges import AGAIN, proof_needed, verified_task
from pulumi_alicdn.resources.secret_values import names_changed
from pulumi_alicdn.state import RefreshProofInputs, RefreshProofState


class EdgeProofProvider(StepProvider):
    """Verify a refresh. Nothing is stored while it is not verified, so that the next run asks again."""

    def check(self, _olds: Props, news: Props) -> CheckResult:
        """Refuse a refresh that is not waited for. Name what edges served before, instead of storing it once more."""
        with clean_errors(news) as veil:
            return outgoing.checked(PROCESS.shortened(news), check_waits(plain(news)), veil)

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Verify again after another refresh, at other edges or with another origin."""
        with clean_errors(olds, news):
            then, now = plain(olds), plain(news)
            return change(proof_needed(then, now) or names_changed(olds, news), then, now, *AGAIN)

    def create(self, props: Props) -> CreateResult:
        """Verify."""
        return outgoing.created("verified", props, self._verified(props))

    def update(self, _id: str, olds: Props, news: Props) -> UpdateResult:
        """Verify again; keep what is known if only other options are secret."""
        with clean_errors(olds, news):
            state: Mapping[str, Any] = plain(olds)
            if not proof_needed(state, plain(news)):
                return outgoing.updated(news, state)
        return outgoing.updated(news, self._verified(news))

    @staticmethod
    def _verified(props: Props) -> RefreshProofState:
        with clean_errors(props) as veil:
            inputs: RefreshProofInputs = PROCESS.whole(props)
            clock = PROCESS.context().clock
            with row_sink(inputs.get("urn"), veil) as sink:
                waited_s = PROCESS.waited_s(inputs["intent_id"], clock.monotonic())
                return verified_task(inputs, clock, waited_s, sink, lambda message: warn_once(message, veil))


class EdgeProof(Step):
    """What is known of a refresh that is verified."""

    verified: pulumi.Output[str | None]
