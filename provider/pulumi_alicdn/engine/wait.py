"""The only polling loop: look, judge, report, sleep."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from pulumi_alicdn.core import report
from pulumi_alicdn.core.errors import (
    ApiError,
    ApiFault,
    RefusedError,
    TaskFailedError,
    TaskTimeoutError,
    ThrottledError,
    UnknownOutcomeError,
    UnknownTaskError,
    UnreachableError,
)
from pulumi_alicdn.core.inputs import WaitOptions
from pulumi_alicdn.core.paths import canonical
from pulumi_alicdn.core.progress import Progress
from pulumi_alicdn.core.rows import Job, Row, RowStatus
from pulumi_alicdn.core.schedule import eta_s, next_look_s
from pulumi_alicdn.core.tasks import TaskSpec
from pulumi_alicdn.core.verdict import Outcome, Verdict, judge
from pulumi_alicdn.engine.calls import Caller
from pulumi_alicdn.engine.look import Looker, Sighting, key
from pulumi_alicdn.engine.submit import Intent, Submitter
from pulumi_alicdn.ports import ProgressSink, TaskApi

_PASSING = (ThrottledError, UnreachableError, UnknownOutcomeError)

UNKNOWN_TASK_S: Final = 60.0
"""Seconds after which a task of which no row was ever seen counts as unknown. [chosen: four graces of a submit]"""


@dataclass(slots=True)
class Watched:
    """The tasks that are waited for.

    A ``spec`` without object paths stands for all rows of the tasks. Without an ``intent`` the tasks are somebody
    else's: nothing of them is submitted again.
    """

    spec: TaskSpec
    task_ids: list[str]
    intent: Intent | None = None
    request_ids: list[str] = field(default_factory=list)
    job_ids: list[str] = field(default_factory=list)
    """Submits by media id whose task ids are not known yet."""
    given_up: set[tuple[str, str]] = field(default_factory=set)
    """Failed rows, by task and object, for which others were submitted; they speak for nothing any more."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a wait ended. ``effective_at``: the server's time at the look that first saw every row Complete."""

    verdict: Verdict
    effective_at: datetime | None


@dataclass(frozen=True, slots=True)
class Advice:
    """The next step, as a whole sentence, for whoever reads an error: `pulumi` has another than the command line."""

    after_failure: str
    after_timeout: str


@dataclass(slots=True)
class _Memory:
    """What one wait remembers between its looks.

    ``settled``: rows of tasks that are finished, which are not asked for again. ``age_s``: how old the tasks were when
    the wait began, in seconds; None until a row was seen.
    """

    settled: dict[str, tuple[Row, ...]] = field(default_factory=dict)
    age_s: float | None = None

    def age_at(self, elapsed_s: float, sighting: Sighting) -> float:
        """How old the tasks are, *elapsed_s* seconds into the wait, by the server's own times."""
        if self.age_s is None and sighting.rows:
            oldest = min(row.created for row in sighting.rows)
            self.age_s = max(0.0, (sighting.server_time - oldest).total_seconds() - elapsed_s)
        return elapsed_s + (self.age_s or 0.0)


