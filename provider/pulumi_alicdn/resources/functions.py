"""Functions that query the service directly, for plain values and for Pulumi outputs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, cast

import pulumi

from pulumi_alicdn.api.dialects import Dialect
from pulumi_alicdn.api.literals import QueryObjectType, QueryServiceName, QueryStatus, QuotaName
from pulumi_alicdn.api.query_rules import dialect_named, parse_query
from pulumi_alicdn.api.rows import Allowance, ListedTask, Query, listed
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.borders import cell, values
from pulumi_alicdn.domains.domain_api import DomainApi
from pulumi_alicdn.resources.option_types import Choice
from pulumi_alicdn.resources.program import config_value, current_program
from pulumi_alicdn.resources.secret_values import secret_names, veiled
from pulumi_alicdn.tasks.retry_policy import Caller
from pulumi_alicdn.tasks.row_reader import iter_rows, with_both_ends

if TYPE_CHECKING:
    from pulumi_alicdn.cloud.client import AlibabaCloud
    from pulumi_alicdn.system.network_edges import NetworkEdges

Answer = TypeVar("Answer")


class RefreshTasksPage(TypedDict):
    """One page of rows, newest first. ``total_count`` counts all matching rows, not only those of the page.

    The rows are as the service lists them: a status can be a word that is no :data:`TaskStatus`.
    """

    tasks: list[ListedTask]
    page_number: int
    page_size: int
    total_count: int
    request_id: str


class QuotaEntry(TypedDict):
    """A day's quota for one sort of object."""

    total: int
    remaining: int


def _api(service: Service) -> AlibabaCloud:
    """Connect to the service, configured by the stack, or by the environment if no stack runs."""
    from pulumi_alicdn.cloud.connection import connect
    from pulumi_alicdn.cloud.settings import resolve

    return connect(resolve(config_value, os.environ), service)


def _caller() -> Caller:
    from pulumi_alicdn.system.clock import SystemClock, chance

    return Caller(SystemClock(), chance)


def nodes_listed(service: Service) -> NetworkEdges:
    """Return the nodes of the domains of *service*, for a program; nothing is asked yet."""
    from pulumi_alicdn.cloud.connection import connect_network
    from pulumi_alicdn.cloud.settings import resolve
    from pulumi_alicdn.system.network_edges import NetworkEdges

    caller = _caller()
    return NetworkEdges(
        connect_network(resolve(config_value, os.environ), service), caller.read, caller.clock, os.environ
    )


def _question(arguments: Mapping[str, Any]) -> tuple[Dialect, Query]:
    """Read the arguments of a call. Raises InputError with all broken rules."""
    asked = dict(arguments)
    dialect = dialect_named(asked.pop("service"))
    return dialect, parse_query(dialect, asked, datetime.now(UTC))


def describe_refresh_tasks(
    service: QueryServiceName,
    *,
    task_id: str | None = None,
    object_path: str | None = None,
    object_type: QueryObjectType | None = None,
    domain_name: str | None = None,
    status: QueryStatus | None = None,
    start_time: datetime | str | None = None,
    end_time: datetime | str | None = None,
    resource_group_id: str | None = None,
    page_number: int | None = None,
    page_size: int | None = None,
) -> RefreshTasksPage:
    """One page of DescribeVodRefreshTasks or DescribeRefreshTasks, of refreshes and prefetches alike.

    service: `vod`, `cdn`, or `intl-2020` for the international CDN of 2020, which requires domain_name and object_type.
    task_id: one id of the service. Default: all tasks.
    object_path: a URL that has to match exactly. Default: all URLs.
    object_type: `file`, `directory`, `preload`; CDN also `path`, `regex`,
        `block`, `unblock`. Default: all types.
    domain_name: such as `media.example.com`; needs object_type. Default: all domains.
    status: `Complete`, `Refreshing` or `Failed`; needs object_type. Default: all states.
    start_time: aware datetime or UTC text such as `2026-01-02T03:04:05Z`, of the last 3 days. Default: 3 days ago.
    end_time: the same, later than start_time. Default: now. With one of both, a first call reads the service's time,
        because the service accepts both together only.
    resource_group_id: text; not for `intl-2020`. Default: all groups.
    page_number: whole number from 1 to 100,000. Default: 1.
    page_size: rows, from 1 to 50, CDN 100. Default: 20.

    Raises InputError, before anything is sent, for options that break a rule of the documents; ApiError for a refusal.
    """
    dialect, query = _question(locals())
    with veiled():
        api, caller = _api(dialect.service), _caller()
        asked = with_both_ends(api, caller, query)
        page = caller.read(lambda: api.describe(asked))
    return {
        "tasks": [values(listed(row)) for row in page.rows],
        "page_number": query.page,
        "page_size": query.page_size,
        "total_count": page.total,
        "request_id": cell(page.request_id),
    }


