"""A site for a model of releases: a folder, its origin, edges, and runs of a release that may be killed at any step.

A run is that of `alicdn release` with virtual time: the same decision, the same steps, the same stored state. The
service and the edges answer over HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from pulumi_alicdn.api.rows import Query
from pulumi_alicdn.api.spec import ObjectType, Service
from pulumi_alicdn.cli.proof_words import RELEASE
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.releases import steps
from pulumi_alicdn.releases.decision import Decision, decide
from pulumi_alicdn.releases.heals.heal_steps import Around
from pulumi_alicdn.releases.release_options import policy
from pulumi_alicdn.releases.report.story import Story
from pulumi_alicdn.rollout.release_run import ReleaseRun, Watcher, previous_release, triggers
from pulumi_alicdn.state import ReleaseFileState, ReleaseRecordState
from pulumi_alicdn.system.edges import EdgeFetcher
from pulumi_alicdn.system.folder import scan
from pulumi_alicdn.tasks.context import Context
from pulumi_alicdn.validation import UNKNOWN
from support.call_log import NewSubmits
from support.uploads import Uploads
from support.virtual_clock import VirtualClock, seeded_chance

BASE = "https://www.example.com/"


class KilledError(BaseException):
    """The process has ended at this step; nothing after it happened."""


class _Silent:
    """The progress of tasks that nobody watches."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def report(self, _: object) -> None: ...

    def warn(self, _: str) -> None: ...

    def submitted(self, _ids: object, _request_id: str) -> None: ...


def _stored(state: ReleaseFileState) -> ReleaseFileState:
    """Return what a file of JSON would give back."""
    found: ReleaseFileState = json.loads(json.dumps(state))
    return found


@dataclass
class Ended:
    """One run: what it announced, what it submitted, its evidence, and how it ended; ``killed`` if it did not."""

    decision: Decision
    submitted: list[str] = field(default_factory=list)
    record: ReleaseRecordState | None = None
    story: Story | None = None
    killed: bool = False

    @property
    def announced(self) -> list[str]:
        """The object paths of the submits that the plan announced."""
        plan = self.decision.plan
        called = {call.object_type for call in plan.calls}
        refresh = plan.refresh if plan.refresh_type in called else ()
        prefetch = plan.prefetch if ObjectType.PRELOAD in called else ()
        return sorted([*refresh, *prefetch, *self.decision.heal])


class ModelledSite(Uploads):
    """*options*: those of a release."""

    def __init__(
        self,
        cloud: Emulator,
        apis: Mapping[str, AlibabaCloud],
        clock: VirtualClock,
        folder: Path,
        origin: Path,
        options: Mapping[str, Any],
    ) -> None:
        self.folder = folder
        super().__init__(cloud, folder, origin)
        self._apis = apis
        self._clock = clock
        self.state: ReleaseFileState = {}
        self.options: dict[str, Any] = {**options, "base_urls": [BASE], "directory": str(folder), "triggers": []}
        self._submits = NewSubmits(cloud)

    def now(self) -> datetime:
        """The service's time."""
        return self._apis[self.options["service"]].describe(Query(page_size=1)).server_time

    def run(self, *, dies_at: int | None = None) -> Ended:
        """Release the folder; *dies_at*: the number of the stored step at which the process is killed.

        An even number is a kill before the step is stored, an odd one after it. Raises the errors of a release.
        """
        manifest = scan(self.folder).manifest
        caller = self._context().caller()
        api = self._apis[self.options["service"]]
        options = {**self.options, "triggers": triggers(self.state, None)}
        asks = None
        if options["origin"]:

            def asks(removed: Any) -> Any:  # noqa: ANN401  as the decision passes it on
                return steps.still_at_origin(EdgeFetcher, self._clock, options, manifest, removed)

        decision = decide(
            policy(options),
            manifest,
            options["triggers"],
            previous_release(self.state),
            lambda: caller.read(api.quota),
            self.now(),
            UNKNOWN,
            asks,
        )
        ended = Ended(decision)
        self._submits.take()
        left = [dies_at]

        def store(found: ReleaseFileState) -> None:
            if left[0] is not None and left[0] <= 0:
                raise KilledError
            self.state = _stored(found)
            if left[0] is not None and left[0] == 1:
                raise KilledError
            left[0] = None if left[0] is None else left[0] - 2

        silent: Any = _Silent()
        watcher = Watcher(silent, lambda: nullcontext(lambda _: None), lambda _: None)
        around = Around(lambda: uuid4().hex, lambda _: caller.read(api.quota), RELEASE)
        run = ReleaseRun(self._context(), EdgeFetcher, self.now, _stored(self.state), store, watcher, around)
        try:
            ended.record, ended.story = run.run(
                "site", decision, options, {}, None, force=None, check_origin=bool(options["origin"])
            )
        except KilledError:
            ended.killed = True
        finally:
            ended.submitted = sorted(url for _, urls in self._submits.take() for url in urls)
        if ended.story is not None:
            steps.require_proof(ended.story)
        return ended

    def _context(self) -> Context:
        def always() -> None:
            """Do nothing: no engine can be gone."""

        return Context(
            lambda service: self._apis[str(Service(service))], self._clock, seeded_chance(), uuid4().hex, always
        )
