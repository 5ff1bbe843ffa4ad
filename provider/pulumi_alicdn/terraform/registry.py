"""The resources and the data sources by the names that users write, each with its schema.

A plan starts three processes, and one of them asks for the schema only. So a resource is loaded once it is used: to
load all of them would make each process start twice as slowly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pulumi_alicdn.api.spec import Kind
from pulumi_alicdn.terraform.data_sources.source_schemas import EDGES, REFRESH_QUOTA, REFRESH_TASKS
from pulumi_alicdn.terraform.releasing.release_schema import ASSET_RELEASE
from pulumi_alicdn.terraform.resource import DataSource, ManagedResource
from pulumi_alicdn.terraform.schema import Schema
from pulumi_alicdn.terraform.session import Session
from pulumi_alicdn.terraform.task_schema import PREFETCH_TASK, REFRESH_TASK, TASK_COMPLETION

# ruff: noqa: PLC0415


def _task(session: Session, kind: Kind) -> ManagedResource:
    from pulumi_alicdn.terraform.managed_task import ManagedTask

    return ManagedTask(session, kind)


def _completion(session: Session) -> ManagedResource:
    from pulumi_alicdn.terraform.attached.managed_completion import ManagedCompletion

    return ManagedCompletion(session)


def _release(session: Session) -> ManagedResource:
    from pulumi_alicdn.terraform.releasing.managed_release import ManagedRelease

    return ManagedRelease(session)


def _edges(session: Session) -> DataSource:
    from pulumi_alicdn.terraform.data_sources.edges_source import EdgesSource

    return EdgesSource(session)


def _quota(session: Session) -> DataSource:
    from pulumi_alicdn.terraform.data_sources.quota_source import QuotaSource

    return QuotaSource(session)


def _tasks(session: Session) -> DataSource:
    from pulumi_alicdn.terraform.data_sources.tasks_source import TasksSource

    return TasksSource(session)


RESOURCES: Final[Mapping[str, tuple[Schema, Callable[[Session], ManagedResource]]]] = {
    "alicdn_refresh_task": (REFRESH_TASK, lambda session: _task(session, Kind.REFRESH)),
    "alicdn_asset_release": (ASSET_RELEASE, _release),
    "alicdn_prefetch_task": (PREFETCH_TASK, lambda session: _task(session, Kind.PREFETCH)),
    "alicdn_task_completion": (TASK_COMPLETION, _completion),
}
"""Each resource: what users configure, and what makes it for the session of a process."""

DATA_SOURCES: Final[Mapping[str, tuple[Schema, Callable[[Session], DataSource]]]] = {
    "alicdn_edges": (EDGES, _edges),
    "alicdn_refresh_quota": (REFRESH_QUOTA, _quota),
    "alicdn_refresh_tasks": (REFRESH_TASKS, _tasks),
}
"""Each data source: the same."""