def iter_refresh_tasks(
    service: QueryServiceName,
    *,
    task_id: str | None = None,
    object_path: str | None = None,
    object_type: QueryObjectType | None = None,
    domain_name: str | None = None,
    status: QueryStatus | None = None,
    start_time: datetime | str | None = None,
    end_time: datetime | str | None = None,
    resource_group_id: str | None = None,
    page_size: int | None = None,
) -> Iterator[ListedTask]:
    """Iterate over the rows of all pages of :func:`describe_refresh_tasks`; each task and object once, newest first.

    page_size: rows of each request. Default: the most that the service allows.

    The other options are those of :func:`describe_refresh_tasks`. This call raises InputError; the iterator raises an
    ApiError when a request fails. Rows that the service counts and does not list, not even if they are listed again,
    are left out: its documents have such a count themselves.
    """
    arguments = locals()
    if page_size is None:
        arguments["page_size"] = dialect_named(service).max_page_size
    dialect, query = _question(arguments)
    with veiled():
        api, caller = _api(dialect.service), _caller()

    def entries() -> Iterator[ListedTask]:
        with veiled():
            for row in iter_rows(api, caller, with_both_ends(api, caller, query)):
                entry: ListedTask = values(listed(row))
                yield entry

    return entries()


def domain_api(service: Service) -> DomainApi:
    """Return the domains of *service*; a program asks for each of their answers once."""
    program = current_program()
    return _connected(service) if program is None else program.domains(service, _connected)


def _connected(service: Service) -> DomainApi:
    from pulumi_alicdn.cloud.connection import connect_domains
    from pulumi_alicdn.cloud.settings import resolve

    return connect_domains(resolve(config_value, os.environ), service)


def quota(service: Service) -> Mapping[str, Allowance]:
    """Return today's allowances, by the service's own prefixes."""
    with veiled():
        return _caller().read(_api(service).quota)


def describe_refresh_quota(service: QueryServiceName) -> dict[QuotaName, QuotaEntry]:
    """Today's quota and allowance by sort of object: `Url`, `Dir`, `Preload`; CDN also `Regex` and `IgnoreParams`.

    service: `vod`, `cdn` or `intl-2020`.

    Raises InputError for another service; an ApiError for a refusal.
    """
    found = quota(dialect_named(service).service)
    return {cast("QuotaName", name): {"total": one.total, "remaining": one.remaining} for name, one in found.items()}


def _called(function: Callable[..., Answer], arguments: Mapping[str, Any]) -> pulumi.Output[Answer]:
    """Call *function* once all *arguments* are known; an error of it does not show those that are secret."""

    def call(known: dict[str, Any]) -> Answer:
        with veiled(known):
            return function(**{name: value for name, value in known.items() if name != "secrets"})

    return pulumi.Output.all(**{"secrets": None, **secret_names(arguments)}, **arguments).apply(call)


def _all_rows(**known: Any) -> list[ListedTask]:
    return list(iter_refresh_tasks(**known))


def describe_refresh_tasks_output(
    service: Choice[QueryServiceName],
    *,
    task_id: pulumi.Input[str] | None = None,
    object_path: pulumi.Input[str] | None = None,
    object_type: Choice[QueryObjectType] | None = None,
    domain_name: pulumi.Input[str] | None = None,
    status: Choice[QueryStatus] | None = None,
    start_time: pulumi.Input[datetime | str] | None = None,
    end_time: pulumi.Input[datetime | str] | None = None,
    resource_group_id: pulumi.Input[str] | None = None,
    page_number: pulumi.Input[int] | None = None,
    page_size: pulumi.Input[int] | None = None,
) -> pulumi.Output[RefreshTasksPage]:
    """:func:`describe_refresh_tasks` for outputs. Options and errors are the same."""
    return _called(describe_refresh_tasks, locals())


def iter_refresh_tasks_output(
    service: Choice[QueryServiceName],
    *,
    task_id: pulumi.Input[str] | None = None,
    object_path: pulumi.Input[str] | None = None,
    object_type: Choice[QueryObjectType] | None = None,
    domain_name: pulumi.Input[str] | None = None,
    status: Choice[QueryStatus] | None = None,
    start_time: pulumi.Input[datetime | str] | None = None,
    end_time: pulumi.Input[datetime | str] | None = None,
    resource_group_id: pulumi.Input[str] | None = None,
    page_size: pulumi.Input[int] | None = None,
) -> pulumi.Output[list[ListedTask]]:
    """:func:`iter_refresh_tasks` for outputs; one output holds all rows."""
    return _called(_all_rows, locals())


def describe_refresh_quota_output(
    service: Choice[QueryServiceName],
) -> pulumi.Output[dict[QuotaName, QuotaEntry]]:
    """:func:`describe_refresh_quota` for a service that is an output."""
    return _called(describe_refresh_quota, locals())
