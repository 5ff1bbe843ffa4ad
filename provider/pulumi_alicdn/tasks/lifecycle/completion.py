"""The third step of a task: the wait for its tasks, and the last state of their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

from pulumi_alicdn.api.rows import Row, TaskEntry, entry, instant, instant_text, row_of
from pulumi_alicdn.api.time_range import forgotten
from pulumi_alicdn.errors import AlicdnError, TaskFailedError, TaskTimeoutError
from pulumi_alicdn.state import (
    PASSED_ON,
    WAIT_OPTIONS,
    CompletionInputs,
    CompletionState,
    Effect,
    Submission,
    SubmissionInputs,
    WaitOptions,
)
from pulumi_alicdn.tasks.context import Context
from pulumi_alicdn.tasks.lifecycle.calls import only
from pulumi_alicdn.tasks.lifecycle.declaration import declared_intent, pairs, spec_of
from pulumi_alicdn.tasks.options import parse_wait
from pulumi_alicdn.tasks.origin_check import origin_warning
from pulumi_alicdn.tasks.row_reader import RowReader
from pulumi_alicdn.tasks.task_api import ProgressSink
from pulumi_alicdn.tasks.verdict import Outcome, Verdict
from pulumi_alicdn.tasks.waiting.awaited import AwaitedTasks
from pulumi_alicdn.tasks.waiting.poll_method import CreationWindow

MAX_DURATIONS: Final = 5
"""The number of durations of earlier tasks that the state keeps. [chosen: the median of five tolerates one outlier]"""


def after_submission(
    inputs: SubmissionInputs, submission_id: str, submission: Submission, options: WaitOptions
) -> CompletionInputs:
    """The inputs of the completion that follows a submission with these *inputs*; *submission* may be its state."""
    found = only(submission, PASSED_ON)
    return cast("CompletionInputs", {**inputs, **found, **options, "submission_id": submission_id})


def create_completion(context: Context, inputs: CompletionInputs, sink: ProgressSink) -> tuple[str, CompletionState]:
    """Wait according to the options; the id is that of the submission."""
    _ask_origin(context, inputs, sink)
    return inputs["submission_id"], _complete(context, inputs, sink, inputs)


def _ask_origin(context: Context, inputs: CompletionInputs, sink: ProgressSink) -> None:
    """Warn of objects that the origin does not have, once for each submission."""
    warning = origin_warning(context.read_origin, inputs.get("origin"), spec_of(inputs))
    if warning:
        sink.warn(warning)


def update_completion(
    context: Context, state: CompletionState, inputs: CompletionInputs, sink: ProgressSink
) -> CompletionState:
    """Wait for a new submission, continue the wait if the state is not Complete, or store new waiting options."""
    if _another(state, inputs):
        _ask_origin(context, inputs, sink)
        return _complete(context, inputs, sink, inputs, state["durations_s"])
    if state["status"] == Outcome.COMPLETE:
        return {**state, **cast("WaitOptions", wait_options(inputs))}
    return _complete(context, inputs, sink, state, state["durations_s"])


def completion_changed(state: Mapping[str, object], inputs: Mapping[str, object]) -> bool:
    """Whether there is a new submission, a changed waiting option, or a wait that did not end Complete.

    A run that went on after a failed task does not depend on it any more.
    """
    ended = state.get("status") == Outcome.COMPLETE or bool(state.get("goes_on"))
    unfinished = inputs.get("wait") is not False and not ended
    return _another(state, inputs) or unfinished or wait_options(inputs) != wait_options(state)


def _another(state: Mapping[str, object], inputs: Mapping[str, object]) -> bool:
    """Whether the submission differs from the one in the state.

    Compare intents and not task ids: the same id can exist in another account or region.
    """
    return inputs.get("intent_id") != state.get("intent_id")


def wait_options(inputs: Mapping[str, object]) -> dict[str, object]:
    """Return the waiting options of *inputs*; None for one that is not given."""
    return {name: inputs.get(name) for name in WAIT_OPTIONS}


def _complete(
    context: Context,
    inputs: CompletionInputs,
    sink: ProgressSink,
    known: CompletionInputs,
    durations_s: Sequence[float] = (),
) -> CompletionState:
    """Wait for the tasks and jobs of *known*, or poll once."""
    spec = spec_of(inputs)
    options = parse_wait(inputs, spec.kind)
    same_run = inputs["run"] == context.run
    if same_run:
        context.shared_pace.take_over(inputs["gap_s"])
    waiter = context.waiter(spec.service, sink)
    awaited = AwaitedTasks(
        spec,
        list(known["task_ids"]),
        declared_intent(inputs),
        list(inputs["request_ids"]),
        job_ids=list(known["job_ids"]),
        # Only the submission's own superseded rows survive into another run. The service may merge a resubmission into
        # the same task; the new row then has the same task id and path, and excluding that pair would hide it.
        superseded=superseded((known if same_run else inputs)["superseded"]),
        window=CreationWindow.of_submit(instant(inputs["not_before"]), instant(inputs["submitted_until"])),
        since=instant(inputs.get("submitted_at") or inputs["not_before"]),
        known=_known_rows(known),
        resumed=not same_run,
    )
    if options.wait:
        try:
            if inputs.get("goes_on") and not (known["task_ids"] or known["job_ids"]):
                return _without_effect(inputs, None, durations_s)
            result = waiter.run(awaited, options, retry_first=not same_run, durations_s=durations_s)
        except AlicdnError as error:
            if not inputs.get("goes_on"):
                raise
            sink.warn(str(error))
            return _without_effect(inputs, error, durations_s)
        verdict, effective_at = result.verdict, result.effective_at
        if result.length_s is not None:
            durations_s = [*durations_s, round(result.length_s, 1)][-MAX_DURATIONS:]
    else:
        verdict, snapshot = waiter.poll_once(awaited)
        if awaited.forgotten(verdict, snapshot.server_time):
            waiter.submit_forgotten(awaited, verdict, snapshot)
            verdict, snapshot = waiter.poll_once(awaited)
        effective_at = snapshot.server_time if verdict.outcome is Outcome.COMPLETE else None
    return {
        **inputs,
        **effect(verdict, effective_at, brief=bool(inputs.get("brief"))),
        "task_ids": awaited.task_ids,
        "request_ids": awaited.request_ids,
        "job_ids": awaited.job_ids,
        "superseded": pairs(awaited.superseded),
        "durations_s": list(durations_s),
    }


def _without_effect(
    inputs: CompletionInputs, error: AlicdnError | None, durations_s: Sequence[float]
) -> CompletionState:
    """Return the state of a task that failed with *error*, or that was never submitted, while the run goes on."""
    verdict = error.verdict if isinstance(error, TaskFailedError | TaskTimeoutError) else None
    known: Effect = {"status": str(Outcome.FAILED), "objects": [], "effective_at": None}
    return {**inputs, **(known if verdict is None else effect(verdict, None)), "durations_s": list(durations_s)}


def _known_rows(known: Mapping[str, Any]) -> tuple[Row, ...]:
    """Return the rows that the state knows to be Complete: the service may have forgotten them."""
    entries: Sequence[TaskEntry] = known.get("objects", ())
    return tuple(row for row in map(row_of, entries) if row is not None)


def completion_forgotten(context: Context, state: Mapping[str, Any]) -> bool:
    """Whether the service has forgotten the tasks of a completion that is not known to be Complete.

    Only a state with ``wait=False`` needs this question: any other wait that is not Complete goes on anyway.
    """
    if state.get("wait") is not False or state.get("status") == Outcome.COMPLETE:
        return False
    spec = spec_of(state)
    now = RowReader(context.api(spec.service), context.caller()).first_page(spec).server_time
    return forgotten(instant(state.get("submitted_at") or state["not_before"]), now)


def superseded(pairs: Sequence[Sequence[str]]) -> set[tuple[str, str]]:
    """Read the superseded rows from the state."""
    return {(task_id, path) for task_id, path in pairs}


def _entries(verdict: Verdict) -> list[TaskEntry]:
    return [entry(path, row) for path, row in verdict.rows.items()]


def effect(verdict: Verdict, effective_at: datetime | None, *, brief: bool = False) -> Effect:
    """Return *verdict* as the state holds it. *brief*: keep no rows of a Complete task, which nobody asks about."""
    return {
        "status": str(verdict.outcome),
        "objects": [] if brief and verdict.outcome is Outcome.COMPLETE else _entries(verdict),
        "effective_at": instant_text(effective_at) if effective_at else None,
    }
