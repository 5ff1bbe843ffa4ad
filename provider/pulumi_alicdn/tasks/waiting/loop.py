"""The only polling loop: observe, judge, report, sleep."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

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
from pulumi_alicdn.tasks.options import WaitOptions
from pulumi_alicdn.tasks.retry_policy import Caller, OnRetry
from pulumi_alicdn.tasks.submit import Submission, Submitter
from pulumi_alicdn.tasks.task_api import ProgressSink, TaskApi
from pulumi_alicdn.tasks.verdict import Outcome, Verdict, judge
from pulumi_alicdn.tasks.waiting.awaited import AwaitedTasks, FinishedTasks, NextSteps, WaitHistory, WaitResult
from pulumi_alicdn.tasks.waiting.poll_group import Observer, PollGroup, list_tasks
from pulumi_alicdn.tasks.waiting.poll_method import LATE_ROWS_S
from pulumi_alicdn.tasks.waiting.samples import Sample
from pulumi_alicdn.tasks.waiting.schedule import next_poll_s, true_at_s
from pulumi_alicdn.tasks.waiting.snapshot import Snapshot, learn, longest_pause_s, progress_of

_PASSING: Final = (ThrottledError, UnreachableError, UnknownOutcomeError)
"""Errors of a poll after which the next poll can succeed."""


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
        """Poll through *api* and report to *sink*; all waits of a process for the same service share *poll_group*."""
        self._api = api
        self._caller = caller
        self._clock = caller.clock
        self._sink = sink
        self._next_steps = next_steps
        self._poll_group = PollGroup() if poll_group is None else poll_group

    def poll_once(self, awaited: AwaitedTasks) -> tuple[Verdict, Snapshot]:
        """List all rows once, without waiting."""
        snapshot = self._unfinished_jobs(awaited) or list_tasks(
            self._api, self._caller, awaited.task_ids, once=not awaited.whole_tasks
        )
        return FinishedTasks().judge(awaited, snapshot.rows, snapshot.short), snapshot

    def run(
        self, awaited: AwaitedTasks, options: WaitOptions, *, retry_first: bool, durations_s: Sequence[float] = ()
    ) -> WaitResult:
        """Wait until every object is Complete.

        *retry_first*: resubmit objects that failed before this wait, once, in addition to ``options.retry_failed``.
        *durations_s*: the durations of earlier tasks of the same kind.
        Raises TaskFailedError, TaskTimeoutError (unless ``options.on_timeout`` is `continue`), UnknownTaskError, and at
        once any ApiError for which a retry does not help.
        """
        with Observer(self._api, self._caller, self._poll_group, awaited.wanted()) as observer:
            return self._run(awaited, observer, options, retry_first, durations_s)

    def _run(
        self,
        awaited: AwaitedTasks,
        observer: Observer,
        options: WaitOptions,
        retry_first: bool,
        durations_s: Sequence[float],
    ) -> WaitResult:
        """Observe, judge, report, sleep. ``started`` and ``deadline`` are monotonic instants."""
        started = self._clock.monotonic()
        deadline = started + options.timeout_s
        history = WaitHistory(started, options.retry_failed, retry_first)
        verdict = judge(awaited.spec.object_paths, ())
        while True:
            try:
                snapshot = self._observe(awaited, observer, history, deadline, self._note_of(verdict))
            except _PASSING as error:
                # The retries lasted until the deadline.
                return self._late(awaited, history, verdict, options, error)
            elapsed_s = snapshot.ended - started
            age_s = history.age_at(snapshot, awaited.window, awaited.begin)
            shown_s = true_at_s(history.samples, age_s, observer.odds)

            if not snapshot.counted:
                verdict = self._judge(awaited, history, snapshot)
                history.note_listed(verdict, snapshot)
                if verdict.outcome is Outcome.COMPLETE:
                    observer.note_samples([*history.samples, Sample(age_s, 100.0)])
                    took_s = history.length_s(shown_s)
                    # Otherwise the row of a finished step keeps the last estimate, such as `96%`.
                    self._sink.report(replace(progress_of(verdict), took_s=took_s))
                    return WaitResult(verdict, snapshot.server_time, took_s)
                if awaited.forgotten(verdict, snapshot.server_time):
                    self.submit_forgotten(awaited, verdict, snapshot)
                    observer.resubmitted()
                    return self._run(awaited, observer, options, retry_first, durations_s)
                observer.learn(learn(verdict, whole_tasks=awaited.whole_tasks), elapsed_s)
                if verdict.outcome is Outcome.FAILED:
                    kept_from_it = self._retry(awaited, verdict, history, deadline, snapshot.server_time)
                    if kept_from_it is not None:
                        return self._late(awaited, history, verdict, options, kept_from_it)
                    observer.resubmitted()
                    verdict, age_s, shown_s = awaited.without_superseded(verdict), 0.0, 0.0
            history.note_judged()
            unknown = awaited.unknown(verdict, elapsed_s, options.timeout_s, snapshot.short)
            self._require_listed(awaited, history, unknown, elapsed_s)
            remaining_s = deadline - self._clock.monotonic()
            # A poll of several calls may have begun before the deadline and missed the end: poll again at the deadline.
            if remaining_s <= 0 and snapshot.began >= deadline and not snapshot.counted:
                return self._late(awaited, history, verdict, options, None)

            progress = progress_of(verdict, snapshot, shown_s, age_s - shown_s)
            history.note_progress(age_s, progress.percent)
            observer.note_samples(history.samples)
            self._sink.report(progress)

            pause_s = min(
                next_poll_s(
                    awaited.spec.kind, history.samples, durations_s, remaining_s, snapshot.calls, observer.odds
                ),
                longest_pause_s(snapshot, verdict, awaited.unknown_after_s(options.timeout_s) - elapsed_s),
            )
            observer.rest(min(snapshot.ended + pause_s, deadline))

    def _observe(
        self,
        awaited: AwaitedTasks,
        observer: Observer,
        history: WaitHistory,
        deadline: float,
        on_retry: OnRetry,
    ) -> Snapshot:
        """Poll the unfinished tasks. List all rows at the deadline, and first of all if objects may have failed."""
        all_rows = history.retry_first or self._clock.monotonic() >= deadline
        unfinished = self._unfinished_jobs(awaited, deadline, on_retry)
        if unfinished is not None:
            return unfinished
        return observer.observe(history.finished.open_ids(awaited), deadline, on_retry, all_rows=all_rows)

    def _judge(self, awaited: AwaitedTasks, history: WaitHistory, snapshot: Snapshot) -> Verdict:
        """Judge all rows; warn once of a status that is unknown."""
        verdict = history.finished.judge(awaited, snapshot.rows, snapshot.short, by_id=snapshot.by_id)
        odd = history.first_unknown_status(verdict)
        if odd is not None:
            self._sink.warn(messages.unknown_status(awaited.spec, odd))
        return verdict

    def _unfinished_jobs(
        self, awaited: AwaitedTasks, until: float | None = None, on_retry: OnRetry | None = None
    ) -> Snapshot | None:
        """Replace jobs by their tasks; return a snapshot without rows while there are no tasks."""
        began = self._clock.monotonic()
        job: Job | None = None
        for job_id in tuple(awaited.job_ids):
            job = self._caller.read(lambda job_id=job_id: self._api.job(job_id), until, on_retry)  # type: ignore[misc]
            failures = awaited.failures(job)
            if failures:
                raise RefusedError(messages.failed_media(awaited.spec, failures), ApiFault("GetMediaRefreshJobs"))
            awaited.note_job(job)
        if job is None or awaited.task_ids:
            return None
        return Snapshot((), job.server_time, began, self._clock.monotonic())

    def _note_of(self, verdict: Verdict) -> OnRetry:
        """Return a callback that reports the last verdict together with the error after which a call is retried."""

        def note(error: ApiError) -> None:
            self._sink.report(replace(progress_of(verdict), note=f"trying again after: {error.summary}"))

        return note

    def submit_forgotten(self, awaited: AwaitedTasks, verdict: Verdict, snapshot: Snapshot) -> None:
        """Submit the objects whose rows the service has forgotten; first look up whether an earlier run did so.

        Raises UnknownTaskError for tasks of media or cache tags: the service has no way to look those up.
        """
        if not awaited.spec.by_path or awaited.intent is None:
            raise UnknownTaskError(messages.forgotten_tasks(awaited.spec, awaited.task_ids))
        lost = awaited.forgotten(verdict, snapshot.server_time)
        self._sink.warn(messages.forgotten(awaited.spec, lost, len(verdict.rows)))
        submission = Submitter(self._api, self._caller, self._sink.submitted, self._next_steps.after_doubt).run(
            awaited.spec.only(lost),
            awaited.intent,
            attempted_before=True,
            declared_s_ago=math.inf,
            now=snapshot.server_time,
        )
        self._warn_of_doubts(awaited, submission)
        awaited.submitted_anew(submission, snapshot.rows)

    def _retry(
        self, awaited: AwaitedTasks, verdict: Verdict, history: WaitHistory, deadline: float, now: datetime
    ) -> ApiError | None:
        """Resubmit the failed objects, or raise TaskFailedError; return the error that prevented it until the deadline.

        From then on, the failed rows no longer count: the new ones may be listed only later.
        """
        if not history.may_retry() or awaited.intent is None or awaited.spec.tags is not None:
            raise TaskFailedError(messages.failure(awaited.spec, verdict, self._next_steps.after_failure), verdict)
        failed = verdict.paths(RowStatus.FAILED)
        self._sink.warn(messages.retrying(awaited.spec, verdict))
        try:
            submission = Submitter(self._api, self._caller, self._sink.submitted, self._next_steps.after_doubt).run(
                awaited.spec.only(failed),
                awaited.intent,
                attempted_before=history.retry_first,
                declared_s_ago=math.inf,
                until=deadline,
                now=now,
            )
        except _PASSING as error:
            if self._clock.monotonic() < deadline:
                raise
            return error
        self._warn_of_doubts(awaited, submission)
        awaited.resubmitted(verdict, submission)
        history.restart(verdict, self._clock.monotonic())
        return None

    def _warn_of_doubts(self, awaited: AwaitedTasks, submission: Submission) -> None:
        for doubt in messages.doubts(awaited.spec, submission.weaker, submission.early, self._next_steps.after_doubt):
            self._sink.warn(doubt)

    def _require_listed(
        self, awaited: AwaitedTasks, history: WaitHistory, unknown: Sequence[str], elapsed_s: float
    ) -> None:
        """Raise UnknownTaskError for *unknown* tasks; warn once if none of an earlier run's tasks is listed for long.

        That run may have had another account. Its own wait would end at the timeout only, which may be hours away.
        """
        if unknown and awaited.intent is None:
            raise UnknownTaskError(messages.unknown_task(awaited.spec, unknown))
        if unknown:
            next_step = self._next_step(awaited, listed=False)
            raise UnknownTaskError(messages.lost_tasks(awaited.spec, unknown, next_step, earlier=awaited.resumed))
        if awaited.resumed and history.none_listed_since(LATE_ROWS_S, elapsed_s):
            after = self._next_steps.after_doubt
            self._sink.warn(messages.none_listed(awaited.spec, awaited.task_ids, elapsed_s, after))

    def _next_step(self, awaited: AwaitedTasks, *, listed: bool) -> str:
        """Return the next step after a wait without an end; *listed*: whether it saw any row of the tasks."""
        usual = self._next_steps.after_timeout
        if listed or not awaited.resumed:
            return usual
        return messages.another_account(self._next_steps.after_doubt, usual)

    def _late(
        self,
        awaited: AwaitedTasks,
        history: WaitHistory,
        verdict: Verdict,
        options: WaitOptions,
        trouble: ApiError | None,
    ) -> WaitResult:
        """End the wait at the deadline, or because of *trouble* whose retries lasted until then."""
        next_steps = self._next_step(awaited, listed=history.listed or trouble is not None)
        sentence = messages.timeout(awaited.spec, verdict, awaited.task_ids, options.timeout_s, next_steps)
        if trouble is not None:
            sentence += f"\nThe last poll failed: {trouble}"
        if options.on_timeout == "continue":
            self._sink.warn(sentence)
            return WaitResult(verdict, None)
        raise TaskTimeoutError(sentence, verdict)
