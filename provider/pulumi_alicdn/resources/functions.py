"""Asking the service directly, as plain calls and as functions of Pulumi outputs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypedDict

import pulumi

from pulumi_alicdn.api.dialects import Dialect
from pulumi_alicdn.api.query_rules import dialect_named, parse_query
from pulumi_alicdn.api.rows import Allowance, Entry, Query, entry
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.tasks.calls import Caller
from pulumi_alicdn.tasks.row_reader import iter_rows

if TYPE_CHECKING:
    from pulumi_alicdn.cloud.client import AlibabaCloud


class RefreshTasksPage(TypedDict):
    """One page of rows, newest first. ``total_count`` counts all that match, not those of the page."""

    tasks: list[Entry]
    page_number: int
    page_size: int
    total_count: int
    request_id: str


class QuotaEntry(TypedDict):
    """A day's quota of one sort of object."""

    total: int
    remaining: int


def _config(key: str) -> str | None:
    namespace, _, name = key.partition(":")
    return pulumi.Config(namespace).get(name)


def _api(service: Service) -> AlibabaCloud:
    """The service as the stack's configuration says, or the environment where no stack runs."""
    from pulumi_alicdn.cloud.connection import connect
    from pulumi_alicdn.cloud.settings import resolve

    return connect(resolve(_config, os.environ), service)


def _caller() -> Caller:
    from pulumi_alicdn.system.clock import SystemClock, chance

    return Caller(SystemClock(), chance)


def _question(service: str, asked: Mapping[str, Any]) -> tuple[Dialect, Query]:
    dialect = dialect_named(service)
    return dialect, parse_query(dialect, asked, datetime.now(UTC))


def describe_refresh_tasks(service: str, **asked: Any) -> RefreshTasksPage:
    """One page of DescribeVodRefreshTasks or DescribeRefreshTasks.

    *service*: `vod`, `cdn`, or `intl-2020` for the international CDN of 2020, in which domain_name and object_type
    are required. Asked for can be task_id, object_path (exact), domain_name and status (`Complete`, `Refreshing`,
    `Failed`; both together with object_type only), object_type (`file`, `directory`, `preload`; CDN also `path`,
    `regex`), start_time and end_time (aware datetime, or UTC text such as `2026-01-02T03:04:05Z`, of the last 3 days),
    resource_group_id, page_number (from 1 to 100,000) and page_size (up to 50, CDN 100; 20).
    Raises InputError, before anything is sent, for what breaks a rule of the documents; an ApiError for a refusal.
    """
    dialect, query = _question(service, asked)
    api, caller = _api(dialect.service), _caller()
    page = caller.read(lambda: api.describe(query))
    return {
        "tasks": [entry(row.object_path, row) for row in page.rows],
        "page_number": query.page,
        "page_size": query.page_size,
        "total_count": page.total,
        "request_id": page.request_id,
    }


def iter_refresh_tasks(service: str, **asked: Any) -> Iterator[Entry]:
    """All pages of :func:`describe_refresh_tasks`, lazily, each task and object once, newest first.

    Takes the same but page_number; page_size is the largest unless given. What is wrong is told at once, not at the
    first row.
    """
    dialect = dialect_named(service)
    if asked.get("page_number") is None:
        asked.pop("page_number", None)
    _, query = _question(service, {"page_size": dialect.max_page_size, **asked})
    rows = iter_rows(_api(dialect.service), _caller(), query)
    return (entry(row.object_path, row) for row in rows)


def quota(service: Service) -> Mapping[str, Allowance]:
    """What is left for today, by the service's own prefixes."""
    return _caller().read(_api(service).quota)


def describe_refresh_quota(service: str) -> dict[str, QuotaEntry]:
    """What is left for today, by sort of object: `Url`, `Dir`, `Preload`; CDN also `Regex` and `IgnoreParams`."""
    found = quota(dialect_named(service).service)
    return {name: {"total": one.total, "remaining": one.remaining} for name, one in found.items()}


def describe_refresh_tasks_output(service: pulumi.Input[str], **asked: Any) -> pulumi.Output[RefreshTasksPage]:
    """:func:`describe_refresh_tasks` of values that are known later."""
    return pulumi.Output.all(service=service, **asked).apply(lambda known: describe_refresh_tasks(**known))


def iter_refresh_tasks_output(service: pulumi.Input[str], **asked: Any) -> pulumi.Output[list[Entry]]:
    """:func:`iter_refresh_tasks` of values that are known later; an output holds them all."""
    return pulumi.Output.all(service=service, **asked).apply(lambda known: list(iter_refresh_tasks(**known)))


def describe_refresh_quota_output(service: pulumi.Input[str]) -> pulumi.Output[dict[str, QuotaEntry]]:
    """:func:`describe_refresh_quota` of a service that is known later."""
    return pulumi.Output.from_input(service).apply(describe_refresh_quota)
