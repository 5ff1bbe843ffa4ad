"""What the Pulumi state holds of each step, written down once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NotRequired, TypedDict

State = dict[str, Any]


Inputs = Mapping[str, Any]


WAIT_OPTIONS: Final = ("wait", "timeout", "on_timeout", "retry_failed")


PASSED_ON: Final = (
    "task_ids",
    "job_ids",
    "superseded",
    "request_ids",
    "submitted_at",
    "submitted_until",
    "gap_s",
    "run",
)
"""What a submission found out and a completion takes."""


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
