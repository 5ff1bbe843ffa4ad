"""The first step of a task: its intent, which is the server's time before anything is submitted."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from pulumi_alicdn.api.rows import instant, instant_text
from pulumi_alicdn.api.spec import Kind, TaskSpec
from pulumi_alicdn.state import TASK_OPTIONS, CompletionInputs, IntentInputs, IntentState, SubmissionInputs
from pulumi_alicdn.tasks.adoption import Older
from pulumi_alicdn.tasks.context import Context
from pulumi_alicdn.tasks.fingerprint import fingerprint, has_fingerprint
from pulumi_alicdn.tasks.options import holds_unknown, parse_task
from pulumi_alicdn.tasks.row_reader import Key
from pulumi_alicdn.tasks.submit import Intent, declare


def identity(inputs: Mapping[str, object]) -> str | None:
    """Return the fingerprint of the task; None while part of it is unknown."""
    if any(holds_unknown(inputs.get(name)) for name in (*TASK_OPTIONS, "triggers")):
        return None
    return fingerprint(spec_of(inputs), inputs.get("triggers"))


def spec_of(inputs: Mapping[str, object]) -> TaskSpec:
    """Read the task from the inputs of a step. Raises InputError."""
    return parse_task(inputs, Kind(str(inputs["kind"])))


def intent_id(request_id: str) -> str:
    """Return the id of an intent: that of the request whose answer contained the server's time."""
    return f"intent-{request_id}"


def create_intent(context: Context, inputs: IntentInputs) -> tuple[str, IntentState]:
    """Declare the intent of a new task."""
    state = update_intent(context, inputs)
    return intent_id(state["request_id"]), state


def update_intent(context: Context, inputs: IntentInputs, served_before: str | None = None) -> IntentState:
    """Declare the intent anew for other objects, options or triggers: what was submitted so far does not count.

    *served_before*: what edges serve, if the refresh is verified; the state keeps it from before the submit on.
    """
    spec = spec_of(inputs)
    intent = declare(context.api(spec.service), context.caller(), spec)
    state: IntentState = {
        **inputs,
        "fingerprint": fingerprint(spec, inputs.get("triggers")),
        "not_before": instant_text(intent.not_before),
        "listed_before": pairs(intent.older.rows) if intent.older.rows is not None else None,
        # Later steps compare the ids of intents. Without request ids, two intents would seem to be one.
        "request_id": intent.request_id or instant_text(intent.not_before),
        "served_before": served_before,
    }
    if served_before is None:
        del state["served_before"]
    return state


def intent_changed(state: Mapping[str, object], inputs: Mapping[str, object]) -> bool:
    """Whether the task or its triggers differ from the intent in the state."""
    if identity(inputs) is None:
        return True
    return not has_fingerprint(spec_of(inputs), inputs.get("triggers"), state.get("fingerprint"))


def same_intent(olds: Mapping[str, object], news: Mapping[str, object]) -> bool:
    """Whether there are earlier inputs, and they declared the same intent."""
    return "kind" in olds and identity(olds) is not None and identity(olds) == identity(news)


def pairs(keys: AbstractSet[Key]) -> list[list[str]]:
    """Return rows as the state holds them."""
    return [list(pair) for pair in sorted(keys)]


def declared_intent(inputs: SubmissionInputs | CompletionInputs) -> Intent:
    """Read the intent from the inputs of a later step."""
    listed = inputs.get("listed_before")
    rows = frozenset((task_id, path) for task_id, path in listed) if listed is not None else None
    older = Older(rows, frozenset(inputs.get("earlier_task_ids") or ()))
    return Intent(instant(inputs["not_before"]), inputs["intent_id"], older)
