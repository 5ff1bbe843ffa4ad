"""What the engine needs from the world: the service's API, a clock, a listener, a die."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Protocol

from pulumi_alicdn.core.places import Place
from pulumi_alicdn.core.progress import Progress
from pulumi_alicdn.core.proof import Look, Served
from pulumi_alicdn.core.rows import Allowance, Job, Page, Query, Receipt
from pulumi_alicdn.core.tasks import Service, TaskSpec


class TaskApi(Protocol):
    """The service. Every call is one HTTP request and may raise any :class:`pulumi_alicdn.core.errors.ApiError`."""

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


class EdgeReader(Protocol):
    """Edges and the origin as visitors meet them: plain requests without credentials."""

    def edges(self, url: str) -> Sequence[Place]:
        """The edges that are to serve *url*, at least one: those that the user named, or all that DNS gives.

        Where DNS gives none, it is the URL's own host, which then cannot be reached.
        """

    def read(self, looks: Sequence[Look], within_s: float) -> Generator[tuple[Look, Served]]:
        """What was served for each of *looks*, as the answers come; a few are on their way at a time.

        It never raises for what a server does, and ends after *within_s* seconds: what has not been answered by then is
        given as ``time_up``. Closing the iterator ends everything at once.
        """


class Clock(Protocol):
    """Time as a process sees it, in seconds."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""

    def sleep(self, seconds: float) -> None:
        """Return after *seconds*."""


class Random(Protocol):
    """A source of jitter."""

    def uniform(self) -> float:
        """A number drawn evenly from [0, 1)."""


class ProgressSink(Protocol):
    """Whoever watches a wait."""

    def report(self, progress: Progress) -> None:
        """Show *progress*.

        Raises InterruptedWaitError where the watcher is gone for good.
        """

    def warn(self, message: str) -> None:
        """Show something that the user should know though nothing failed."""
