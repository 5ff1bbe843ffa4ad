"""The types of each step's data in the Pulumi state. No other module defines its keys.

A step stores its inputs and its results, so that a later preview shows exactly the changes. Options that a program
leaves out are absent. The Pulumi engine drops None: a key whose value can be None may be absent later. Whole numbers
may be read back as floats. Instants are texts such as `2026-01-02T03:04:05Z`.
"""

# No `annotations` import here: it would turn NotRequired into text, and __required_keys__ would be wrong.
from typing import Any, Final, NotRequired, TypedDict

from pulumi_alicdn.api.literals import ProbeFinding
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


# The steps of a release, around its tasks.


class OriginCheckOptions(TypedDict):
    """The options of the origin check. Times are in seconds."""

    origin: str
    origin_host: NotRequired[str]
    origin_from: NotRequired[str]
    proof_timeout: float
    proof_patience: float
    user_agent: NotRequired[str]
    index_required: NotRequired[bool]


class OriginCheckState(OriginCheckOptions):
    """The check that the origin has the release. It has no outcome, because a failed check is not stored."""

    expected: str
    """Packed: for each checked URL `[url, SHA-256 in hex or empty for a removed file, size or null]`."""


class ProofSubject(TypedDict):
    """The release that a proof is about. A change of any of these requires a new proof."""

    base_urls: list[str]
    index_files: list[str]
    manifest: str
    """Packed: the files of the folder."""
    plan: str
    """Packed: the plan, as `Plan.stored` returns it."""


class EdgeOptions(TypedDict):
    """The servers that a proof probes, and for how many URLs. A change of any of these requires a new proof."""

    verify: str
    edges: NotRequired[list[str]]
    resolve: NotRequired[dict[str, list[str]]]
    origin: NotRequired[str]
    origin_host: NotRequired[str]
    user_agent: NotRequired[str]


class ProofLimits(TypedDict):
    """The times of a proof, in seconds, and the paths of its reports. A change of these requires no new proof.

    ``index_required``: whether the URL of each folder has to serve its index file, as the user named these files.
    ``edges_from``: `network` or `dns`, where no edges are named; missing in states that are older than this choice,
    whose edges are those of DNS. Another choice than the one that is stored requires a new proof.
    ``origin_from``: `service` for an origin that the user did not name.
    """

    proof_timeout: float
    proof_patience: float
    index_required: NotRequired[bool]
    edges_from: NotRequired[str]
    origin_from: NotRequired[str]
    proof_budget: NotRequired[dict[str, float]]
    summary_file: NotRequired[str]
    report_file: NotRequired[str]


class HealOptions(TypedDict):
    """What follows a proof that found stale edges. A change of these requires no new proof.

    ``heal``: how often a run refreshes stale URLs again. ``proof``: `require` or `warn`.
    """

    heal: NotRequired[float]
    proof: NotRequired[str]


class ReleaseRecordOptions(EdgeOptions, EdgeAccessOptions, ProofLimits, HealOptions):
    """The options of a release that its record gets."""


class ReleasePlace(TypedDict, total=False):
    """Where Pulumi keeps the release; only its reports show that."""

    stack: str
    project: str


class ShownRow(TypedDict, total=False):
    """``urn``: the row of the display that shows the progress; absent before there was any."""

    urn: str | None


class DecidedRelease(ProofSubject, ReleaseRecordOptions, ReleasePlace, ShownRow):
    """The inputs of the record that are known before the tasks are submitted.

    ``to_heal``: packed URLs that an earlier proof left open; a new proof asks for them too.
    """

    to_heal: NotRequired[str | None]

    name: str
    service: str
    earlier_intents: list[str]
    """``not_before`` of the tasks of earlier releases, which this proof covers."""
    uploaded_at: str | None
    """The newest mtime of the folder."""
    removed: NotRequired[str]
    """What is done about removed files, unless it is `settle`."""
    removed_pending: NotRequired[str | None]
    """Packed: the removed files that are still served, as they were; absent without any. A proof can add some."""
    home_folders: NotRequired[str | None]
    """Packed: index files at whose folders the site serves the page of `/`, as far as proofs have seen."""
    removed_why: NotRequired[str | None]
    """Packed: what is known of those of them that the origin is not known to have. An input only."""


class ReleaseTaskIds(TypedDict, total=False):
    """The tasks of a release. A change of them requires a new proof."""

    task_ids: list[str]


class ReleaseTasks(ReleaseTaskIds, total=False):
    """The inputs of the record that come from the tasks of the release."""

    submitted_at: str | None
    effective_at: str | None
    prefetch_submitted_at: str | None
    prefetch_effective_at: str | None
    request_ids: list[str]


class ReleaseRecordInputs(DecidedRelease, ReleaseTasks):
    """The inputs of the last step of a release."""


