"""The objects of a failed task that are Complete: the state has no row for them.

The service forgets its own rows. After 3 days these objects would seem to be lost, and would be submitted again with
those that failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from pulumi_alicdn.api.rows import TaskEntry, entry
from pulumi_alicdn.state import CompletionInputs
from pulumi_alicdn.tasks.verdict import Verdict
from pulumi_alicdn.terraform.intent_journal import Record
from pulumi_alicdn.terraform.wire import Values

_ENDED: Final = "ended"
"""The key of a record for a task of which each object has ended: those that did not fail are Complete."""


def noted(record: Record, verdict: Verdict) -> Record:
    """Return *record* with a note whether each object of *verdict* has ended."""
    ended = all(row is not None and row.status.final for row in verdict.rows.values())
    return {**record, _ENDED: True} if ended else record


def all_ended(record: Record) -> bool:
    """Whether *record* is known to be of a task of which each object has ended."""
    return bool(record.get(_ENDED))


def without_note(record: Record) -> Record:
    """Return *record* as it is once its failed objects are submitted again."""
    return {name: value for name, value in record.items() if name != _ENDED}


def with_complete(inputs: CompletionInputs, record: Record, prior: Values | None) -> CompletionInputs:
    """Return the inputs of a wait with the objects that *prior* and the note of *record* say to be Complete."""
    failed = {one["object_path"] for one in (prior or {}).get("failed_objects") or ()}
    if not failed or not all_ended(record):
        return inputs
    task: Mapping[str, Any] = inputs
    task_id = next(reversed(inputs["task_ids"]), None)
    left = [path for path in task.get("object_paths") or () if path not in failed]
    known: list[TaskEntry] = [{**entry(path, None, task_id), "status": "Complete"} for path in left]
    return cast("CompletionInputs", {**inputs, "objects": known})
