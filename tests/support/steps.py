"""What a program hands from one step of a task to the next, as the resources of the Pulumi front end do it."""

from __future__ import annotations

from typing import cast

from pulumi_alicdn.state import (
    PASSED_ON,
    CompletionInputs,
    IntentInputs,
    IntentState,
    Submission,
    SubmissionInputs,
    SubmissionState,
    TaskInputs,
    WaitOptions,
)


def after_intent(task: IntentInputs, id_: str, intent: IntentState) -> SubmissionInputs:
    """The inputs of a submission."""
    what = cast("TaskInputs", {name: value for name, value in task.items() if name != "triggers"})
    return {**what, "intent_id": id_, "not_before": intent["not_before"]}


def after_submission(
    inputs: SubmissionInputs, id_: str, submission: SubmissionState, options: WaitOptions
) -> CompletionInputs:
    """The inputs of a completion."""
    found = cast("Submission", {name: value for name, value in submission.items() if name in PASSED_ON})
    return {**inputs, **found, **options, "submission_id": id_, "urn": None}
