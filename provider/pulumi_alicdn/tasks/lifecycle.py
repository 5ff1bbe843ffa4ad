"""The lifecycle of a task as steps on plain data.

There are three steps. A front end stores the result of each before the next begins:

1. *intent*: the server's time before anything is submitted;
2. *submission*: the ids of the tasks that were adopted or submitted;
3. *completion*: the wait, and the last state of the rows.

:mod:`pulumi_alicdn.state` defines the inputs and results of each step. Functions that compare inputs with a state
accept any mapping: during a preview, inputs may contain unknown values.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, TypeVar, cast

from pulumi_alicdn.api.paths.path_checks import check_object_paths
from pulumi_alicdn.api.rows import Row, RowStatus, TaskEntry, entry, instant, instant_text, row_of
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.api.time_range import forgotten
from pulumi_alicdn.errors import InputError
from pulumi_alicdn.state import (
    DECLARED,
    PASSED_ON,
    TASK_OPTIONS,
    WAIT_OPTIONS,
    AttachmentInputs,
    AttachmentState,
    CompletionInputs,
    CompletionState,
    Declared,
    Effect,
    IntentInputs,
    IntentState,
    Submission,
    SubmissionInputs,
    SubmissionState,
    TaskCompletionInputs,
    TaskInputs,
    WaitOptions,
)
from pulumi_alicdn.tasks import messages
from pulumi_alicdn.tasks.context import ATTACHED_NEXT_STEPS, Context
from pulumi_alicdn.tasks.fingerprint import fingerprint
from pulumi_alicdn.tasks.options import check_service, holds_unknown, parse_task, parse_wait
from pulumi_alicdn.tasks.origin_check import origin_warning
from pulumi_alicdn.tasks.row_reader import Key, RowReader, kind_of
from pulumi_alicdn.tasks.submit import Intent, Submitter, declare
from pulumi_alicdn.tasks.task_api import ProgressSink
from pulumi_alicdn.tasks.verdict import Outcome, Verdict, outcome
from pulumi_alicdn.tasks.waiting.awaited import AwaitedTasks
from pulumi_alicdn.tasks.waiting.poll_method import CreationWindow
from pulumi_alicdn.tasks.waiting.snapshot import UNKNOWN_TASK_S
from pulumi_alicdn.validation import refuse

MAX_DURATIONS: Final = 5
"""The number of durations of earlier tasks that the state keeps. [chosen: the median of five tolerates one outlier]"""

Waited = TypeVar("Waited", CompletionState, AttachmentState)


def identity(inputs: Mapping[str, object]) -> str | None:
    """Return the fingerprint of the task; None while part of it is unknown."""
    if any(holds_unknown(inputs.get(name)) for name in (*TASK_OPTIONS, "triggers")):
        return None
    return fingerprint(_spec(inputs), inputs.get("triggers"))


def _spec(inputs: Mapping[str, object]) -> TaskSpec:
    return parse_task(inputs, Kind(str(inputs["kind"])))


def create_intent(context: Context, inputs: IntentInputs) -> tuple[str, IntentState]:
    """Declare the intent; its id is that of the request whose answer contained the server's time."""
    spec = _spec(inputs)
    intent = declare(context.api(spec.service), context.caller(), spec)
    state: IntentState = {
        **inputs,
        "fingerprint": fingerprint(spec, inputs.get("triggers")),
        "not_before": instant_text(intent.not_before),
        "listed_before": _pairs(intent.listed_before) if intent.listed_before is not None else None,
        "request_id": intent.request_id,
    }
    return f"intent-{intent.request_id}", state


def intent_changed(state: Mapping[str, object], inputs: Mapping[str, object]) -> bool:
    """Whether the task or its triggers differ from the intent in the state."""
    now = identity(inputs)
    return now is None or now != state.get("fingerprint")


def same_intent(olds: Mapping[str, object], news: Mapping[str, object]) -> bool:
    """Whether there are earlier inputs, and they declared the same intent."""
    return "kind" in olds and identity(olds) is not None and identity(olds) == identity(news)


