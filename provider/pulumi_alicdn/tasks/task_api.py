"""The ports of the lifecycle of a task: the service's API, and a sink for progress."""

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
        """The product that is called."""

    def submit(self, spec: TaskSpec) -> Receipt:
        """Submit all objects of *spec* in one request; they must be within the limits of a submit."""

    def describe(self, query: Query) -> Page:
        """Read one page of rows, newest first."""

    def describe_by_ids(self, task_ids: Sequence[str]) -> Page:
        """Read all rows of up to 10 tasks in one answer (CDN only)."""

    def job(self, job_id: str) -> Job:
        """Read the job of a submit by media id (VOD only)."""

    def quota(self) -> Mapping[str, Allowance]:
        """Read today's allowances, by the service's own prefix: `Url`, `Dir`, `Preload`."""


class ProgressSink(Protocol):
    """Shows the progress of a task to the user."""

    def report(self, progress: Progress) -> None:
        """Show *progress*.

        Raises InterruptedWaitError if the process that shows it has exited.
        """

    def warn(self, message: str) -> None:
        """Show a warning: nothing failed, but the user should know."""

    def submitted(self, task_ids: Sequence[str], request_id: str) -> None:
        """Take the ids of tasks at once when they are known; some may be repeated.

        *request_id* is that of the submit; empty for adopted tasks.
        """
