"""What tasks take of Pulumi's own options, and which of their options reach a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pulumi_alicdn.api.spec import Kind
from pulumi_alicdn.resources.component.pulumi_options import Habits, Refusal
from pulumi_alicdn.state import OUTPUTS, TASK_OPTIONS, VERIFY_OPTIONS, WAIT_OPTIONS


def chosen(options: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return those of *options* with one of *names* that have a value."""
    return {name: options[name] for name in names if options.get(name) is not None}


TAKEN: Final = (*TASK_OPTIONS, *WAIT_OPTIONS, "triggers", "resubmit")
"""Options of a task that its steps get."""

ATTACHED: Final = ("service", "task_ids", "object_paths", "wait", "timeout", "on_timeout")
"""The options of TaskCompletion."""

_NO_REPLACEMENT: Final = Refusal(
    "replace_on_changes",
    "a change of triggers, or of what a task is about, begins anew without a replacement, and `pulumi up --replace` "
    "does so without a change",
)


def _no_import(instead: str) -> tuple[Refusal, ...]:
    return tuple(Refusal(one, instead) for one in ("import_", "id"))


_GET: Final = "{}.get attaches to a task of the service, and TaskCompletion remembers one"

_GET_ONLY: Final = "task_id names the task"
_NOT_IGNORED: Final = Refusal("ignore_changes", "it stores no options: each deployment reads the task")


def of_task(resource: str, kind: Kind) -> Habits:
    """Return what a task takes; *resource*: its class."""
    options = (*TAKEN, *VERIFY_OPTIONS) if kind is Kind.REFRESH else TAKEN
    return Habits(resource, options, OUTPUTS, (_NO_REPLACEMENT, *_no_import(_GET.format(resource))))


def of_get(resource: str) -> Habits:
    """Return what the `get` of the class *resource* takes."""
    refused = (_NO_REPLACEMENT, _NOT_IGNORED, *_no_import(_GET_ONLY))
    return Habits(f"{resource}.get", (), OUTPUTS, refused)


OF_COMPLETION: Final = Habits(
    "TaskCompletion", ATTACHED, OUTPUTS, (_NO_REPLACEMENT, *_no_import("task_ids names what is waited for"))
)
"""What a TaskCompletion takes."""