def after_intent(inputs: IntentInputs, intent_id: str, declared: Declared) -> SubmissionInputs:
    """The inputs of the submission that follows an intent with these *inputs*; *declared* may be its whole state."""
    task, found = _only(inputs, TaskInputs.__annotations__), _only(declared, DECLARED)
    return cast("SubmissionInputs", {**task, **found, "intent_id": intent_id})


def after_submission(
    inputs: SubmissionInputs, submission_id: str, submission: Submission, options: WaitOptions
) -> CompletionInputs:
    """The inputs of the completion that follows a submission with these *inputs*; *submission* may be its state."""
    found = _only(submission, PASSED_ON)
    return cast("CompletionInputs", {**inputs, **found, **options, "submission_id": submission_id})


def _only(values: Mapping[str, object], names: Container[str]) -> dict[str, object]:
    return {name: value for name, value in values.items() if name in names}


def create_submission(
    context: Context, inputs: SubmissionInputs, declared_s_ago: float | None, sink: ProgressSink
) -> tuple[str, SubmissionState]:
    """Adopt or submit; the id consists of the task ids, joined by commas.

    *declared_s_ago*: seconds since this process declared the intent, if it has not tried to submit since; None if an
    earlier attempt may have sent something, maybe so long ago that the service does not list it any more.
    """
    spec = _spec(inputs)
    api, caller, intent = context.api(spec.service), context.caller(), _intent(inputs)
    now: datetime | None = None
    if declared_s_ago is None:
        now = RowReader(api, caller).first_page(spec).server_time
        if forgotten(intent.not_before, now):
            sink.warn(messages.forgotten_intent(spec, intent.not_before))
    submission = Submitter(api, caller).run(
        spec,
        intent,
        attempted_before=declared_s_ago is None,
        declared_s_ago=declared_s_ago or 0.0,
        now=now,
    )
    state: SubmissionState = {
        **inputs,
        "task_ids": submission.task_ids,
        "request_ids": submission.request_ids,
        "submitted_at": instant_text(submission.submitted_at),
        "job_ids": submission.job_ids,
        "superseded": _pairs(submission.superseded),
        "submitted_until": instant_text(submission.submitted_until),
        "gap_s": round(context.shared_pace.pace.gap_s, 1),
        "run": context.run,
        "adopted": submission.adopted,
    }
    return ",".join(submission.task_ids or submission.job_ids), state


def _pairs(keys: AbstractSet[Key]) -> list[list[str]]:
    return [list(pair) for pair in sorted(keys)]


def _superseded(pairs: Sequence[Sequence[str]]) -> set[tuple[str, str]]:
    """Read the superseded rows from the state."""
    return {(task_id, path) for task_id, path in pairs}


def _intent(inputs: SubmissionInputs) -> Intent:
    listed = inputs.get("listed_before")
    keys = frozenset((task_id, path) for task_id, path in listed) if listed is not None else None
    return Intent(instant(inputs["not_before"]), inputs["intent_id"], keys)


def create_completion(context: Context, inputs: CompletionInputs, sink: ProgressSink) -> tuple[str, CompletionState]:
    """Wait according to the options; the id is that of the submission."""
    _ask_origin(context, inputs, sink)
    return inputs["submission_id"], _complete(context, inputs, sink, inputs)


def _ask_origin(context: Context, inputs: CompletionInputs, sink: ProgressSink) -> None:
    """Warn of objects that the origin does not have, once for each submission."""
    warning = origin_warning(context.read_origin, inputs.get("origin"), _spec(inputs))
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
        return {**state, **cast("WaitOptions", _wait_options(inputs))}
    return _complete(context, inputs, sink, state, state["durations_s"])


def completion_changed(state: Mapping[str, object], inputs: Mapping[str, object]) -> bool:
    """Whether there is a new submission, a changed waiting option, or a wait that did not end Complete."""
    unfinished = inputs.get("wait") is not False and state.get("status") != Outcome.COMPLETE
    return _another(state, inputs) or unfinished or _wait_options(inputs) != _wait_options(state)


def _another(state: Mapping[str, object], inputs: Mapping[str, object]) -> bool:
    """Whether the submission differs from the one in the state.

    Compare intents and not task ids: the same id can exist in another account or region.
    """
    return inputs.get("intent_id") != state.get("intent_id")


