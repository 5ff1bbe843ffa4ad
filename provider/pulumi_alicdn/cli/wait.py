"""`alicdn wait`: the gate for tasks that somebody else submitted."""

from __future__ import annotations

from dataclasses import replace

import click

from pulumi_alicdn.cli import interrupt, options
from pulumi_alicdn.cli.follow import follow, go_on, with_ids
from pulumi_alicdn.cli.listing import kind_of, listed
from pulumi_alicdn.cli.reach import Reach, pass_reach
from pulumi_alicdn.core.errors import ApiError, InputError
from pulumi_alicdn.core.inputs import check_wait, parse_wait
from pulumi_alicdn.core.limits import DEFAULT_TIMEOUT_S
from pulumi_alicdn.core.path_rules import duplicates, path_problem
from pulumi_alicdn.core.problems import Problem
from pulumi_alicdn.core.tasks import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.engine.watched import Watched


@click.command()
@click.argument("task_ids", metavar="TASK_ID...", nargs=-1, required=True)
@options.service
@click.option(
    "--object-path", "object_paths", metavar="URL", multiple=True, help="Count only this object; may be repeated."
)
@options.timeout(DEFAULT_TIMEOUT_S[Kind.REFRESH])
@options.on_timeout
@options.output
@pass_reach
def wait(
    reach: Reach,
    *,
    task_ids: tuple[str, ...],
    service: Service,
    object_paths: tuple[str, ...],
    timeout_s: float,
    on_timeout: str,
    output: str,
) -> None:
    """Wait until every object of the tasks is effective on every edge.

    Several ids, apart or joined by commas as a submit answers them, are waited for together.
    """
    ids = list(dict.fromkeys(part.strip() for text in task_ids for part in text.split(",") if part.strip()))
    if not ids:
        raise InputError(f"TASK_ID is {task_ids[0]!r}, but must be an id of the service, or several joined by commas")
    waiting = {"timeout": timeout_s, "on_timeout": on_timeout}
    options.refuse([*_paths(object_paths), *check_wait(waiting)])
    spec = TaskSpec(service, Kind.REFRESH, ObjectType.FILE, object_paths)
    api, caller = reach.api(service), reach.caller()
    started = caller.clock.monotonic()
    with interrupt.told(ids, go_on(service)):
        try:
            rows = listed(api, caller, ids, timeout_s)
        except ApiError as error:
            raise with_ids(error, service, ids) from None
        spec = replace(spec, kind=kind_of(rows))
        left_s = max(0.001, timeout_s - (caller.clock.monotonic() - started))
        follow(api, caller, Watched(spec, ids), parse_wait({**waiting, "timeout": left_s}, spec.kind), output)


def _paths(paths: tuple[str, ...]) -> list[Problem]:
    """The broken rules of the objects that count; what sort of object each is, only the service knows."""
    found = [(index, path_problem(path, None)) for index, path in enumerate(paths)]
    found += [(again, f"is {path!r}, which is named already") for _, again, path in duplicates(paths)]
    return [Problem(f"--object-path {index + 1}", f"--object-path {index + 1} {why}") for index, why in found if why]
