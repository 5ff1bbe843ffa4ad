"""`alicdn release`: makes a folder live on every edge, as AssetRelease does, without Pulumi."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast
from urllib.parse import urlsplit
from uuid import uuid4

import click
from rich.table import Table

from pulumi_alicdn.api.limits import DEFAULT_TIMEOUT_S
from pulumi_alicdn.api.spec import Kind, Service
from pulumi_alicdn.cli import console, flags, folder_flags, interrupt
from pulumi_alicdn.cli.cloud_options import CloudOptions, pass_cloud_options
from pulumi_alicdn.cli.progress_bar import ProofProgress, TaskProgress
from pulumi_alicdn.cli.release_run import ReleaseRun, Watcher, previous_release
from pulumi_alicdn.releases import steps
from pulumi_alicdn.releases.decision import Decision, decide
from pulumi_alicdn.releases.globs import Selection
from pulumi_alicdn.releases.proof.judge import SAMPLE
from pulumi_alicdn.releases.proof.prove import PATIENCE_S, TIMEOUT_S
from pulumi_alicdn.releases.release_options import (
    DEFAULT_MAX_FILES,
    FirstRelease,
    Strategy,
    Verify,
    check_release,
    policy,
)
from pulumi_alicdn.releases.report.story import Story
from pulumi_alicdn.releases.report.wording import headline, proof_sentence
from pulumi_alicdn.state import ReleaseFileState, ReleaseRecordState, WaitOptions
from pulumi_alicdn.tasks.context import Context
from pulumi_alicdn.tasks.options import check_wait
from pulumi_alicdn.tasks.waiting.awaited import NextSteps

if TYPE_CHECKING:
    from pulumi_alicdn.system.folder import Scan

F = TypeVar("F", bound=Callable[..., Any])

_NEXT_STEPS: Final = NextSteps(
    after_failure="Fix the cause and run the same `alicdn release` again: it submits only what failed "
    "(--retry-failed N does so within one run).",
    after_timeout="The tasks go on in the cloud and nothing is lost: run the same `alicdn release` again to go on "
    "waiting, nothing is submitted twice; or raise --timeout.",
)

_UNCHANGED: Final = "nothing changed since the last release"

_EPILOG: Final = """\b
The manifest file holds the last proven release and the one that is under way. Keep it between runs:
  alicdn release --manifest site.json --directory dist --base-url https://www.example.com/

