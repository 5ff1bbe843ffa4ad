"""The life of a task as steps on plain data: what each step needs, does, and leaves in the state.

Three steps, each of which a front end stores before the next begins:

1. *intent*: the server's own time before anything is submitted;
2. *submission*: the ids of what was adopted or submitted;
3. *completion*: the wait, and what the rows said last.

What a step leaves is its inputs and what it found out: so a later preview shows what changed, and only that.

Values are JSON: strings, numbers, booleans, None, lists and mappings. Instants are `2026-01-02T03:04:05Z`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pulumi_alicdn.api.rows import RowStatus, entry, instant, instant_text
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.errors import InputError
from pulumi_alicdn.state import WAIT_OPTIONS, Inputs, State
from pulumi_alicdn.tasks.context import Context
from pulumi_alicdn.tasks.fingerprint import fingerprint
from pulumi_alicdn.tasks.options import TASK_OPTIONS, check_service, holds_unknown, parse_task, parse_wait
from pulumi_alicdn.tasks.submit import Intent, Submitter, declare
from pulumi_alicdn.tasks.task_api import ProgressSink
from pulumi_alicdn.tasks.verdict import Outcome, Verdict, outcome
from pulumi_alicdn.tasks.waiting.awaited import AwaitedTasks
from pulumi_alicdn.tasks.waiting.poll_method import CreationWindow

MAX_DURATIONS: Final = 5
"""How many lengths of earlier tasks the state keeps. [chosen: the median of five stands one outlier]"""


def identity(inputs: Inputs) -> str | None:
    """The fingerprint of what is refreshed, None while something of it is unknown."""
    if any(holds_unknown(inputs.get(name)) for name in (*TASK_OPTIONS, "triggers")):
        return None
    return fingerprint(_spec(inputs), inputs.get("triggers"))


def _spec(inputs: Inputs) -> TaskSpec:
    return parse_task(inputs, Kind(inputs["kind"]))


def create_intent(context: Context, inputs: Inputs) -> tuple[str, State]:
    """Declare the intent; the id is the request that read the server's time."""
    spec = _spec(inputs)
    intent = declare(context.api(spec.service), context.caller(), spec)
    state = {
        **inputs,
        "fingerprint": identity(inputs),
        "not_before": instant_text(intent.not_before),
        "request_id": intent.request_id,
    }
    return f"intent-{intent.request_id}", state


def intent_changed(state: Inputs, inputs: Inputs) -> bool:
    """Whether something else is to be refreshed than the state's intent declared, or its triggers changed."""
    now = identity(inputs)
    return now is None or now != state.get("fingerprint")


def same_intent(olds: Inputs, news: Inputs) -> bool:
    """Whether earlier inputs, if there are any, declared the same intent."""
    return "kind" in olds and identity(olds) is not None and identity(olds) == identity(news)


def create_submission(context: Context, inputs: Inputs, declared_s_ago: float | None) -> tuple[str, State]:
    """Adopt or submit; the id joins the task ids by commas.

    *declared_s_ago*: seconds since this process declared the intent, if it did and has not tried to submit since;
    None if an earlier attempt may have sent something.
    """
    spec = _spec(inputs)
    submission = Submitter(context.api(spec.service), context.caller()).run(
        spec,
        _intent(inputs),
        attempted_before=declared_s_ago is None,
        declared_s_ago=declared_s_ago or 0.0,
    )
    state = {
        **inputs,
        "task_ids": submission.task_ids,
        "request_ids": submission.request_ids,
        "adopted": submission.adopted,
        "job_ids": submission.job_ids,
        "superseded": [list(one) for one in sorted(submission.superseded)],
        "submitted_at": _text(submission.submitted_at),
        "submitted_until": _text(submission.submitted_until),
        "gap_s": round(context.shared_pace.pace.gap_s, 1),
        "run": context.run,
    }
    return ",".join(submission.task_ids or submission.job_ids), state


def _text(at: datetime | None) -> str | None:
    return instant_text(at) if at else None


def _intent(inputs: Inputs) -> Intent:
    return Intent(instant(inputs["not_before"]), inputs["intent_id"])


def create_completion(context: Context, inputs: Inputs, sink: ProgressSink) -> tuple[str, State]:
    """Wait as the options say; the id is that of the submission."""
    return inputs["submission_id"], _complete(context, inputs, sink, inputs)


def update_completion(context: Context, state: Inputs, inputs: Inputs, sink: ProgressSink) -> State:
    """Wait for another submission, go on waiting where the state is not Complete, or take over waiting options."""
    if _another(state, inputs):
        return _complete(context, inputs, sink, inputs, _durations(state))
    if state.get("status") == Outcome.COMPLETE:
        return {**state, **_options(inputs)}
    return _complete(context, inputs, sink, state, _durations(state))


def completion_changed(state: Inputs, inputs: Inputs) -> bool:
    """Whether there is another submission, other waiting options, or a wait that has not ended well."""
    unfinished = inputs.get("wait") is not False and state.get("status") != Outcome.COMPLETE
    return _another(state, inputs) or unfinished or _options(inputs) != _options(state)


def _another(state: Inputs, inputs: Inputs) -> bool:
    """Whether the submission is not the one of the state.

    The intent tells one submission from another; task ids need not: another account or region has the same numbers.
    """
    return inputs.get("intent_id") != state.get("intent_id")


def _options(inputs: Inputs) -> State:
    return {name: inputs.get(name) for name in WAIT_OPTIONS}


