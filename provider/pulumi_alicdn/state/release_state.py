"""What the steps of a release leave in the Pulumi state around those of its tasks: their keys and types."""

# No `annotations` import here: it would turn NotRequired into text, and __required_keys__ would be wrong.

from typing import NotRequired, TypedDict

from pulumi_alicdn.api.literals import ProbeFinding
from pulumi_alicdn.state.task_state import (
    EdgeAccessOptions,
)


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
    ``healed_before``, ``summary_before``: results of the proofs before. ``evidence_before``: what those of them found
    whose steps this one takes the place of; absent without any. ``files``: the number of files in the folder.
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
    evidence_before: NotRequired[list[EvidenceEntry]]
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
