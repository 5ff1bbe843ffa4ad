"""What the Pulumi state holds of each step, as types: the only place where its keys are written down.

A step leaves its inputs and what it found out, so that a later preview shows what changed, and only that. Options that
a program does not give are absent. The Pulumi engine drops None: a key whose value can be None may come back absent.
Whole numbers may come back as floats. Instants are `2026-01-02T03:04:05Z`.
"""

# Annotations are evaluated here: as text, NotRequired would not count, and __required_keys__ would be wrong.
from typing import Any, Final, NotRequired, TypedDict

from pulumi_alicdn.api.rows import TaskEntry


class TaskOptions(TypedDict):
    """What is refreshed or prefetched. A change of any of these submits again."""

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
    """How a completion waits. A change of these submits nothing; None stands for the default."""

    wait: bool | None
    timeout: float | None
    on_timeout: str | None
    retry_failed: float | None


class TaskInputs(TaskOptions):
    """What every step of a task is handed. ``kind`` is `refresh` or `prefetch`."""

    kind: str


class IntentInputs(TaskInputs):
    """``triggers``: any JSON values; a change of them submits again."""

    triggers: NotRequired[list[Any] | None]


class Declared(TypedDict):
    """What an intent found out and a submission is handed.

    ``not_before``: nothing of the task had been submitted then, by the server's clock.
    """

    not_before: str


class IntentState(IntentInputs, Declared):
    """What the first step leaves."""

    fingerprint: str
    request_id: str


class SubmissionInputs(TaskInputs, Declared):
    """The second step follows an intent."""

    intent_id: str


class Submitted(TypedDict):
    """``submitted_at``: when the first of the tasks was created. An attachment without any row yet has no such time."""

    task_ids: list[str]
    request_ids: list[str]
    submitted_at: NotRequired[str | None]


class Polled(Submitted):
    """What a poll needs besides.

    ``job_ids``: the jobs that find the URLs of media. ``superseded``: pairs of task id and object path; these rows
    failed, and others were submitted for them.
    """

    job_ids: list[str]
    superseded: list[list[str]]


class Submission(Polled):
    """What a submission found out and a completion is handed.

    ``submitted_until``: when the last of the tasks was created. ``gap_s``: seconds between two calls that the service
    accepted. ``run``: the address of the Pulumi engine, which no other run shares.
    """

    submitted_until: str
    gap_s: float
    run: str


class SubmissionState(SubmissionInputs, Submission):
    """What the second step leaves. ``adopted``: object paths for which a task existed already."""

    adopted: list[str]


class CompletionInputs(SubmissionInputs, Submission, WaitOptions):
    """The third step follows a submission. ``urn``: the row of the display on which it shows its progress."""

    submission_id: str
    urn: NotRequired[str | None]


class Effect(TypedDict):
    """What the rows said last. ``effective_at``: when the task was first seen Complete, None before that."""

    status: str
    objects: list[TaskEntry]
    effective_at: NotRequired[str | None]


class CompletionState(CompletionInputs, Effect):
    """What the third step leaves. ``durations_s``: seconds that this and earlier tasks of the resource took."""

    durations_s: list[float]


class AttachmentInputs(WaitOptions):
    """A task that somebody else submitted. ``preview``: poll once, and do not wait."""

    kind: str
    service: str
    object_paths: NotRequired[list[str]]
    preview: NotRequired[bool]
    urn: NotRequired[str | None]


class AttachmentState(AttachmentInputs, Polled, Effect):
    """What an attachment leaves."""


# The steps of a release, around its tasks.


class OriginCheckState(TypedDict):
    """The check that the origin has the release. The outcome is no part of it: a check that failed is not stored."""

    expected: str
    """Packed: for each URL that was asked for `[url, SHA-256 in hex or empty where it must be gone, size or null]`."""
    origin: str
    origin_host: NotRequired[str]
    proof_timeout: float
    proof_patience: float


class ReleaseRecordState(TypedDict):
    """What was released, and the proof. Up to ``request_ids`` it is what the step is given."""

    name: str
    service: str
    base_urls: list[str]
    index_files: list[str]
    manifest: str
    """Packed: the files of the folder."""
    plan: str
    """Packed: what was done, as `Plan.stored` has it."""
    earlier_intents: list[str]
    """``not_before`` of the tasks of earlier releases, which this proof covers."""
    uploaded_at: str | None
    """When the newest file was written."""
    verify: str
    proof_timeout: float
    proof_patience: float
    edges: NotRequired[list[str]]
    resolve: NotRequired[dict[str, list[str]]]
    origin: NotRequired[str]
    origin_host: NotRequired[str]
    summary_file: NotRequired[str]
    report_file: NotRequired[str]
    submitted_at: NotRequired[str | None]
    effective_at: NotRequired[str | None]
    prefetch_submitted_at: NotRequired[str | None]
    prefetch_effective_at: NotRequired[str | None]
    task_ids: NotRequired[list[str]]
    request_ids: NotRequired[list[str]]
    status: NotRequired[str | None]
    """`live` or `failed`."""
    evidence: NotRequired[list[dict[str, Any]] | None]
    """What the first probes saw, as many as `MAX_EVIDENCE` says."""
    evidence_summary: NotRequired[list[dict[str, Any]] | None]
    """For each edge: edge, fresh, other."""


TASK_OPTIONS: Final = tuple(TaskOptions.__annotations__)
"""Options of a task that decide, with its triggers, whether it is submitted again."""

WAIT_OPTIONS: Final = tuple(WaitOptions.__annotations__)
"""Options of a task that only its completion is handed."""

DECLARED: Final = tuple(Declared.__annotations__)
"""What a submission takes from its intent."""

PASSED_ON: Final = tuple(Submission.__annotations__)
"""What a completion takes from its submission."""

OUTPUTS: Final = (*Submitted.__annotations__, *Effect.__annotations__)
"""What a program reads of a task."""