def _durations(state: Inputs) -> list[float]:
    return [float(length) for length in state.get("durations_s") or ()]


def _complete(
    context: Context, inputs: Inputs, sink: ProgressSink, known: Inputs, durations_s: Sequence[float] = ()
) -> State:
    """Wait for the tasks and jobs that *known* names, or look once."""
    spec = _spec(inputs)
    options = parse_wait(inputs, spec.kind)
    same_run = inputs.get("run") == context.run
    if same_run:
        context.shared_pace.take_over(float(inputs.get("gap_s") or 0.0))
    waiter = context.waiter(spec.service, sink)
    awaited = AwaitedTasks(
        spec,
        list(known.get("task_ids") or ()),
        _intent(inputs),
        list(inputs.get("request_ids") or ()),
        job_ids=list(known.get("job_ids") or ()),
        # Only the submission's own superseded rows survive into a new run. The service may merge a resubmission into
        # the same task; the new row then has the same (task id, path), and excluding that key would hide it.
        superseded=_superseded(known if same_run else inputs),
        window=_window(inputs),
    )
    if options.wait:
        result = waiter.run(awaited, options, retry_first=not same_run, durations_s=durations_s)
        verdict, effective_at = result.verdict, result.effective_at
        if result.length_s is not None:
            durations_s = [*durations_s, round(result.length_s, 1)][-MAX_DURATIONS:]
    else:
        verdict, snapshot = waiter.poll_once(awaited)
        effective_at = snapshot.server_time if verdict.outcome is Outcome.COMPLETE else None
    return {
        **inputs,
        **_seen(verdict, awaited, effective_at),
        "superseded": [list(one) for one in sorted(awaited.superseded)],
        "durations_s": list(durations_s),
    }


def _window(inputs: Inputs) -> CreationWindow | None:
    """When the rows were made; None in a state of an earlier version."""
    until = inputs.get("submitted_until")
    return CreationWindow.of_submit(instant(inputs["not_before"]), instant(until)) if until else None


def _superseded(inputs: Inputs) -> set[tuple[str, str]]:
    """The failed rows that were known when others were submitted for them."""
    return {(task_id, path) for task_id, path in inputs.get("superseded") or ()}


def reconcile(context: Context, state: Inputs, sink: ProgressSink) -> State:
    """One look at the tasks of a completion or attachment, never a wait.

    After 3 days the service forgets: a row that is not listed any more keeps its last known state.
    """
    known = {one["object_path"]: one for one in state.get("objects") or []}
    found_by_service = state.get("media_ids") is not None or state.get("cache_tags") is not None
    awaited = AwaitedTasks(
        _known_spec(state, () if found_by_service else tuple(known)),
        list(state.get("task_ids") or ()),
        job_ids=list(state.get("job_ids") or ()),
        superseded=_superseded(state),
    )
    verdict, snapshot = context.waiter(awaited.spec.service, sink).poll_once(awaited)
    if found_by_service and all(row is None for row in verdict.rows.values()):
        return dict(state)
    objects = [known[path] if row is None and path in known else entry(path, row) for path, row in verdict.rows.items()]
    status = outcome(RowStatus(str(one["status"])) for one in objects)
    effective_at = state.get("effective_at")
    if status is Outcome.COMPLETE and effective_at is None:
        effective_at = instant_text(snapshot.server_time)
    ids = {"task_ids": awaited.task_ids, "job_ids": awaited.job_ids}
    return {**state, **ids, "status": str(status), "objects": objects, "effective_at": effective_at}


def attach(context: Context, task_id: str, inputs: Inputs, sink: ProgressSink) -> State:
    """Wait until tasks that somebody else submitted are effective; in a preview, look once.

    *task_id*: one id, or several joined by commas.
    """
    spec = _known_spec(inputs, tuple(inputs.get("object_paths") or ()))
    awaited = AwaitedTasks(spec, [part.strip() for part in task_id.split(",") if part.strip()])
    if not awaited.task_ids:
        raise InputError(f"task_id is {task_id!r}, but must be an id of the service, or several joined by commas")
    options = parse_wait(inputs, spec.kind)
    waiter = context.waiter(spec.service, sink)
    if inputs.get("preview"):
        verdict, effective_at = waiter.poll_once(awaited)[0], None
    else:
        result = waiter.run(awaited, options, retry_first=False)
        verdict, effective_at = result.verdict, result.effective_at
    created = [row.created for row in verdict.rows.values() if row is not None]
    return {
        **inputs,
        "submitted_at": instant_text(min(created)) if created else None,
        **_seen(verdict, awaited, effective_at),
    }


def _known_spec(values: Inputs, paths: tuple[str, ...]) -> TaskSpec:
    """What a look needs to know of a task whose submit is not at stake."""
    kind = Kind(values["kind"])
    check_service(values)
    object_type = ObjectType.PRELOAD if kind is Kind.PREFETCH else ObjectType.FILE
    return TaskSpec(Service(values["service"]), kind, object_type, paths)


def _seen(verdict: Verdict, awaited: AwaitedTasks, effective_at: datetime | None) -> State:
    return {
        "status": str(verdict.outcome),
        "task_ids": awaited.task_ids,
        "job_ids": awaited.job_ids,
        "request_ids": awaited.request_ids,
        "objects": [entry(path, row) for path, row in verdict.rows.items()],
        "effective_at": instant_text(effective_at) if effective_at else None,
    }
