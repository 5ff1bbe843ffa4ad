"""The run of one release without Pulumi: each step is stored before the next begins, so that a kill loses nothing.

The steps are those of AssetRelease, in the same order and with the same rules for changes. A store of plain data
replaces the Pulumi state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Literal, Protocol, Self, cast
from urllib.parse import urlsplit

from pulumi_alicdn.api.spec import Kind, Service
from pulumi_alicdn.releases import steps
from pulumi_alicdn.releases.decision import Decision, PreviousRelease
from pulumi_alicdn.releases.heal_proof import heal_follows, heal_inputs, prove_again, with_proof, without_heal
from pulumi_alicdn.releases.heals.heal_steps import Around
from pulumi_alicdn.releases.heals.pending import FIRST_PLACE, Healing, Pending, Place, next_pending
from pulumi_alicdn.releases.proof.edge_access import without_secrets
from pulumi_alicdn.releases.proof.prove import OnEvidence
from pulumi_alicdn.releases.release_options import RequiredProof
from pulumi_alicdn.releases.report.story import ReleaseOutcome, Story
from pulumi_alicdn.releases.resume import StartedTask
from pulumi_alicdn.state import (
    CompletionInputs,
    CompletionState,
    IntentInputs,
    IntentState,
    OriginCheckState,
    ReleaseFileState,
    ReleaseRecordInputs,
    ReleaseRecordState,
    ReleaseTasks,
    ReleaseTaskState,
    SubmissionInputs,
    WaitOptions,
)
from pulumi_alicdn.tasks import lifecycle
from pulumi_alicdn.tasks.context import Context
from pulumi_alicdn.tasks.task_api import ProgressSink
from pulumi_alicdn.tasks.verdict import Outcome


def previous_release(found: ReleaseFileState) -> PreviousRelease:
    """Read what earlier runs left of the release."""
    left = {kind: _task_state(found, kind) for kind in Kind}
    started = {kind: StartedTask.read(state["intent"]) for kind, state in left.items() if state is not None}
    heal = found.get("heal")
    healing = Healing({FIRST_PLACE: Place(StartedTask.read(heal["intent"]))} if heal is not None else {})
    known = {kind: task for kind, task in started.items() if task is not None}
    return PreviousRelease(found.get("record"), known, healing)


_TaskName = Literal["refresh", "prefetch", "heal"]


def _task_name(kind: Kind) -> _TaskName:
    return "refresh" if kind is Kind.REFRESH else "prefetch"


def _task_state(found: ReleaseFileState, kind: Kind) -> ReleaseTaskState | None:
    return found.get(_task_name(kind))


def stored_service(found: ReleaseFileState, base_urls: Sequence[str]) -> Service | None:
    """Return the service of the last release, or of the one under way; None for another site, or without any."""
    record = found.get("record")
    if record is not None:
        known = {urlsplit(url).hostname for url in record["base_urls"]}
        return Service(record["service"]) if known >= {urlsplit(url).hostname for url in base_urls} else None
    tasks = (found.get("refresh"), found.get("prefetch"))
    return next((Service(one["intent"]["service"]) for one in tasks if one is not None), None)


def triggers(found: ReleaseFileState, fresh: str | None) -> list[str]:
    """Return the triggers of a release: *fresh* to do it again, else (None) those of the last time.

    An interrupted run that does it again is continued: a second `--again` must not submit twice.
    """
    known = found.get("again")
    if fresh is not None and (known is None or known["over"]):
        return [fresh]
    return [known["trigger"]] if known is not None else []


def unfinished(found: ReleaseFileState, decision: Decision) -> bool:
    """Whether an interrupted run did the proven release of *decision* again: the proof does not cover its tasks."""
    done: list[str] = []
    for kind in Kind:
        if decision.task(kind) is None:
            continue
        left = _task_state(found, kind)
        completion = left.get("completion") if left is not None else None
        if left is None or completion is None or completion["intent_id"] != left["intent_id"]:
            return True
        if completion["status"] != Outcome.COMPLETE:
            return True
        done += completion["task_ids"]
    return done != list(found["record"].get("task_ids") or ())


def proves_again(found: ReleaseFileState, decision: Decision, options: Mapping[str, Any]) -> bool:
    """Whether an unchanged release is proven again because options of the proof changed."""
    known = found["record"]
    return steps.proves_again(known, steps.record_inputs(known["name"], decision, options, None))


class TaskProgress(ProgressSink, Protocol):
    """The progress of tasks, opened for every wait."""

    def __enter__(self) -> Self:
        """Begin to show a wait."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Show no more of it."""


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
        found: ReleaseFileState,
        store: Callable[[ReleaseFileState], None],
        watcher: Watcher,
        around: Around,
        going_on: Callable[[ReleaseTaskState], None] = lambda _: None,
    ) -> None:
        """Continue from the stored steps of earlier runs (*found*); *store* is called after each step.

        *going_on* is called for a task that an earlier run has begun, and may raise: nothing is submitted then.
        """
        self._context = context
        self._readers = readers
        self._now = now
        self._found = found
        self._store = store
        self._watcher = watcher
        self._around = around
        self._going_on = going_on

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

        *waiting*: timeout and retry_failed of the tasks. A failed proof is returned, but not stored, unless a heal is
        about it. Raises the errors of the steps; the next run then continues.
        """
        expected = steps.origin_check_inputs(decision, options) if check_origin else None
        if expected is not None:
            self._check_origin(expected)
        inputs = steps.record_inputs(name, decision, options, uploaded_at)
        done: dict[Kind, CompletionState] = {}
        tasks = {kind: decision.task(kind, force=force) for kind in Kind}
        for kind, what in tasks.items():
            if what is None:
                continue
            given = {name: value for name, value in what.items() if value is not None}
            asked = {**given, "kind": str(kind), "triggers": decision.triggers(options["triggers"])}
            begun = decision.begun.get(kind)
            if begun is not None and len(begun.triggers) > len(asked["triggers"]):
                # Without a trigger that was taken away, the same task would be submitted again.
                asked["triggers"] = list(begun.triggers)
            if begun is not None and begun.force:
                asked["force"] = True
            done[kind] = self._task(_task_name(kind), asked, waiting)
        record, story = self._prove({**inputs, **_of_tasks(done)})
        record, story = self._healed(record, story, decision, options, waiting)
        again = self._found.get("again")
        if again is not None and not again["over"]:
            self._keep("again", {**again, "over": True})
        if story is None or story.outcome is not ReleaseOutcome.FAILED:
            # The proof also covers tasks of earlier releases that this release did not need.
            kept = {str(kind) for kind, what in tasks.items() if what is not None} | {"record", "again"}
            self._keep_only(kept | ({"origin_check"} if expected is not None else set()))
        return record, story

    def _keep(self, name: str, left: Mapping[str, Any]) -> None:
        self._found = cast("ReleaseFileState", {**self._found, name: dict(left)})
        self._store(self._found)

    def _keep_only(self, names: set[str]) -> None:
        if self._found.keys() - names:
            kept = {name: left for name, left in self._found.items() if name in names}
            self._found = cast("ReleaseFileState", kept)
            self._store(self._found)

    def _check_origin(self, inputs: OriginCheckState) -> None:
        known = self._found.get("origin_check")
        if known is None or steps.origin_check_changed(known, inputs):
            checked = steps.check_first(self._readers, self._context.clock, inputs, self._around.words)
            self._keep("origin_check", checked)

    def _task(self, name: _TaskName, given: Mapping[str, Any], waiting: WaitOptions) -> CompletionState:
        """Refresh or prefetch; return the state of the completion."""
        left = self._found.get(name)
        inputs = _as_begun({**given}, left["intent"] if left is not None else None)
        declared: float | None = None
        if left is None or lifecycle.intent_changed(left["intent"], inputs):
            intent_id, intent = lifecycle.create_intent(self._context, cast("IntentInputs", inputs))
            # Keep the later steps: they hold earlier tasks and their durations.
            left = cast("ReleaseTaskState", {**(left or {}), "intent_id": intent_id, "intent": intent})
            declared = self._context.clock.monotonic()
            self._keep(name, left)
        else:
            self._going_on(left)
        after = lifecycle.after_intent(cast("IntentInputs", inputs), left["intent_id"], left["intent"])
        left = self._submitted(name, left, after, declared)
        waited = lifecycle.after_submission(after, left["submission_id"], left["submission"], waiting)
        return self._completed(name, left, waited)

    def _submitted(
        self, name: _TaskName, left: ReleaseTaskState, inputs: SubmissionInputs, declared: float | None
    ) -> ReleaseTaskState:
        """Send the calls that are not done yet, and store the answer to each before the next.

        *declared*: the monotonic instant at which this run declared the intent; None if an earlier one did.
        """
        earlier, calls, sink = left.get("submission"), lifecycle.calls(inputs), self._watcher.progress
        done = lifecycle.sent_calls(earlier, left["intent_id"], calls)
        before, former = (earlier, None) if done else (None, earlier)
        for call in calls[done:]:
            asked = lifecycle.next_call(inputs, call, before)
            ago = None if declared is None else self._context.clock.monotonic() - declared
            if former is not None:
                before = lifecycle.update_submission(self._context, former, asked, ago, sink)
            else:
                submission_id, before = lifecycle.create_submission(self._context, asked, ago, sink)
                left = {"submission_id": submission_id, **left}
            left = {**left, "submission": before}
            self._keep(name, left)
            sink.submitted(before["task_ids"], ", ".join(before["request_ids"]))
        return left

    def _completed(self, name: _TaskName, left: ReleaseTaskState, inputs: CompletionInputs) -> CompletionState:
        known = left.get("completion")
        if known is None or lifecycle.completion_changed(known, inputs):
            with self._watcher.progress as sink:
                if known is None:
                    _, known = lifecycle.create_completion(self._context, inputs, sink)
                else:
                    known = lifecycle.update_completion(self._context, known, inputs, sink)
            self._keep(name, {**left, "completion": known})
        return known

    def _prove(self, inputs: ReleaseRecordInputs) -> tuple[ReleaseRecordState, Story | None]:
        known = self._found.get("record")
        if known is not None and not steps.proof_changed(known, inputs):
            kept = cast("ReleaseRecordState", without_secrets(steps.kept_record(known, inputs)))
            if kept != known:
                self._keep("record", kept)
            return kept, None
        with self._watcher.proof() as on_evidence:
            proven, story = steps.prove_release(
                self._readers, self._context.clock, self._now, inputs, self._around, lambda *_: on_evidence
            )
        # The manifest file is no place for a key.
        record = cast("ReleaseRecordState", without_secrets(proven))
        if heal_follows(record, int(inputs.get("heal") or 0)):
            self._keep("record", record)
            return record, story
        return self._reported(record, without_heal(story, inputs))

    def _reported(self, record: ReleaseRecordState, story: Story) -> tuple[ReleaseRecordState, Story]:
        # Write reports before the record: a run killed in between proves again, and then writes the reports.
        self._watcher.reports(story)
        if story.outcome is not ReleaseOutcome.FAILED:
            self._keep("record", record)
        return record, story

    def _healed(
        self,
        record: ReleaseRecordState,
        story: Story | None,
        decision: Decision,
        options: Mapping[str, Any],
        waiting: WaitOptions,
    ) -> tuple[ReleaseRecordState, Story | None]:
        """Refresh again and prove again what is stale at an edge, as often as a run may."""
        heals = decision.policy.heal
        left, refreshed = (decision.to_heal, decision.heal) if story is None else _next_heal(record, heals)
        while left is not None and (refreshed or story is None):
            heals -= 1
            facts: ReleaseTasks = {}
            if refreshed:
                service = str(decision.policy.service)
                paths: dict[str, Any] = {"object_type": "file", "object_paths": list(refreshed), "force": True}
                task = {"kind": str(Kind.REFRESH), "service": service, **paths, "triggers": list(left.finds)}
                if options["proof"] == RequiredProof.WARN:
                    # Where a warning is enough, a heal that fails is no more than that.
                    task["goes_on"] = True
                facts = _of_tasks({Kind.REFRESH: self._task("heal", task, waiting)})
            inputs = heal_inputs(record["name"], decision, options, left, refreshed, record, last=heals < 1)
            with self._watcher.proof() as on_evidence:
                proof, story = prove_again(
                    self._readers,
                    self._context.clock,
                    self._now,
                    {**inputs, **facts},
                    self._around,
                    story,
                    lambda *_: on_evidence,
                )
            record = with_proof(record, proof)
            left, refreshed = _next_heal(record, heals)
            # Store it also if it is not good: the heal of the next run is about it.
            self._keep("record", record)
            if not refreshed:
                story = without_heal(story, inputs)
                self._watcher.reports(story)
        return record, story


def _next_heal(record: ReleaseRecordState, heals: int) -> tuple[Pending | None, tuple[str, ...]]:
    left = next_pending(record, (), FIRST_PLACE)
    return left, left.refreshed(heals) if left is not None else ()


def _of_tasks(done: Mapping[Kind, CompletionState]) -> ReleaseTasks:
    facts: ReleaseTasks = {
        "task_ids": [id_ for one in done.values() for id_ in one["task_ids"]],
        "request_ids": [id_ for one in done.values() for id_ in one["request_ids"]],
    }
    refresh, prefetch = done.get(Kind.REFRESH), done.get(Kind.PREFETCH)
    if refresh is not None:
        facts |= {"submitted_at": refresh["submitted_at"], "effective_at": refresh["effective_at"]}
    if prefetch is not None:
        facts |= {
            "prefetch_submitted_at": prefetch["submitted_at"],
            "prefetch_effective_at": prefetch["effective_at"],
        }
    return facts


def _as_begun(inputs: dict[str, Any], intent: IntentState | None) -> dict[str, Any]:
    """Return *inputs* with the ``force`` with which the same task was begun, if this run does not set it.

    Otherwise a run after one with `--force` would submit everything again, only because the flag is not repeated.
    """
    if intent is None or "force" in inputs or "force" not in intent:
        return inputs
    forced = {**inputs, "force": intent["force"]}
    return inputs if lifecycle.intent_changed(intent, forced) else forced
