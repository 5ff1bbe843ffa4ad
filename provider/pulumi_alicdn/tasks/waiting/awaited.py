"""What a wait waits for, how rows are judged for it, and what it remembers of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from pulumi_alicdn.api.object_paths import canonical
from pulumi_alicdn.api.rows import Row, RowStatus
from pulumi_alicdn.api.spec import TaskSpec
from pulumi_alicdn.tasks.row_reader import key
from pulumi_alicdn.tasks.submit import Intent
from pulumi_alicdn.tasks.verdict import Verdict, judge
from pulumi_alicdn.tasks.waiting.poll import Sight, Subscription
from pulumi_alicdn.tasks.waiting.poll_method import CreationWindow
from pulumi_alicdn.tasks.waiting.schedule import Observation


@dataclass(slots=True)
class AwaitedTasks:
    """The tasks that are waited for.

    A ``spec`` without object paths stands for all rows of the tasks. Without an ``intent`` the tasks are somebody
    else's: nothing of them is submitted again. ``window``: when the rows were created, if that is known.
    """

    spec: TaskSpec
    task_ids: list[str]
    intent: Intent | None = None
    request_ids: list[str] = field(default_factory=list)
    job_ids: list[str] = field(default_factory=list)
    """Submits by media id whose task ids are not known yet."""
    superseded: set[tuple[str, str]] = field(default_factory=set)
    """Failed rows, by task and object, for which others were submitted; they speak for nothing any more."""
    window: CreationWindow | None = None

    def without_superseded(self, verdict: Verdict) -> Verdict:
        """*verdict* once its failed rows speak for nothing: others were submitted for them and are not listed yet."""
        rows = [row for row in verdict.rows.values() if row is not None and not self.is_superseded(row)]
        return judge(verdict.rows, rows)

    def is_superseded(self, row: Row) -> bool:
        """Whether *row* has failed and others were submitted for it."""
        return row.status is RowStatus.FAILED and key(row) in self.superseded

    def subscription(self) -> Subscription:
        """What is to be seen of them."""
        paths = frozenset(canonical(path) for path in self.spec.object_paths)
        kind = self.spec.object_type if self.spec.object_paths else None
        return Subscription(list(self.task_ids), paths, kind, self.window, len(paths))


@dataclass(slots=True)
class FinishedTasks:
    """Rows of tasks that are finished, by task id: they are not asked for again."""

    rows: dict[str, tuple[Row, ...]] = field(default_factory=dict)

    def open_ids(self, awaited: AwaitedTasks) -> list[str]:
        """The tasks that are not finished."""
        return [task_id for task_id in awaited.task_ids if task_id not in self.rows]

    def judge(self, awaited: AwaitedTasks, seen: Iterable[Row]) -> Verdict:
        """Decide, given all rows of the open tasks; tasks that turn out to be finished are kept.

        Where all rows of the tasks count, a task of which none is listed yet stands as an object without a row.
        """
        open_ids = self.open_ids(awaited)
        listed = [row for known in self.rows.values() for row in known] + list(seen)
        rows = [row for row in listed if not awaited.is_superseded(row)]
        paths = awaited.spec.object_paths
        if not paths:
            # Also what was given up: its object is waited for, and its task was seen.
            known_ids = {row.task_id for row in listed}
            unseen = [unseen_task(one) for one in (*awaited.task_ids, *awaited.job_ids) if one not in known_ids]
            paths = (*dict.fromkeys(row.object_path for row in listed), *unseen)
        verdict = judge(paths, rows)
        if verdict.missing:
            return verdict
        ours = {canonical(path) for path in paths}
        of_task: dict[str, list[Row]] = {task_id: [] for task_id in open_ids}
        for row in rows:
            if row.task_id in of_task and canonical(row.object_path) in ours:
                of_task[row.task_id].append(row)
        for task_id, mine in of_task.items():
            if mine and all(row.status.final for row in mine):
                self.rows[task_id] = tuple(mine)
        return verdict


@dataclass(slots=True)
class WaitHistory:
    """What one wait remembers between its looks.

    ``retries``: how often what fails may still be submitted again; what had failed before the wait began does not count
    (``retry_first``). ``age_s``: how old the tasks were when ``began``, a monotonic instant; None until that was
    seen, and below zero where they were submitted later.
    """

    began: float
    retries: int
    retry_first: bool
    settled: FinishedTasks = field(default_factory=FinishedTasks)
    looks: list[Observation] = field(default_factory=list)
    age_s: float | None = None
    done_percent: float = 0.0
    """What was Complete when the rest was submitted again: the progress of that begins there."""

    def age_at(self, sight: Sight, window: CreationWindow | None) -> float:
        """How old the tasks were when the look ended, by the server's own times."""
        elapsed_s = sight.ended - self.began
        age_s = self.age_s
        if age_s is None:
            created = [row.created for row in sight.rows if not row.status.final] or [row.created for row in sight.rows]
            since = min(created) if created else sight.seen.server_time if window is None else window.start
            age_s = (sight.seen.server_time - since).total_seconds() - elapsed_s
            # Until a row was seen, this is a guess.
            self.age_s = age_s if created else None
        return max(0.0, elapsed_s + age_s)

    def restart(self, verdict: Verdict, now: float) -> None:
        """Forget what was seen of tasks of which others take the place now, a monotonic instant."""
        self.settled.rows.clear()
        self.looks.clear()
        self.age_s = self.began - now
        self.done_percent = 100.0 * verdict.complete / len(verdict.rows)

    def saw(self, age_s: float, percent: float) -> None:
        """Note a look for the schedule."""
        self.looks.append(
            Observation(age_s, max(0.0, percent - self.done_percent) * 100.0 / (100.0 - self.done_percent))
        )


@dataclass(frozen=True, slots=True)
class WaitResult:
    """How a wait ended.

    ``effective_at``: the server's time at the look that first saw every row Complete. ``length_s``: about how long the
    tasks took, in seconds; None where that was not seen.
    """

    verdict: Verdict
    effective_at: datetime | None
    length_s: float | None = None


@dataclass(frozen=True, slots=True)
class NextSteps:
    """The next step, as a whole sentence, for whoever reads an error: `pulumi` has another than the command line."""

    after_failure: str
    after_timeout: str


def unseen_task(task_id: str) -> str:
    """How a task of which no row is listed yet appears among the objects."""
    return f"(task {task_id})"
