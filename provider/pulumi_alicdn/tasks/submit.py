"""The submit, exactly once: adopt existing tasks, send the rest, and look up the outcome after a lost answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from pulumi_alicdn.api.limits import batch_limits, quota_name
from pulumi_alicdn.api.object_paths import batches
from pulumi_alicdn.api.row_count import SAFE_PAGE_SIZE
from pulumi_alicdn.api.rows import Allowance, Receipt, Row, RowStatus
from pulumi_alicdn.api.spec import TaskSpec
from pulumi_alicdn.api.time_range import forgotten
from pulumi_alicdn.errors import AlicdnError, ApiFault, DeniedError, QuotaError, RefusedError, UnknownOutcomeError
from pulumi_alicdn.tasks.adoption import Older, certainly_since, doubtful, is_new, listed_before
from pulumi_alicdn.tasks.matching import Identity, match, names_tags
from pulumi_alicdn.tasks.messages import (
    STORED,
    AfterDoubt,
    already,
    doubtful_sentence,
    early_sentence,
    quota_sentence,
    shorter_limit_sentence,
    unclear_sentence,
    unlisted_sentence,
    unsettled_sentence,
    untraceable_sentence,
)
from pulumi_alicdn.tasks.retry_policy import OUTAGE_PATIENCE_S, Caller
from pulumi_alicdn.tasks.row_reader import Key, Listing, RowReader, key
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
    ``older``: rows of the objects that are from before it, although they can seem newer.
    """

    not_before: datetime
    request_id: str
    older: Older = field(default_factory=Older)


@dataclass(slots=True)
class Submission:
    """The result of a submit.

    ``task_ids``, ``request_ids``, ``job_ids``: in the order in which the service gave them.
    ``adopted``: the object paths for which a task existed already.
    ``weaker``: those of them whose task may be somebody else's and do less, because rows do not show its options.
    ``early``: those of them whose task was created before the intent, if the clocks of the service agree.
    ``submitted_at``, ``submitted_until``: when the first and the last task were submitted, by the server's clock.
    ``superseded``: superseded rows, by task and object. An adopted task can contain such rows; they must not count as
    the new ones while those are not listed yet.
    """

    task_ids: list[str] = field(default_factory=list)
    request_ids: list[str] = field(default_factory=list)
    adopted: list[str] = field(default_factory=list)
    weaker: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
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


@dataclass(frozen=True, slots=True)
class Before:
    """The submits of the same task that were stored before this one, and what is left for later ones.

    ``submits``: how many were before. ``task_ids``, ``job_ids``: what they left. ``later_objects``: how many objects
    the later ones have.
    """

    submits: int = 0
    task_ids: Sequence[str] = ()
    job_ids: Sequence[str] = ()
    later_objects: int = 0


FIRST: Final = Before()
"""The place of a submit that is the only one."""

OnSubmitted = Callable[[Sequence[str], str], None]
"""Called with ids at once when they are known, as :meth:`pulumi_alicdn.tasks.task_api.ProgressSink.submitted` is."""


def _unheard(_task_ids: Sequence[str], _request_id: str) -> None:
    """Do nothing; the default if no caller needs the ids early."""


def declare(api: TaskApi, caller: Caller, spec: TaskSpec, until: float | None = None) -> Intent:
    """Read the server's time with one cheap call, which also proves credentials, service and domain.

    *until*: as for :meth:`Caller.read`.
    The server's time has whole seconds, and the answer may be up to a second old. Only the next whole second is
    certainly later than everything that happened before this call.
    """
    reader = RowReader(api, caller)
    page = reader.first_page(spec, SAFE_PAGE_SIZE, until)
    not_before = _next_second(page.server_time)
    rows = listed_before(page, spec, not_before)
    if rows is None:
        # More rows are recent than fit on a page. Those that are created during this listing are older, too.
        since = reader.objects_since if spec.by_path else reader.all_since
        listing = since(spec, not_before, until, now=page.server_time)
        not_before = max(not_before, _next_second(listing.server_time))
        rows = None if listing.short else doubtful(listing.rows, not_before)
    return Intent(not_before, page.request_id, Older(rows))


