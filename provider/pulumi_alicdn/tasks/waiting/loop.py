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
        self,
        api: TaskApi,
        caller: Caller,
        sink: ProgressSink,
        next_steps: NextSteps,
        poll_group: PollGroup | None = None,
    ) -> None:
        """Look through *api*, tell *sink*; *poll_group* is shared by all waits of a process for the same service."""
        self._api = api
        self._caller = caller
        self._clock = caller.clock
        self._sink = sink
        self._next_steps = next_steps
        self._poll_group = PollGroup() if poll_group is None else poll_group
        self._watcher = Observer(api, caller, self._poll_group)

    def look(self, awaited: AwaitedTasks) -> tuple[Verdict, Listing]:
        """One look at all rows of ours, and no wait."""
        job = self._resolve(awaited, None, None)
        if not awaited.task_ids and job is not None:
            return self._unsubmitted(awaited), Listing((), job.server_time)
        listing = RowReader(self._api, self._caller).tasks(awaited.task_ids)
        return FinishedTasks().judge(awaited, listing.rows), listing

    @staticmethod
    def _unsubmitted(awaited: AwaitedTasks) -> Verdict:
        return judge((unseen_task(job_id) for job_id in awaited.job_ids), ())

    def _resolve(self, awaited: AwaitedTasks, until: float | None, on_retry: OnRetry) -> Job | None:
        """Replace jobs by the tasks that the service made of them; return the last job that was asked for."""
        job: Job | None = None
        for job_id in tuple(awaited.job_ids):
            job = self._caller.read(lambda job_id=job_id: self._api.job(job_id), until, on_retry)  # type: ignore[misc]
            if job.failures:
                raise RefusedError(messages.failed_media(awaited.spec, job.failures), ApiFault("GetMediaRefreshJobs"))
            if job.done:
                awaited.job_ids.remove(job_id)
                awaited.task_ids += [task_id for task_id in job.task_ids if task_id not in awaited.task_ids]
        return job

    def run(
        self, awaited: AwaitedTasks, options: WaitOptions, *, retry_first: bool, durations_s: Sequence[float] = ()
    ) -> WaitResult:
        """Wait until all is Complete.

        *retry_first*: what had failed before this wait began is submitted again, once; apart from that
        ``options.retry_failed`` says how often. *durations_s*: how long earlier tasks of the same kind took.
        Raises TaskFailedError, TaskTimeoutError (unless told to continue), and at once whatever the service refuses
        for good.
        """
        subscription = awaited.subscription()
        self._poll_group.join(subscription)
        try:
            return self._run(awaited, subscription, options, retry_first, durations_s)
        finally:
            self._poll_group.leave(subscription)

    def _run(
        self,
        awaited: AwaitedTasks,
        subscription: Subscription,
        options: WaitOptions,
        retry_first: bool,
        durations_s: Sequence[float],
    ) -> WaitResult:
        started = self._clock.monotonic()
        deadline = started + options.timeout_s
        history = WaitHistory(started, options.retry_failed, retry_first)
        verdict = judge(awaited.spec.object_paths, ())
        while True:

            def trouble(error: ApiError, seen: Verdict = verdict) -> None:
                progress = self._progress(seen, seen.percent, None)
                self._sink.report(replace(progress, note=f"trying again after: {error.summary}"))

            try:
                sight = self._see(awaited, subscription, history, deadline, trouble)
            except _PASSING as error:
                # No further try would come before the deadline.
                return self._late(awaited, verdict, options, error)
            elapsed = sight.ended - started
            counted = sight.unfinished is not None
            age_s = history.age_at(sight, subscription.window)
            if not counted:
                unsubmitted = not awaited.task_ids and awaited.job_ids
                verdict = self._unsubmitted(awaited) if unsubmitted else history.settled.judge(awaited, sight.rows)
                if verdict.outcome is Outcome.COMPLETE:
                    length = (history.looks[-1].age_s + age_s) / 2 if history.looks else None
                    return WaitResult(verdict, sight.seen.server_time, length)
            self._learn(awaited, subscription, verdict, sight, elapsed)
            # A look that only counted judges nothing: what had failed at the last listing was submitted again.
            if verdict.outcome is Outcome.FAILED and not counted:
                kept_from_it = self._retry(awaited, verdict, history, deadline)
                if kept_from_it is not None:
                    return self._late(awaited, verdict, options, kept_from_it)
                verdict = awaited.without_superseded(verdict)
                # The new rows are of another time. The window stays: another wait may be asking for it just now.
                subscription.by_id, age_s = True, 0.0
            history.retry_first = False
            self._require_known(awaited, verdict, elapsed, min(UNKNOWN_TASK_S, options.timeout_s))
            remaining = deadline - self._clock.monotonic()
            # A look of several calls is as old as its first one: the last look is one that began at the deadline.
            if remaining <= 0 and sight.began >= deadline and not counted:
                return self._late(awaited, verdict, options, None)
            percent = _percent(sight, subscription.total) if counted else verdict.percent
            history.saw(age_s, percent)
            self._sink.report(self._progress(verdict, percent, age_s, sight.unfinished))
            wait_s = next_look_s(awaited.spec.kind, history.looks, durations_s, remaining, sight.seen.pages)
            wait_s = min(wait_s, self._most_s(awaited, subscription, verdict, sight, elapsed))
            self._watcher.rest(subscription, min(sight.ended + wait_s, deadline))

    def _see(
        self,
        awaited: AwaitedTasks,
        subscription: Subscription,
        history: WaitHistory,
        deadline: float,
        on_retry: OnRetry,
    ) -> Sight:
        """A look at what is not finished; all rows of it once the time is up."""
        began = self._clock.monotonic()
        job = self._resolve(awaited, deadline, on_retry)
        if not awaited.task_ids and job is not None:
            return Sight((), Listing((), job.server_time), began, self._clock.monotonic())
        subscription.task_ids = history.settled.open_ids(awaited)
        return self._watcher.look(subscription, deadline, on_retry, all_rows=began >= deadline or history.retry_first)

    @staticmethod
    def _learn(
        awaited: AwaitedTasks, subscription: Subscription, verdict: Verdict, sight: Sight, elapsed_s: float
    ) -> None:
        """Note what was seen of how the rows can be asked for."""
        counted = sight.unfinished is not None
        if elapsed_s >= UNKNOWN_TASK_S and (sight.blind if counted else verdict.missing):
            subscription.by_id = True
        if counted:
            return
        rows = [row for row in verdict.rows.values() if row is not None]
        if subscription.window is not None and not all(row.created in subscription.window for row in rows):
            subscription.by_id = True  # an earlier wait submitted some again
        kinds = {row.object_type for row in rows}
        if not awaited.spec.object_paths and not verdict.missing and len(kinds) == 1:
            subscription.object_type = kinds.pop()
            subscription.total = len(rows)
            subscription.window = CreationWindow(min(row.created for row in rows), max(row.created for row in rows))

    @staticmethod
    def _most_s(
        awaited: AwaitedTasks, subscription: Subscription, verdict: Verdict, sight: Sight, elapsed_s: float
    ) -> float:
        """Seconds until the next look at most."""
        if sight.blind and subscription.by_id:
            return MIN_S  # it may be over since long
        if verdict.missing and not awaited.spec.object_paths:
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
    def _require_known(awaited: AwaitedTasks, verdict: Verdict, elapsed_s: float, patience_s: float) -> None:
        """Raise UnknownTaskError where a task of others is still not listed after a while."""
        if awaited.spec.object_paths or elapsed_s < patience_s:
            return
        unknown = [task_id for task_id in awaited.task_ids if unseen_task(task_id) in verdict.rows]
        if unknown:
            raise UnknownTaskError(messages.unknown_task(awaited.spec, unknown))

    def _retry(self, awaited: AwaitedTasks, verdict: Verdict, history: WaitHistory, deadline: float) -> ApiError | None:
        """Submit the failed objects again, or raise TaskFailedError; return what kept it from being done in time.

        From then on their failed rows speak for nothing any more: the new ones may take a while to be listed.
        """
        history.retries -= 0 if history.retry_first else 1
        if history.retries < 0 or awaited.intent is None or awaited.spec.tags is not None:
            raise TaskFailedError(messages.failure(awaited.spec, verdict, self._next_steps.after_failure), verdict)
        failed = verdict.paths(RowStatus.FAILED)
        self._sink.warn(messages.retrying(awaited.spec, verdict))
        try:
            again = Submitter(self._api, self._caller, self._sink.submitted).run(
                awaited.spec.only(failed),
                awaited.intent,
                attempted_before=history.retry_first,
                declared_s_ago=math.inf,
                until=deadline,
            )
        except _PASSING as error:
            if self._clock.monotonic() < deadline:
                raise
            return error
        awaited.superseded |= {(task_id, canonical(path)) for task_id in awaited.task_ids for path in failed}
        awaited.superseded |= again.superseded
        awaited.task_ids += [task_id for task_id in again.task_ids if task_id not in awaited.task_ids]
        awaited.request_ids += again.request_ids
        history.restart(verdict, self._clock.monotonic())
        return None

    def _late(
        self, awaited: AwaitedTasks, verdict: Verdict, options: WaitOptions, trouble: ApiError | None
    ) -> WaitResult:
        next_steps = self._next_steps.after_timeout
        sentence = messages.timeout(awaited.spec, verdict, awaited.task_ids, options.timeout_s, next_steps)
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
