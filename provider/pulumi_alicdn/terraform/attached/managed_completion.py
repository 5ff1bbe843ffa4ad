"""The resource `alicdn_task_completion`: a wait for tasks of somebody else that remembers that they are Complete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from pulumi_alicdn.api.rows import TaskEntry, entry
from pulumi_alicdn.errors import AlicdnError, InputError, InterruptedWaitError
from pulumi_alicdn.state import AttachmentState, TaskCompletionInputs
from pulumi_alicdn.tasks import lifecycle
from pulumi_alicdn.tasks.options import check_task_completion
from pulumi_alicdn.tasks.verdict import Outcome
from pulumi_alicdn.terraform.durations import check_timeouts, waiting
from pulumi_alicdn.terraform.intent_journal import Record
from pulumi_alicdn.terraform.resource import Applied, Found
from pulumi_alicdn.terraform.session import Session
from pulumi_alicdn.terraform.stoppable import STOPPED, Sink, ended
from pulumi_alicdn.terraform.task_schema import COMPLETION_OUTPUTS, failed_objects
from pulumi_alicdn.terraform.wire import Values
from pulumi_alicdn.validation import UNKNOWN, Problem

_TASKS: Final = ("service", "task_ids", "object_paths")
"""The attributes that say what is waited for."""


class ManagedCompletion:
    """A wait for tasks of somebody else."""

    def __init__(self, session: Session) -> None:
        """Wait with the configuration of *session*."""
        self._session = session

    def problems(self, config: Mapping[str, Any]) -> list[Problem]:
        """Return all broken rules of the configuration; unknown values break none."""
        asked = {name: value for name, value in _inputs(config, "create").items() if name != "timeout"}
        return [*check_task_completion(asked), *check_timeouts(config)]

    def plan(self, prior: Values | None, proposed: Values, record: Record) -> Found:
        """Return *proposed* with unknown outputs if an apply waits; without a change, it asks nobody.

        Raises InputError where an apply would find no credentials.
        """
        del record
        anew = {**proposed, **dict.fromkeys(COMPLETION_OUTPUTS, UNKNOWN)}
        if prior is None or not _same(prior, proposed):
            return Found(anew, self._ahead())
        if _over(prior, proposed):
            return Found({**proposed, **{name: prior.get(name) for name in COMPLETION_OUTPUTS}})
        return Found({**anew, "id": prior.get("id")}, self._ahead())

    def _ahead(self) -> tuple[str, ...]:
        """Check what a wait needs; nobody is asked while the block `provider` is not known yet."""
        return tuple(self._session.plan_check.credentials()) if self._session.known else ()

    def read(self, state: Values, record: Record) -> Found:
        """Poll once what is not Complete."""
        del record
        if state.get("status") == Outcome.COMPLETE or not state.get("kind"):
            return Found(state)
        sink = Sink()
        try:
            found = lifecycle.reconcile(self._session.context, _attachment(state), sink)
        except AlicdnError as error:
            # The next apply finds out: a plan must not fail because the service has no answer.
            return Found(state, (*sink.warnings, str(error)))
        return Found({**state, **_outputs(found)}, tuple(sink.warnings))

    def apply(self, prior: Values | None, planned: Values, private: Record) -> Applied:
        """Wait. A wait that fails leaves the state as it was: there is nothing to lose, and nothing to replace."""
        result, sink = Applied(prior, dict(private)), Sink()
        half = "create" if prior is None else "update"

        def work() -> None:
            try:
                result.values = {**planned, **self._waited(prior, planned, half, sink)}
            except InterruptedWaitError:
                result.values = _interrupted(planned)
                result.warnings.append(STOPPED)
            except AlicdnError as error:
                result.error = str(error)

        if not ended(self._session.stopped, work):
            result = Applied(_interrupted(planned), dict(private), [STOPPED])
        result.warnings[:0] = sink.warnings
        return result

    def _waited(self, prior: Values | None, planned: Values, half: str, sink: Sink) -> Values:
        if prior is not None and _same(prior, planned) and _over(prior, planned):
            return {name: prior.get(name) for name in COMPLETION_OUTPUTS}
        inputs = cast("TaskCompletionInputs", _inputs(planned, half))
        return _outputs(lifecycle.create_attachment(self._session.context, inputs, sink)[1])

    def destroy(self, prior: Values, record: Record) -> None:
        """Undo nothing."""

    def imported(self, given_id: str) -> Found:
        """Refuse it: the configuration alone says what is waited for."""
        raise InputError(f"{given_id} can not be imported, and need not be: task_ids names what is waited for")


def _same(prior: Values, proposed: Values) -> bool:
    """Whether both are about the same tasks and objects."""
    return all(prior.get(name) == proposed.get(name) for name in _TASKS)


def _over(prior: Values, proposed: Values) -> bool:
    """Whether nothing is left to do for the same tasks: they are Complete, or were asked for once and need no more."""
    return prior.get("status") == Outcome.COMPLETE or bool(proposed.get("wait") is False and prior.get("kind"))


def _inputs(config: Mapping[str, Any], half: str) -> dict[str, Any]:
    return {name: config[name] for name in _TASKS if config.get(name) is not None} | waiting(config, half)


def _attachment(state: Values) -> AttachmentState:
    """Return the state of the attachment; only rows that failed are kept of it."""
    objects: dict[str, TaskEntry] = {path: entry(path, None) for path in state.get("object_paths") or ()}
    for one in state.get("failed_objects") or ():
        row: dict[str, Any] = {**entry(one["object_path"], None), **one, "status": "Failed"}
        objects[one["object_path"]] = cast("TaskEntry", row)
    known: dict[str, Any] = {
        **_inputs(state, "update"),
        **{name: state.get(name) for name in ("kind", "status", "submitted_at", "effective_at")},
        "request_ids": [],
        "job_ids": [],
        "superseded": [],
        "objects": list(objects.values()),
    }
    return cast("AttachmentState", known)


def _outputs(state: AttachmentState) -> Values:
    return {
        "id": ",".join(state["task_ids"]),
        "kind": state["kind"],
        "status": state["status"],
        "failed_objects": failed_objects(state["objects"]),
        "submitted_at": state.get("submitted_at"),
        "effective_at": state.get("effective_at"),
    }


def _interrupted(planned: Values) -> Values:
    """Return the state of a wait of which nothing is known yet, with which the next apply goes on."""
    nothing: Values = {"kind": None, "submitted_at": None, "effective_at": None, "failed_objects": []}
    return {**planned, **nothing, "id": ",".join(planned["task_ids"]), "status": str(Outcome.PENDING)}
