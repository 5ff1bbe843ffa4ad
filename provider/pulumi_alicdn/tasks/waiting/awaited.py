"""The tasks that a wait waits for, the judgement of their rows, and the history of a wait."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pulumi_alicdn.api.limits import MAX_MEDIA_PER_CALL, media_batches
from pulumi_alicdn.api.object_paths import canonical, without_scheme
from pulumi_alicdn.api.row_count import Shortfall
from pulumi_alicdn.api.rows import Job, Row, RowStatus
from pulumi_alicdn.api.spec import TaskSpec
from pulumi_alicdn.api.time_range import earliest_stated, forgotten
from pulumi_alicdn.phrases import listed
from pulumi_alicdn.tasks.matching import Identity, match
from pulumi_alicdn.tasks.messages import STORED, AfterDoubt
from pulumi_alicdn.tasks.row_reader import domain_of, key
from pulumi_alicdn.tasks.submit import Intent, Submission
from pulumi_alicdn.tasks.verdict import Verdict, judge_matches
from pulumi_alicdn.tasks.waiting.poll_method import LATE_ROWS_S, CreationWindow
from pulumi_alicdn.tasks.waiting.samples import Sample
from pulumi_alicdn.tasks.waiting.snapshot import UNKNOWN_TASK_S, Snapshot, age_of
from pulumi_alicdn.tasks.waiting.subscription import Wanted


@dataclass(slots=True)
class AwaitedTasks:
    """The tasks of a wait.

    ``spec``: the objects; without object paths, the wait is for all rows of the tasks.
    ``task_ids``: the ids of the tasks, including those of resubmitted objects.
    ``intent``: None if somebody else submitted the tasks; then nothing is resubmitted.
    ``request_ids``: the requests that submitted the tasks.
    ``job_ids``: submits by media id whose task ids are not known yet.
    ``superseded``: superseded rows, by task and object.
    ``window``: when the rows were created, if that is known.
    ``since``: when the first task was submitted; None if forgotten tasks are not submitted again.
    ``known``: rows of earlier polls that were Complete; the service may have forgotten them.
    ``hidden_s``: seconds for which a task of somebody else may stay unlisted before its id counts as wrong.
    ``resumed``: whether an earlier run submitted the tasks: it may have been one of another account.
    ``media_missing``: for a job, the media for which it named no task when it was polled last.
    """

    spec: TaskSpec
    task_ids: list[str]
    intent: Intent | None = None
    request_ids: list[str] = field(default_factory=list)
    job_ids: list[str] = field(default_factory=list)
    superseded: set[tuple[str, str]] = field(default_factory=set)
    window: CreationWindow | None = None
    since: datetime | None = None
    known: tuple[Row, ...] = ()
    hidden_s: float = UNKNOWN_TASK_S
    resumed: bool = False
    media_missing: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def whole_tasks(self) -> bool:
        """Whether the wait is for all rows of the tasks, and not only for those of known object paths."""
        return not self.spec.object_paths

    @property
    def begin(self) -> datetime | None:
        """The earliest CreationTime that rows of ours can have; None if somebody else submitted the tasks."""
        return None if self.intent is None else earliest_stated(self.intent.not_before)

    @property
    def identity(self) -> Identity:
        """What distinguishes rows of ours from other rows of the same tasks."""
        begin = self.begin
        if self.whole_tasks or begin is None:
            # Only the service knows the type of objects that somebody else submitted.
            return Identity(own_ids=True)
        in_window = begin.__le__ if self.window is None else self.window.__contains__
        return Identity(self.spec.object_type, own_ids=True, in_window=in_window)

    def wanted(self) -> Wanted:
        """The rows that polls have to show."""
        paths = self.spec.object_paths
        kind = None if self.whole_tasks else self.spec.object_type
        names = frozenset(map(without_scheme, paths))
        total = len({canonical(path) for path in paths})
        return Wanted(tuple(self.task_ids), names, kind, self.window, total, domain=domain_of(paths))

    def failures(self, job: Job) -> Sequence[tuple[str, str]]:
        """Return the media of ours that failed in *job*, each with the reason."""
        own = self.spec.media
        return [(one, reason) for one, reason in job.failures if own is None or one in own.ids]

    def note_job(self, job: Job) -> None:
        """Wait for the tasks that the service made from *job*, once it names a task for every medium of its submit.

        An answer that lacks a medium would otherwise end the wait without the tasks of that medium.
        """
        asked = self._media_of(job)
        self.media_missing[job.job_id] = tuple(one for one in asked if one not in job.ready)
        if job.done and (not asked or job.named == frozenset(asked)):
            self.job_ids.remove(job.job_id)
            self._add(job.task_ids)

    def _media_of(self, job: Job) -> Sequence[str]:
        """Return the media of the submit that made *job*, by those that it names; all media if it names none of ours.

        Without media, it is not known which ones were submitted.
        """
        if self.spec.media is None:
            return ()
        ids = self.spec.media.ids
        calls = media_batches(ids)
        # Earlier versions made the calls in the order of the program.
        given = (ids[at : at + MAX_MEDIA_PER_CALL] for at in range(0, len(ids), MAX_MEDIA_PER_CALL))
        if any(job.named == frozenset(call) for call in given):
            return tuple(sorted(job.named))
        return next((call for call in calls if not job.named.isdisjoint(call)), ids)

    def resubmitted(self, verdict: Verdict, submission: Submission) -> None:
        """Wait for the resubmitted objects, and no longer count their failed rows in *verdict*."""
        failed = [(path, row) for path, row in verdict.rows.items() if row and row.status is RowStatus.FAILED]
        # The service may spell an object in another way than the user.
        spellings = {canonical(text) for path, row in failed for text in (path, row.object_path)}
        self.superseded |= {(task_id, path) for task_id in self.task_ids for path in spellings}
        self.superseded |= submission.superseded
        self._add(submission.task_ids)
        self.request_ids += submission.request_ids

    def forgotten(self, verdict: Verdict, now: datetime) -> tuple[str, ...]:
        """Return the objects whose rows the service, whose time is *now*, has forgotten."""
        return verdict.missing if self.since is not None and forgotten(self.since, now) else ()

    def submitted_anew(self, submission: Submission, listed: Iterable[Row]) -> None:
        """Wait for the tasks of *submission*, and no longer for tasks without a row among *listed*."""
        known_ids = {row.task_id for row in listed}
        self.task_ids = [task_id for task_id in self.task_ids if task_id in known_ids]
        self._add(submission.task_ids)
        self.request_ids += submission.request_ids
        self.superseded |= submission.superseded
        self.since = submission.submitted_at

    def _add(self, task_ids: Iterable[str]) -> None:
        self.task_ids += [task_id for task_id in task_ids if task_id not in self.task_ids]

    def without_superseded(self, verdict: Verdict) -> Verdict:
        """Return *verdict* without superseded rows: the new rows of their objects are not listed yet."""
        return verdict.without(self.is_superseded)

    def is_superseded(self, row: Row) -> bool:
        """Whether *row* is superseded."""
        return row.status is RowStatus.FAILED and key(row) in self.superseded

    def unknown_after_s(self, timeout_s: float) -> float:
        """Return the seconds of a wait after which tasks without any row count as unknown; infinite if they never do.

        Object paths of ours were submitted, and their rows may come late. An id of somebody else may be wrong.
        """
        if self.intent is None:
            return min(self.hidden_s, timeout_s)
        return min(LATE_ROWS_S, timeout_s) if self.whole_tasks else math.inf

    def unknown(
        self, verdict: Verdict, elapsed_s: float, timeout_s: float, short: Iterable[Shortfall] = ()
    ) -> list[str]:
        """Return the tasks that count as unknown to the service *elapsed_s* seconds after the wait began.

        The service knows a task whose rows it counts, although they are missing: *short* has those.
        """
        if elapsed_s < self.unknown_after_s(timeout_s):
            return []
        counted = {one.task_id for one in short if one.missing}
        if self.whole_tasks:
            return [one for one in self.task_ids if unseen_task(one) in verdict.rows and one not in counted]
        return self.task_ids if len(verdict.missing) == len(verdict.rows) and not counted else []


class FinishedTasks:
    """The rows of finished tasks, which are not polled again."""

    def __init__(self) -> None:
        """Begin without any task."""
        self._rows: dict[str, tuple[Row, ...]] = {}

    def open_ids(self, awaited: AwaitedTasks) -> list[str]:
        """Return the tasks that are not finished."""
        return [task_id for task_id in awaited.task_ids if task_id not in self._rows]

    def judge(
        self, awaited: AwaitedTasks, seen: Iterable[Row], short: Iterable[Shortfall] = (), *, by_id: bool = True
    ) -> Verdict:
        """Judge all rows of the open tasks; keep the rows of tasks that are finished.

        If all rows of the tasks count, a task or job without any row counts as an object without a row, and no task is
        finished that is among *short*, or not listed *by_id*: rows of it may be missing.
        """
        open_ids = self.open_ids(awaited)
        listed = [*awaited.known, *(row for known in self._rows.values() for row in known), *seen]
        rows = [row for row in listed if not awaited.is_superseded(row)]
        paths = awaited.spec.object_paths
        if not paths:
            # Superseded rows count as listed: their task is known, and the wait for their object goes on.
            known_ids = {row.task_id for row in listed}
            unseen = [unseen_task(one) for one in awaited.task_ids if one not in known_ids]
            jobs = [unseen_job(one, awaited.media_missing.get(one, ())) for one in awaited.job_ids]
            paths = (*dict.fromkeys(row.object_path for row in listed), *unseen, *jobs)
        matches = match(paths, rows, awaited.identity)
        verdict = judge_matches(matches)
        if awaited.whole_tasks:
            verdict = verdict.lacking(one for one in short if one.task_id in open_ids)
        if verdict.missing or not (by_id or awaited.spec.object_paths):
            return verdict
        may_lack = {one.task_id for one in verdict.short}
        of_task: dict[str, list[Row]] = {task_id: [] for task_id in open_ids if task_id not in may_lack}
        for row in (row for found in matches.rows.values() for row in found):
            if row.task_id in of_task:
                of_task[row.task_id].append(row)
        for task_id, mine in of_task.items():
            if mine and all(row.status.final for row in mine):
                self._rows[task_id] = tuple(mine)
        return verdict


@dataclass(slots=True)
class WaitHistory:
    """The data that one wait keeps between its polls.

    ``began``: the monotonic instant at which the wait began.
    ``retries``: how often failed objects may still be resubmitted.
    ``retry_first``: whether objects that failed before the wait began still have to be resubmitted, at no retry.
    ``finished``: the finished tasks.
    ``samples``: the progress that polls saw, for the schedule.
    ``listed``: whether a poll has shown any row of the tasks.
    """

    began: float
    retries: int
    retry_first: bool
    finished: FinishedTasks = field(default_factory=FinishedTasks)
    samples: list[Sample] = field(default_factory=list)
    listed: bool = False
    _said_none: bool = field(default=False, init=False)
    """Whether the wait has warned that no row is listed."""
    _warned: bool = field(default=False, init=False)
    """Whether the wait has warned of a status that is unknown."""
    _age_s: float | None = field(default=None, init=False)
    """The age of the tasks when the wait began; None until a row was seen, negative if they are younger."""
    _done_percent: float = field(default=0.0, init=False)
    """The percentage that was Complete when the rest was resubmitted; the progress of the rest begins there."""

    def age_at(self, snapshot: Snapshot, window: CreationWindow | None, begin: datetime | None = None) -> float:
        """Return the age of the tasks at the end of the poll, in seconds, by the server's own times.

        *window*: when the rows were created, if that is known. *begin*: rows from before it are not ours.
        """
        elapsed_s = snapshot.ended - self.began
        began_s = self._age_s
        if began_s is None:
            began_s = age_of(snapshot, window, begin) - elapsed_s
            # Without a row this is a guess: do not keep it for the next poll.
            self._age_s = began_s if snapshot.rows else None
        return max(0.0, elapsed_s + began_s)

    def length_s(self, age_s: float) -> float | None:
        """Return about how long the tasks took, if a poll at *age_s* saw them effective; None for the first poll."""
        return (self.samples[-1].age_s + age_s) / 2 if self.samples else None

    def may_retry(self) -> bool:
        """Use up one retry, unless the objects failed before the wait began; return whether a retry was left."""
        if not self.retry_first:
            self.retries -= 1
        return self.retries >= 0

    def restart(self, verdict: Verdict, now: float) -> None:
        """Forget all samples and finished tasks: at the monotonic instant *now*, failed objects were resubmitted."""
        self.finished = FinishedTasks()
        self.samples = []
        self._age_s = self.began - now
        self._done_percent = 100.0 * verdict.complete / len(verdict.rows)

    def note_listed(self, verdict: Verdict, snapshot: Snapshot) -> None:
        """Note whether a poll showed a row of the tasks. Rows that an earlier run saw do not count."""
        if not self.listed:
            shown = frozenset(snapshot.rows)
            self.listed = any(row in shown for row in verdict.rows.values())

    def none_listed_since(self, least_s: float, elapsed_s: float) -> bool:
        """Whether there is no row yet after *least_s* of *elapsed_s* seconds; said once in a wait."""
        said, self._said_none = self._said_none, self._said_none or (elapsed_s >= least_s and not self.listed)
        return self._said_none and not said

    def first_unknown_status(self, verdict: Verdict) -> Row | None:
        """Return a row of ours whose status is unknown, once in a wait; else None."""
        if self._warned:
            return None
        odd = next((row for row in verdict.rows.values() if row is not None and row.unknown_status is not None), None)
        self._warned = odd is not None
        return odd

    def note_judged(self) -> None:
        """Note that the objects which had failed before the wait were judged."""
        self.retry_first = False

    def note_progress(self, age_s: float, percent: float) -> None:
        """Add a sample for the schedule."""
        done = self._done_percent
        self.samples.append(Sample(age_s, max(0.0, percent - done) * 100.0 / (100.0 - done)))


@dataclass(frozen=True, slots=True)
class WaitResult:
    """How a wait ended.

    ``verdict``: the state of all objects at the end.
    ``effective_at``: the server's time of the first poll that saw every row Complete; None if no poll did.
    ``length_s``: about how long the tasks took, in seconds; None if no poll saw them unfinished.
    """

    verdict: Verdict
    effective_at: datetime | None
    length_s: float | None = None


@dataclass(frozen=True, slots=True)
class NextSteps:
    """The next step after an error, as whole sentences, which differ between `pulumi` and the command line."""

    after_failure: str
    after_timeout: str
    after_doubt: AfterDoubt = STORED


def unseen_job(job_id: str, media: Sequence[str]) -> str:
    """Return the text that represents a job among the objects, while it does not name a task for all of its *media*."""
    return f"(job {job_id}{f', media {listed(media)}' if media else ''})"


def unseen_task(task_id: str) -> str:
    """Return the text that represents a task or job without any row among the objects."""
    return f"(task {task_id})"
