"""The submit, exactly once: adopt existing tasks, send the rest, and look up the outcome after a lost answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from pulumi_alicdn.api.limits import MAX_MEDIA_PER_CALL, batch_limits, quota_name
from pulumi_alicdn.api.object_paths import batches
from pulumi_alicdn.api.rows import Allowance, Receipt, Row, RowStatus
from pulumi_alicdn.api.spec import TaskSpec
from pulumi_alicdn.errors import AlicdnError, ApiFault, DeniedError, QuotaError, RefusedError, UnknownOutcomeError
from pulumi_alicdn.tasks.adoption import doubtful, is_new, listed_before
from pulumi_alicdn.tasks.matching import Identity, match
from pulumi_alicdn.tasks.messages import (
    already,
    early_sentence,
    quota_sentence,
    shorter_limit_sentence,
    unsettled_sentence,
    untraceable_sentence,
)
from pulumi_alicdn.tasks.retry_policy import Caller
from pulumi_alicdn.tasks.row_reader import SAFE_PAGE_SIZE, Key, RowReader, key
from pulumi_alicdn.tasks.task_api import TaskApi
from pulumi_alicdn.tasks.verdict import judge

GRACE_S: Final = 15.0
"""Seconds for which a submitted task may stay invisible before it counts as not accepted. [chosen: no document states
it; DescribeRefreshTasks only says that the status is updated asynchronously]"""

LOOKUP_EVERY_S: Final = 1.5
"""Seconds between two lookups during the grace: 10 calls in all, well under the limit of 5 a second."""

MAX_SENDS: Final = 3
"""How often a batch is sent if its answers are lost and none of its tasks is listed after the grace."""


@dataclass(frozen=True, slots=True)
class Intent:
    """The declaration of a submit.

    ``not_before``: rows created earlier do not count; aware UTC, a whole second of the server's clock.
    ``request_id``: the request that read the server's clock.
    ``listed_before``: rows of the objects that were listed then and can seem newer; None if that is not known.
    """

    not_before: datetime
    request_id: str
    listed_before: frozenset[Key] | None = None


@dataclass(slots=True)
class Submission:
    """The result of a submit.

    ``task_ids``, ``request_ids``, ``job_ids``: in the order in which the service gave them.
    ``adopted``: the object paths for which a task existed already.
    ``submitted_at``, ``submitted_until``: when the first and the last task were submitted, by the server's clock.
    ``superseded``: superseded rows, by task and object. An adopted task can contain such rows; they must not count as
    the new ones while those are not listed yet.
    """

    task_ids: list[str] = field(default_factory=list)
    request_ids: list[str] = field(default_factory=list)
    adopted: list[str] = field(default_factory=list)
    job_ids: list[str] = field(default_factory=list)
    created: list[datetime] = field(default_factory=list)
    superseded: set[tuple[str, str]] = field(default_factory=set)

    def add(self, task_ids: Iterable[str], at: datetime, request_id: str = "") -> None:
        """Add ids, and the time at which their tasks were created."""
        self.task_ids += [task_id for task_id in dict.fromkeys(task_ids) if task_id not in self.task_ids]
        self.created.append(at)
        if request_id:
            self.request_ids.append(request_id)

    @property
    def submitted_at(self) -> datetime:
        """When the first task was created; a submit that ended without an error has at least one."""
        return min(self.created)

    @property
    def submitted_until(self) -> datetime:
        """When the last task was created."""
        return max(self.created)


OnSubmitted = Callable[[Sequence[str], str], None]
"""Called with ids at once when they are known, as :meth:`pulumi_alicdn.tasks.task_api.ProgressSink.submitted` is."""


def _unheard(_task_ids: Sequence[str], _request_id: str) -> None:
    """Do nothing; the default if no caller needs the ids early."""


def declare(api: TaskApi, caller: Caller, spec: TaskSpec) -> Intent:
    """Read the server's time with one cheap call, which also proves credentials, service and domain.

    The server's time has whole seconds, and the answer may be up to a second old. Only the next whole second is
    certainly later than everything that happened before this call.
    """
    reader = RowReader(api, caller)
    page = reader.first_page(spec, SAFE_PAGE_SIZE if spec.by_path else 1)
    not_before = page.server_time.replace(microsecond=0) + timedelta(seconds=1)
    return Intent(not_before, page.request_id, listed_before(page, spec, not_before))


class Submitter:
    """Submits the objects of a task, each once."""

    def __init__(self, api: TaskApi, caller: Caller, on_submitted: OnSubmitted = _unheard) -> None:
        """Submit to *api* through *caller*. *on_submitted* gets the ids of each submit, even if a later one fails."""
        self._api = api
        self._caller = caller
        self._on_submitted = on_submitted
        self._clock = caller.clock
        self._reader = RowReader(api, caller)
        self._now: datetime | None = None
        self._listed_before: frozenset[Key] | None = None
        self._doubtful: frozenset[Key] = frozenset()

    def run(
        self,
        spec: TaskSpec,
        intent: Intent,
        *,
        attempted_before: bool,
        declared_s_ago: float = 0.0,
        until: float | None = None,
        now: datetime | None = None,
    ) -> Submission:
        """Adopt tasks that were created since the intent, and submit the rest.

        *attempted_before*: whether an earlier attempt may have sent something; then wait for a grace until its tasks
        are listed. *declared_s_ago*: seconds since the intent was declared; nothing is sent within the first second.
        *until*: a monotonic instant after which no call is retried and any grace ends.
        *now*: the service's time, as far as known; by default that of the intent.
        Raises QuotaError before anything is sent if today's quota does not suffice for several batches. Raises
        UnknownOutcomeError if *until* passed before it was clear what an earlier attempt had sent.
        """
        submission = Submission()
        if not spec.by_path:
            self._clock.sleep(max(0.0, 1.0 - declared_s_ago))
            self._send_indirect(spec, submission, until)
            return submission
        self._now = now
        grace_s = GRACE_S if attempted_before else 0.0
        # Nothing was sent yet, unless by an earlier attempt: no doubtful row can be ours.
        self._listed_before = intent.listed_before if attempted_before else None
        left = self._adopt(spec, spec.object_paths, intent, submission, grace_s, until)
        self._listed_before = self._doubtful | (intent.listed_before or frozenset())
        if not left:
            return submission
        if attempted_before and until is not None and self._clock.monotonic() >= until:
            raise UnknownOutcomeError(early_sentence(spec.only(left)), ApiFault(str(spec.kind)))
        limits = batch_limits(spec.service, spec.object_type)
        if len(list(batches(left, limits))) > 1:
            self._check_quota(spec.only(left))
        self._clock.sleep(max(0.0, 1.0 - declared_s_ago))
        try:
            while left:
                left = self._send(spec.only(left), next(batches(left, limits)), intent, submission, until)
        except AlicdnError as error:
            if submission.task_ids:
                error.add_note(already(submission.task_ids))
            raise
        return submission

    def _send_indirect(self, spec: TaskSpec, submission: Submission, until: float | None) -> None:
        """Send a task without object paths, once: the service offers no way to look up whether it was accepted.

        Raises UnknownOutcomeError, with all that is known, if no answer comes.
        """
        parts = [spec]
        if spec.media is not None:
            ids = spec.media.ids
            groups = [ids[at : at + MAX_MEDIA_PER_CALL] for at in range(0, len(ids), MAX_MEDIA_PER_CALL)]
            parts = [replace(spec, media=replace(spec.media, ids=group)) for group in groups]
        for part in parts:
            try:
                receipt = self._caller.submit(lambda part=part: self._api.submit(part), until)  # type: ignore[misc]
            except UnknownOutcomeError as error:
                raise UnknownOutcomeError(untraceable_sentence(part, submission.job_ids), error.fault) from None
            submission.job_ids += receipt.job_ids
            self._add(receipt, submission)

    def _adopt(
        self,
        spec: TaskSpec,
        expected: tuple[str, ...],
        intent: Intent,
        submission: Submission,
        grace_s: float,
        until: float | None,
    ) -> tuple[str, ...]:
        """Adopt existing rows for *spec*; return the objects without a row.

        Wait up to *grace_s* seconds for rows of *expected*, those objects of *spec* that may have been sent. The grace
        begins with the first lookup that the service answers: a login page in between shows nothing of its tasks.
        """
        identity = Identity(spec.object_type)
        first_answer: float | None = None
        while True:
            asked = self._clock.monotonic()
            listing = self._reader.objects_since(spec, intent.not_before, until, self._now)
            self._now = listing.server_time
            self._doubtful |= doubtful(listing.rows, intent.not_before)
            rows = [row for row in listing.rows if is_new(row, intent.not_before, self._listed_before)]
            usable = [row for row in rows if row.status is not RowStatus.FAILED]
            verdict = judge(spec.object_paths, usable, identity)
            now = self._clock.monotonic()
            # A lookup is as old as its first page: new rows appear there, and the last page can be much later.
            seen_s = 0.0 if first_answer is None else asked - first_answer
            first_answer = now if first_answer is None else first_answer
            over = seen_s >= grace_s or (until is not None and now >= until)
            if over or not set(expected).intersection(verdict.missing):
                self._note(verdict.rows.items(), submission)
                failed = [row for row in rows if row.status is RowStatus.FAILED]
                superseded = match(verdict.missing, failed, identity).rows.values()
                submission.superseded |= {key(row) for rows in superseded for row in rows}
                return verdict.missing
            left_s = math.inf if until is None else until - now
            self._clock.sleep(min(LOOKUP_EVERY_S, left_s))

    def _add(self, receipt: Receipt, submission: Submission) -> None:
        submission.add(receipt.task_ids, receipt.server_time, receipt.request_id)
        self._on_submitted(receipt.task_ids, receipt.request_id)

    def _note(self, rows: Iterable[tuple[str, Row | None]], submission: Submission) -> None:
        found = [(path, row.task_id, row.created) for path, row in rows if row is not None and row.created is not None]
        for path, task_id, created in found:
            submission.adopted.append(path)
            submission.add([task_id], created)
        if found:
            self._on_submitted(list(dict.fromkeys(task_id for _, task_id, _ in found)), "")

    def _check_quota(self, spec: TaskSpec) -> Allowance | None:
        """Return what is left of today's quota, None if it is unknown. Raises QuotaError if it is too small."""
        name = quota_name(spec.service, spec.object_type)
        try:
            allowance = self._caller.read(self._api.quota).get(name)
        except (RefusedError, DeniedError):
            return None  # the account may not read the quota, but the service itself refuses a task that exceeds it
        if allowance is not None and allowance.remaining < len(spec.object_paths):
            raise QuotaError(quota_sentence(spec, allowance))
        return allowance

    def _send(
        self,
        spec: TaskSpec,
        batch: tuple[str, ...],
        intent: Intent,
        submission: Submission,
        until: float | None,
    ) -> tuple[str, ...]:
        """Send *batch*, which is part of *spec*, and return the objects of *spec* that are left.

        After a lost answer, the lookup of its tasks also adopts tasks of the other objects that were listed since.
        """
        left = spec.object_paths
        for _ in range(MAX_SENDS):
            part = spec.only(batch)
            try:
                receipt = self._caller.submit(lambda part=part: self._api.submit(part), until)  # type: ignore[misc]
            except UnknownOutcomeError as error:
                unknown = error
                left = self._adopt(spec.only(left), batch, intent, submission, GRACE_S, until)
                missing = set(left)
                batch = tuple(path for path in batch if path in missing)
                if not batch:
                    return left
                if until is not None and self._clock.monotonic() >= until:
                    raise  # the grace was cut short, so the outcome is not known yet
            except RefusedError as error:
                if not error.fault.code.startswith("QuotaExceeded"):
                    raise
                allowance = self._check_quota(part)
                if allowance is None:
                    raise
                raise RefusedError(shorter_limit_sentence(error.summary, allowance), error.fault) from None
            else:
                self._add(receipt, submission)
                sent = set(batch)
                return tuple(path for path in left if path not in sent)
        raise UnknownOutcomeError(unsettled_sentence(part, MAX_SENDS, GRACE_S), unknown.fault)
