"""Keys of the state in groups: those that are passed on, that require a new step, or that are never secret."""

from __future__ import annotations

from typing import Final

from pulumi_alicdn.state.release_state import (
    EdgeOptions,
    HealProofInputs,
    HealProofOptions,
    LeftOpen,
    OriginCheckOptions,
    Proof,
    ProofLimits,
    ProofSubject,
    ReleasePlace,
    ReleaseRecordOptions,
    ReleaseTaskIds,
)
from pulumi_alicdn.state.task_state import (
    Declared,
    EdgeAccessOptions,
    Effect,
    Submission,
    Submitted,
    TaskOptions,
    VerifyOptions,
    WaitOptions,
)

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