def _wait_options(inputs: Mapping[str, object]) -> dict[str, object]:
    return {name: inputs.get(name) for name in WAIT_OPTIONS}


def _complete(
    context: Context,
    inputs: CompletionInputs,
    sink: ProgressSink,
    known: CompletionInputs,
    durations_s: Sequence[float] = (),
) -> CompletionState:
    """Wait for the tasks and jobs of *known*, or poll once."""
    spec = _spec(inputs)
    options = parse_wait(inputs, spec.kind)
    same_run = inputs["run"] == context.run
    if same_run:
        context.shared_pace.take_over(inputs["gap_s"])
    waiter = context.waiter(spec.service, sink)
    awaited = AwaitedTasks(
        spec,
        list(known["task_ids"]),
        _intent(inputs),
        list(inputs["request_ids"]),
        job_ids=list(known["job_ids"]),
        # Only the submission's own superseded rows survive into another run. The service may merge a resubmission into
        # the same task; the new row then has the same task id and path, and excluding that pair would hide it.
        superseded=_superseded((known if same_run else inputs)["superseded"]),
        window=CreationWindow.of_submit(instant(inputs["not_before"]), instant(inputs["submitted_until"])),
        since=instant(inputs.get("submitted_at") or inputs["not_before"]),
        known=_known_rows(known),
    )
    if options.wait:
        result = waiter.run(awaited, options, retry_first=not same_run, durations_s=durations_s)
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
        **_effect(verdict, effective_at),
        "task_ids": awaited.task_ids,
        "request_ids": awaited.request_ids,
        "job_ids": awaited.job_ids,
        "superseded": _pairs(awaited.superseded),
        "durations_s": list(durations_s),
    }


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
    spec = _spec(state)
    now = RowReader(context.api(spec.service), context.caller()).first_page(spec).server_time
    return forgotten(instant(state.get("submitted_at") or state["not_before"]), now)


def reconcile(context: Context, state: Waited, sink: ProgressSink) -> Waited:
    """Poll the tasks of a completion or attachment once, without waiting.

    The service forgets tasks after 3 days: a row that it no longer lists keeps its last state.
    """
    given: Mapping[str, object] = state
    known = {one["object_path"]: one for one in state["objects"]}
    found_by_service = given.get("media_ids") is not None or given.get("cache_tags") is not None
    awaited = AwaitedTasks(
        _known_spec(given, () if found_by_service else tuple(known)),
        list(state["task_ids"]),
        # An attachment has no intent: only the service knows the type of its objects.
        _intent(cast("SubmissionInputs", given)) if "not_before" in given else None,
        job_ids=list(state["job_ids"]),
        superseded=_superseded(state["superseded"]),
    )
    verdict, snapshot = context.waiter(awaited.spec.service, sink).poll_once(awaited)
    if found_by_service and all(row is None for row in verdict.rows.values()):
        return state
    objects = [known[path] if row is None and path in known else entry(path, row) for path, row in verdict.rows.items()]
    status = outcome(RowStatus(one["status"]) for one in objects)
    effective_at = state.get("effective_at")
    if status is Outcome.COMPLETE and effective_at is None:
        effective_at = instant_text(snapshot.server_time)
    found = {
        **state,
        "task_ids": awaited.task_ids,
        "job_ids": awaited.job_ids,
        "status": str(status),
        "objects": objects,
        "effective_at": effective_at,
    }
    return cast("Waited", found)