class EvidenceEntry(TypedDict):
    """The evidence of one probe: one URL at one edge.

    edge: `host:port` or `host`. method: GET or HEAD. expected: SHA-256 in hex, empty for a removed file; its first 32
    digits in a release of more than 10,000 files. served: SHA-256 in hex, empty if no body was read. status: HTTP
    status, 0 without an answer. size: bytes. age, x_cache, last_modified: values of the headers, empty without one.
    note: the difference in words, else mostly empty. at: UTC, such as `2026-01-02T03:04:05Z`. Numbers are whole, but
    Pulumi returns them as floats. copy: the one copy that was requested, `identity`, `gzip` or `br`; missing for the
    one that visitors get. diagnosis: the kind of the difference; missing if it is fresh. weak: true if only the length
    was compared, else missing. place: where the edge is, such as `China, Guizhou`, or `seen from this runner only`;
    missing if edges are named, or those of DNS. provider: whose network that is; missing if it is not known. by_etag:
    true if the edge named the bytes by the strong ETag of a copy that another edge sent, else missing.
    """

    edge: str
    url: str
    finding: ProbeFinding
    method: str
    expected: str
    served: str
    status: float
    size: float
    age: str
    x_cache: str
    last_modified: str
    note: str
    at: str
    copy: NotRequired[str]
    diagnosis: NotRequired[str]
    weak: NotRequired[bool]
    place: NotRequired[str]
    provider: NotRequired[str]
    by_etag: NotRequired[bool]


class EdgeSummaryEntry(TypedDict):
    """The probes of one edge: how many URLs it serves as released (fresh), and how many it does not (other).

    Numbers are whole, but Pulumi returns them as floats. place, provider: as in the evidence.
    """

    edge: str
    fresh: float
    other: float
    place: NotRequired[str]
    provider: NotRequired[str]


class Proof(TypedDict):
    """The result of a proof.

    ``status``: `live`, `unproven` or `failed`; the last is never stored. ``evidence``: the evidence of the first
    probes, at most `MAX_EVIDENCE`.
    """

    status: NotRequired[str | None]
    evidence: NotRequired[list[EvidenceEntry] | None]
    evidence_summary: NotRequired[list[EdgeSummaryEntry] | None]


class LeftOpen(TypedDict):
    """What a proof found besides, for the heal that may follow it. A state of an earlier version has none of it.

    ``proof_id``: another one for each proof. ``mismatches``: packed, the URLs that are not proven, as
    :func:`pulumi_alicdn.releases.heals.open_urls.packed` writes them. ``unproven``: the first of these URLs.
    ``most``: how many URLs today's quota allows to refresh again; absent if that is not known.
    ``failure``: what a user reads if nothing heals them. ``healed``: the first URLs that were refreshed again and are
    proven since.
    """

    proof_id: NotRequired[str | None]
    mismatches: NotRequired[str | None]
    unproven: NotRequired[list[str] | None]
    most: NotRequired[float | None]
    failure: NotRequired[str | None]
    healed: NotRequired[list[str] | None]


class StaleEntry(TypedDict):
    """One URL that is stale at one edge."""

    edge: str
    url: str


class Drift(TypedDict):
    """What `pulumi refresh` found stale at edges that served it when the release was proven.

    ``drift_id``: another one for each refresh that found other URLs. ``drift_seen``: the one that a run knows, an
    input: Pulumi compares inputs to find out whether a refresh found any drift.
    """

    drift: NotRequired[list[StaleEntry] | None]
    drift_id: NotRequired[str | None]
    drift_seen: NotRequired[str | None]


class SecretNames(TypedDict, total=False):
    """``secrets``: names of the inputs whose values are secret; absent without any."""

    secrets: list[str]


class ReleaseRecordState(ReleaseRecordInputs, Proof, LeftOpen, Drift, SecretNames):
    """The record of a release and its proof."""


class HealProofOptions(EdgeOptions, EdgeAccessOptions, ProofLimits, HealOptions):
    """The options of a release that the proof after a heal gets."""


class HealProofInputs(HealProofOptions, ReleaseTasks, ReleasePlace, ShownRow):
    """The inputs of the proof that follows a heal.

    ``finds``: ids of the proofs and refreshes whose findings it is about. ``covers``: these, and all ids before them.
    ``subject``: packed, the URLs that they left open. ``refreshed``: those of them that were refreshed again.
    ``healed_before``, ``summary_before``: results of the proofs before. ``files``: the number of files in the folder.
    ``last``: whether no other heal follows in this run.
    """

    name: str
    service: str
    base_urls: list[str]
    finds: list[str]
    covers: list[str]
    subject: str
    refreshed: list[str]
    healed_before: list[str]
    summary_before: list[EdgeSummaryEntry]
    files: float
    last: NotRequired[bool]


