"""Telling task ids the moment they are known: whoever has them has lost nothing, whatever happens next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pulumi_alicdn.api.rows import Allowance, Job, Page, Query, Receipt
from pulumi_alicdn.api.spec import Service, TaskSpec
from pulumi_alicdn.cli import console
from pulumi_alicdn.tasks.task_api import TaskApi


class AnnouncedApi:
    """A TaskApi that says on stderr which ids each submit was given, and remembers them."""

    def __init__(self, api: TaskApi) -> None:
        """Pass all calls on to *api*."""
        self._api = api
        self.task_ids: list[str] = []

    @property
    def service(self) -> Service:
        """The product that is spoken to."""
        return self._api.service

    def submit(self, spec: TaskSpec) -> Receipt:
        """Submit *spec* and announce its ids."""
        receipt = self._api.submit(spec)
        self.announce("Submitted", receipt.task_ids, f" (request id {receipt.request_id})")
        return receipt

    def describe(self, query: Query) -> Page:
        """One page of rows."""
        return self._api.describe(query)

    def describe_by_ids(self, task_ids: Sequence[str]) -> Page:
        """All rows of up to 10 tasks."""
        return self._api.describe_by_ids(task_ids)

    def job(self, job_id: str) -> Job:
        """What became of a submit by media id."""
        return self._api.job(job_id)

    def quota(self) -> Mapping[str, Allowance]:
        """What is left for today."""
        return self._api.quota()

    def announce(self, verb: str, task_ids: Iterable[str], rest: str = "") -> None:
        """Say those of *task_ids* that were not said yet, joined by commas as `alicdn wait` takes them."""
        new = [task_id for task_id in dict.fromkeys(task_ids) if task_id not in self.task_ids]
        if new:
            self.task_ids += new
            console.say(f"{verb} task {','.join(new)}{rest}")
