"""The submit, exactly once: adopt existing tasks, send the rest, and look up the outcome after a lost answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from pulumi_alicdn.api.limits import batch_limits, quota_name
from pulumi_alicdn.api.object_paths import batches
from pulumi_alicdn.api.rows import Allowance, Receipt, Row, RowStatus
from pulumi_alicdn.api.spec import TaskSpec
from pulumi_alicdn.api.time_range import MAX_AHEAD
from pulumi_alicdn.errors import AlicdnError, ApiFault, DeniedError, QuotaError, RefusedError, UnknownOutcomeError
from pulumi_alicdn.tasks.adoption import Older, certainly_since, doubtful, is_new
from pulumi_alicdn.tasks.matching import Identity, match
from pulumi_alicdn.tasks.messages import (
    STORED,
    AfterDoubt,
    already,
    early_sentence,
    quota_sentence,
    shorter_limit_sentence,
    unclear_sentence,
    unlisted_sentence,
    unsettled_sentence,
)
from pulumi_alicdn.tasks.retry_policy import OUTAGE_PATIENCE_S, Caller
from pulumi_alicdn.tasks.row_reader import Key, Listing, RowReader, key
from pulumi_alicdn.tasks.submit.clocks import apart
from pulumi_alicdn.tasks.submit.intents import Intent
from pulumi_alicdn.tasks.submit.results import FIRST, GRACE_S, LOOKUP_EVERY_S, Before, OwnTask, Submission
from pulumi_alicdn.tasks.submit.without_paths import WithoutPaths
from pulumi_alicdn.tasks.task_api import TaskApi
from pulumi_alicdn.tasks.verdict import judge

MAX_SENDS: Final = 3
"""How often a batch is sent if its answers are lost and none of its tasks is listed after the grace."""

OnSubmitted = Callable[[Sequence[str], str], None]
"""Called with ids at once when they are known, as :meth:`pulumi_alicdn.tasks.task_api.ProgressSink.submitted` is."""


def _unheard(_task_ids: Sequence[str], _request_id: str) -> None:
    """Do nothing; the default if no caller needs the ids early."""


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
        self._own: OwnTask | None = None

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
        self._now, self._own = now, before.own
        if not spec.by_path:
            task = WithoutPaths(self._api, self._caller, spec, before, until)
            found = task.sent_before(intent, now, resubmit=resubmit) if attempted_before else ()
            if found:
                self._note(spec, intent, [(row.object_path, row) for row in found], submission)
            else:
                self._clock.sleep(max(0.0, 1.0 - declared_s_ago))
                receipt = task.send()
                submission.job_ids += receipt.job_ids
                self._add(receipt, submission)
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
        if attempted_before:
            self._require_settled(spec.only(left), intent, until)
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
        self._refuse_unclear(missing, unclear)

    def _require_settled(self, missing: TaskSpec, intent: Intent, until: float | None) -> None:
        """Raise UnknownOutcomeError unless it is clear that an earlier attempt did not send *missing*."""
        if until is not None and self._clock.monotonic() >= until:
            raise UnknownOutcomeError(early_sentence(missing), ApiFault(str(missing.kind)))
        self._require_agreeing_clocks(missing, intent, intent.older, until)

    def _require_agreeing_clocks(self, missing: TaskSpec, intent: Intent, older: Older, until: float | None) -> None:
        """Raise UnknownOutcomeError if tasks of *missing* may be listed with a much earlier CreationTime than expected.

        They would be sent again otherwise. A task of our own shows how far the clocks of the service disagree; without
        one, they are taken for close.
        """
        if self._own is None:
            return
        try:
            own = self._reader.tasks([self._own.task_id], until, once=True)
        except (RefusedError, DeniedError):
            return  # it is forgotten, and shows nothing
        difference = apart(self._own, own.rows)
        if difference <= MAX_AHEAD:
            return
        earlier = intent.not_before - difference
        listing = self._reader.objects_since(missing, earlier, until, own.server_time)
        since = [row for row in listing.rows if row.created is not None and row.created >= earlier]
        unclear = [row for row in since if row.status is not RowStatus.FAILED and not older.holds(row)]
        self._refuse_unclear(missing, unclear)

    def _refuse_unclear(self, missing: TaskSpec, unclear: Iterable[Row]) -> None:
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
        if receipt.task_ids:
            self._own = OwnTask(receipt.task_ids[0], receipt.server_time, receipt.server_time)
        self._on_submitted(receipt.task_ids, receipt.request_id)

    def _note(
        self, spec: TaskSpec, intent: Intent, rows: Iterable[tuple[str, Row | None]], submission: Submission
    ) -> None:
        if task_ids := submission.adopt(spec, intent.not_before, rows):
            self._on_submitted(task_ids, "")

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
                self._require_agreeing_clocks(spec.only(batch), intent, self._older, until)
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
