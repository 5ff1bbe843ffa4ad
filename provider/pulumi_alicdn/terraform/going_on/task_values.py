"""What a state has of a task: the outputs, and among them, in JSON, what the next apply goes on with."""

from __future__ import annotations

import json
from typing import Any

from pulumi_alicdn.state import CompletionState
from pulumi_alicdn.tasks.verdict import Outcome
from pulumi_alicdn.terraform.attached.imported_task import IMPORTED
from pulumi_alicdn.terraform.intent_journal import Record
from pulumi_alicdn.terraform.task_schema import OUTPUTS, failed_objects
from pulumi_alicdn.terraform.wire import Values


def stored(state: Values) -> Record:
    """Return the record that a state has of an unfinished task."""
    text = state.get("unfinished")
    found: Record = json.loads(text) if isinstance(text, str) else {}
    return found


def declaration(record: Record) -> Any:  # noqa: ANN401  a part of several types of the state
    """Return what a record has of its intent."""
    return {name: record.get(name) for name in ("not_before", "listed_before", "intent_id")}


def unfinished(record: Record) -> Values:
    """Return the outputs of a step that ended before its task did."""
    known = record.get("submission") or {}
    state: Any = {**known, "status": str(Outcome.REFRESHING if known else Outcome.PENDING), "objects": []}
    return outputs(state, record)


def kept(prior: Values) -> Values:
    """Return the outputs of a task that no apply changes; one that was imported is taken over with it."""
    found = {name: prior.get(name) for name in OUTPUTS}
    return {**found, "unfinished": None} if prior.get("status") == Outcome.COMPLETE else found


def outputs(state: CompletionState, record: Record) -> Values:
    """Return the outputs for the last state of the rows, and the record to go on with."""
    left = record and (record.get(IMPORTED) or state["status"] != Outcome.COMPLETE)
    return {
        "id": record.get("intent_id") or "none",
        "task_ids": list(state.get("task_ids") or ()),
        "status": state["status"],
        "failed_objects": failed_objects(state["objects"]),
        "submitted_at": state.get("submitted_at"),
        "effective_at": state.get("effective_at"),
        "unfinished": json.dumps(record) if left else None,
    }
