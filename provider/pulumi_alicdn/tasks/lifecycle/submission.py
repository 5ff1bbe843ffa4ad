"""The second step of a task: adopt or submit the objects of one call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast

from pulumi_alicdn.api.rows import instant, instant_text
from pulumi_alicdn.api.time_range import MAX_AHEAD, earliest_stated, forgotten
from pulumi_alicdn.errors import AlicdnError
from pulumi_alicdn.state import Submission, SubmissionInputs, SubmissionState
from pulumi_alicdn.tasks import messages
from pulumi_alicdn.tasks.context import Context
from pulumi_alicdn.tasks.lifecycle.calls import all_sent, together
from pulumi_alicdn.tasks.lifecycle.declaration import declared_intent, pairs, spec_of
from pulumi_alicdn.tasks.row_reader import RowReader
from pulumi_alicdn.tasks.submit import Before, OwnTask, Submitter
from pulumi_alicdn.tasks.task_api import ProgressSink

NOTHING_SENT: Final = "nothing-submitted"
"""The id of a submission that failed, and with which the run goes on."""


def create_submission(
    context: Context,
    inputs: SubmissionInputs,
    declared_s_ago: float | None,
    sink: ProgressSink,
    earlier_own: OwnTask | None = None,
) -> tuple[str, SubmissionState]:
    """Adopt or submit, as :func:`_sent` does. With ``goes_on``, an error is a warning, and the result has no task."""
    try:
        return _sent(context, inputs, declared_s_ago, sink, earlier_own)
    except AlicdnError as error:
        if not inputs.get("goes_on"):
            raise
        sink.warn(str(error))
    found: Submission = {
        "task_ids": [],
        "request_ids": [],
        "submitted_at": None,
        "job_ids": [],
        "superseded": [],
        "submitted_until": inputs["not_before"],
        "gap_s": round(context.shared_pace.pace.gap_s, 1),
        "run": context.run,
    }
    return NOTHING_SENT, {**inputs, **found, "adopted": []}


def _sent(
    context: Context,
    inputs: SubmissionInputs,
    declared_s_ago: float | None,
    sink: ProgressSink,
    earlier_own: OwnTask | None,
) -> tuple[str, SubmissionState]:
    """Adopt or submit; the id consists of the task ids, joined by commas.

    *declared_s_ago*: seconds since this process declared the intent, if it has not tried to send this call since; None
    if an earlier attempt may have sent something, maybe so long ago that the service does not list it any more.
    *earlier_own*: a task that this resource submitted for an earlier intent, if any.
    """
    before = inputs.get("before")
    if before is not None and all_sent(before):
        # An earlier version submitted all calls in one step.
        state = cast("SubmissionState", {**inputs, **before, "adopted": []})
        return ",".join(before["task_ids"] or before["job_ids"]), state
    earlier = list(inputs.get("earlier_task_ids") or ())
    if before is not None:
        earlier += before.get("earlier_task_ids") or ()
    if earlier:
        inputs = {**inputs, "earlier_task_ids": list(dict.fromkeys(earlier))}
    spec = spec_of(inputs)
    api, caller, intent = context.api(spec.service), context.caller(), declared_intent(inputs)
    now: datetime | None = None
    if declared_s_ago is None:
        now = RowReader(api, caller).first_page(spec).server_time
        if spec.by_path and forgotten(intent.not_before, now):
            sink.warn(messages.forgotten_intent(spec, intent.not_before))
    submission = Submitter(api, caller, after=context.next_steps.after_doubt).run(
        spec,
        intent,
        attempted_before=declared_s_ago is None,
        declared_s_ago=declared_s_ago or 0.0,
        now=now,
        resubmit=bool(inputs.get("resubmit")),
        before=Before(
            submits=0 if before is None else 1,
            task_ids=before["task_ids"] if before is not None else (),
            job_ids=before["job_ids"] if before is not None else (),
            later_objects=int(inputs.get("later_objects") or 0),
            own=(None if before is None else _own_task(before)) or earlier_own,
        ),
    )
    for doubt in messages.doubts(spec, submission.weaker, submission.early, context.next_steps.after_doubt):
        sink.warn(doubt)
    found: Submission = {
        "task_ids": submission.task_ids,
        "request_ids": submission.request_ids,
        "submitted_at": instant_text(submission.submitted_at),
        "job_ids": submission.job_ids,
        "superseded": pairs(submission.superseded),
        "submitted_until": instant_text(submission.submitted_until),
        "gap_s": round(context.shared_pace.pace.gap_s, 1),
        "run": context.run,
    }
    state = {**inputs, **together(before, found), "adopted": submission.adopted}
    return ",".join(submission.task_ids or submission.job_ids), state


def update_submission(
    context: Context,
    state: SubmissionState,
    inputs: SubmissionInputs,
    declared_s_ago: float | None,
    sink: ProgressSink,
) -> SubmissionState:
    """Adopt or submit for a new intent; tasks of the earlier intents in *state* are never adopted."""
    known = _earlier(state, inputs)
    asked: SubmissionInputs = {**inputs, "earlier_task_ids": known} if known else inputs
    return create_submission(context, asked, declared_s_ago, sink, _own_task(state))[1]


def _own_task(submitted: Mapping[str, Any]) -> OwnTask | None:
    """Return the last task of *submitted*, within the times of all its tasks; those of adopted ones show nothing."""
    ids, first, last = submitted["task_ids"], submitted.get("submitted_at"), submitted.get("submitted_until")
    return OwnTask(ids[-1], instant(first), instant(last)) if ids and first and last else None


def _earlier(state: SubmissionState, inputs: SubmissionInputs) -> list[str]:
    """Return the tasks of earlier intents whose rows can seem newer than the intent of *inputs*."""
    latest = instant(state["submitted_until"]) + MAX_AHEAD + timedelta(seconds=1)
    if latest < earliest_stated(instant(inputs["not_before"])):
        return []
    return [*state["task_ids"], *(state.get("earlier_task_ids") or ())]
