"""The only polling loop: look, judge, report, sleep."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pulumi_alicdn.api.object_paths import canonical
from pulumi_alicdn.api.rows import Job, RowStatus
from pulumi_alicdn.errors import (
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
from pulumi_alicdn.tasks import messages
from pulumi_alicdn.tasks.calls import Caller
from pulumi_alicdn.tasks.options import WaitOptions
from pulumi_alicdn.tasks.progress import Progress
from pulumi_alicdn.tasks.row_reader import Listing, RowReader
from pulumi_alicdn.tasks.submit import Submitter
from pulumi_alicdn.tasks.task_api import ProgressSink, TaskApi
from pulumi_alicdn.tasks.verdict import Outcome, Verdict, judge
from pulumi_alicdn.tasks.waiting.awaited import (
    AwaitedTasks,
    FinishedTasks,
    NextSteps,
    WaitHistory,
    WaitResult,
    unseen_task,
)
from pulumi_alicdn.tasks.waiting.poll import OnRetry, Sight, Subscription
from pulumi_alicdn.tasks.waiting.poll_group import Observer, PollGroup
from pulumi_alicdn.tasks.waiting.poll_method import CreationWindow
from pulumi_alicdn.tasks.waiting.schedule import MIN_S, eta_s, next_look_s

_PASSING = (ThrottledError, UnreachableError, UnknownOutcomeError)

UNKNOWN_TASK_S: Final = 60.0
"""Seconds after which a task of which no row was ever seen counts as unknown, and rows that are not where they were
looked for are looked for by their task. [chosen: four graces of a submit]"""


class Waiter:
    """Waits until tasks are effective."""

    def __init__(
        self, api: TaskApi, caller: Caller, sink: ProgressSink, advice: NextSteps, poller: PollGroup | None = None
    ) -> None:
        """Look through *api*, tell *sink*; *poller* is shared by all waits of a process for the same service."""
        self._api = api
        self._caller = caller
        self._clock = caller.clock
        self._sink = sink
        self._advice = advice
        self._poller = PollGroup() if poller is None else poller
        self._watcher = Observer(api, caller, self._poller)

    def look(self, watched: AwaitedTasks) -> tuple[Verdict, Listing]:
        """One look at all rows of ours, and no wait."""
        job = self._resolve(watched, None, None)
        if not watched.task_ids and job is not None:
            return self._unsubmitted(watched), Listing((), job.server_time)
        sighting = RowReader(self._api, self._caller).tasks(watched.task_ids)
        return FinishedTasks().judge(watched, sighting.rows), sighting

    @staticmethod
    def _unsubmitted(watched: AwaitedTasks) -> Verdict:
        return judge((unseen_task(job_id) for job_id in watched.job_ids), ())

    def _resolve(self, watched: AwaitedTasks, until: float | None, told: OnRetry) -> Job | None:
        """Replace jobs by the tasks that the service made of them; return the last job that was asked for."""
        job: Job | None = None
        for job_id in tuple(watched.job_ids):
            job = self._caller.read(lambda job_id=job_id: self._api.job(job_id), until, told)  # type: ignore[misc]
            if job.failures:
                raise RefusedError(messages.failed_media(watched.spec, job.failures), ApiFault("GetMediaRefreshJobs"))
            if job.done:
                watched.job_ids.remove(job_id)
                watched.task_ids += [task_id for task_id in job.task_ids if task_id not in watched.task_ids]
        return job

    def run(
        self, watched: AwaitedTasks, options: WaitOptions, *, retry_first: bool, durations_s: Sequence[float] = ()
    ) -> WaitResult:
        """Wait until all is Complete.

        *retry_first*: what had failed before this wait began is submitted again, once; apart from that
        ``options.retry_failed`` says how often. *durations_s*: how long earlier tasks of the same kind took.
        Raises TaskFailedError, TaskTimeoutError (unless told to continue), and at once whatever the service refuses
        for good.
        """
        interest = watched.interest()
        self._poller.join(interest)
        try:
            return self._run(watched, interest, options, retry_first, durations_s)
        finally:
            self._poller.leave(interest)

    def _run(
        self,
        watched: AwaitedTasks,
        interest: Subscription,
        options: WaitOptions,
        retry_first: bool,
        durations_s: Sequence[float],
    ) -> WaitResult:
        started = self._clock.monotonic()
        deadline = started + options.timeout_s
        course = WaitHistory(started, options.retry_failed, retry_first)
        verdict = judge(watched.spec.object_paths, ())
        while True:

            def trouble(error: ApiError, seen: Verdict = verdict) -> None:
                progress = self._progress(seen, seen.percent, None)
                self._sink.report(replace(progress, note=f"trying again after: {error.summary}"))

            try:
                sight = self._see(watched, interest, course, deadline, trouble)
            except _PASSING as error:
                # No further try would come before the deadline.
                return self._late(watched, verdict, options, error)
            elapsed = sight.ended - started
            counted = sight.unfinished is not None
            age_s = course.age_at(sight, interest.window)
            if not counted:
                unsubmitted = not watched.task_ids and watched.job_ids
                verdict = self._unsubmitted(watched) if unsubmitted else course.settled.judge(watched, sight.rows)
                if verdict.outcome is Outcome.COMPLETE:
                    length = (course.looks[-1].age_s + age_s) / 2 if course.looks else None
                    return WaitResult(verdict, sight.seen.server_time, length)
            self._learn(watched, interest, verdict, sight, elapsed)
            # A look that only counted judges nothing: what had failed at the last listing was submitted again.
            if verdict.outcome is Outcome.FAILED and not counted:
                kept_from_it = self._retry(watched, verdict, course, deadline)
                if kept_from_it is not None:
                    return self._late(watched, verdict, options, kept_from_it)
                verdict = watched.without_given_up(verdict)
                # The new rows are of another time. The window stays: another wait may be asking for it just now.
                interest.by_id, age_s = True, 0.0
            course.retry_first = False
            self._require_known(watched, verdict, elapsed, min(UNKNOWN_TASK_S, options.timeout_s))
            remaining = deadline - self._clock.monotonic()
            # A look of several calls is as old as its first one: the last look is one that began at the deadline.
            if remaining <= 0 and sight.began >= deadline and not counted:
                return self._late(watched, verdict, options, None)
            percent = _percent(sight, interest.total) if counted else verdict.percent
            course.saw(age_s, percent)
            self._sink.report(self._progress(verdict, percent, age_s, sight.unfinished))
            wait_s = next_look_s(watched.spec.kind, course.looks, durations_s, remaining, sight.seen.pages)
            wait_s = min(wait_s, self._most_s(watched, interest, verdict, sight, elapsed))
            self._watcher.rest(interest, min(sight.ended + wait_s, deadline))

    def _see(
        self, watched: AwaitedTasks, interest: Subscription, course: WaitHistory, deadline: float, told: OnRetry
    ) -> Sight:
        """A look at what is not finished; all rows of it once the time is up."""
        began = self._clock.monotonic()
        job = self._resolve(watched, deadline, told)
        if not watched.task_ids and job is not None:
            return Sight((), Listing((), job.server_time), began, self._clock.monotonic())
        interest.task_ids = course.settled.open_ids(watched)
        return self._watcher.look(interest, deadline, told, all_rows=began >= deadline or course.retry_first)

    @staticmethod
    def _learn(watched: AwaitedTasks, interest: Subscription, verdict: Verdict, sight: Sight, elapsed_s: float) -> None:
        """Note what was seen of how the rows can be asked for."""
        counted = sight.unfinished is not None
        if elapsed_s >= UNKNOWN_TASK_S and (sight.blind if counted else verdict.missing):
            interest.by_id = True
        if counted:
            return
        rows = [row for row in verdict.rows.values() if row is not None]
        if interest.window is not None and not all(row.created in interest.window for row in rows):
            interest.by_id = True  # an earlier wait submitted some again
        kinds = {row.object_type for row in rows}
        if not watched.spec.object_paths and not verdict.missing and len(kinds) == 1:
            interest.object_type = kinds.pop()
            interest.total = len(rows)
            interest.window = CreationWindow(min(row.created for row in rows), max(row.created for row in rows))

    @staticmethod
    def _most_s(
        watched: AwaitedTasks, interest: Subscription, verdict: Verdict, sight: Sight, elapsed_s: float
    ) -> float:
        """Seconds until the next look at most."""
        if sight.blind and interest.by_id:
            return MIN_S  # it may be over since long
        if verdict.missing and not watched.spec.object_paths:
            return max(UNKNOWN_TASK_S - elapsed_s, MIN_S)
        return math.inf

    @staticmethod
    def _progress(verdict: Verdict, percent: float, age_s: float | None, unfinished: int | None = None) -> Progress:
        total = len(verdict.rows)
        complete = verdict.complete if unfinished is None else max(0, total - unfinished)
        going_on = verdict.outcome is Outcome.FAILED or unfinished is not None
        outcome = Outcome.REFRESHING if going_on else verdict.outcome
        return Progress(outcome, percent, complete, total, eta_s(age_s, percent) if age_s is not None else None)

    @staticmethod
    def _require_known(watched: AwaitedTasks, verdict: Verdict, elapsed_s: float, patience_s: float) -> None:
        """Raise UnknownTaskError where a task of others is still not listed after a while."""
        if watched.spec.object_paths or elapsed_s < patience_s:
            return
        unknown = [task_id for task_id in watched.task_ids if unseen_task(task_id) in verdict.rows]
        if unknown:
            raise UnknownTaskError(messages.unknown_task(watched.spec, unknown))

    def _retry(self, watched: AwaitedTasks, verdict: Verdict, course: WaitHistory, deadline: float) -> ApiError | None:
        """Submit the failed objects again, or raise TaskFailedError; return what kept it from being done in time.

        From then on their failed rows speak for nothing any more: the new ones may take a while to be listed.
        """
        course.retries -= 0 if course.retry_first else 1
        if course.retries < 0 or watched.intent is None or watched.spec.tags is not None:
            raise TaskFailedError(messages.failure(watched.spec, verdict, self._advice.after_failure), verdict)
        failed = verdict.paths(RowStatus.FAILED)
        self._sink.warn(messages.retrying(watched.spec, verdict))
        try:
            again = Submitter(self._api, self._caller).run(
                watched.spec.only(failed),
                watched.intent,
                attempted_before=course.retry_first,
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
        course.restart(verdict, self._clock.monotonic())
        return None

    def _late(
        self, watched: AwaitedTasks, verdict: Verdict, options: WaitOptions, trouble: ApiError | None
    ) -> WaitResult:
        advice = self._advice.after_timeout
        sentence = messages.timeout(watched.spec, verdict, watched.task_ids, options.timeout_s, advice)
        if trouble is not None:
            sentence += f"\nThe last look failed: {trouble}"
        if options.on_timeout == "continue":
            self._sink.warn(sentence)
            return WaitResult(verdict, None)
        raise TaskTimeoutError(sentence, verdict)


def _percent(sight: Sight, total: int) -> float:
    """Progress of *total* rows of which the look saw only some of those under way."""
    unfinished = min(sight.unfinished or 0, total)
    return min(99.0, 100.0 - unfinished / total * (100.0 - sight.percent))
