"""A folder as a resource of Terraform: the steps of a release, each in the journal before the next begins."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from types import TracebackType
from typing import Any, Final, Self, cast
from urllib.parse import urlsplit

from pulumi_alicdn.api.rows import instant_text
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.errors import AlicdnError, InputError, InterruptedWaitError
from pulumi_alicdn.releases import manifest as manifests
from pulumi_alicdn.releases import steps
from pulumi_alicdn.releases.decision import PROVEN_AGAIN, UNCHANGED, Decision
from pulumi_alicdn.releases.heals.open_urls import MAX_NAMED
from pulumi_alicdn.releases.packed import pack, unpack
from pulumi_alicdn.releases.plan import Plan
from pulumi_alicdn.releases.release_options import check_release
from pulumi_alicdn.rollout.release_run import ReleaseRun, Watcher, proves_again, unfinished
from pulumi_alicdn.state import ReleaseFileState, WaitOptions
from pulumi_alicdn.tasks.options import check_wait
from pulumi_alicdn.tasks.progress import Progress
from pulumi_alicdn.terraform.durations import check_timeouts, seconds
from pulumi_alicdn.terraform.intent_journal import Record
from pulumi_alicdn.terraform.releasing.given_options import release_options
from pulumi_alicdn.terraform.releasing.release_schema import CONFIGURED, OUTPUTS, SUMMARY
from pulumi_alicdn.terraform.releasing.release_world import ReleaseWorld
from pulumi_alicdn.terraform.resource import Applied, Found
from pulumi_alicdn.terraform.session import Session
from pulumi_alicdn.terraform.stoppable import ended
from pulumi_alicdn.terraform.wire import Values
from pulumi_alicdn.validation import UNKNOWN, Problem

UNFINISHED: Final = "unfinished"
"""The status of a release of which the next apply does the rest."""

_STOPPED: Final = "Terraform asked to stop: the tasks go on in the cloud, and the next apply goes on with this release"

_INTERRUPTED: Final = f"{UNCHANGED}, which an interrupted apply began to do again: nothing is submitted twice"

_KNOWN_STATES: Final = 100
"""The most states of an entry that tell it from one of another past. [chosen: a release has about ten steps]"""


_ENTRY: Final = "release"
"""The name of a release's only entry in the journal: each step of it replaces the one before."""


