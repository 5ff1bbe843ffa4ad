"""`alicdn tasks`: what the service lists."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import click

from pulumi_alicdn.cli import console, objects, options
from pulumi_alicdn.cli.reach import Reach, pass_reach
from pulumi_alicdn.core.errors import InputError
from pulumi_alicdn.core.limits import page_size as largest_page
from pulumi_alicdn.core.rows import Query, Row, RowStatus
from pulumi_alicdn.core.tasks import ObjectType, Service
from pulumi_alicdn.engine.calls import Caller
from pulumi_alicdn.engine.look import Looker
from pulumi_alicdn.engine.submit import declare
from pulumi_alicdn.ports import TaskApi

DEFAULT_PAGE_SIZE = 20
"""Rows of a page unless told otherwise, as the service has it."""

_TYPES = (ObjectType.FILE, ObjectType.DIRECTORY, ObjectType.REGEX, ObjectType.PRELOAD)
_STATUSES = (RowStatus.COMPLETE, RowStatus.REFRESHING, RowStatus.FAILED)


@click.command()
@options.service
@click.option("--task-id", metavar="ID", help="Only this task.")
@click.option("--object-path", metavar="URL", help="Only this object, exactly as it was submitted.")
@click.option("--object-type", type=click.Choice([str(name) for name in _TYPES]), help="Only objects of this type.")
@click.option("--domain", metavar="NAME", help="Only objects of this domain; goes with --object-type.")
@click.option(
    "--status", type=click.Choice([str(name) for name in _STATUSES]), help="Only this status; goes with --object-type."
)
@click.option(
    "--since",
    metavar="SPAN",
    callback=options.duration,
    help="Only tasks of the last 30m, 2h … 3d (the service's clock).",
)
@click.option("--page", type=click.IntRange(1), help="Which page, 1 being the newest.")
@click.option("--page-size", type=click.IntRange(1), help="Rows of a page: up to 50 (vod) or 100 (cdn), usually 20.")
@click.option("--all", "every", is_flag=True, help="All pages.")
@options.output
@pass_reach
def tasks(
    reach: Reach,
    *,
    service: Service,
    task_id: str | None,
    object_path: str | None,
    object_type: str | None,
    domain: str | None,
    status: str | None,
    since: timedelta | None,
    page: int | None,
    page_size: int | None,
    every: bool,
    output: str,
) -> None:
    """List tasks of the last 3 days, newest first: one line for each object of a task."""
    if (domain or status) and not object_type:
        given = "--domain" if domain else "--status"
        raise InputError(
            f"{given} goes with --object-type: the service selects by domain or status within one type only"
        )
    if every and (page or page_size):
        raise InputError("--all lists every page, so --page and --page-size do not go with it")
    if page_size and page_size > largest_page(service):
        raise InputError(
            f"--page-size is {page_size}, but {service} answers {largest_page(service)} rows a page at most"
        )
    query = Query(
        task_id=task_id,
        object_path=object_path,
        object_type=ObjectType(object_type) if object_type else None,
        domain=domain,
        status=RowStatus(status) if status else None,
        page=page or 1,
        page_size=page_size or DEFAULT_PAGE_SIZE,
    )
    rows, more = _ask(reach.api(service), reach.caller(), query, since, every=every)
    objects.show(objects.of_rows(rows), output)
    if not rows:
        console.say(f"No tasks: {service} lists none that match, and remembers them for 3 days.")
    elif more:
        console.say(more)


def _ask(
    api: TaskApi, caller: Caller, query: Query, since: timedelta | None, *, every: bool
) -> tuple[tuple[Row, ...], str]:
    """The rows, and what is to be said of further ones."""
    if since is not None:
        now = declare(api, caller).not_before
        query = replace(query, start=now - since, end=now)
    if every:
        return Looker(api, caller).all_pages(query).rows, ""
    page = caller.read(lambda: api.describe(query))
    first = (query.page - 1) * query.page_size + 1
    last = first + len(page.rows) - 1
    return page.rows, f"Rows {first} to {last} of {page.total}; see --page and --all." if page.total > len(
        page.rows
    ) else ""
