"""Tasks without object paths: the service finds their objects, and may not show whether it accepted them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pulumi_alicdn.api.rows import Receipt, Row
from pulumi_alicdn.api.spec import TaskSpec
from pulumi_alicdn.api.time_range import forgotten
from pulumi_alicdn.errors import ApiFault, RefusedError, UnknownOutcomeError
from pulumi_alicdn.tasks.adoption import is_new
from pulumi_alicdn.tasks.matching import names_tags
from pulumi_alicdn.tasks.messages import doubtful_sentence, untraceable_sentence
from pulumi_alicdn.tasks.retry_policy import OUTAGE_PATIENCE_S, Caller
from pulumi_alicdn.tasks.row_reader import RowReader
from pulumi_alicdn.tasks.submit.intents import Intent
from pulumi_alicdn.tasks.submit.results import GRACE_S, LOOKUP_EVERY_S, Before
from pulumi_alicdn.tasks.task_api import TaskApi


class WithoutPaths:
    """Sends a task without object paths once, and looks up what an earlier attempt has sent."""

    def __init__(self, api: TaskApi, caller: Caller, spec: TaskSpec, before: Before, until: float | None) -> None:
        """Submit *spec*, of which the calls *before* were stored. *until*: as for :meth:`Submitter.run`."""
        self._api = api
        self._caller = caller
        self._spec = spec
        self._before = before
        self._until = until

    def send(self) -> Receipt:
        """Send the task. Raises UnknownOutcomeError, with all that is known, if no answer comes."""
        spec, before = self._spec, self._before
        try:
            return self._caller.submit(lambda: self._api.submit(spec), self._until)
        except UnknownOutcomeError as error:
            raise UnknownOutcomeError(
                untraceable_sentence(spec, before.task_ids, before.job_ids), error.fault
            ) from None

    def sent_before(self, intent: Intent, now: datetime | None, *, resubmit: bool) -> Sequence[Row]:
        """Return the rows of what an earlier attempt has sent; nothing if the service certainly did not accept it.

        A refresh by tags is listed under its tags. The URLs of media are unknown: without any row since the intent,
        nothing was accepted, unless a job of an earlier call has not made all its tasks yet either, or the service has
        forgotten tasks of that time. *now*: the service's time, as far as known.
        Raises UnknownOutcomeError if a row may or may not be ours, unless *resubmit* is set.
        """
        spec, before, until, clock = self._spec, self._before, self._until, self._caller.clock
        reader = RowReader(self._api, self._caller)
        began = clock.monotonic()
        first_answer: float | None = None
        while True:
            asked = clock.monotonic()
            listing = reader.all_since(spec, intent.not_before, until, now)
            now = listing.server_time
            known, all_named = self._of_jobs()
            rows = [row for row in listing.rows if not intent.older.holds(row) and row.task_id not in known]
            ours = [row for row in rows if spec.tags is not None and names_tags(row, spec.tags)]
            ours = [row for row in ours if is_new(row, intent.not_before, intent.older, sent=True)]
            if ours:
                return ours
            ended = clock.monotonic()
            seen_s = 0.0 if first_answer is None else asked - first_answer
            late = until is not None and ended >= until
            if listing.short and not late and ended - began < OUTAGE_PATIENCE_S:
                clock.sleep(LOOKUP_EVERY_S)
                continue
            first_answer = ended if first_answer is None else first_answer
            over = seen_s >= GRACE_S or late or bool(listing.short)
            if over or (rows and spec.media is not None and all_named):
                break
            clock.sleep(LOOKUP_EVERY_S)
        would_show = spec.media is not None and all_named and not forgotten(intent.not_before, now)
        if not resubmit and (rows or listing.short or not would_show or seen_s < GRACE_S):
            sentence = doubtful_sentence(spec, before.task_ids, before.job_ids)
            raise UnknownOutcomeError(sentence, ApiFault(str(spec.kind)))
        return ()

    def _of_jobs(self) -> tuple[set[str], bool]:
        """Return the tasks of the calls before, and whether their jobs name all of them."""
        found, all_named = set(self._before.task_ids), True
        for job_id in self._before.job_ids:
            try:
                job = self._caller.read(lambda job_id=job_id: self._api.job(job_id), self._until)  # type: ignore[misc]
            except RefusedError:
                all_named = False  # the service does not know the job any more
            else:
                found.update(job.task_ids)
                all_named = all_named and job.done
        return found, all_named
