"""A folder as a resource of Terraform: the steps of a release, each in the journal before the next begins."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any, Final, cast
from urllib.parse import urlsplit

from pulumi_alicdn.api.rows import instant_text
from pulumi_alicdn.api.spec import Kind, Service
from pulumi_alicdn.errors import AlicdnError, InputError, InterruptedWaitError
from pulumi_alicdn.releases import manifest as manifests
from pulumi_alicdn.releases import steps
from pulumi_alicdn.releases.decision import PROVEN_AGAIN, UNCHANGED, Decision
from pulumi_alicdn.releases.heals.open_urls import MAX_NAMED
from pulumi_alicdn.releases.packed import unpack
from pulumi_alicdn.releases.plan import Plan
from pulumi_alicdn.releases.release_options import check_release
from pulumi_alicdn.rollout.release_run import ReleaseRun, Watcher, proves_again, unfinished
from pulumi_alicdn.state import ReleaseFileState, ReleaseTaskState, WaitOptions
from pulumi_alicdn.tasks.options import check_wait, parse_task
from pulumi_alicdn.terraform.durations import check_timeouts, seconds
from pulumi_alicdn.terraform.going_on.moved_task import PLACE, require_listed
from pulumi_alicdn.terraform.intent_journal import Record
from pulumi_alicdn.terraform.releasing.given_options import release_options
from pulumi_alicdn.terraform.releasing.release_schema import CONFIGURED, OUTPUTS, SUMMARY
from pulumi_alicdn.terraform.releasing.release_world import ReleaseWorld
from pulumi_alicdn.terraform.releasing.stored_release import StoredRelease, service_of_task
from pulumi_alicdn.terraform.resource import Applied, Found
from pulumi_alicdn.terraform.session import Session
from pulumi_alicdn.terraform.stoppable import Sink, ended
from pulumi_alicdn.terraform.wire import Values
from pulumi_alicdn.validation import UNKNOWN, Problem

UNFINISHED: Final = "unfinished"
"""The status of a release of which the next apply does the rest."""

_STOPPED: Final = "Terraform asked to stop: the tasks go on in the cloud, and the next apply goes on with this release"

_INTERRUPTED: Final = f"{UNCHANGED}, which an interrupted apply began to do again: nothing is submitted twice"

_KNOWN_STATES: Final = 100
"""The most states of an entry that tell it from one of another past. [chosen: a release has about ten steps]"""


_PREFIX: Final = "release/"
"""The beginning of the name of each release in the journal."""

_ENTRY: Final = "release"
"""The name of a release's only entry in the journal: each step of it replaces the one before."""


