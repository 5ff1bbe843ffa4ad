"""The run of one release without Pulumi: each step is stored before the next begins, so that a kill loses nothing.

The steps are those of AssetRelease, in the same order and with the same rules for changes. A store of plain data
replaces the Pulumi state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from pulumi_alicdn.api.spec import Kind
from pulumi_alicdn.cli.progress_bar import TaskProgress
from pulumi_alicdn.releases import steps
from pulumi_alicdn.releases.decision import Decision, PreviousRelease
from pulumi_alicdn.releases.proof.prove import OnEvidence
from pulumi_alicdn.releases.report.story import Story
from pulumi_alicdn.releases.resume import StartedTask
from pulumi_alicdn.state import (
    CompletionInputs,
    IntentInputs,
    OriginCheckState,
    ReleaseRecordState,
    WaitOptions,
)
from pulumi_alicdn.tasks import lifecycle
from pulumi_alicdn.tasks.context import Context

Steps = dict[str, Any]
"""The stored steps: ``origin_check``, ``record``, and for ``refresh`` and ``prefetch`` the steps of a task: ``intent``,
``submission``, ``completion`` and the ids of the first two. A step that was not done is missing."""


def previous_release(found: Steps) -> PreviousRelease:
    """Read what earlier runs left of the release."""
    started = {kind: StartedTask.read(found.get(kind, {}).get("intent")) for kind in Kind}
    record = cast("ReleaseRecordState | None", found.get("record"))
    return PreviousRelease(record, {kind: task for kind, task in started.items() if task is not None})


@dataclass(frozen=True, slots=True)
class Watcher:
    """The output of a run.

    ``progress``: shows task ids and each wait; it is opened for every wait.
    ``proof``: opens the progress of a proof.
    ``reports``: writes the reports of a proof, also of a failed one.
    """

    progress: TaskProgress
    proof: Callable[[], AbstractContextManager[OnEvidence]]
    reports: Callable[[Story], None]


class ReleaseRun:
    """The steps of one decision."""

    def __init__(
        self,
        context: Context,
        readers: steps.Readers,
        now: Callable[[], datetime],
        found: Steps,
        store: Callable[[Steps], None],
        watcher: Watcher,
    ) -> None:
        """Continue from the stored steps of earlier runs (*found*); *store* is called after each step."""
        self._context = context
        self._readers = readers
        self._now = now
        self._found = found
        self._store = store
        self._watcher = watcher

    def run(
        self,
        name: str,
        decision: Decision,
        options: Mapping[str, Any],
        waiting: WaitOptions,
        uploaded_at: datetime | None,
        *,
        force: bool | None,
        check_origin: bool,
    ) -> tuple[ReleaseRecordState, Story | None]:
        """Do the steps that are not done yet; return the record and the story of the proof, None if none was needed.

        *waiting*: timeout and retry_failed of the tasks. A failed proof is returned, but not stored. Raises the errors
        of the steps; the next run then continues.
        """
        asked = steps.origin_check_inputs(decision, options) if check_origin else None
        if asked is not None:
            self._check_origin(asked)
        inputs = steps.record_inputs(name, decision, options, uploaded_at)
        ids: dict[str, list[str]] = {"task_ids": [], "request_ids": []}
        tasks = {kind: decision.task(kind, force=force) for kind in Kind}
        for kind, what in tasks.items():
            if what is None:
                continue
            given = {name: value for name, value in what.items() if value is not None}
            done = self._task(kind, {**given, "triggers": decision.triggers(options["triggers"])}, waiting)
            before = "" if kind is Kind.REFRESH else f"{kind}_"
            inputs |= {f"{before}{fact}": done[fact] for fact in ("submitted_at", "effective_at")}
            ids = {one: [*known, *done[one]] for one, known in ids.items()}
        record, story = self._prove({**inputs, **ids})
        if story is None or not story.failure:
            # The proof also covers tasks of earlier releases that this release did not need.
            kept = {str(kind) for kind, what in tasks.items() if what is not None} | {"record"}
            self._keep_only(kept | ({"origin_check"} if asked is not None else set()))
        return record, story

    def _keep(self, name: str, left: Mapping[str, Any]) -> None:
        self._found = {**self._found, name: dict(left)}
        self._store(self._found)

    def _keep_only(self, names: set[str]) -> None:
        if self._found.keys() - names:
            self._found = {name: left for name, left in self._found.items() if name in names}
            self._store(self._found)

    def _check_origin(self, inputs: Mapping[str, Any]) -> None:
        if steps.origin_check_changed(self._found.get("origin_check", {}), inputs):
            checked = steps.check_first(self._readers, self._context.clock, cast("OriginCheckState", inputs))
            self._keep("origin_check", checked)

    def _task(self, kind: Kind, given: Mapping[str, Any], waiting: WaitOptions) -> Mapping[str, Any]:
        """Refresh or prefetch; return what the completion left."""
        left = dict(self._found.get(kind, {}))
        inputs = _as_begun({"kind": str(kind), **given}, left.get("intent"))
        declared: float | None = None
        if "intent" not in left or lifecycle.intent_changed(left["intent"], inputs):
            # Keep the earlier completion: it holds the durations of earlier tasks.
            left.pop("submission", None)
            left["intent_id"], left["intent"] = lifecycle.create_intent(self._context, cast("IntentInputs", inputs))
            declared = self._context.clock.monotonic()
            self._keep(kind, left)
        after = lifecycle.after_intent(cast("IntentInputs", inputs), left["intent_id"], left["intent"])
        if "submission" not in left:
            ago = None if declared is None else self._context.clock.monotonic() - declared
            left["submission_id"], left["submission"] = lifecycle.create_submission(self._context, after, ago)
            self._keep(kind, left)
            submission = left["submission"]
            self._watcher.progress.submitted(submission["task_ids"], ", ".join(submission["request_ids"]))
        waited = lifecycle.after_submission(after, left["submission_id"], left["submission"], waiting)
        return self._completed(kind, left, waited)

    def _completed(self, kind: Kind, left: Steps, inputs: CompletionInputs) -> Mapping[str, Any]:
        known = left.get("completion")
        if known is None or lifecycle.completion_changed(known, inputs):
            with self._watcher.progress as sink:
                if known is None:
                    _, left["completion"] = lifecycle.create_completion(self._context, inputs, sink)
                else:
                    left["completion"] = lifecycle.update_completion(self._context, known, inputs, sink)
            self._keep(kind, left)
        done: Mapping[str, Any] = left["completion"]
        return done

    def _prove(self, inputs: Mapping[str, Any]) -> tuple[ReleaseRecordState, Story | None]:
        known = self._found.get("record")
        if known is not None and not steps.proof_changed(known, inputs):
            return cast("ReleaseRecordState", known), None
        given = cast("ReleaseRecordState", inputs)
        with self._watcher.proof() as on_evidence:
            record, story = steps.prove_release(self._readers, self._context.clock, self._now, given, on_evidence)
        # Write reports before the record: a run killed in between proves again, and then writes the reports.
        self._watcher.reports(story)
        if not story.failure:
            self._keep("record", record)
        return record, story


def _as_begun(inputs: dict[str, Any], intent: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return *inputs* with the ``force`` with which the same task was begun, if this run does not set it.

    Otherwise a run after one with `--force` would submit everything again, only because the flag is not repeated.
    """
    if intent is None or "force" in inputs or "force" not in intent:
        return inputs
    forced = {**inputs, "force": intent["force"]}
    return inputs if lifecycle.intent_changed(intent, forced) else forced