class _Sink:
    """Collects the warnings of a run; Terraform shows no progress of a provider."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        return None

    def report(self, progress: Progress) -> None:
        """Show nothing."""

    def warn(self, message: str) -> None:
        """Keep the warning for the answer."""
        self.warnings.append(message)

    def submitted(self, task_ids: Sequence[str], request_id: str) -> None:
        """Do nothing: the journal has them."""


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
        """
        del record
        anew = {**proposed, **dict.fromkeys(OUTPUTS, UNKNOWN)}
        if not self._session.known or any(_open(proposed.get(name)) for name in CONFIGURED):
            return Found(anew)
        self._finished(prior)
        found, sink = self._known(prior, proposed), _Sink()
        world = ReleaseWorld(self._session, release_options(proposed), sink.warn)
        decision = world.decide(found, force=proposed.get("force"))
        intended = _intended(found, decision, world.options)
        same = prior is not None and all(prior.get(name) == proposed.get(name) for name in CONFIGURED)
        if prior is not None and same and not intended and prior.get("status") != UNFINISHED:
            return Found({**proposed, **{name: prior.get(name) for name in OUTPUTS}}, tuple(sink.warnings))
        return Found(anew, tuple(filter(None, (intended, *sink.warnings))))

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
            self._session.hand_over(self._key(prior), {"release": pack(self._known(prior, prior))})

    def apply(self, prior: Values | None, planned: Values, private: Record) -> Applied:
        """Do what is left, in a thread of its own: Stop is answered at once, also while a call has no answer."""
        del private
        result, sink = Applied(prior), _Sink()
        run = _Run(self._session, self._key(planned), self._entry(prior, planned), prior)
        run.found = self._taken(prior, planned)

        def work() -> None:
            try:
                status = run.release(planned, sink)
                result.values = {**planned, **_outputs(run.found, status)}
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
        settings = self._session.settings()
        # Without a name, the service is known only once it was asked for; the account is the same.
        endpoint = settings.endpoint_for(Service(str(config.get("service") or Service.CDN)))
        named = [config.get(name) for name in ("directory", "base_urls", "include", "exclude")]
        return f"release/{endpoint.host}/{settings.profile or ''}/{_digest(repr(named))}"

    def _entry(self, prior: Values | None, config: Mapping[str, Any]) -> Record | None:
        """Return what the journal knows of the release after *prior*; None if that is of another past."""
        entry = self._session.journal.newest(self._key(config))
        return entry if entry is not None and _state_digest(prior) in entry.get("after", ()) else None

    def _known(self, prior: Values | None, config: Mapping[str, Any]) -> ReleaseFileState:
        """Return the steps of earlier applies: those of the journal, if a kill kept them from the state."""
        entry = self._entry(prior, config)
        text = entry["release"] if entry is not None else (prior or {}).get("release")
        return cast("ReleaseFileState", unpack(text)) if text else {}

    def _taken(self, prior: Values | None, config: Mapping[str, Any]) -> ReleaseFileState:
        handed = self._session.handed_over(self._key(config)) if prior is None else None
        return cast("ReleaseFileState", unpack(handed["release"])) if handed else self._known(prior, config)

    def _finished(self, state: Values | None) -> None:
        """Remove what the journal knows of a release that *state* names as finished."""
        if state is None or state.get("status") == UNFINISHED or not self._session.known:
            return
        key = self._key(state)
        entry = self._session.journal.newest(key)
        if entry is not None and entry.get("release") == state.get("release"):
            self._session.journal.drop(key, _ENTRY)


class _Run:
    """One apply. ``found``: the steps that are done."""

    def __init__(self, session: Session, key: str, entry: Record | None, prior: Values | None) -> None:
        self._session = session
        self._key = key
        self._prior = prior
        self._after: list[str] = [*(entry or {}).get("after", ()), _state_digest(prior)]
        self.found: ReleaseFileState = {}

    def release(self, planned: Values, sink: _Sink) -> str:
        """Do what is left; return the status. Raises the errors of a release."""
        world = ReleaseWorld(self._session, release_options(planned), sink.warn)
        decision = world.decide(self.found, force=planned.get("force"))
        watcher = Watcher(sink, lambda: nullcontext(lambda _: None), world.report)
        context = self._session.context
        run = ReleaseRun(context, world.readers, world.now, self.found, self._keep, watcher, world.around)
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
        return {**planned, **_outputs(self.found, UNFINISHED)} if self.found else self._prior

    def _keep(self, state: ReleaseFileState) -> None:
        text = pack(state)
        self._after = [*self._after, _digest(text)][-_KNOWN_STATES:]
        now = instant_text(ReleaseWorld.now())
        entry = {"intent_id": _ENTRY, "not_before": now, "release": text, "after": self._after}
        self._session.journal.keep(self._key, entry)
        self.found = state


def _intended(found: ReleaseFileState, decision: Decision, options: Mapping[str, Any]) -> str:
    """Return what an apply does, in words; empty if it does nothing."""
    if decision.summary:
        return decision.summary
    if unfinished(found, decision):
        return _INTERRUPTED
    return PROVEN_AGAIN if proves_again(found, decision, options) else ""


def _outputs(found: ReleaseFileState, status: str) -> Values:
    record: Mapping[str, Any] = found.get("record") or {}
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
        "release": pack(found),
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


def _state_digest(prior: Values | None) -> str:
    """Return what tells a state from others; empty for none."""
    text = (prior or {}).get("release")
    return _digest(text) if text else ""


def _open(value: object) -> bool:
    """Whether a value is not known yet, or not as a whole."""
    if isinstance(value, Mapping):
        return any(map(_open, value.values()))
    return any(map(_open, value)) if isinstance(value, list) else value is UNKNOWN
