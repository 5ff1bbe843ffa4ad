"""The resources and the data sources by the names that users write, each with its schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pulumi_alicdn.api.spec import Kind
from pulumi_alicdn.terraform.attached.managed_completion import TASK_COMPLETION, ManagedCompletion
from pulumi_alicdn.terraform.data_sources.edges_source import EDGES, EdgesSource
from pulumi_alicdn.terraform.data_sources.quota_source import REFRESH_QUOTA, QuotaSource
from pulumi_alicdn.terraform.managed_task import ManagedTask
from pulumi_alicdn.terraform.releasing.managed_release import ManagedRelease
from pulumi_alicdn.terraform.releasing.release_schema import ASSET_RELEASE
from pulumi_alicdn.terraform.resource import DataSource, ManagedResource
from pulumi_alicdn.terraform.schema import Schema
from pulumi_alicdn.terraform.session import Session
from pulumi_alicdn.terraform.task_schema import PREFETCH_TASK, REFRESH_TASK

RESOURCES: Final[Mapping[str, tuple[Schema, Callable[[Session], ManagedResource]]]] = {
    "alicdn_refresh_task": (REFRESH_TASK, lambda session: ManagedTask(session, Kind.REFRESH)),
    "alicdn_asset_release": (ASSET_RELEASE, ManagedRelease),
    "alicdn_prefetch_task": (PREFETCH_TASK, lambda session: ManagedTask(session, Kind.PREFETCH)),
    "alicdn_task_completion": (TASK_COMPLETION, ManagedCompletion),
}
"""Each resource: what users configure, and what makes it for the session of a process."""

DATA_SOURCES: Final[Mapping[str, tuple[Schema, Callable[[Session], DataSource]]]] = {
    "alicdn_edges": (EDGES, EdgesSource),
    "alicdn_refresh_quota": (REFRESH_QUOTA, QuotaSource),
}
"""Each data source: the same."""