class Waiter:
    """Waits until tasks are effective."""

    def __init__(self, api: TaskApi, caller: Caller, sink: ProgressSink, advice: Advice) -> None:
        """Look through *api*, tell *sink*."""
        self._api = api
        self._caller = caller
        self._clock = caller.clock
        self._sink = sink
        self._advice = advice

    def look(
        self,
        watched: Watched,
        settled: dict[str, tuple[Row, ...]] | None = None,
        until: float | None = None,
        told: Callable[[ApiError], None] | None = None,
    ) -> tuple[Verdict, Sighting]:
        """One look at all rows of ours; tasks in *settled* are not asked for again, finished ones are added to it.

        Where all rows of the tasks count, a task of which none is listed yet stands as an object without a row.
        """
        settled = {} if settled is None else settled
        job = self._resolve(watched, until, told)
        if not watched.task_ids and job is not None:
            paths = tuple(unseen_task(job_id) for job_id in watched.job_ids)
            return judge(paths, ()), Sighting((), job.server_time)
        open_ids = [task_id for task_id in watched.task_ids if task_id not in settled]
        sighting = Looker(self._api, self._caller, told).tasks(open_ids, until)
        listed = [row for known in settled.values() for row in known] + list(sighting.rows)
        rows = [row for row in listed if row.status is not RowStatus.FAILED or key(row) not in watched.given_up]
        paths = watched.spec.object_paths
        if not paths:
            # Also what was given up: its object is waited for, and its task was seen.
            seen = {row.task_id for row in listed}
            unseen = [unseen_task(one) for one in (*watched.task_ids, *watched.job_ids) if one not in seen]
            paths = (*dict.fromkeys(row.object_path for row in listed), *unseen)
        verdict = judge(paths, rows)
        ours = {canonical(path) for path in paths}
        for task_id in open_ids:
            mine = tuple(row for row in rows if row.task_id == task_id and canonical(row.object_path) in ours)
            if mine and all(row.status.final for row in mine) and not verdict.missing:
                settled[task_id] = mine
        return verdict, sighting

    def _resolve(self, watched: Watched, until: float | None, told: Callable[[ApiError], None] | None) -> Job | None:
        """Replace jobs by the tasks that the service made of them; return the last job that was asked for."""
        job: Job | None = None
        for job_id in tuple(watched.job_ids):
            job = self._caller.read(lambda job_id=job_id: self._api.job(job_id), until, told)  # type: ignore[misc]
            if job.failures:
                raise RefusedError(report.failed_media(watched.spec, job.failures), ApiFault("GetMediaRefreshJobs"))
            if job.done:
                watched.job_ids.remove(job_id)
                watched.task_ids += [task_id for task_id in job.task_ids if task_id not in watched.task_ids]
        return job

    def run(self, watched: Watched, options: WaitOptions, *, retry_first: bool) -> Result:
        """Wait until all is Complete.

        *retry_first*: what had failed before this wait began is submitted again, once; apart from that
        ``options.retry_failed`` says how often. Raises TaskFailedError, TaskTimeoutError (unless told to continue),
        and at once whatever the service refuses for good.
        """
        started = self._clock.monotonic()
        deadline = started + options.timeout_s
        memory = _Memory()
        retries = options.retry_failed
        verdict = judge(watched.spec.object_paths, ())
        while True:

            def trouble(error: ApiError, seen: Verdict = verdict) -> None:
                progress = self._progress(seen, None)
                self._sink.report(replace(progress, note=f"trying again after: {error.summary}"))

            began = self._clock.monotonic()
            try:
                verdict, sighting = self.look(watched, memory.settled, deadline, trouble)
            except _PASSING as error:
                # No further try would come before the deadline.
                return self._late(watched, verdict, options, error)
            elapsed = self._clock.monotonic() - started
            if verdict.outcome is Outcome.COMPLETE:
                return Result(verdict, sighting.server_time)
            if verdict.outcome is Outcome.FAILED:
                retries -= 0 if retry_first else 1
                kept_from_it = self._retry(watched, verdict, deadline, allowed=retries >= 0, earlier=retry_first)
                if kept_from_it is not None:
                    return self._late(watched, verdict, options, kept_from_it)
                memory.settled.clear()
            retry_first = False
            self._require_known(watched, verdict, elapsed, min(UNKNOWN_TASK_S, options.timeout_s))
            remaining = deadline - self._clock.monotonic()
            # A look of several calls is as old as its first one: the last look is one that began at the deadline.
            if remaining <= 0 and began >= deadline:
                return self._late(watched, verdict, options, None)
            age_s = memory.age_at(elapsed, sighting)
            self._sink.report(self._progress(verdict, age_s))
            self._clock.sleep(next_look_s(age_s, verdict.percent, remaining, sighting.pages))

    @staticmethod
    def _progress(verdict: Verdict, age_s: float | None) -> Progress:
        outcome = Outcome.REFRESHING if verdict.outcome is Outcome.FAILED else verdict.outcome
        remaining = eta_s(age_s, verdict.percent) if age_s is not None else None
        return Progress(outcome, verdict.percent, verdict.complete, len(verdict.rows), remaining)

    @staticmethod
    def _require_known(watched: Watched, verdict: Verdict, elapsed_s: float, patience_s: float) -> None:
        """Raise UnknownTaskError where a task of others is still not listed after a while."""
        if watched.spec.object_paths or elapsed_s < patience_s:
            return
        unknown = [task_id for task_id in watched.task_ids if unseen_task(task_id) in verdict.rows]
        if unknown:
            raise UnknownTaskError(report.unknown_task(watched.spec, unknown))

    def _retry(
        self, watched: Watched, verdict: Verdict, deadline: float, *, allowed: bool, earlier: bool
    ) -> ApiError | None:
        """Submit the failed objects again, or raise TaskFailedError; return what kept it from being done in time.

        From then on their failed rows speak for nothing any more: the new ones may take a while to be listed.
        """
        if not allowed or watched.intent is None or watched.spec.tags is not None:
            raise TaskFailedError(report.failure(watched.spec, verdict, self._advice.after_failure), verdict)
        failed = verdict.paths(RowStatus.FAILED)
        self._sink.warn(report.retrying(watched.spec, verdict))
        try:
            again = Submitter(self._api, self._caller).run(
                watched.spec.only(failed),
                watched.intent,
                attempted_before=earlier,
                declared_s_ago=math.inf,
                until=deadline,
            )
        except _PASSING as error:
            if self._clock.monotonic() < deadline:
                raise
            return error
        watched.given_up |= {(task_id, canonical(path)) for task_id in watched.task_ids for path in failed}
        watched.given_up |= again.superseded
        watched.task_ids += [task_id for task_id in again.task_ids if task_id not in watched.task_ids]
        watched.request_ids += again.request_ids
        return None

    def _late(self, watched: Watched, verdict: Verdict, options: WaitOptions, trouble: ApiError | None) -> Result:
        advice = self._advice.after_timeout
        sentence = report.timeout(watched.spec, verdict, watched.task_ids, options.timeout_s, advice)
        if trouble is not None:
            sentence += f"\nThe last look failed: {trouble}"
        if options.on_timeout == "continue":
            self._sink.warn(sentence)
            return Result(verdict, None)
        raise TaskTimeoutError(sentence, verdict)


def unseen_task(task_id: str) -> str:
    """How a task of which no row is listed yet appears among the objects."""
    return f"(task {task_id})"
