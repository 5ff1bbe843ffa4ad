"""`alicdn tasks`: lists the rows of the service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import click

from pulumi_alicdn.api.dialects import DIALECTS, MAX_PAGE, STATUSES, Dialect
from pulumi_alicdn.api.query_rules import check_query, parse_query
from pulumi_alicdn.api.row_count import Shortfall
from pulumi_alicdn.api.rows import Query, RowStatus
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cli import console, objects
from pulumi_alicdn.cli.cloud_options import CloudOptions, pass_cloud_options
from pulumi_alicdn.cli.flags import common_flags
from pulumi_alicdn.cli.found_service import say_usual, service_for
from pulumi_alicdn.tasks.messages import in_no_service, in_other_service
from pulumi_alicdn.tasks.row_reader import iter_rows, missing_rows, with_both_ends
from pulumi_alicdn.validation import Problem

_TYPES: Final = "|".join(dict.fromkeys(word for dialect in DIALECTS.values() for word in dialect.object_types))
_SIZES: Final = ", ".join(f"{dialect.max_page_size} ({dialect.name})" for dialect in DIALECTS.values())

_NAMES: Final = {
    "domain_name": "--domain",
    "start_time": "--start",
    "end_time": "--end",
    "resource_group_id": "--resource-group",
    "page_number": "--page",
}


@click.command()
@common_flags.dialect
@click.option("--task-id", metavar="ID", help="Only this task.")
@click.option("--object-path", metavar="URL", help="Only this object, exactly as it was submitted.")
@click.option("--object-type", metavar=_TYPES, help="Only objects of this type; the types depend on --service.")
@click.option("--domain", "domain_name", metavar="NAME", help="Only objects of this domain; goes with --object-type.")
@click.option("--status", metavar="|".join(STATUSES), help="Only rows of this status; goes with --object-type.")
@click.option("--failed", is_flag=True, help="Only failed objects, of any type, from all pages.")
@click.option("--start", "start_time", metavar="UTC", help="Only tasks since then, such as 2026-01-02T03:04:05Z.")
@click.option("--end", "end_time", metavar="UTC", help="Only tasks until then.")
@click.option(
    "--since",
    metavar="SPAN",
    callback=common_flags.duration,
    help="Only tasks of the last 30m, 2h … 3d (the service's clock).",
)
@click.option("--resource-group", "resource_group_id", metavar="ID", help="Only domains of this resource group.")
@click.option(
    "--page",
    "page_number",
    type=common_flags.WHOLE_NUMBER,
    metavar="N",
    help=f"Which page, 1 (the newest) to {MAX_PAGE}.",
)
@click.option(
    "--page-size",
    type=common_flags.WHOLE_NUMBER,
    metavar="N",
    help=f"Rows of a page: up to {_SIZES}; 20, and with --all the most.",
)
@click.option("--all", "every", is_flag=True, help="All pages.")
@common_flags.output
@pass_cloud_options
def tasks(
    cloud: CloudOptions,
    /,
    *,
    dialect: Dialect | None,
    since: timedelta | None,
    every: bool,
    failed: bool,
    output: str,
    **asked: object,
) -> None:
    """List tasks of the last 3 days, newest first: one line for each object of a task.

    Lines of csv are written as the pages come.
    """
    now = datetime.now(UTC)
    if dialect is None:
        # Nobody is asked about what no product would take.
        broken = [list(check_query(DIALECTS[str(one)], asked, now)) for one in Service]
        together = _together(asked, since, every=every, failed=failed)
        common_flags.refuse([*([] if [] in broken else broken[0]), *together], _NAMES)
        about = [str(asked[name]) for name in ("domain_name", "object_path") if asked[name]][:1]
        if not about:
            say_usual(dialect)
        dialect = DIALECTS[str(service_for(cloud.domains, None, about))]
    common_flags.refuse(
        [*check_query(dialect, asked, now), *_together(asked, since, every=every, failed=failed)], _NAMES
    )
    whole = every or failed
    if whole and asked["page_size"] is None:
        asked["page_size"] = dialect.max_page_size
    query = parse_query(dialect, asked, now)
    api, caller = cloud.api(dialect.service), cloud.caller()
    query = with_both_ends(api, caller, query, since)
    if whole:
        missing: list[Shortfall] = []
        asked_rows = replace(query, status=RowStatus.FAILED) if failed else query
        rows = iter_rows(api, caller, asked_rows, missing.append)
        found = objects.show(objects.of_rows(rows), output)
        if missing:
            # The rows that came are of use, and must not pass for all of them.
            raise missing_rows(dialect.service, missing[0])
        more = "" if found else _nothing(cloud, dialect, query)
    else:
        page = caller.read(lambda: api.describe(query))
        objects.show(objects.of_rows(page.rows), output)
        more = _further(query, len(page.rows), page.total) if page.total else _nothing(cloud, dialect, query)
    if more:
        console.say(more)


def _together(asked: Mapping[str, object], since: timedelta | None, *, every: bool, failed: bool) -> Iterator[Problem]:
    """Check that the options which only the command line has do not contradict others."""
    if (every or failed) and asked["page_number"] is not None:
        option = "--all" if every else "--failed"
        yield Problem("page_number", f"is {asked['page_number']}, but {option} lists every page; leave one of them out")
    if failed and asked["status"] is not None:
        yield Problem("status", f"is {asked['status']!r}, but --failed stands for a status; leave one of them out")
    for name in ("start_time", "end_time"):
        if since is not None and asked[name] is not None:
            yield Problem(name, f"is {asked[name]!r}, but --since stands for both ends; leave one of them out")


def _nothing(cloud: CloudOptions, dialect: Dialect, query: Query) -> str:
    """Return the sentence for no rows; it names the other service if that one lists the task."""
    asked = cloud.elsewhere(dialect.service, [query.task_id]) if query.task_id else None
    if asked is not None and asked[1]:
        other, found = asked
        command = f"`alicdn tasks --task-id {found[0]} --service {other}`"
        return in_other_service(dialect.service, other, found, command)
    nothing = f"No tasks: {dialect.name} lists none that match, and remembers them for 3 days."
    return nothing if asked is None else f"{nothing} {in_no_service(asked[0])}"


def _further(query: Query, found: int, total: int) -> str:
    """Return a sentence on the matching rows that are not on the page; empty if there are none."""
    if found >= total:
        return ""
    if not found:
        return f"No rows on page {query.page}: {total} match, in pages of {query.page_size}."
    first = (query.page - 1) * query.page_size + 1
    return f"Rows {first} to {first + found - 1} of {total}; see --page and --all."
