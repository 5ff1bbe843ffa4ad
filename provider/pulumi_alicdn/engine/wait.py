"""The only polling loop: look, judge, report, sleep."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from pulumi_alicdn.core import report
from pulumi_alicdn.core.errors import (
    ApiError,
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
from pulumi_alicdn.core.rows import Row, RowStatus
from pulumi_alicdn.core.schedule import eta_s, next_look_s
from pulumi_alicdn.core.tasks import TaskSpec
from pulumi_alicdn.core.verdict import Outcome, Verdict, judge
from pulumi_alicdn.engine.calls import Caller
from pulumi_alicdn.engine.look import Looker, Sighting
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


class Waiter:
    """Waits until tasks are effective."""

    def __init__(self, api: TaskApi, caller: Caller, sink: ProgressSink, advice: Advice) -> None:
        """Look through *api*, tell *sink*."""
        self._api = api
        self._caller = caller
        self._clock = caller.clock
        self._sink = sink
        self._advice = advice
        self._looker = Looker(api, caller)

    def look(
        self,
        watched: Watched,
        settled: dict[str, tuple[Row, ...]] | None = None,
        until: float | None = None,
    ) -> tuple[Verdict, Sighting]:
        """One look at all rows of ours; tasks in *settled* are not asked for again, finished ones are added to it."""
        settled = {} if settled is None else settled
        open_ids = [task_id for task_id in watched.task_ids if task_id not in settled]
        sighting = self._looker.tasks(open_ids, until)
        rows = [row for known in settled.values() for row in known] + list(sighting.rows)
        paths = watched.spec.object_paths or tuple(dict.fromkeys(row.object_path for row in rows))
        verdict = judge(paths, rows)
        ours = {canonical(path) for path in paths}
        for task_id in open_ids:
            mine = tuple(r for r in sighting.rows if r.task_id == task_id and canonical(r.object_path) in ours)
            if mine and all(row.status.final for row in mine) and not verdict.missing:
                settled[task_id] = mine
        return verdict, sighting

    def run(self, watched: Watched, options: WaitOptions, *, retry_first: bool) -> Result:
        """Wait until all is Complete.

        *retry_first*: what had failed before this wait began is submitted again, once; apart from that
        ``options.retry_failed`` says how often. Raises TaskFailedError, TaskTimeoutError (unless told to continue),
        and at once whatever the service refuses for good.
        """
        started = self._clock.monotonic()
        deadline = started + options.timeout_s
        retries = options.retry_failed + (1 if retry_first else 0)
        settled: dict[str, tuple[Row, ...]] = {}
        verdict = judge(watched.spec.object_paths, ())
        trouble: ApiError | None = None
        while True:
            try:
                verdict, sighting = self.look(watched, settled, deadline)
            except _PASSING as error:
                trouble = error  # the deadline came first: told below, beside what was last known
            else:
                if verdict.outcome is Outcome.COMPLETE:
                    return Result(verdict, sighting.server_time)
                if verdict.outcome is Outcome.FAILED:
                    retries = self._retry(watched, verdict, retries, earlier=retry_first)
                    settled.clear()
                retry_first = False
            elapsed = self._clock.monotonic() - started
            if not verdict.rows and elapsed >= UNKNOWN_TASK_S:
                raise UnknownTaskError(report.unknown_task(watched.spec, watched.task_ids))
            remaining = deadline - self._clock.monotonic()
            if remaining <= 0 or trouble is not None:
                return self._late(watched, verdict, options, trouble)
            self._sink.report(self._progress(verdict, elapsed))
            self._clock.sleep(next_look_s(elapsed, verdict.percent, remaining))

    def _progress(self, verdict: Verdict, elapsed_s: float) -> Progress:
        outcome = Outcome.REFRESHING if verdict.outcome is Outcome.FAILED else verdict.outcome
        return Progress(
            outcome, verdict.percent, verdict.complete, len(verdict.rows), eta_s(elapsed_s, verdict.percent)
        )

    def _retry(self, watched: Watched, verdict: Verdict, retries: int, *, earlier: bool) -> int:
        """Submit the failed objects again, or raise TaskFailedError where no retry is left; return how many are."""
        if retries == 0 or watched.intent is None:
            raise TaskFailedError(report.failure(watched.spec, verdict, self._advice.after_failure))
        failed = verdict.paths(RowStatus.FAILED)
        self._sink.warn(report.retrying(watched.spec, verdict))
        left = watched.spec.only(failed)
        again = Submitter(self._api, self._caller).run(left, watched.intent, attempted_before=earlier)
        watched.task_ids += [task_id for task_id in again.task_ids if task_id not in watched.task_ids]
        watched.request_ids += again.request_ids
        return retries - 1

    def _late(self, watched: Watched, verdict: Verdict, options: WaitOptions, trouble: ApiError | None) -> Result:
        advice = self._advice.after_timeout
        sentence = report.timeout(watched.spec, verdict, watched.task_ids, options.timeout_s, advice)
        if trouble is not None:
            sentence += f"\nThe last look failed: {trouble}"
        if options.on_timeout == "continue":
            self._sink.warn(sentence)
            return Result(verdict, None)
        raise TaskTimeoutError(sentence)
