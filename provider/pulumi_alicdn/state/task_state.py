"""What the steps of a task leave in the Pulumi state, and what they get: their keys and types."""

# No `annotations` import here: it would turn NotRequired into text, and __required_keys__ would be wrong.

from typing import Any, NotRequired, TypedDict

from pulumi_alicdn.api.rows import TaskEntry


class TaskOptions(TypedDict):
    """The objects and options of a task. A change of any of these submits again."""

    service: str
    object_type: NotRequired[str]
    object_paths: NotRequired[list[str]]
    force: NotRequired[bool]
    area: NotRequired[str]
    l2_preload: NotRequired[bool]
    headers: NotRequired[dict[str, str]]
    media_ids: NotRequired[list[str]]
    formats: NotRequired[list[str]]
    definitions: NotRequired[list[str]]
    stream_type: NotRequired[str]
    slices: NotRequired[float]
    cache_tags: NotRequired[list[str]]
    domain_name: NotRequired[str]


class WaitOptions(TypedDict, total=False):
    """The options of a wait. A change of these submits nothing; None stands for the default.

    ``origin``: the address of the origin that a refresh asks for its objects.
    """

    wait: bool | None
    timeout: float | None
    on_timeout: str | None
    retry_failed: float | None
    origin: str | None


class TaskInputs(TaskOptions):
    """The inputs of every step of a task.

    ``kind`` is `refresh` or `prefetch`. ``secrets``: names of the options whose values are secret; absent without any.
    ``goes_on``: whether the run goes on, with a warning, if the task fails; absent if it fails with it.
    """

    kind: str
    goes_on: NotRequired[bool]
    secrets: NotRequired[list[str]]


class EdgeAccessOptions(TypedDict):
    """How requests to edges are signed, and their extra headers. The Pulumi state holds both as secrets.

    Another key, or another value of a header, requires no new proof. The manifest file holds neither.
    """

    url_auth: NotRequired[dict[str, Any]]
    request_headers: NotRequired[dict[str, str]]


class VerifyOptions(EdgeAccessOptions):
    """How a refresh is verified. A change of these submits nothing. ``verify``: `network`, `dns` or `off`."""

    verify: NotRequired[str]
    user_agent: NotRequired[str]


class IntentInputs(TaskInputs, VerifyOptions):
    """The inputs of the first step. ``triggers``: any JSON values; a change of them submits again.

    ``urn``: the row of the display that shows the progress of a refresh that is verified; absent for any other.
    """

    triggers: NotRequired[list[Any] | None]
    urn: NotRequired[str | None]


class Declared(TypedDict):
    """The result of an intent that is an input of its submission.

    ``not_before``: the server's time before anything of the task was submitted.
    ``listed_before``: pairs of task id and object path of rows that were listed then and can seem newer.
    """

    not_before: str
    listed_before: NotRequired[list[list[str]] | None]


class IntentState(IntentInputs, Declared):
    """The result of the first step.

    ``served_before``: packed, what edges served before the submit, as
    :func:`pulumi_alicdn.freshness.contents.packed` writes it; absent for a refresh that was not verified then.
    """

    fingerprint: str
    request_id: str
    served_before: NotRequired[str | None]


class Submitted(TypedDict):
    """Ids and time of a submit. ``submitted_at``: when the first task was created; None for one without any row."""

    task_ids: list[str]
    request_ids: list[str]
    submitted_at: NotRequired[str | None]


class Polled(Submitted):
    """Further inputs of a poll.

    ``job_ids``: the jobs in which the service finds the URLs of media. ``superseded``: pairs of task id and object path
    of superseded rows.
    """

    job_ids: list[str]
    superseded: list[list[str]]


class Submission(Polled):
    """The results of a submission, which are inputs of its completion.

    ``submitted_until``: when the last of the tasks was created. ``gap_s``: seconds between two calls that the service
    accepted. ``run``: the address of the Pulumi engine, which no other run shares. ``earlier_task_ids``: tasks of
    earlier intents whose rows can seem newer than this intent.
    """

    submitted_until: str
    gap_s: float
    run: str
    earlier_task_ids: NotRequired[list[str] | None]


class CallInputs(Submission):
    """What the calls before one left. ``call``: the place of the last of them, as in the inputs of a submission."""

    call: NotRequired[list[float] | None]


class SubmissionInputs(TaskInputs, Declared):
    """The inputs of the second step, from the intent. A task that takes several calls has a step for each.

    ``urn``: the row of the display that shows warnings. ``call``: the number of the call, from 1, and that of all
    calls; absent for a single one. ``later_objects``: how many objects the later calls have. ``before``: what the calls
    before it left. ``resubmit``: send again what may have been accepted and cannot be found; a change submits nothing.
    """

    intent_id: str
    urn: NotRequired[str | None]
    call: NotRequired[list[float] | None]
    later_objects: NotRequired[float]
    before: NotRequired[CallInputs | None]
    resubmit: NotRequired[bool | None]
    earlier_task_ids: NotRequired[list[str] | None]


class SubmissionState(SubmissionInputs, Submission):
    """The result of the second step. ``adopted``: object paths for which a task existed already."""

    adopted: list[str]


class CompletionInputs(TaskInputs, Declared, Submission, WaitOptions):
    """The inputs of the third step, from the submission. ``urn``: the row of the display that shows the progress.

    ``brief``: whether the rows of a Complete task are left out.
    """

    intent_id: str
    submission_id: str
    urn: NotRequired[str | None]
    brief: NotRequired[bool]


class Effect(TypedDict):
    """The last state of all rows. ``effective_at``: the time of the first poll that saw all Complete, else None."""

    status: str
    objects: list[TaskEntry]
    effective_at: NotRequired[str | None]


class CompletionState(CompletionInputs, Effect):
    """The result of the third step. ``durations_s``: seconds that this and earlier tasks of the resource took."""

    durations_s: list[float]


class RefreshProofInputs(VerifyOptions, WaitOptions):
    """The inputs of the step that verifies a refresh.

    ``intent_id``: that of the refresh. ``task_status``: that of its completion. ``served_before``: that of its intent;
    an input only. ``urn``: the row of the display that shows the progress.
    """

    service: str
    object_paths: NotRequired[list[str]]
    intent_id: str
    task_status: str
    served_before: NotRequired[str | None]
    urn: NotRequired[str | None]


class RefreshProofState(RefreshProofInputs):
    """What is known of a refresh that was verified.

    ``freshness``: `proven`, `changed` or `unjudged`; absent if nothing was verified yet. ``verified``: the same as a
    sentence, with the number of nodes and places.
    """

    freshness: NotRequired[str | None]
    verified: NotRequired[str | None]


class AttachmentInputs(WaitOptions):
    """The inputs of an attachment.

    ``kind``: that of the tasks; if it is absent, the service's rows decide. ``preview``: poll once, and do not wait.
    ``secrets``: names of the options whose values are secret; absent without any.
    """

    kind: NotRequired[str]
    secrets: NotRequired[list[str]]
    service: str
    object_paths: NotRequired[list[str]]
    preview: NotRequired[bool]
    urn: NotRequired[str | None]


class TaskCompletionInputs(AttachmentInputs):
    """The inputs of an attachment that the state keeps."""

    task_ids: list[str]


class AttachmentState(AttachmentInputs, Polled, Effect):
    """The result of an attachment."""
