"""The life of a task as a resource of Terraform: plan, apply and read, on the same three steps as elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, cast

from pulumi_alicdn.api.rows import RowStatus, TaskEntry, entry, instant_text
from pulumi_alicdn.api.spec import Kind, Service
from pulumi_alicdn.errors import (
    AlicdnError,
    ApiError,
    InterruptedWaitError,
    TaskFailedError,
    TaskTimeoutError,
    UnknownOutcomeError,
)
from pulumi_alicdn.state import (
    PASSED_ON,
    TASK_OPTIONS,
    CompletionState,
    IntentInputs,
    SubmissionState,
    WaitOptions,
)
from pulumi_alicdn.tasks import lifecycle
from pulumi_alicdn.tasks.options import check_resubmit, check_task, check_wait
from pulumi_alicdn.tasks.verdict import Outcome
from pulumi_alicdn.terraform.attached import imported_task
from pulumi_alicdn.terraform.attached.imported_task import IMPORTED
from pulumi_alicdn.terraform.durations import check_timeouts, waiting
from pulumi_alicdn.terraform.intent_journal import JournalError, Record
from pulumi_alicdn.terraform.resource import Applied, Found
from pulumi_alicdn.terraform.session import Session
from pulumi_alicdn.terraform.stoppable import STOPPED, Sink, ended
from pulumi_alicdn.terraform.task_schema import OUTPUTS, PREFETCH_TASK, REFRESH_TASK
from pulumi_alicdn.terraform.wire import Values
from pulumi_alicdn.validation import UNKNOWN, Problem


class ManagedTask:
    """A refresh or a prefetch."""

    def __init__(self, session: Session, kind: Kind) -> None:
        """Submit tasks of *kind* with the configuration of *session*."""
        self._session = session
        self._kind = kind

    def problems(self, config: Mapping[str, Any]) -> list[Problem]:
        """Return all broken rules of the configuration; unknown values break none."""
        found = [*check_task(self._task(config), self._kind), *check_wait(waiting(config, "create"))]
        found += check_resubmit(config)
        return [*found, *check_timeouts(config)]

    def plan(self, prior: Values | None, proposed: Values, record: Record) -> Found:
        """Return *proposed* with the outputs that an apply can change unknown; without a change, it asks nobody."""
        if prior is None or self._changed(prior, proposed):
            return Found({**proposed, **dict.fromkeys(OUTPUTS, UNKNOWN)})
        self._noted(prior, record)
        kept = _kept(prior)
        sent = prior.get("status") != Outcome.PENDING
        if prior.get("status") == Outcome.COMPLETE or (proposed.get("wait") is False and sent):
            return Found({**proposed, **kept})
        # An update that could declare nothing leaves the id of the task before; the apply declares another one.
        known = (self._known(prior, record) or {}).get("intent_id") == prior.get("id")
        return Found({**proposed, **dict.fromkeys(OUTPUTS, UNKNOWN), "id": prior.get("id") if known else UNKNOWN})

    def read(self, state: Values, record: Record) -> Found:
        """Poll once what is not Complete."""
        if state.get("status") == Outcome.COMPLETE:
            self._noted(state, record)
            return Found(state)
        record = self._known(state, record) or {}
        if "submission" not in record:
            return Found(state)
        task = self._task(state)
        failed = {one["object_path"]: one for one in state.get("failed_objects") or ()}
        objects: list[TaskEntry] = []
        for path in state.get("object_paths") or ():
            known, row = entry(path, None), failed.get(path)
            if row is not None:
                known = {**known, "status": "Failed", "description": row["description"], "task_id": row["task_id"]}
            objects.append(known)
        given = {**task, **_declared(record), **record["submission"], "objects": objects, "status": state["status"]}
        sink = Sink()
        try:
            found = lifecycle.reconcile(self._session.context, cast("CompletionState", given), sink)
        except AlicdnError as error:
            # The next apply finds out: a plan must not fail because the service has no answer.
            return Found(state, (*sink.warnings, str(error)))
        return Found({**state, **_outputs(found, record)}, tuple(sink.warnings))

    def imported(self, given_id: str) -> Found:
        """Ask for the task once; the next apply takes it over, and waits for it if it is not finished."""
        config, record, listing = imported_task.imported(self._session.context, given_id, self._kind)
        rows = {row.object_path: entry(row.object_path, row) for row in listing.rows}
        # An object that is listed twice counts as failed if either row is: the next apply looks closer.
        rows |= {row.object_path: entry(row.object_path, row) for row in listing.rows if row.status is RowStatus.FAILED}
        found: Any = {
            **record["submission"],
            "status": imported_task.status_of(listing),
            "objects": list(rows.values()),
        }
        if found["status"] == Outcome.COMPLETE:
            found["effective_at"] = instant_text(listing.server_time)
        schema = REFRESH_TASK if self._kind is Kind.REFRESH else PREFETCH_TASK
        return Found(schema.whole({**config, **_outputs(found, record)}), record=record)

    def destroy(self, prior: Values, record: Record) -> None:
        """Undo nothing; what is unfinished is left to the create of the same task in this process."""
        if prior.get("status") == Outcome.COMPLETE:
            self._noted(prior, record)
        elif known := self._known(prior, record):
            # A create that follows a kill finds it in the journal.
            self._session.journal.leave(self._key(prior), known)
            self._session.hand_over(self._key(prior), known)

    def apply(self, prior: Values | None, planned: Values, private: Record) -> Applied:
        """Submit and wait, in a thread of its own: Stop is answered at once, also while a call has no answer."""
        result = Applied(planned, dict(private))
        sink = Sink()

        def work() -> None:
            try:
                self._run(prior, planned, private, result, sink)
            except AlicdnError as error:
                _failed(prior, planned, private, result, error)

        if not ended(self._session.stopped, work):
            record = dict(result.record)
            result = Applied({**planned, **_unfinished(record)}, record, [STOPPED])
        result.warnings[:0] = sink.warnings
        return result

    def _run(self, prior: Values | None, planned: Values, private: Record, result: Applied, sink: Sink) -> None:
        context, task, key = self._session.context, self._task(planned), self._key(planned)
        triggers = planned.get("triggers") or None
        options = waiting(planned, "create" if prior is None else "update")
        same = prior is not None and not self._changed(prior, planned)
        if prior is not None and same and prior.get("status") == Outcome.COMPLETE:
            result.values = {**planned, **_kept(prior)}
            result.record = self._taken_over(planned, result.record)
            return
        journal = self._session.journal
        record = self._known(prior, private) if prior is not None and same else self._pending(planned, private)
        if record is not None:
            record = self._taken_over(planned, record)
            journal.keep(key, record)
        else:
            record = self._taken(key, sink)
            if record is not None:
                record = self._taken_over(planned, record)
        ago: float | None = None
        if record is None:
            asked = {**task, "triggers": triggers} if triggers else task
            declared_id, intent = lifecycle.create_intent(context, cast("IntentInputs", asked))
            begun = context.clock.monotonic()
            record = {name: intent.get(name) for name in ("not_before", "listed_before")}
            record |= {"intent_id": declared_id, "identity": self._identity(planned)}
            record["earlier"] = (private or _stored(prior or {})).get("submission")
            journal.keep(key, record)
            ago = context.clock.monotonic() - begun
        result.record = record
        inputs = lifecycle.after_intent(cast("IntentInputs", task), record["intent_id"], _declared(record))
        if planned.get("resubmit") is not None:
            inputs["resubmit"] = planned["resubmit"]
        if "submission" not in record:
            sent: SubmissionState | None = None
            for call in lifecycle.calls(inputs):
                step = lifecycle.next_call(inputs, call, cast("Any", sent))
                if sent is None and record.get("earlier"):
                    sent = lifecycle.update_submission(context, record["earlier"], step, ago, sink)
                else:
                    sent = lifecycle.create_submission(context, step, ago, sink)[1]
            found: Mapping[str, Any] = sent or {}
            record = {**record, "submission": {name: found[name] for name in PASSED_ON if name in found}}
            result.record = record
            self._remember(key, record, sink)
        submission = record["submission"]
        step_inputs = lifecycle.after_submission(
            inputs, ",".join(submission["task_ids"]), submission, cast("WaitOptions", options)
        )
        state = lifecycle.create_completion(context, step_inputs, sink)[1]
        result.record = {
            **record,
            "submission": {name: cast("Any", state)[name] for name in PASSED_ON if name in state},
        }
        if state["status"] != Outcome.COMPLETE:
            # The journal is never older than the state, so that a replacement can trust it.
            self._remember(key, result.record, sink)
        result.values = {**planned, **_outputs(state, result.record)}

    def _taken(self, key: str, sink: Sink) -> Record | None:
        """Return what an earlier resource or apply left of the task; a warning says so, unless this replaces it."""
        handed_over = self._session.handed_over(key)
        record = self._session.journal.take(key, handed_over)
        if handed_over is None and record is not None and record.get("submission", {}).get("task_ids"):
            sink.warn(_FOUND.format(ids=", ".join(record["submission"]["task_ids"])))
        return record

    def _remember(self, key: str, record: Record, sink: Sink) -> None:
        """Write what was submitted, or warn: an error would lose it."""
        try:
            self._session.journal.keep(key, record)
        except JournalError:
            sink.warn(_UNWRITTEN)

    def _task(self, config: Mapping[str, Any]) -> dict[str, Any]:
        given = {name: config[name] for name in TASK_OPTIONS if config.get(name) is not None}
        if self._kind is Kind.REFRESH and config.get("object_paths") is not None:
            given.setdefault("object_type", "file")
        return {**given, "kind": str(self._kind)}

    def _identity(self, config: Mapping[str, Any]) -> str | None:
        return lifecycle.identity({**self._task(config), "triggers": config.get("triggers") or None})

    def _taken_over(self, config: Values, record: Record) -> Record:
        """Return *record*; that of an import becomes that of the task of *config*."""
        if not record.get(IMPORTED):
            return record
        own = {name: value for name, value in record.items() if name != IMPORTED}
        return {**own, "identity": self._identity(config)}

    def _changed(self, prior: Values, proposed: Values) -> bool:
        if _stored(prior).get(IMPORTED):
            return imported_task.covers(prior, proposed) is not True
        return self._identity(proposed) is None or self._identity(prior) != self._identity(proposed)

    def _key(self, config: Values) -> str:
        """Return the name of the task in the journal: the same objects in another account are another task."""
        settings = self._session.settings()
        endpoint = settings.endpoint_for(Service(str(config["service"])))
        account = f"{endpoint.host}/{settings.profile or ''}"
        return f"{account}/{self._session.workspace()}/{self._identity(config)}"

    def _known(self, state: Values, private: Record) -> Record | None:
        """Return the record of the task of *state*: Terraform loses what is kept beside a state if a plugin dies."""
        identity = self._identity(state)
        for one in (private, _stored(state)):
            # A record that an import made has no identity; it is of the task of its state.
            if "intent_id" in one and one.get("identity", identity) == identity:
                return dict(one)
        return self._pending(state, private)

    def _pending(self, planned: Values, private: Record) -> Record | None:
        """Return the record of an update that ended before it could submit *planned*."""
        found = private.get("pending") or {}
        return dict(found) if found.get("identity") == self._identity(planned) else None

    def _noted(self, state: Values, record: Record) -> None:
        """Tell the journal what a state has: a finished task is over, and an unfinished one has its resource."""
        if state.get("status") == Outcome.COMPLETE:
            self._session.journal.drop(self._key(state), state.get("id"))
        elif known := self._known(state, record):
            self._session.journal.in_state(self._key(state), known["intent_id"])


_UNWRITTEN: Final = (
    "The journal of submits can no longer be written, and lacks the ids of these tasks. It has when they were "
    "declared, by which the next apply finds them if this one is killed"
)

_FOUND: Final = (
    "This goes on with what an earlier apply submitted (task {ids}), which no state names as finished: that apply "
    "was killed or failed, or its resource is destroyed. Change `triggers` to submit everything anew"
)

_ONCE_FIXED: Final = "Apply again once that is fixed: it goes on from here, and submits nothing twice."


def _failed(prior: Values | None, planned: Values, private: Record, result: Applied, error: AlicdnError) -> None:
    """Put the end of a step that raised *error* into *result*: what is known stays, and nothing is lost."""
    known = result.record.get("submission")
    if isinstance(error, InterruptedWaitError):
        result.values = {**planned, **_unfinished(result.record)}
        result.warnings.append(STOPPED)
        return
    # An unknown outcome of a submit has a next step of its own.
    fixable = isinstance(error, ApiError) and not isinstance(error, UnknownOutcomeError)
    result.error = f"{error}\n{_ONCE_FIXED}" if fixable else str(error)
    if isinstance(error, TaskFailedError | TaskTimeoutError):
        verdict = error.verdict
        failed = [entry(path, row) for path, row in verdict.rows.items() if row and row.status is RowStatus.FAILED]
        ended: Any = {**(known or {}), "status": str(verdict.outcome), "objects": failed}
        result.values = {**planned, **_outputs(ended, result.record)}
    elif known:
        result.values = {**planned, **_unfinished(result.record)}
    else:
        # The journal has the intent, if there is one: the next apply finds what was sent since.
        result.values = prior
        result.record = {**private, "pending": result.record} if result.record != private else private


def _stored(state: Values) -> Record:
    """Return the record that a state has of an unfinished task."""
    text = state.get("unfinished")
    found: Record = json.loads(text) if isinstance(text, str) else {}
    return found


def _declared(record: Record) -> Any:  # noqa: ANN401  a part of several types of the state
    return {name: record.get(name) for name in ("not_before", "listed_before", "intent_id")}


def _unfinished(record: Record) -> Values:
    known = record.get("submission") or {}
    state: Any = {**known, "status": str(Outcome.REFRESHING if known else Outcome.PENDING), "objects": []}
    return _outputs(state, record)


def _kept(prior: Values) -> Values:
    """Return the outputs of a task that no apply changes; one that was imported is taken over with it."""
    found = {name: prior.get(name) for name in OUTPUTS}
    return {**found, "unfinished": None} if prior.get("status") == Outcome.COMPLETE else found


def _outputs(state: CompletionState, record: Record) -> Values:
    failed = [one for one in state["objects"] if one["status"] == "Failed"]
    left = record and (record.get(IMPORTED) or state["status"] != Outcome.COMPLETE)
    return {
        "id": record.get("intent_id") or "none",
        "task_ids": list(state.get("task_ids") or ()),
        "status": state["status"],
        "failed_objects": [
            {"object_path": one["object_path"], "description": one["description"], "task_id": one["task_id"]}
            for one in failed
        ],
        "submitted_at": state.get("submitted_at"),
        "effective_at": state.get("effective_at"),
        "unfinished": json.dumps(record) if left else None,
    }