def attach(
    context: Context, task_id: str, inputs: AttachmentInputs, sink: ProgressSink, *, hidden_s: float = 0.0
) -> AttachmentState:
    """Wait until tasks that somebody else submitted are effective; in a preview, poll once.

    *task_id*: one id, or several joined by commas. *hidden_s*: seconds for which a task may stay unlisted before
    UnknownTaskError is raised; 0 means after one poll.
    """
    # No object type: only the service knows it.
    refuse(check_object_paths("object_paths", inputs.get("object_paths") or None, None))
    ids = _split(task_id)
    if not ids:
        raise InputError(f"task_id is {task_id!r}, but must be an id of the service, or several joined by commas")
    check_service(inputs)
    service = Service(inputs["service"])
    kind = Kind(inputs["kind"]) if "kind" in inputs else _kind_of(context, service, ids)
    spec = _known_spec({**inputs, "kind": kind}, tuple(inputs.get("object_paths") or ()))
    awaited = AwaitedTasks(spec, ids, hidden_s=hidden_s)
    options = parse_wait(inputs, spec.kind)
    waiter = replace(context, next_steps=ATTACHED_NEXT_STEPS).waiter(spec.service, sink)
    if inputs.get("preview") or not options.wait:
        verdict, snapshot = waiter.poll_once(awaited)
        effective_at = snapshot.server_time if verdict.outcome is Outcome.COMPLETE else None
    else:
        result = waiter.run(awaited, options, retry_first=False)
        verdict, effective_at = result.verdict, result.effective_at
    created = [row.created for row in verdict.rows.values() if row is not None and row.created is not None]
    return {
        **inputs,
        **_effect(verdict, effective_at),
        "kind": str(kind),
        "task_ids": awaited.task_ids,
        "request_ids": awaited.request_ids,
        "submitted_at": instant_text(min(created)) if created else None,
        "job_ids": awaited.job_ids,
        "superseded": _pairs(awaited.superseded),
    }


def already_complete(known: AttachmentState, task_id: str, inputs: AttachmentInputs) -> bool:
    """Whether the state *known* is that of the same tasks and objects, and Complete: then no poll can change it."""
    same = {**inputs, "task_ids": _split(task_id)}
    return known["status"] == Outcome.COMPLETE and not _other_tasks(known, same)


def _split(task_id: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in task_id.split(",") if part.strip()))


def _kind_of(context: Context, service: Service, task_ids: Sequence[str]) -> Kind:
    """Return the kind of the tasks by the rows that the service lists now."""
    return kind_of(RowReader(context.api(service), context.caller()).tasks(task_ids).rows)


def attachment_changed(state: Mapping[str, object], inputs: Mapping[str, object]) -> bool:
    """Whether there are other tasks or objects, changed waiting options, or a wait that did not end Complete."""
    unfinished = inputs.get("wait") is not False and state.get("status") != Outcome.COMPLETE
    return _other_tasks(state, inputs) or unfinished or _wait_options(inputs) != _wait_options(state)


def _other_tasks(state: Mapping[str, object], inputs: Mapping[str, object]) -> bool:
    return any(inputs.get(name) != state.get(name) for name in ("service", "task_ids", "object_paths"))


def create_attachment(
    context: Context, inputs: TaskCompletionInputs, sink: ProgressSink
) -> tuple[str, AttachmentState]:
    """Wait until tasks that somebody else submitted are effective; the id consists of their ids, joined by commas."""
    ids = ",".join(inputs["task_ids"])
    # The inputs are kept as they were written: otherwise the next comparison would find a change.
    state = attach(context, ids, inputs, sink, hidden_s=UNKNOWN_TASK_S)
    return ids, {**state, "task_ids": inputs["task_ids"]}


def update_attachment(
    context: Context, state: AttachmentState, inputs: TaskCompletionInputs, sink: ProgressSink
) -> AttachmentState:
    """Wait for other tasks, continue a wait that did not end Complete, or store new waiting options."""
    if state["status"] == Outcome.COMPLETE and not _other_tasks(state, inputs):
        return {**state, **cast("WaitOptions", _wait_options(inputs))}
    return create_attachment(context, inputs, sink)[1]


def _known_spec(values: Mapping[str, object], paths: tuple[str, ...]) -> TaskSpec:
    """Return the specification that a poll needs for a task which this step does not submit."""
    kind = Kind(str(values["kind"]))
    check_service(values)
    default = ObjectType.PRELOAD if kind is Kind.PREFETCH else ObjectType.FILE
    object_type = ObjectType(str(values.get("object_type") or default))
    return TaskSpec(Service(str(values["service"])), kind, object_type, paths)


def _effect(verdict: Verdict, effective_at: datetime | None) -> Effect:
    return {
        "status": str(verdict.outcome),
        "objects": [entry(path, row) for path, row in verdict.rows.items()],
        "effective_at": instant_text(effective_at) if effective_at else None,
    }