class ManagedRelease:
    """A release."""

    def __init__(self, session: Session) -> None:
        """Release with the configuration of *session*."""
        self._session = session

    def problems(self, config: Mapping[str, Any]) -> list[Problem]:
        """Return all broken rules of the configuration; unknown values break none."""
        found = [*check_release(release_options(config)), *check_wait({"retry_failed": config.get("retry_failed")})]
        return [*found, *check_timeouts(config)]

    def plan(self, prior: Values | None, proposed: Values, record: Record) -> Found:
        """Hash the folder, and return *proposed* with unknown outputs if an apply would do anything.

        An unchanged folder costs no call. What is submitted is a warning, since no attribute may differ at apply.
        Raises InputError where an apply would find no credentials.
        """
        del record
        anew = {**proposed, **dict.fromkeys(OUTPUTS, UNKNOWN)}
        if not self._session.known or any(_open(proposed.get(name)) for name in CONFIGURED):
            return Found(anew)
        self._finished(prior)
        found, sink = self._known(prior, proposed).steps, Sink()
        world = ReleaseWorld(self._session, release_options(proposed), sink.warn, self._credentials)
        decision = world.decide(found, force=proposed.get("force"))
        intended = _intended(found, decision, world.options)
        same = prior is not None and all(prior.get(name) == proposed.get(name) for name in CONFIGURED)
        if prior is not None and same and not intended and prior.get("status") != UNFINISHED:
            return Found({**proposed, **{name: prior.get(name) for name in OUTPUTS}}, tuple(sink.warnings))
        asks = decision.submits or decision.heal or intended == _INTERRUPTED or world.asks_nodes
        said = self._credentials() if asks else ()
        return Found(anew, tuple(filter(None, (intended, *sink.warnings, *said))))

    def _credentials(self) -> list[str]:
        return self._session.plan_check.credentials()

    def read(self, state: Values, record: Record) -> Found:
        """Ask nobody: what is not finished is decided on by the plan that follows."""
        del record
        self._finished(state)
        return Found(state)

    def imported(self, given_id: str) -> Found:
        """Refuse it: a release begins with its first apply."""
        raise InputError(f"{given_id} can not be imported: a release begins with its first apply; see first_release")

    def destroy(self, prior: Values, record: Record) -> None:
        """Undo nothing; what is unfinished is left to the create of the same release in this process."""
        del record
        self._finished(prior)
        if prior.get("status") == UNFINISHED and prior.get("release"):
            self._session.hand_over(self._key(prior), {"release": self._known(prior, prior).packed()})

    def apply(self, prior: Values | None, planned: Values, private: Record) -> Applied:
        """Do what is left, in a thread of its own: Stop is answered at once, also while a call has no answer."""
        del private
        result, sink = Applied(prior), Sink()
        run = self._begun(prior, planned)

        def work() -> None:
            try:
                status = run.release(planned, sink)
                result.values = {**planned, **_outputs(run.stored, status)}
            except InterruptedWaitError:
                result.values = run.left(planned)
                result.warnings.append(_STOPPED)
            except AlicdnError as error:
                result.values = run.left(planned)
                result.error = str(error)

        if not ended(self._session.stopped, work):
            result = Applied(run.left(planned), warnings=[_STOPPED])
        result.warnings[:0] = sink.warnings
        return result

    def _key(self, config: Mapping[str, Any]) -> str:
        """Return the name of the release in the journal: the same folder for another site is another release."""
        # Without a name, the service is known only once it was asked for; the account is the same.
        place = self._session.place(Service(str(config.get("service") or Service.CDN)))
        named = [config.get(name) for name in ("directory", "base_urls", "include", "exclude")]
        return f"{_PREFIX}{place}{_ending(_digest(repr(named)))}"

    def _entry(self, prior: Values | None, key: str) -> Record | None:
        """Return what the journal knows of the release after *prior*; None if that is of another past."""
        entry = self._session.journal.newest(key)
        return entry if entry is not None and _state_digest(prior) in entry.get("after", ()) else None

    def _elsewhere(self, prior: Values | None, key: str) -> list[str]:
        """Return the names of the release at other endpoints and profiles that the journal knows after *prior*."""
        others = self._session.journal.elsewhere(key, _ending(key))
        return [other for other in others if self._entry(prior, other) is not None]

    def _known(self, prior: Values | None, config: Mapping[str, Any]) -> StoredRelease:
        """Return the steps of earlier applies: those of the journal, if a kill kept them from the state."""
        key = self._key(config)
        for one in (key, *self._elsewhere(prior, key)):
            if (entry := self._entry(prior, one)) is not None:
                return self._read(entry["release"], one, key)
        return self._read((prior or {}).get("release"), key, key)

    def _begun(self, prior: Values | None, planned: Values) -> _Run:
        """Return the apply that goes on with what earlier ones, or the destroyed half of a replacement, have done."""
        key, journal = self._key(planned), self._session.journal
        handed = self._session.handed_over(key) if prior is None else None
        # Another process that lives may release the same folder elsewhere: what it holds is not taken.
        taken = {one: found for one in self._elsewhere(prior, key) if (found := journal.take(one)) is not None}
        entry, there = self._entry(prior, key), key
        if entry is None and handed is None:
            there, entry = next(iter(taken.items()), (key, None))
        stored = self._read((handed or entry or prior or {}).get("release"), there, key)
        return _Run(self._session, (key, *taken), (entry or {}).get("after", ()), prior, stored)

    def _read(self, text: str | None, there: str, key: str) -> StoredRelease:
        """Read the steps that the journal has as *there*, or the state."""
        if there == key:
            return StoredRelease.read(text, self._session.place)
        place = there.removeprefix(_PREFIX).removesuffix(_ending(there))
        return StoredRelease.read(text, lambda _: place)

    def _finished(self, state: Values | None) -> None:
        """Remove what the journal knows of a release that *state* names as finished."""
        if state is None or state.get("status") == UNFINISHED or not self._session.known:
            return
        key, journal = self._key(state), self._session.journal
        # The endpoint may be another one since: an entry that is left would stand for a later release.
        for one in (key, *journal.elsewhere(key, _ending(key))):
            entry = journal.newest(one)
            if entry is not None and entry.get("release") == state.get("release"):
                journal.drop(one, _ENTRY)


