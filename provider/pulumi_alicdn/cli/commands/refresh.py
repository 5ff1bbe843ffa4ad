"""`alicdn refresh` and `alicdn prefetch`: declare the intent, submit, and wait, in one command."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final, TypeVar, cast

import click

from pulumi_alicdn.api.limits import DEFAULT_TIMEOUT_S, PREFETCH_AREAS
from pulumi_alicdn.api.spec import REFRESH_TYPES, Kind, Service, TaskSpec
from pulumi_alicdn.cli import console, interrupt, url_lists
from pulumi_alicdn.cli.cloud_options import CloudOptions, pass_cloud_options
from pulumi_alicdn.cli.flags import common_flags, source_flags, verify_flags
from pulumi_alicdn.cli.follow import AFTER_DOUBT, follow, go_on, wait_command, with_ids
from pulumi_alicdn.cli.found_service import service_for
from pulumi_alicdn.cli.progress_bar import TaskProgress
from pulumi_alicdn.domains.asked_once import AskedOnce
from pulumi_alicdn.domains.before_submit import check_refresh
from pulumi_alicdn.errors import AlicdnError, InputError
from pulumi_alicdn.freshness.verify_options import check_verify, check_waits, is_on
from pulumi_alicdn.tasks import messages
from pulumi_alicdn.tasks.options import WaitOptions, check_task, check_wait, parse_task, parse_wait
from pulumi_alicdn.tasks.origin_check import origin_warning
from pulumi_alicdn.tasks.retry_policy import READ_PATIENCE_S
from pulumi_alicdn.tasks.submit import Submitter, declare
from pulumi_alicdn.tasks.verdict import Outcome, Verdict
from pulumi_alicdn.tasks.waiting.awaited import AwaitedTasks
from pulumi_alicdn.validation import Problem, Subject

F = TypeVar("F", bound=Callable[..., Any])

_NAMES: Final = {
    "object_paths": "URL",
    "object_type": "--type",
    "headers": "--header",
    "wait": "--no-wait",
} | source_flags.FLAGS


def _waiting(kind: Kind) -> Callable[[F], F]:
    """Add the options that both commands share."""

    def add(command: F) -> F:
        for option in (
            common_flags.output,
            common_flags.retry_failed,
            common_flags.timeout(DEFAULT_TIMEOUT_S[kind]),
            click.option("--wait/--no-wait", default=True, show_default=True, help="Whether to wait for the effect."),
        ):
            command = option(command)
        return command

    return add


@click.command()
@click.argument("urls", metavar="[URL]...", nargs=-1)
@url_lists.from_file("one URL per line")
@common_flags.service
@click.option(
    "--type",
    "object_type",
    type=click.Choice([str(name) for name in REFRESH_TYPES]),
    help="The type of all URLs.  [default: file]",
)
@source_flags.media_and_tags
@click.option("--force", is_flag=True, help="Refresh also what the origin has not modified.")
@click.option(
    "--origin",
    metavar="URL",
    help="The origin; a warning names the files that it does not have, and --verify compares with it.",
)
@verify_flags.verify
@_waiting(Kind.REFRESH)
@pass_cloud_options
def refresh(cloud: CloudOptions, /, *, from_file: str | None, **given: object) -> None:
    """Make every edge drop what it holds, and wait until all have."""
    named, places = source_flags.source(given, from_file)
    # False would count as given beside media, which have no such option.
    _run(cloud, Kind.REFRESH, {**named, "force": given["force"] or None}, given, places, verify_flags.options(given))


@click.command()
@click.argument("urls", metavar="[URL]...", nargs=-1)
@url_lists.from_file("one URL per line")
@common_flags.service
@click.option("--area", type=click.Choice(PREFETCH_AREAS), help="Only edges inside or outside mainland China.")
@click.option("--l2-preload/--no-l2-preload", default=None, help="Whether to load second-level nodes only.")
@click.option(
    "--header", "headers", metavar="'NAME: VALUE'", multiple=True, help="Sent to the origin; may be repeated."
)
@_waiting(Kind.PREFETCH)
@source_flags.media
@pass_cloud_options
def prefetch(
    cloud: CloudOptions,
    /,
    *,
    from_file: str | None,
    headers: tuple[str, ...],
    **given: object,
) -> None:
    """Make the edges fetch objects from the origin, and wait until all have."""
    named, places = source_flags.source(given, from_file)
    options = {"area": given["area"], "l2_preload": given["l2_preload"], "headers": _headers(headers) or None}
    _run(cloud, Kind.PREFETCH, {**named, **options}, given, places)


def _headers(texts: tuple[str, ...]) -> dict[str, str]:
    """Read headers of the form `Name: value`. Raises InputError without any value, since a value may be a secret."""
    found: dict[str, str] = {}
    for number, text in enumerate(texts, 1):
        name, colon, value = text.partition(":")
        if not colon:
            raise InputError(f"--header {number} must be 'Name: value', but has no colon")
        if name.strip().lower() in map(str.lower, found):
            raise InputError(f"--header {number} names {name.strip()!r}, which an earlier one names already")
        found[name.strip()] = value.strip()
    return found


def _run(
    cloud: CloudOptions,
    kind: Kind,
    task: Mapping[str, object],
    given: Mapping[str, object],
    places: Mapping[Subject, str],
    verify: Mapping[str, Any] | None = None,
) -> None:
    checks = {**task, **(verify or {})}
    waiting = {"wait": given["wait"], "timeout": given["timeout_s"], "retry_failed": given["retry_failed"]}
    waiting["origin"] = given.get("origin")
    if task["service"] is None:
        # Nobody is asked about what no product would take.
        broken = [list(check_task({**task, "service": str(one)}, kind)) for one in Service]
        common_flags.refuse([*([] if [] in broken else broken[0]), *check_wait(waiting)], _NAMES, places)
    named = task.get("object_paths")
    urls = named if isinstance(named, list) else ()
    domains = cache(lambda service: AskedOnce(cloud.domains(service)))
    service = service_for(domains, cast("Service | None", task["service"]), urls)
    task = {**task, "service": str(service)}
    problems = [*check_task(task, kind), *check_wait(waiting)]
    problems += [*check_verify(checks), *check_waits({**checks, "wait": given["wait"]})]
    common_flags.refuse(problems, _NAMES, places)
    spec = parse_task(task, kind)
    if waiting["origin"] is not None:
        # Its HTTP takes a moment to load. Users can stop before anything is submitted.
        from pulumi_alicdn.system.origin_reader import read_origin  # noqa: PLC0415

        warning = origin_warning(read_origin, waiting["origin"], spec)
        if warning:
            console.say(f"alicdn: {warning}")
    options = parse_wait(waiting, kind)
    if not is_on(checks.get("verify")):
        _live(cloud, spec, options, str(given["output"]))
        return
    # A refresh that no edge can prove would cost its quota for nothing.
    common_flags.refuse(check_refresh({**checks, **task}, domains, _warn), _NAMES, places)
    # Its requests to edges take a moment to load, too.
    from pulumi_alicdn.cli.verified_tasks import TaskVerification, after_refresh  # noqa: PLC0415

    origin = waiting["origin"]
    edges = TaskVerification(cloud, spec.service, checks, None if origin is None else str(origin))
    before = edges.before(spec.object_paths)
    began = cloud.caller().clock.monotonic()
    ids, verdict = _live(cloud, spec, options, str(given["output"]))
    if verdict.outcome is not Outcome.COMPLETE:
        return
    left_s = options.timeout_s - (cloud.caller().clock.monotonic() - began)
    steps = after_refresh(wait_command(spec.service, ",".join(ids)), str(checks["verify"]))
    raise click.exceptions.Exit(edges.after(spec.object_paths, before, left_s, steps))


def _warn(problem: Problem) -> None:
    console.say(f"alicdn: {common_flags.spelled(problem, _NAMES)}")


def _live(cloud: CloudOptions, spec: TaskSpec, waiting: WaitOptions, output: str) -> tuple[Sequence[str], Verdict]:
    api, caller = cloud.api(spec.service), cloud.caller()
    progress = TaskProgress(caller.clock)
    with interrupt.explain_interruption(lambda: progress.task_ids, go_on(spec.service)):
        # A service without answers must not keep the command going for longer than the wait would.
        short = waiting.wait and waiting.timeout_s < READ_PATIENCE_S
        intent = declare(api, caller, spec, caller.clock.monotonic() + waiting.timeout_s if short else None)
        declared = caller.clock.monotonic()
        try:
            submission = Submitter(api, caller, progress.submitted, AFTER_DOUBT).run(
                spec, intent, attempted_before=False, declared_s_ago=caller.clock.monotonic() - declared
            )
        except AlicdnError as error:
            # The service may have accepted some batches before it refused one.
            raise with_ids(error, spec.service, progress.task_ids) from None
        for doubt in messages.doubts(spec, submission.weaker, submission.early, AFTER_DOUBT):
            progress.warn(doubt)
        awaited = AwaitedTasks(
            spec,
            submission.task_ids,
            intent,
            submission.request_ids,
            submission.job_ids,
            superseded=submission.superseded,
        )
        return awaited.task_ids, follow(api, caller, awaited, waiting, output, progress)
