"""The wait for tasks that somebody else submitted, and the single poll of any wait's tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar, cast

from pulumi_alicdn.api.paths.path_checks import check_object_paths
from pulumi_alicdn.api.rows import RowStatus, entry, instant_text
from pulumi_alicdn.api.spec import Kind, Media, ObjectType, Service, TaskSpec
from pulumi_alicdn.errors import InputError, UnknownTaskError
from pulumi_alicdn.state import (
    AttachmentInputs,
    AttachmentState,
    CompletionState,
    SubmissionInputs,
    TaskCompletionInputs,
    WaitOptions,
)
from pulumi_alicdn.tasks import messages
from pulumi_alicdn.tasks.context import Context
from pulumi_alicdn.tasks.lifecycle.completion import effect, superseded, wait_options
from pulumi_alicdn.tasks.lifecycle.declaration import declared_intent, pairs
from pulumi_alicdn.tasks.options import check_service, parse_wait
from pulumi_alicdn.tasks.other_service import listed_elsewhere
from pulumi_alicdn.tasks.retry_policy import READ_PATIENCE_S
from pulumi_alicdn.tasks.row_reader import RowReader, kind_of
from pulumi_alicdn.tasks.task_api import ProgressSink
from pulumi_alicdn.tasks.verdict import Outcome, outcome
from pulumi_alicdn.tasks.waiting.awaited import AwaitedTasks
from pulumi_alicdn.tasks.waiting.snapshot import UNKNOWN_TASK_S
from pulumi_alicdn.validation import refuse

Waited = TypeVar("Waited", CompletionState, AttachmentState)


def reconcile(context: Context, state: Waited, sink: ProgressSink) -> Waited:
    """Poll the tasks of a completion or attachment once, without waiting.

    The service forgets tasks after 3 days: a row that it no longer lists keeps its last state.
    """
    given: Mapping[str, object] = state
    brief = bool(given.get("brief"))
    if brief and state["status"] == Outcome.COMPLETE:
        return state  # its rows are not kept, and a Complete task stays Complete
    known = {one["object_path"]: one for one in state["objects"]}
    found_by_service = not given.get("object_paths")
    awaited = AwaitedTasks(
        _known_spec(given, () if found_by_service else tuple(known)),
        list(state["task_ids"]),
        # An attachment has no intent: only the service knows the type of its objects.
        declared_intent(cast("SubmissionInputs", given)) if "not_before" in given else None,
        job_ids=list(state["job_ids"]),
        superseded=superseded(state["superseded"]),
    )
    verdict, snapshot = context.waiter(awaited.spec.service, sink).poll_once(awaited)
    # Rows that are missing may be those of objects that the state does not know either.
    if found_by_service and (verdict.missing or verdict.short):
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
        "objects": [] if brief and status is Outcome.COMPLETE else objects,
        "effective_at": effective_at,
    }
    return cast("Waited", found)


def attach(
    context: Context,
    task_id: str,
    inputs: AttachmentInputs,
    sink: ProgressSink,
    *,
    hidden_s: float = 0.0,
    unlisted: str = "",
) -> AttachmentState:
    """Wait until tasks that somebody else submitted are effective; in a preview, poll once.

    *task_id*: one id, or several joined by commas. *hidden_s*: seconds for which a task may stay unlisted before
    UnknownTaskError is raised; 0 means after one poll. *unlisted*: the next step if no service lists it.
    """
    # No object type: only the service knows it.
    refuse(check_object_paths("object_paths", inputs.get("object_paths") or None, None))
    ids = _split(task_id)
    if not ids:
        raise InputError(f"task_id is {task_id!r}, but must be an id of the service, or several joined by commas")
    check_service(inputs)
    service = Service(inputs["service"])
    # The default timeout depends on the kind, but is longer than it takes to ask for the kind.
    timeout_s = parse_wait(inputs, Kind.REFRESH).timeout_s
    kind = Kind(inputs["kind"]) if "kind" in inputs else _kind_of(context, service, ids, timeout_s)
    spec = _known_spec({**inputs, "kind": kind}, tuple(inputs.get("object_paths") or ()))
    awaited = AwaitedTasks(spec, ids, hidden_s=hidden_s)
    options = parse_wait(inputs, spec.kind)
    waiter = replace(context, next_steps=context.attached_steps).waiter(spec.service, sink)
    if inputs.get("preview") or not options.wait:
        verdict, snapshot = waiter.poll_once(awaited)
        effective_at = snapshot.server_time if verdict.outcome is Outcome.COMPLETE else None
    else:
        try:
            result = waiter.run(awaited, options, retry_first=False)
        except UnknownTaskError as error:
            raise _unknown(context, service, ids, error, unlisted) from None
        verdict, effective_at = result.verdict, result.effective_at
    created = [row.created for row in verdict.rows.values() if row is not None and row.created is not None]
    return {
        **inputs,
        **effect(verdict, effective_at),
        "kind": str(kind),
        "task_ids": awaited.task_ids,
        "request_ids": awaited.request_ids,
        "submitted_at": instant_text(min(created)) if created else None,
        "job_ids": awaited.job_ids,
        "superseded": pairs(awaited.superseded),
    }


def _unknown(
    context: Context, service: Service, task_ids: Sequence[str], error: UnknownTaskError, unlisted: str
) -> UnknownTaskError:
    """Return the error for tasks that *service* does not list: it names the other service if that lists them."""
    asked = listed_elsewhere(context.api, context.clock, service, task_ids)
    if asked is not None and asked[1]:
        other, found = asked
        return UnknownTaskError(messages.in_other_service(service, other, found, f"set service to {str(other)!r}."))
    also = [messages.in_no_service(asked[0])] if asked is not None else []
    return UnknownTaskError(" ".join([str(error), *also, *([unlisted] if unlisted else [])]))


def already_complete(known: AttachmentState, task_id: str, inputs: AttachmentInputs) -> bool:
    """Whether the state *known* is that of the same tasks and objects, and Complete: then no poll can change it."""
    same = {**inputs, "task_ids": _split(task_id)}
    return known["status"] == Outcome.COMPLETE and not _other_tasks(known, same)


def _split(task_id: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in task_id.split(",") if part.strip()))


def _kind_of(context: Context, service: Service, task_ids: Sequence[str], within_s: float) -> Kind:
    """Return the kind of the tasks by the rows that the service lists now.

    A service without answers must not keep the step going for longer than the wait would: *within_s* is its timeout.
    """
    until = context.clock.monotonic() + within_s if within_s < READ_PATIENCE_S else None
    return kind_of(RowReader(context.api(service), context.caller()).tasks(task_ids, until, once=True).rows)


def attachment_changed(state: Mapping[str, object], inputs: Mapping[str, object]) -> bool:
    """Whether there are other tasks or objects, changed waiting options, or a wait that did not end Complete."""
    unfinished = inputs.get("wait") is not False and state.get("status") != Outcome.COMPLETE
    return _other_tasks(state, inputs) or unfinished or wait_options(inputs) != wait_options(state)


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
        return {**state, **cast("WaitOptions", wait_options(inputs))}
    return create_attachment(context, inputs, sink)[1]


def _known_spec(values: Mapping[str, object], paths: tuple[str, ...]) -> TaskSpec:
    """Return the specification that a poll needs for a task which this step does not submit."""
    kind = Kind(str(values["kind"]))
    check_service(values)
    default = ObjectType.PRELOAD if kind is Kind.PREFETCH else ObjectType.FILE
    object_type = ObjectType(str(values.get("object_type") or default))
    media = cast("Sequence[str]", values.get("media_ids") or ())
    return TaskSpec(
        Service(str(values["service"])), kind, object_type, paths, media=Media(tuple(media)) if media else None
    )