class _Run:
    """One apply. ``stored``: the steps that are done."""

    def __init__(
        self,
        session: Session,
        keys: Sequence[str],
        after: Sequence[str],
        prior: Values | None,
        stored: StoredRelease,
    ) -> None:
        """Go on with *stored*; *keys*: the name in the journal, and names of other places, which it replaces."""
        self._session = session
        self._key, *self._former = keys
        self._prior = prior
        self._after: list[str] = [*after, _state_digest(prior)]
        self.stored = stored

    def release(self, planned: Values, sink: Sink) -> str:
        """Do what is left; return the status. Raises the errors of a release."""
        world = ReleaseWorld(self._session, release_options(planned), sink.warn)
        decision = world.decide(self.stored.steps, force=planned.get("force"))
        watcher = Watcher(sink, lambda: nullcontext(lambda _: None), world.report)
        context = self._session.context
        steps_of = (self.stored.steps, self._keep)
        run = ReleaseRun(context, world.readers, world.now, *steps_of, watcher, world.around, self._going_on)
        record, story = run.run(
            _name(planned),
            decision,
            world.options,
            _waiting(planned, "create" if self._prior is None else "update"),
            world.newest,
            force=planned.get("force"),
            check_origin=planned.get("check_origin") is not False,
        )
        if story is not None:
            steps.require_proof(story)
            if story.failure:
                sink.warn(story.failure)
        return str(record["status"])

    def left(self, planned: Values) -> Values | None:
        """Return the state after a failure: with what is done, or as it was if nothing is."""
        return {**planned, **_outputs(self.stored, UNFINISHED)} if self.stored.steps else self._prior

    def _going_on(self, left: ReleaseTaskState) -> None:
        """Raise UnknownTaskError if *left* was begun at an endpoint or profile whose tasks are not listed here."""
        here, there = self._session.place(service_of_task(left)), self.stored.places.get(left["intent_id"])
        if there is None or there == here:
            return
        task, submission = left["intent"], left.get("submission")
        record: Record = {PLACE: there, "not_before": task["not_before"]}
        if submission is not None and submission["intent_id"] == left["intent_id"]:
            record["submission"] = submission
        require_listed(self._session.context, parse_task(task, Kind(task["kind"])), record, here)
        self._write(self.stored.moved(left, here))

    def _keep(self, steps: ReleaseFileState) -> None:
        self._write(self.stored.after(steps, self._session.place))

    def _write(self, stored: StoredRelease) -> None:
        text = stored.packed()
        self._after = [*self._after, _digest(text)][-_KNOWN_STATES:]
        now = instant_text(ReleaseWorld.now())
        entry = {"intent_id": _ENTRY, "not_before": now, "release": text, "after": self._after}
        self._session.journal.keep(self._key, entry)
        self.stored = stored
        while self._former:
            self._session.journal.drop(self._former.pop(), _ENTRY)


def _intended(found: ReleaseFileState, decision: Decision, options: Mapping[str, Any]) -> str:
    """Return what an apply does, in words; empty if it does nothing."""
    if decision.summary:
        return decision.summary
    if unfinished(found, decision):
        return _INTERRUPTED
    return PROVEN_AGAIN if proves_again(found, decision, options) else ""


def _outputs(stored: StoredRelease, status: str) -> Values:
    record: Mapping[str, Any] = stored.steps.get("record") or {}
    text = record.get("manifest")
    files = manifests.unpack(text) if text else {}
    plan = Plan.read(unpack(record["plan"]), files) if text else None
    seen = record.get("evidence_summary") or ()
    return {
        "id": urlsplit(record["base_urls"][0]).netloc if text else "unfinished",
        "status": status,
        "files": len(files),
        "digest": manifests.stated_digest(text) if text else "",
        "changed": list(plan.difference.paths[:MAX_NAMED]) if plan is not None else [],
        "refreshed": list(plan.refresh[:MAX_NAMED]) if plan is not None else [],
        "prefetched": list(plan.prefetch[:MAX_NAMED]) if plan is not None else [],
        "task_ids": list(record.get("task_ids") or ()),
        "removed_pending": list(steps.removed_pending(record)),
        "evidence_summary": [{name: one.get(name) for name in SUMMARY} for one in seen],
        "unproven": list(record.get("unproven") or ()),
        "healed": list(record.get("healed") or ()),
        "release": stored.packed(),
    }


def _name(config: Mapping[str, Any]) -> str:
    return str(urlsplit(config["base_urls"][0]).netloc)


def _waiting(config: Mapping[str, Any], half: str) -> WaitOptions:
    timeouts = config.get("timeouts")
    text = timeouts.get(half) if isinstance(timeouts, dict) else None
    found = {"timeout": seconds(text) if text else None, "retry_failed": config.get("retry_failed")}
    return cast("WaitOptions", {name: value for name, value in found.items() if value is not None})


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _ending(key: str) -> str:
    """Return the end of the name *key* that the same release has at any endpoint and profile."""
    return f"/{key.rpartition('/')[2]}"


def _state_digest(prior: Values | None) -> str:
    """Return what tells a state from others; empty for none."""
    text = (prior or {}).get("release")
    return _digest(text) if text else ""


def _open(value: object) -> bool:
    """Whether a value is not known yet, or not as a whole."""
    if isinstance(value, Mapping):
        return any(map(_open, value.values()))
    return any(map(_open, value)) if isinstance(value, list) else value is UNKNOWN