class HealProofState(HealProofInputs, Proof, LeftOpen, Drift, SecretNames):
    """The proof that follows a heal."""


class ReleaseProofInputs(TypedDict):
    """The inputs of the last step of a release: the result of its last proof."""

    proof: str
    status: NotRequired[str | None]
    proof_id: NotRequired[str | None]
    unproven: NotRequired[list[str] | None]
    healed: NotRequired[list[str] | None]
    failure: NotRequired[str | None]
    urn: NotRequired[str | None]


# The manifest file of `alicdn release`.


class ReleaseTaskState(TypedDict):
    """The finished steps of a task. ``intent_id``, ``submission_id``: the ids of the first two."""

    intent_id: str
    intent: IntentState
    submission_id: NotRequired[str]
    submission: NotRequired[SubmissionState]
    completion: NotRequired[CompletionState]


class AgainState(TypedDict):
    """The last `--again`. ``trigger``: that of its tasks. ``over``: whether its proof has ended, well or not."""

    trigger: str
    over: bool


class ReleaseFileState(TypedDict, total=False):
    """The finished steps of a release. ``refresh``, ``prefetch``, ``heal``: the steps of its tasks."""

    origin_check: OriginCheckState
    refresh: ReleaseTaskState
    prefetch: ReleaseTaskState
    record: ReleaseRecordState
    heal: ReleaseTaskState
    again: AgainState


TASK_OPTIONS: Final = tuple(TaskOptions.__annotations__)
"""Options of a task whose change, like that of a trigger, submits again."""

WAIT_OPTIONS: Final = tuple(WaitOptions.__annotations__)
"""Options of a task that only its completion gets."""

VERIFY_OPTIONS: Final = tuple(VerifyOptions.__annotations__)
"""Options of a refresh that the steps get which ask edges."""

DECLARED: Final = tuple(Declared.__annotations__)
"""Results of an intent that its submission gets."""

PASSED_ON: Final = tuple(Submission.__annotations__)
"""Results of a submission that its completion gets."""

OUTPUTS: Final = (*Submitted.__annotations__, *Effect.__annotations__)
"""The outputs of a task for a program."""

OBJECT_SOURCES: Final = (
    *("object_paths", "media_ids", "cache_tags", "domain_name", "task_ids"),
    *("base_urls", "edges", "resolve"),
)
"""Options that say which objects a task is about, or which edges a proof asks: with a secret one, the objects are
secret, and the evidence."""

RELEASE_OPEN: Final = (
    *("name", "index_files", "verify", "uploaded_at"),
    *ReleasePlace.__annotations__,
    *ProofLimits.__annotations__,
)
"""What a state shows of a release at secret URLs or edges."""

OPEN: Final = frozenset(
    (
        *TASK_OPTIONS,
        *WAIT_OPTIONS,
        *RELEASE_OPEN,
        *("kind", "secrets", "triggers", "preview", "urn", "intent_id", "submission_id", "request_id", "run", "gap_s"),
        *("not_before", "submitted_at", "submitted_until", "task_ids", "earlier_task_ids", "request_ids", "job_ids"),
        *("call", "later_objects", "resubmit", "brief", "goes_on"),
        *("status", "effective_at", "durations_s", "task_status", "freshness"),
    )
)
"""What a state shows also of secret objects. Any other result, also one that comes later, is secret with them."""

DIGESTS: Final = ("fingerprint",)
"""Results that are computed from all options: secret with any of them, because short values can be guessed."""

ORIGIN_CHECK_OPTIONS: Final = tuple(OriginCheckOptions.__annotations__)
"""Options of a release that the origin check gets."""

RECORD_OPTIONS: Final = tuple(ReleaseRecordOptions.__annotations__)
"""Options of a release that its record gets."""

EDGE_ACCESS: Final = tuple(EdgeAccessOptions.__annotations__)
"""Options of a release that are secret, whatever a program passes in."""

PROVEN_AGAIN: Final = (
    *ProofSubject.__annotations__,
    *EdgeOptions.__annotations__,
    *EdgeAccessOptions.__annotations__,
    *ReleaseTaskIds.__annotations__,
)
"""Inputs whose change requires a new proof. The paths of the reports and the times of the proof are not among them."""

PROOF: Final = (*Proof.__annotations__, *LeftOpen.__annotations__)
"""The outputs of a release that a proof finds."""

HEAL_PROOF_OPTIONS: Final = tuple(HealProofOptions.__annotations__)
"""Options of a release that the proof after a heal gets."""

HEAL_PROOF_INPUTS: Final = tuple(HealProofInputs.__annotations__)
"""What the state keeps of the inputs of the proof after a heal."""
