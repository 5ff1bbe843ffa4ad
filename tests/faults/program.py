"""One task of a program as Pulumi runs it: three steps, each stored once it has succeeded, and only then."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from faults.local import play_url
from pulumi_alicdn.api.rows import instant
from pulumi_alicdn.api.spec import Kind, Service, TaskSpec
from pulumi_alicdn.ports import Chance, Clock
from pulumi_alicdn.state import (
    CompletionInputs,
    CompletionState,
    IntentInputs,
    IntentState,
    SubmissionInputs,
    SubmissionState,
    WaitOptions,
)
from pulumi_alicdn.tasks import lifecycle
from pulumi_alicdn.tasks.context import Context
from pulumi_alicdn.tasks.lifecycle import after_intent, after_submission
from pulumi_alicdn.tasks.options import parse_task
from pulumi_alicdn.tasks.task_api import ProgressSink, TaskApi

T = TypeVar("T")

OPTIONS = ("wait", "timeout", "on_timeout", "retry_failed")


@dataclass
class Process:
    """A provider process within one run of the engine: all that a crash takes along."""

    run: str
    api: Callable[[Service], TaskApi]
    clock: Clock
    chance: Chance
    declared: dict[str, float] = field(default_factory=dict)
    attempted: set[tuple[str, int]] = field(default_factory=set)

    def context(self) -> Context:
        return Context(self.api, self.clock, self.chance, self.run, lambda: None)


def stored(state: T) -> T:
    """What the journal gives back of *state*: JSON, and without None, which Pulumi's engine drops."""
    found: T = json.loads(json.dumps(state, allow_nan=False), object_hook=_without_none)
    return found


def _without_none(found: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in found.items() if value is not None}


@dataclass(repr=False)
class Program:
    """A task, its options, and what the journal holds of it."""

    task: IntentInputs
    options: WaitOptions
    version: int = 0
    intent: tuple[str, IntentState] | None = None
    submission: tuple[str, SubmissionState] | None = None
    former: tuple[str, SubmissionState] | None = None
    """The submission of the earlier intent, which the next one updates."""
    completion: tuple[str, CompletionState] | None = None
    resubmit: bool = False

    def __repr__(self) -> str:
        """Short enough for a line of a report."""
        status = self.completion and self.completion[1]["status"]
        known = f"{self.intent and self.intent[0]}, {self.submission and self.submission[0]}, {status}"
        return f"<{self.task} {self.options} version {self.version}: {known}>"

    @property
    def spec(self) -> TaskSpec:
        return parse_task(self.task, Kind(self.task["kind"]))

    @property
    def objects(self) -> Sequence[str]:
        """The object paths of the rows that the service makes of the task."""
        if tags := self.task.get("cache_tags"):
            return [",".join(tags)]
        return [play_url(one) for one in self.task.get("media_ids") or ()] or self.task["object_paths"]

    @property
    def declared(self) -> IntentInputs:
        return {**self.task, "triggers": [self.version]}

    @property
    def not_before(self) -> datetime | None:
        """The instant of the stored intent, None without one."""
        return instant(self.intent[1]["not_before"]) if self.intent else None

    def intent_is_due(self) -> bool:
        return self.intent is None or lifecycle.intent_changed(self.intent[1], self.declared)

    def submission_is_due(self) -> bool:
        return self.calls_done() < len(lifecycle.calls(self.task))

    def calls_done(self) -> int:
        calls = lifecycle.calls(self.task)
        return lifecycle.sent_calls(self.submission and self.submission[1], self._intent_id, calls)

    @property
    def _intent_id(self) -> str:
        assert self.intent is not None
        return self.intent[0]

    def _after_intent(self) -> SubmissionInputs:
        assert self.intent is not None
        return after_intent(self.task, *self.intent)

    def _after_submission(self) -> CompletionInputs:
        assert self.submission is not None
        return after_submission(self._after_intent(), *self.submission, self.options)

    def next_step(self) -> str:
        """`intent`, `submission`, `completion`, `update`, or nothing where the program is as it should be."""
        if self.intent_is_due():
            return "intent"
        if self.submission_is_due():
            return "submission"
        if self.completion is None:
            return "completion"
        return "update" if lifecycle.completion_changed(self.completion[1], self._after_submission()) else ""

    def step(self, process: Process, sink: ProgressSink) -> str:
        """Take the next step and store what it leaves; an error of it leaves everything as it was."""
        step, world = self.next_step(), process.context()
        if step == "intent":
            self.intent = stored(lifecycle.create_intent(world, self.declared))
            self.former = self.submission
            process.declared[self._intent_id] = process.clock.monotonic()
        elif step == "submission":
            self._submit(process, sink)
        elif step == "completion":
            self.completion = stored(lifecycle.create_completion(world, stored(self._after_submission()), sink))
        elif step == "update":
            assert self.completion is not None
            id_, former = self.completion
            state = lifecycle.update_completion(world, stored(former), stored(self._after_submission()), sink)
            self.completion = id_, stored(state)
        return step

    def _submit(self, process: Process, sink: ProgressSink) -> None:
        """Take the step of the next call, as Pulumi's engine does: the step of the earlier intent is updated."""
        done = self.calls_done()
        before = self.submission[1] if done and self.submission else None
        call = lifecycle.calls(self.task)[done]
        inputs = stored(lifecycle.next_call({**stored(self._after_intent()), "resubmit": self.resubmit}, call, before))
        first_try = (self._intent_id, done) not in process.attempted
        process.attempted.add((self._intent_id, done))
        at = process.declared.get(self._intent_id) if first_try else None
        ago = None if at is None else process.clock.monotonic() - at
        world = process.context()
        if self.former is None:
            self.submission = stored(lifecycle.create_submission(world, inputs, ago, sink))
        else:
            state = lifecycle.update_submission(world, stored(self.former[1]), inputs, ago, sink)
            self.submission = ",".join(state["task_ids"]), stored(state)

    def up(self, process: Process, sink: ProgressSink) -> None:
        """Take all steps that are due, each once."""
        while self.step(process, sink) in ("intent", "submission"):
            pass

    def completion_is_new(self) -> bool:
        """Whether the last step has been taken for what is declared now."""
        if self.intent_is_due() or self.submission_is_due() or self.completion is None:
            return False
        return bool(self.submission and self.completion[1]["intent_id"] == self._intent_id)

    def refresh(self, process: Process, sink: ProgressSink) -> None:
        """What `pulumi refresh` does: one poll, which never changes anything but the state."""
        if self.completion is not None:
            id_, state = self.completion
            self.completion = id_, stored(lifecycle.reconcile(process.context(), stored(state), sink))

    @property
    def complete(self) -> bool:
        return self.completion_is_new() and self.completion is not None and self.completion[1]["status"] == "Complete"