Without it, every run is a first release. After a run was interrupted or killed, the next one continues it and submits
nothing twice. Files that did not change cost no call."""


def _words(kind: type[FirstRelease | Strategy | Verify]) -> click.Choice[str]:
    return click.Choice([str(one) for one in kind])


def _decisions(command: F) -> F:
    """Add the options that decide what is submitted."""
    for option in (
        click.option(
            "--max-files",
            type=int,
            metavar="N",
            default=DEFAULT_MAX_FILES,
            show_default=True,
            help="With --strategy auto: the most files that are refreshed one by one.",
        ),
        click.option(
            "--strategy",
            type=_words(Strategy),
            default=str(Strategy.AUTO),
            show_default=True,
            help="Refresh file by file, as a directory, or whichever suits number and quota.",
        ),
        click.option(
            "--first-release",
            type=_words(FirstRelease),
            default=str(FirstRelease.REFRESH),
            show_default=True,
            help="What to do while no earlier release is known.",
        ),
        click.option(
            "--prefetch",
            metavar="GLOB",
            multiple=True,
            help="Prefetch these files, if added or changed, after the refresh; may be repeated.",
        ),
    ):
        command = option(command)
    return command


def _proof(command: F) -> F:
    """Add the options of the proof and of the reports."""
    for option in (
        click.option("--report-file", metavar="FILE", help="Write an HTML report to FILE."),
        click.option(
            "--summary-file", metavar="FILE", help="Append a Markdown summary to FILE; else to GITHUB_STEP_SUMMARY."
        ),
        click.option(
            "--proof-patience",
            type=float,
            metavar="SECONDS",
            default=PATIENCE_S,
            show_default=True,
            help="How long to retry edges that lag.",
        ),
        click.option(
            "--proof-timeout",
            type=float,
            metavar="SECONDS",
            default=TIMEOUT_S,
            show_default=True,
            help="How long the whole proof may take.",
        ),
        click.option(
            "--verify",
            type=_words(Verify),
            default=str(Verify.ALL),
            show_default=True,
            help="Check all changed URLs on the edges, 50 of them, or none.",
        ),
        click.option(
            "--check-origin/--no-check-origin",
            default=True,
            show_default=True,
            help="Whether the origin must have the release before anything is submitted.",
        ),
    ):
        command = option(command)
    return command


def _waiting(command: F) -> F:
    """Add the options of submit and wait."""
    for option in (
        flags.retry_failed,
        click.option(
            "--timeout",
            type=float,
            metavar="SECONDS",
            help="How long to wait for the refresh, and then for the prefetch; "
            f"else {DEFAULT_TIMEOUT_S[Kind.REFRESH]:.0f} and {DEFAULT_TIMEOUT_S[Kind.PREFETCH]:.0f}.",
        ),
        click.option("--force", is_flag=True, default=None, help="Refresh also what the origin has not modified."),
    ):
        command = option(command)
    return command


@click.command(epilog=_EPILOG)
@click.option("--manifest", metavar="FILE", required=True, help="Keeps the last release; read and written.")
@folder_flags.folder
@flags.service
@_decisions
@folder_flags.index(["index.html"])
@folder_flags.servers
@_proof
@_waiting
@click.option("--plan", "plan_only", is_flag=True, help="Show the plan; submit nothing, write nothing.")
@click.option("--output", type=click.Choice(("table", "json")), default="table", help="The form of the result.")
@pass_cloud_options
def release(
    cloud: CloudOptions,
    /,
    *,
    manifest: str,
    service: Service,
    resolve: tuple[str, ...],
    check_origin: bool,
    force: bool | None,
    timeout: float | None,
    retry_failed: int,
    plan_only: bool,
    output: str,
    **given: Any,  # noqa: ANN401  click
) -> None:
    """Refresh and prefetch what changed in a folder, wait, and prove that every edge serves it."""
    options: dict[str, Any] = {name: list(one) if isinstance(one, tuple) else one for name, one in given.items()}
    options |= {"service": str(service), "triggers": [], "edges": options["edges"] or None}
    options["resolve"] = folder_flags.resolved(resolve) or None
    waiting: WaitOptions = {"timeout": timeout, "retry_failed": retry_failed}
    flags.refuse([*check_release(options), *check_wait(waiting)], folder_flags.NAMES)

    from pulumi_alicdn.system.folder import scan  # noqa: PLC0415  loaded only if the options are valid
    from pulumi_alicdn.system.release_file import ReleaseFile  # noqa: PLC0415

    selection = Selection(tuple(options["include"]), tuple(options["exclude"]))
    front = _Front(cloud, options, scan(options["directory"], selection), output)
    file = ReleaseFile(manifest)
    if plan_only:
        front.plan(file.read())
        return
    with file.locked():
        front.run(file.read(), file.write, waiting, force=force, check_origin=check_origin)


class _Front:
    """The command around one release: its plan, its run and its output."""

    def __init__(self, cloud: CloudOptions, options: Mapping[str, Any], scanned: Scan, output: str) -> None:
        self._api = cache(cloud.api)
        self._caller = cloud.caller()
        self._options = options
        self._scanned = scanned
        self._output = output

    def plan(self, found: ReleaseFileState) -> None:
        """Show the plan."""
        decision = self._decided(found)
        if self._output == "json":
            self._show_json("planned" if decision.summary else "unchanged", decision, {})
        else:
            console.result(decision.summary or _UNCHANGED)

    def run(
        self,
        found: ReleaseFileState,
        store: Callable[[ReleaseFileState], None],
        waiting: WaitOptions,
        *,
        force: bool | None,
        check_origin: bool,
    ) -> None:
        """Release, and show the result. Raises NotProvenError after that, if the proof failed."""
        from pulumi_alicdn.system.edges import EdgeFetcher  # noqa: PLC0415  its HTTP takes a moment to load

        decision = self._decided(found)
        console.say(decision.summary or _UNCHANGED)
        progress = TaskProgress(self._caller.clock)
        watcher = Watcher(progress, lambda: self._proof(decision), self._write_reports)
        run = ReleaseRun(self._context(), EdgeFetcher, lambda: datetime.now(UTC), found, store, watcher)
        name = urlsplit(decision.policy.base_urls[0]).netloc
        given = cast("WaitOptions", {name: value for name, value in waiting.items() if value is not None})
        with _interruptible():
            record, story = run.run(
                name, decision, self._options, given, self._scanned.newest, force=force, check_origin=check_origin
            )
        self._show(decision, record)
        if story is not None:
            steps.require_proof(story)
            console.say(f"alicdn: {headline(story)}. {proof_sentence(story)}")

    def _decided(self, found: ReleaseFileState) -> Decision:
        decisions = policy(self._options)
        return decide(
            decisions,
            self._scanned.manifest,
            self._options["triggers"],
            previous_release(found),
            lambda: self._caller.read(self._api(decisions.service).quota),
            datetime.now(UTC),
        )

    def _context(self) -> Context:
        from pulumi_alicdn.system.clock import chance  # noqa: PLC0415

        def always() -> None:
            """Do nothing: there is no Pulumi engine that could exit while this command runs."""

        return Context(self._api, self._caller.clock, chance, uuid4().hex, always, next_steps=_NEXT_STEPS)

    def _proof(self, decision: Decision) -> ProofProgress:
        decisions = decision.policy
        wanted = decision.plan.expected(decision.manifest, decisions.base_urls, decisions.index_files)
        sampled = self._options["verify"] == Verify.SAMPLE
        return ProofProgress(self._caller.clock, min(len(wanted), SAMPLE) if sampled else len(wanted))

    def _write_reports(self, story: Story) -> None:
        from pulumi_alicdn.system.report_files import write_reports  # noqa: PLC0415

        write_reports(story, self._options["summary_file"], self._options["report_file"], os.environ)

    def _show(self, decision: Decision, record: ReleaseRecordState) -> None:
        if self._output == "json":
            self._show_json(record["status"] or "", decision, record)
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for title in ("EDGE", "FRESH", "OTHER"):
            table.add_column(title, overflow="fold", justify="left" if title == "EDGE" else "right")
        for one in record["evidence_summary"] or ():
            table.add_row(one["edge"], str(one["fresh"]), str(one["other"]))
        if table.row_count:
            console.show(table)

    def _show_json(self, status: str, decision: Decision, record: ReleaseRecordState | Mapping[str, Any]) -> None:
        """Write one JSON object with the names of AssetRelease's outputs."""
        shown = {
            "status": status,
            "plan": decision.summary.splitlines(),
            "changed": decision.plan.difference.paths,
            "refreshed": decision.plan.refresh,
            "prefetched": decision.plan.prefetch,
            "task_ids": record.get("task_ids", []),
            "evidence_summary": record.get("evidence_summary", []),
            "evidence": record.get("evidence", []),
        }
        console.result(json.dumps(shown, indent=2))


@contextmanager
def _interruptible() -> Iterator[None]:
    """Explain to the user how to continue an interrupted run."""
    try:
        yield
    except KeyboardInterrupt as error:
        console.say(
            "alicdn: interrupted; what was submitted goes on in the cloud: run the same `alicdn release` again to go "
            "on, nothing is submitted twice"
        )
        raise click.exceptions.Exit(interrupt.code(error)) from None
