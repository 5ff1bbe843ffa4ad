"""What the life of a task needs from outside: the service's API, and a place to show progress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from pulumi_alicdn.api.rows import Allowance, Job, Page, Query, Receipt
from pulumi_alicdn.api.spec import Service, TaskSpec
from pulumi_alicdn.tasks.progress import Progress


class TaskApi(Protocol):
    """The service. Every call is one HTTP request and may raise any :class:`pulumi_alicdn.errors.ApiError`."""

    @property
    def service(self) -> Service:
        """The product that is spoken to."""

    def submit(self, spec: TaskSpec) -> Receipt:
        """Submit all objects of *spec* in one request; they must be within the limits of one."""

    def describe(self, query: Query) -> Page:
        """One page of rows, newest first."""

    def describe_by_ids(self, task_ids: Sequence[str]) -> Page:
        """All rows of up to 10 tasks in one answer (CDN only)."""

    def job(self, job_id: str) -> Job:
        """What became of a submit by media id (VOD only)."""

    def quota(self) -> Mapping[str, Allowance]:
        """What is left for today, by the service's own prefix: `Url`, `Dir`, `Preload`."""


class ProgressSink(Protocol):
    """What shows the user how a task gets on."""

    def report(self, progress: Progress) -> None:
        """Show *progress*.

        Raises InterruptedWaitError where the user is gone for good.
        """

    def warn(self, message: str) -> None:
        """Show something that the user should know though nothing failed."""

    def submitted(self, task_ids: Sequence[str], request_id: str) -> None:
        """Learn the ids of tasks the moment they are known, some perhaps again.

        *request_id* is that of the submit; empty where the tasks were found under way for the same objects.
        """
