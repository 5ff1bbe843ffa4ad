"""The life of a task as a resource of Terraform: plan, apply and read, on the same three steps as elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, cast

from pulumi_alicdn.api.rows import RowStatus, TaskEntry, entry, instant_text
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
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
    SubmissionInputs,
    SubmissionState,
    WaitOptions,
)
from pulumi_alicdn.tasks import lifecycle
from pulumi_alicdn.tasks.context import Context
from pulumi_alicdn.tasks.messages import indented
from pulumi_alicdn.tasks.options import check_resubmit, check_task, check_wait, parse_task
from pulumi_alicdn.tasks.verdict import Outcome
from pulumi_alicdn.terraform.attached import imported_task
from pulumi_alicdn.terraform.attached.imported_task import IMPORTED
from pulumi_alicdn.terraform.durations import check_timeouts, waiting
from pulumi_alicdn.terraform.going_on.ended_objects import all_ended, noted, with_complete, without_note
from pulumi_alicdn.terraform.going_on.moved_task import PLACE, require_listed
from pulumi_alicdn.terraform.going_on.sends import Sends
from pulumi_alicdn.terraform.going_on.task_values import declaration, kept, outputs, stored, unfinished
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
        wait = {name: value for name, value in waiting(config, "create").items() if name != "timeout"}
        found = [*check_task(self._task(config), self._kind), *check_wait(wait)]
        found += check_resubmit(config)
        return [*found, *check_timeouts(config)]

    def plan(self, prior: Values | None, proposed: Values, record: Record) -> Found:
        """Return *proposed* with the outputs that an apply can change unknown; without a change, it asks nobody.

        Raises InputError where an apply would find no credentials.
        """
        if prior is None or self._changed(prior, proposed):
            said = self._ahead(proposed, None if self._begun(proposed, record) else proposed.get("object_paths"))
            return Found({**proposed, **dict.fromkeys(OUTPUTS, UNKNOWN)}, said)
        self._noted(prior, record)
        mine = self._known(prior, record) or {}
        # A task that is submitted can be Pending, too: its rows are not listed yet, or no longer.
        sent = "submission" in mine
        if prior.get("status") == Outcome.COMPLETE or (proposed.get("wait") is False and sent):
            return Found({**proposed, **kept(prior)})
        # An update that could declare nothing leaves the id of the task before; the apply declares another one.
        known = mine.get("intent_id") == prior.get("id")
        failed = [str(one["object_path"]) for one in prior.get("failed_objects") or ()]
        which = _ONLY_FAILED if all_ended(mine) else _FAILED_AND_FORGOTTEN
        again = (which.format(paths=indented(failed)),) if failed else ()
        return Found(
            {**proposed, **dict.fromkeys(OUTPUTS, UNKNOWN), "id": prior.get("id") if known else UNKNOWN},
            (*again, *self._ahead(proposed, failed)),
        )

    def _ahead(self, proposed: Values, objects: object) -> tuple[str, ...]:
        """Check what an apply needs that submits *objects*; anything else than a list says that nobody knows which."""
        service = proposed.get("service")
        if not self._session.known or service is UNKNOWN:
            return ()
        object_type = ObjectType.PRELOAD if self._kind is Kind.PREFETCH else proposed.get("object_type") or "file"
        count = len(objects) if isinstance(objects, list) and object_type is not UNKNOWN else 0
        return tuple(self._session.plan_check.warnings(Service(str(service)), str(object_type), count))

    def _begun(self, proposed: Values, record: Record) -> bool:
        """Whether an earlier apply may have submitted something of the task: then nobody knows what is left."""
        if not self._session.known or self._identity(proposed) is None:
            return False
        pending = self._pending(proposed, record)
        return pending is not None or self._session.journal.newest(self._key(proposed)) is not None

    def read(self, state: Values, record: Record) -> Found:
        """Poll once what is not Complete."""
        if state.get("status") == Outcome.COMPLETE:
            self._noted(state, record)
            return Found(state)
        record = self._known(state, record) or {}
        if "submission" not in record or not self._session.known:
            return Found(state)
        task = self._task(state)
        failed = {one["object_path"]: one for one in state.get("failed_objects") or ()}
        objects: list[TaskEntry] = []
        for path in state.get("object_paths") or ():
            known, row = entry(path, None), failed.get(path)
            if row is not None:
                known = {**known, "status": "Failed", "description": row["description"], "task_id": row["task_id"]}
            objects.append(known)
        given = {**task, **declaration(record), **record["submission"], "objects": objects, "status": state["status"]}
        sink = Sink()
        try:
            found = lifecycle.reconcile(self._session.context, cast("CompletionState", given), sink)
        except AlicdnError as error:
            # The next apply finds out: a plan must not fail because the service has no answer.
            return Found(state, (*sink.warnings, str(error)))
        return Found({**state, **outputs(found, record)}, tuple(sink.warnings))

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
        return Found(schema.whole({**config, **outputs(found, record)}), record=record)

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
        result, sink = Applied(planned), Sink()

        def work() -> None:
            try:
                self._run(prior, planned, private, result, sink)
            except AlicdnError as error:
                _failed(prior, planned, private, result, error)

        if not ended(self._session.stopped, work):
            record = dict(result.record)
            result = Applied({**planned, **unfinished(record)}, record or dict(private), [STOPPED])
        result.warnings[:0] = sink.warnings
        return result

    def _run(self, prior: Values | None, planned: Values, private: Record, result: Applied, sink: Sink) -> None:
        same = prior is not None and not self._changed(prior, planned)
        if prior is not None and same and prior.get("status") == Outcome.COMPLETE:
            result.values = {**planned, **kept(prior)}
            result.record = self._taken_over(planned, dict(private))
            return
        sends = Sends(self._session.wanted)
        context = replace(self._session.context, wanted=sends.wanted)
        found = self._known(prior, private) if prior is not None and same else self._pending(planned, private)
        record, ago = self._gone_on_with(planned, found, sink), None
        if record is None:
            earlier = (private or stored(prior or {})).get("submission")
            record, begun = self._declared(planned, earlier)
            ago = context.clock.monotonic() - begun
        result.record = without_note(record)
        inputs = lifecycle.after_intent(
            cast("IntentInputs", self._task(planned)), record["intent_id"], declaration(record)
        )
        if planned.get("resubmit") is not None:
            inputs["resubmit"] = planned["resubmit"]
        if "submission" not in record:
            try:
                sent = _submitted(context, inputs, record.get("earlier"), ago, sink)
            except AlicdnError as error:
                if ago is not None and sends.none_accepted(error):
                    # Another account would otherwise be asked for tasks that there are not.
                    self._session.journal.drop(self._key(planned), record["intent_id"])
                    result.record = {}
                raise
            record = {**record, "submission": {name: sent[name] for name in PASSED_ON if name in sent}}
            result.record = record
            self._remember(self._key(planned), record, sink)
        submission = record["submission"]
        options = cast("WaitOptions", waiting(planned, "create" if prior is None else "update"))
        step = lifecycle.after_submission(inputs, ",".join(submission["task_ids"]), submission, options)
        state = lifecycle.create_completion(context, with_complete(step, record, prior), sink)[1]
        after = {name: cast("Any", state)[name] for name in PASSED_ON if name in state}
        result.record = {**without_note(record), "submission": after}
        if state["status"] != Outcome.COMPLETE:
            # The journal is never older than the state, so that a replacement can trust it.
            self._remember(self._key(planned), result.record, sink)
        result.values = {**planned, **outputs(state, result.record)}

    def _gone_on_with(self, planned: Values, found: Record | None, sink: Sink) -> Record | None:
        """Return *found*, or what an earlier resource or apply left, for this apply to go on with.

        Raises UnknownTaskError if it was left at an endpoint or profile whose tasks are not listed here.
        """
        key, place = self._key(planned), self._place(planned)
        record = self._taken(planned, key, sink) if found is None else found
        if record is None:
            return None
        require_listed(self._session.context, self._spec(planned), record, place)
        record = {**self._taken_over(planned, record), PLACE: place}
        self._session.journal.keep(key, record)
        return record

    def _declared(self, planned: Values, earlier: object) -> tuple[Record, float]:
        """Declare a new intent, and return its record and the monotonic instant."""
        context, task, triggers = self._session.context, self._task(planned), planned.get("triggers") or None
        asked = {**task, "triggers": triggers} if triggers else task
        declared_id, intent = lifecycle.create_intent(context, cast("IntentInputs", asked))
        begun = context.clock.monotonic()
        record = {name: intent.get(name) for name in ("not_before", "listed_before")}
        record |= {"intent_id": declared_id, "identity": self._identity(planned), PLACE: self._place(planned)}
        record["earlier"] = earlier
        self._session.journal.keep(self._key(planned), record)
        return record, begun

    def _taken(self, planned: Values, key: str, sink: Sink) -> Record | None:
        """Return what an earlier resource or apply left of the task; a warning says so, unless this replaces it.

        Raises UnknownTaskError if it was left at an endpoint or profile whose tasks are not listed here.
        """
        journal, handed_over = self._session.journal, self._session.handed_over(key)
        record = journal.take(key, handed_over)
        if record is None:
            place = self._place(planned)
            ending = key.removeprefix(place)
            for other in journal.elsewhere(key, ending):
                if (left := journal.take(other)) is not None:
                    record = {PLACE: other.removesuffix(ending), **left}
                    require_listed(self._session.context, self._spec(planned), record, place)
                    journal.keep(key, {**record, PLACE: place})
                    journal.drop(other, left["intent_id"])
                    break
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
        if stored(prior).get(IMPORTED):
            return imported_task.covers(prior, proposed) is not True
        return self._identity(proposed) is None or self._identity(prior) != self._identity(proposed)

    def _key(self, config: Values) -> str:
        """Return the name of the task in the journal: the same objects in another account are another task."""
        return f"{self._place(config)}/{self._session.workspace()}/{self._identity(config)}"

    def _place(self, config: Values) -> str:
        return self._session.place(Service(str(config["service"])))

    def _spec(self, config: Values) -> TaskSpec:
        return parse_task(self._task(config), self._kind)

    def _known(self, state: Values, private: Record) -> Record | None:
        """Return the record of the task of *state*: Terraform loses what is kept beside a state if a plugin dies."""
        identity = self._identity(state)
        for one in (private, stored(state)):
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
        if not self._session.known:
            return
        if state.get("status") == Outcome.COMPLETE:
            # The endpoint may be another one since: an entry that is left would stand for a later task.
            key, journal = self._key(state), self._session.journal
            for one in (key, *journal.elsewhere(key, key.removeprefix(self._place(state)))):
                journal.drop(one, state.get("id"))
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

_ONLY_FAILED: Final = "Only what failed is submitted again:\n{paths}"

_FAILED_AND_FORGOTTEN: Final = (
    "What failed is submitted again, and of the others, which had not ended with it, what the service no longer lists:"
    "\n{paths}"
)

_ONCE_FIXED: Final = "Apply again once that is fixed: it goes on from here, and submits nothing twice."


def _failed(prior: Values | None, planned: Values, private: Record, result: Applied, error: AlicdnError) -> None:
    """Put the end of a step that raised *error* into *result*: what is known stays, and nothing is lost."""
    known = result.record.get("submission")
    if isinstance(error, InterruptedWaitError):
        result.values = {**planned, **unfinished(result.record)}
        result.record = result.record or dict(private)
        result.warnings.append(STOPPED)
        return
    # An unknown outcome of a submit has a next step of its own.
    fixable = isinstance(error, ApiError) and not isinstance(error, UnknownOutcomeError)
    result.error = f"{error}\n{_ONCE_FIXED}" if fixable else str(error)
    if isinstance(error, TaskFailedError | TaskTimeoutError):
        verdict = error.verdict
        failed = [entry(path, row) for path, row in verdict.rows.items() if row and row.status is RowStatus.FAILED]
        ended: Any = {**(known or {}), "status": str(verdict.outcome), "objects": failed}
        result.record = noted(result.record, verdict)
        result.values = {**planned, **outputs(ended, result.record)}
    elif known:
        result.values = {**planned, **unfinished(result.record)}
    else:
        # The journal has the intent, if there is one: the next apply finds what was sent since. The state is left as it
        # was: with the new triggers beside the ids of the task before, it would tell of a task that there is not.
        result.values = prior
        result.record = {**private, "pending": result.record} if result.record else private


def _submitted(
    context: Context, inputs: SubmissionInputs, earlier: SubmissionState | None, ago: float | None, sink: Sink
) -> Mapping[str, Any]:
    """Make all calls of a submission; *earlier* is the one before it, of which no task counts."""
    sent: SubmissionState | None = None
    for call in lifecycle.calls(inputs):
        step = lifecycle.next_call(inputs, call, cast("Any", sent))
        if sent is None and earlier:
            sent = lifecycle.update_submission(context, earlier, step, ago, sink)
        else:
            sent = lifecycle.create_submission(context, step, ago, sink)[1]
    return sent or {}