def _next_second(at: datetime) -> datetime:
    return at.replace(microsecond=0) + timedelta(seconds=1)


class Submitter:
    """Submits the objects of a task, each once."""

    def __init__(
        self, api: TaskApi, caller: Caller, on_submitted: OnSubmitted = _unheard, after: AfterDoubt = STORED
    ) -> None:
        """Submit to *api* through *caller*.

        *on_submitted* gets the ids of each submit, even if a later one fails. *after*: the next steps in errors.
        """
        self._after = after
        self._api = api
        self._caller = caller
        self._on_submitted = on_submitted
        self._clock = caller.clock
        self._reader = RowReader(api, caller)
        self._now: datetime | None = None
        self._older = Older()
        self._sent = False
        self._doubtful: frozenset[Key] = frozenset()
        self._all_listed = True

    def run(
        self,
        spec: TaskSpec,
        intent: Intent,
        *,
        attempted_before: bool,
        declared_s_ago: float = 0.0,
        until: float | None = None,
        now: datetime | None = None,
        resubmit: bool = False,
        before: Before = FIRST,
    ) -> Submission:
        """Adopt tasks that were created since the intent, and submit the rest.

        *attempted_before*: whether an earlier attempt may have sent something; then wait for a grace until its tasks
        are listed. *declared_s_ago*: seconds since the intent was declared; nothing is sent within the first second.
        *until*: a monotonic instant after which no call is retried and any grace ends.
        *now*: the service's time, as far as known; by default that of the intent.
        *resubmit*: send again what an earlier attempt may have sent, if it cannot be found. *before*: the submits of
        the same task before and after this one.
        Raises QuotaError before anything is sent if today's quota does not suffice for several batches. Raises
        UnknownOutcomeError if *until* passed before it was clear what an earlier attempt had sent, or if that cannot be
        found out.
        """
        submission = Submission()
        self._now = now
        if not spec.by_path:
            if not (attempted_before and self._found(spec, intent, submission, before, until, resubmit=resubmit)):
                self._clock.sleep(max(0.0, 1.0 - declared_s_ago))
                self._send_indirect(spec, submission, before, until)
            return submission
        grace_s = GRACE_S if attempted_before else 0.0
        # Nothing was sent yet, unless by an earlier attempt: no doubtful row can be ours.
        self._older, self._sent = intent.older, attempted_before
        left = spec.object_paths
        if attempted_before or not before.submits:
            left = self._adopt(spec, left, intent, submission, grace_s, until)
        # A row that a list lacks would count as new once it is listed.
        whole = self._all_listed or intent.older.rows is not None
        rows = self._doubtful | (intent.older.rows or frozenset()) if whole else None
        self._older, self._sent = replace(intent.older, rows=rows), True
        if not left:
            return submission
        if attempted_before and until is not None and self._clock.monotonic() >= until:
            raise UnknownOutcomeError(early_sentence(spec.only(left)), ApiFault(str(spec.kind)))
        limits = batch_limits(spec.service, spec.object_type)
        several = len(list(batches(left, limits))) > 1 or before.later_objects > 0
        if several and not before.submits:
            self._check_quota(spec.only(left), before.later_objects)
        self._clock.sleep(max(0.0, 1.0 - declared_s_ago))
        try:
            while left:
                left = self._send(spec.only(left), next(batches(left, limits)), intent, submission, until)
        except AlicdnError as error:
            if known := [*before.task_ids, *submission.task_ids]:
                error.add_note(already(known))
            raise
        return submission

    def _send_indirect(self, spec: TaskSpec, submission: Submission, before: Before, until: float | None) -> None:
        """Send a task without object paths, once.

        Raises UnknownOutcomeError, with all that is known, if no answer comes.
        """
        try:
            receipt = self._caller.submit(lambda: self._api.submit(spec), until)
        except UnknownOutcomeError as error:
            raise UnknownOutcomeError(
                untraceable_sentence(spec, before.task_ids, before.job_ids), error.fault
            ) from None
        submission.job_ids += receipt.job_ids
        self._add(receipt, submission)

    def _found(
        self,
        spec: TaskSpec,
        intent: Intent,
        submission: Submission,
        before: Before,
        until: float | None,
        *,
        resubmit: bool,
    ) -> bool:
        """Adopt the task that an earlier attempt at a task without object paths may have sent; whether there is one.

        A refresh by tags is listed under its tags. The URLs of media are unknown: without any row since the intent,
        nothing was accepted, unless a job of an earlier call has not made all its tasks yet either, or the service has
        forgotten tasks of that time. Raises UnknownOutcomeError if a row may or may not be ours, unless *resubmit* is
        set.
        """
        began = self._clock.monotonic()
        first_answer: float | None = None
        while True:
            asked = self._clock.monotonic()
            listing = self._reader.all_since(spec, intent.not_before, until, self._now)
            self._now = listing.server_time
            known, all_named = self._of_jobs(before, until)
            rows = [row for row in listing.rows if not intent.older.holds(row) and row.task_id not in known]
            ours = [row for row in rows if spec.tags is not None and names_tags(row, spec.tags)]
            ours = [row for row in ours if is_new(row, intent.not_before, intent.older, sent=True)]
            if ours:
                self._note(spec, intent, [(row.object_path, row) for row in ours], submission)
                return True
            now = self._clock.monotonic()
            seen_s = 0.0 if first_answer is None else asked - first_answer
            late = until is not None and now >= until
            if listing.short and not late and now - began < OUTAGE_PATIENCE_S:
                self._clock.sleep(LOOKUP_EVERY_S)
                continue
            first_answer = now if first_answer is None else first_answer
            over = seen_s >= GRACE_S or late or bool(listing.short)
            if over or (rows and spec.media is not None and all_named):
                break
            self._clock.sleep(LOOKUP_EVERY_S)
        would_show = spec.media is not None and all_named and not forgotten(intent.not_before, listing.server_time)
        if not resubmit and (rows or listing.short or not would_show or seen_s < GRACE_S):
            sentence = doubtful_sentence(spec, before.task_ids, before.job_ids)
            raise UnknownOutcomeError(sentence, ApiFault(str(spec.kind)))
        return False

    def _of_jobs(self, before: Before, until: float | None) -> tuple[set[str], bool]:
        """Return the tasks of the calls *before*, and whether their jobs name all of them."""
        found, all_named = set(before.task_ids), True
        for job_id in before.job_ids:
            try:
                job = self._caller.read(lambda job_id=job_id: self._api.job(job_id), until)  # type: ignore[misc]
            except RefusedError:
                all_named = False  # the service does not know the job any more
            else:
                found.update(job.task_ids)
                all_named = all_named and job.done
        return found, all_named

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
        Neither does a list that may lack rows. Raises UnknownOutcomeError if something may have been sent, and no list
        is whole for :data:`OUTAGE_PATIENCE_S`, or the clocks of the service leave it open whether rows are from before.
        """
        identity = Identity(spec.object_type)
        began = self._clock.monotonic()
        first_answer: float | None = None
        while True:
            asked = self._clock.monotonic()
            listing = self._reader.objects_since(spec, intent.not_before, until, self._now)
            self._now = listing.server_time
            self._doubtful |= doubtful(listing.rows, intent.not_before)
            rows = self._new(spec, intent, listing)
            usable = [row for row in rows if row.status is not RowStatus.FAILED]
            verdict = judge(spec.object_paths, usable, identity)
            now = self._clock.monotonic()
            lacking = bool(set(expected).intersection(verdict.missing))
            late = until is not None and now >= until
            left_s = math.inf if until is None else until - now
            # Before anything was sent, a list that lacks rows only hides tasks of others: submit without these.
            if listing.short and lacking and not late and grace_s:
                if now - began < OUTAGE_PATIENCE_S:
                    self._clock.sleep(min(LOOKUP_EVERY_S, left_s))
                    continue
                sentence = unlisted_sentence(spec, listing.short[0], self._after)
                raise UnknownOutcomeError(sentence, ApiFault(str(spec.kind)))
            self._all_listed = self._all_listed and not listing.short
            # A lookup is as old as its first page: new rows appear there, and the last page can be much later.
            seen_s = 0.0 if first_answer is None else asked - first_answer
            first_answer = now if first_answer is None else first_answer
            if seen_s >= grace_s or late or not lacking:
                self._require_clear(spec.only(verdict.missing), intent, listing)
                self._note(spec, intent, verdict.rows.items(), submission)
                failed = [row for row in rows if row.status is RowStatus.FAILED]
                superseded = match(verdict.missing, failed, identity).rows.values()
                submission.superseded |= {key(row) for rows in superseded for row in rows}
                return verdict.missing
            self._clock.sleep(min(LOOKUP_EVERY_S, left_s))

    def _require_clear(self, missing: TaskSpec, intent: Intent, listing: Listing) -> None:
        """Raise UnknownOutcomeError if rows of *missing* may be those of a lost submit for all that is known.

        That is so if their CreationTime is shortly before the intent, and nobody knows what was listed then.
        """
        if not self._sent or self._older.rows is not None:
            return
        known = replace(self._older, rows=frozenset())
        unclear = [
            row
            for row in listing.rows
            if row.status is not RowStatus.FAILED
            and is_new(row, intent.not_before, known, sent=True)
            and not is_new(row, intent.not_before, self._older, sent=True)
        ]
        found = match(missing.object_paths, unclear, Identity(missing.object_type)).rows
        paths = tuple(path for path, rows in found.items() if rows)
        if paths:
            raise UnknownOutcomeError(unclear_sentence(missing.only(paths), self._after), ApiFault(str(missing.kind)))

    def _new(self, spec: TaskSpec, intent: Intent, listing: Listing) -> list[Row]:
        """Return the listed rows that are from after *intent* and do what *spec* does, as far as that can be known."""
        since = intent.not_before
        if not self._sent:
            if not spec.shown_by_rows:
                return []
            since = certainly_since(since, listing.rows, listing.server_time)
        return [row for row in listing.rows if is_new(row, since, self._older, sent=self._sent)]

    def _add(self, receipt: Receipt, submission: Submission) -> None:
        submission.add(receipt.task_ids, receipt.server_time, receipt.request_id)
        self._on_submitted(receipt.task_ids, receipt.request_id)

    def _note(
        self, spec: TaskSpec, intent: Intent, rows: Iterable[tuple[str, Row | None]], submission: Submission
    ) -> None:
        found = [(path, row.task_id, row.created) for path, row in rows if row is not None and row.created is not None]
        for path, task_id, created in found:
            submission.adopted.append(path)
            if not spec.shown_by_rows:
                submission.weaker.append(path)
            if created < intent.not_before:
                submission.early.append(path)
            submission.add([task_id], created)
        if found:
            self._on_submitted(list(dict.fromkeys(task_id for _, task_id, _ in found)), "")

    def _check_quota(self, spec: TaskSpec, later_objects: int = 0) -> Allowance | None:
        """Return what is left of today's quota, None if it is unknown. Raises QuotaError if it is too small.

        *later_objects*: how many objects the later submits of the same task have.
        """
        name = quota_name(spec.service, spec.object_type)
        try:
            allowance = self._caller.read(self._api.quota).get(name)
        except (RefusedError, DeniedError):
            return None  # the account may not read the quota, but the service itself refuses a task that exceeds it
        needed = len(spec.object_paths) + later_objects
        if allowance is not None and allowance.remaining < needed:
            raise QuotaError(quota_sentence(spec, needed, allowance))
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
        raise UnknownOutcomeError(unsettled_sentence(part, MAX_SENDS, GRACE_S, self._after), unknown.fault)
