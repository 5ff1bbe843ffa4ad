"""The calls that a submission takes: each is a step, so that the answer to each is stored before the next is sent."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any, cast

from pulumi_alicdn.api.limits import batch_limits, media_batches
from pulumi_alicdn.api.object_paths import batches, without_default_port
from pulumi_alicdn.api.spec import ObjectType, Service
from pulumi_alicdn.state import DECLARED, PASSED_ON, CallInputs, Declared, Submission, SubmissionInputs, TaskInputs


def after_intent(inputs: TaskInputs, intent_id: str, declared: Declared) -> SubmissionInputs:
    """The inputs of the submission that follows an intent with these *inputs*; *declared* may be its whole state."""
    task, found = only(inputs, TaskInputs.__annotations__), only(declared, DECLARED)
    return cast("SubmissionInputs", {**task, **found, "intent_id": intent_id})


def only(values: Mapping[str, object], names: Container[str]) -> dict[str, object]:
    """Return the entries of *values* with these *names*."""
    return {name: value for name, value in values.items() if name in names}


def calls(task: Mapping[str, object]) -> list[dict[str, Any]]:
    """Return what is special about each call that a submission of *task* takes: its objects, and its place.

    A task of one call has nothing special. *task* need not be valid: the first step refuses it.

    The order of objects changes no call, as it changes no fingerprint: objects that come in another order after a kill
    would otherwise move from a call that is left to one that is done, and never be sent.
    """
    name, groups = _groups(task)
    if len(groups) < 2:  # noqa: PLR2004  one call needs no place
        return [{}]
    later = sum(map(len, groups))
    found: list[dict[str, Any]] = []
    for number, group in enumerate(groups, 1):
        later -= len(group)
        found.append({name: list(group), "call": [number, len(groups)], "later_objects": later})
    return found


def _groups(task: Mapping[str, object]) -> tuple[str, Sequence[Sequence[str]]]:
    service, media, paths = task.get("service"), task.get("media_ids"), task.get("object_paths")
    if media is not None:
        ids = _texts(media)
        return "media_ids", media_batches(tuple(ids))
    object_type = ObjectType.PRELOAD if task.get("kind") == "prefetch" else task.get("object_type")
    if service not in tuple(Service) or object_type not in tuple(ObjectType):
        return "object_paths", ()
    limits = batch_limits(Service(str(service)), ObjectType(str(object_type)))
    in_order = tuple(sorted(_texts(paths), key=without_default_port))
    return "object_paths", list(batches(in_order, limits))


def _texts(values: object) -> list[str]:
    found = list(values) if isinstance(values, list | tuple) else []
    return found if all(isinstance(value, str) for value in found) else []


def next_call(inputs: SubmissionInputs, call: Mapping[str, Any], before: CallInputs | None) -> SubmissionInputs:
    """The inputs of one of the *calls* of a submission; *before* is the result of the call before it."""
    sent = {} if before is None else {"before": only(before, (*PASSED_ON, "call"))}
    return cast("SubmissionInputs", {**inputs, **call, **sent})


def all_sent(submission: Mapping[str, Any]) -> bool:
    """Whether *submission* is the result of the last call. One that was stored as a whole has no place."""
    number, of = submission.get("call") or (1, 1)
    return bool(number >= of)


def stored_whole(submission: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    """Whether an earlier version submitted in one step what takes several calls by *inputs*, those of the first."""
    return submission.get("call") is None and inputs.get("call") is not None


def with_last_call(submission: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return a *submission* that was stored as a whole with the place of its last call, as the later steps read it.

    Pulumi's SDK shows an input in place of a result that a state lacks: that of the first call.
    """
    _, of = inputs["call"]
    return {**submission, "call": [of, of]}


def sent_calls(submission: Mapping[str, Any] | None, intent_id: str, calls: Sequence[object]) -> int:
    """Return how many of the *calls* of an intent are done; *submission* is the last result that was stored."""
    if submission is None or submission["intent_id"] != intent_id:
        return 0
    return len(calls) if all_sent(submission) else int(submission["call"][0])


def together(before: Submission | None, submission: Submission) -> Submission:
    """Return what the calls *before* and *submission* left."""
    if before is None:
        return submission
    at = (one.get("submitted_at") for one in (before, submission))
    return {
        **submission,
        "task_ids": list(dict.fromkeys([*before["task_ids"], *submission["task_ids"]])),
        "request_ids": [*before["request_ids"], *submission["request_ids"]],
        "job_ids": [*before["job_ids"], *submission["job_ids"]],
        "superseded": [*before["superseded"], *submission["superseded"]],
        "submitted_at": min((one for one in at if one is not None), default=None),
        "submitted_until": max(before["submitted_until"], submission["submitted_until"]),
        # A wait retries first what failed before its run: some of it was submitted then.
        "run": submission["run"] if before["run"] == submission["run"] else before["run"],
    }
