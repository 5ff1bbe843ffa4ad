"""`alicdn wait`: waits for tasks that were submitted elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from pulumi_alicdn.api.limits import DEFAULT_TIMEOUT_S
from pulumi_alicdn.api.paths.path_checks import check_object_paths
from pulumi_alicdn.api.rows import Row
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.cli import interrupt
from pulumi_alicdn.cli.cloud_options import CloudOptions, pass_cloud_options
from pulumi_alicdn.cli.exit_codes import ExitCode
from pulumi_alicdn.cli.flags import common_flags, verify_flags
from pulumi_alicdn.cli.follow import follow, go_on, with_ids
from pulumi_alicdn.cli.found_service import USUAL
from pulumi_alicdn.cli.progress_bar import TaskProgress
from pulumi_alicdn.errors import ApiError, InputError, UnknownTaskError
from pulumi_alicdn.freshness.verify_options import check_verify, is_on
from pulumi_alicdn.phrases import show
from pulumi_alicdn.tasks.messages import in_no_service, in_other_service
from pulumi_alicdn.tasks.options import check_wait, is_id, parse_wait
from pulumi_alicdn.tasks.other_service import MAX_ASKED
from pulumi_alicdn.tasks.retry_policy import READ_PATIENCE_S, Caller
from pulumi_alicdn.tasks.row_reader import RowReader, kind_of
from pulumi_alicdn.tasks.task_api import TaskApi
from pulumi_alicdn.tasks.verdict import Outcome, Verdict
from pulumi_alicdn.tasks.waiting.awaited import AwaitedTasks


@click.command()
@click.argument("task_ids", metavar="TASK_ID...", nargs=-1, required=True)
@common_flags.service_of_tasks
@click.option(
    "--object-path", "object_paths", metavar="URL", multiple=True, help="Wait only for this object; may be repeated."
)
@common_flags.timeout(DEFAULT_TIMEOUT_S[Kind.REFRESH])
@common_flags.on_timeout
@click.option("--origin", metavar="URL", help=verify_flags.ORIGIN_HELP)
@verify_flags.verify
@common_flags.output
@pass_cloud_options
def wait(
    cloud: CloudOptions,
    /,
    *,
    task_ids: tuple[str, ...],
    service: Service | None,
    object_paths: tuple[str, ...],
    timeout_s: float,
    on_timeout: str,
    output: str,
    origin: str | None,
    **given: Any,  # noqa: ANN401  click
) -> None:
    """Wait until every object of the tasks is effective on every edge.

    Several ids may be given apart, or joined by commas as a submit prints them.
    """
    ids = list(dict.fromkeys(part.strip() for text in task_ids for part in text.split(",") if part.strip()))
    wrong = [one for one in ids if not is_id(one)] or ([] if ids else [task_ids[0]])
    if wrong:
        raise InputError(f"TASK_ID is {show(wrong[0])}, but must be an id of the service, or several joined by commas")
    waiting = {"timeout": timeout_s, "on_timeout": on_timeout, "origin": origin}
    checks = verify_flags.options(given)
    # No object type: only the service knows it.
    paths = check_object_paths("object_paths", object_paths or None, None)
    common_flags.refuse(
        [*paths, *check_wait(waiting), *check_verify({**checks, "origin": origin})], {"object_paths": "--object-path"}
    )
    caller = cloud.caller()
    started = caller.clock.monotonic()
    named, service = service, service or USUAL
    api = cloud.api(service)
    with interrupt.explain_interruption(lambda: ids, go_on(service)):
        try:
            rows = listed(api, caller, ids, timeout_s)
        except ApiError as error:
            # What the service refuses for good, such as an id that is none, does not pass while it is waited for.
            if not error.retryable:
                error.add_note(f"TASK_ID was {','.join(ids)}; `alicdn tasks` lists the ids of the last 3 days")
                raise
            raise with_ids(error, service, ids) from None
        there = {row.task_id for row in rows}
        missing = [task_id for task_id in ids if task_id not in there]
        asked = cloud.elsewhere(service, missing) if missing else None
        if asked is not None and not there and named is None and set(asked[1]) >= set(missing[:MAX_ASKED]):
            service = asked[0]
            api = cloud.api(service)
            rows, asked = listed(api, caller, ids, timeout_s), None
        if asked is not None and asked[1]:
            other, found = asked
            next_step = go_on(other).format(ids=",".join(found))
            raise UnknownTaskError(in_other_service(service, other, found, next_step))
        spec = TaskSpec(service, kind_of(rows), ObjectType.FILE, object_paths)
        if is_on(checks["verify"]):
            from pulumi_alicdn.cli.verified_tasks import check_rows  # noqa: PLC0415  with the requests to edges

            check_rows((row for row in rows if not object_paths or row.object_path in object_paths), checks["verify"])
        left_s = max(0.001, timeout_s - (caller.clock.monotonic() - started))
        options = parse_wait({**waiting, "timeout": left_s}, spec.kind)
        try:
            verdict = follow(api, caller, AwaitedTasks(spec, ids), options, output, TaskProgress(caller.clock))
        except UnknownTaskError as error:
            if asked is None:
                raise
            raise UnknownTaskError(f"{error} {in_no_service(asked[0])}") from None
    if is_on(checks["verify"]) and verdict.outcome is Outcome.COMPLETE:
        left_s = timeout_s - (caller.clock.monotonic() - started)
        raise click.exceptions.Exit(_verified(cloud, service, verdict, {**waiting, **checks}, left_s))


def _verified(
    cloud: CloudOptions, service: Service, verdict: Verdict, options: Mapping[str, Any], left_s: float
) -> ExitCode:
    """Ask the edges for the objects of *verdict*, and return how that ended. Raises InputError for what is no URL."""
    # Its HTTP takes a moment to load.
    from pulumi_alicdn.cli.verified_tasks import TaskVerification, after_wait, check_rows  # noqa: PLC0415

    check_rows((row for row in verdict.rows.values() if row is not None), options["verify"])
    edges = TaskVerification(cloud, service, options, options["origin"])
    late_is_fine = options["on_timeout"] == "continue"
    return edges.after(list(verdict.rows), {}, left_s, after_wait(), late_is_fine=late_is_fine)


def listed(api: TaskApi, caller: Caller, task_ids: Sequence[str], timeout_s: float) -> Sequence[Row]:
    """Return the rows of the tasks that the service lists now.

    Raises an ApiError if the service is unreachable: sooner than the wait would, and within *timeout_s*.
    """
    until = caller.clock.monotonic() + min(timeout_s, READ_PATIENCE_S)
    return RowReader(api, caller).tasks(task_ids, until, once=True).rows
