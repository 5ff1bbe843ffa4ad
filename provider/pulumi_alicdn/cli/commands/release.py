"""`alicdn release`: makes a folder live on every edge, as AssetRelease does, without Pulumi."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit
from uuid import uuid4

import click

from pulumi_alicdn import validation
from pulumi_alicdn.api.rows import Allowance
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cli import console, interrupt
from pulumi_alicdn.cli.cloud_options import CloudOptions, pass_cloud_options
from pulumi_alicdn.cli.flags import access_flags, common_flags, folder_flags, release_flags
from pulumi_alicdn.cli.found_service import USUAL, service_for
from pulumi_alicdn.cli.progress_bar import ProofProgress, TaskProgress
from pulumi_alicdn.cli.proof_words import RELEASE
from pulumi_alicdn.domains.asked_once import AskedOnce
from pulumi_alicdn.errors import AlicdnError, NotProvenError
from pulumi_alicdn.releases import steps
from pulumi_alicdn.releases.decision import PROVEN_AGAIN, UNCHANGED, Decision
from pulumi_alicdn.releases.globs import Selection, left_out_sentence
from pulumi_alicdn.releases.heals.heal_steps import Around
from pulumi_alicdn.releases.proof.checks.sampling import SAMPLE
from pulumi_alicdn.releases.proof.edge_access import EdgeAccess
from pulumi_alicdn.releases.proof.edge_reader import EdgeReader
from pulumi_alicdn.releases.proof.servers import EdgeSource, Server, option_source
from pulumi_alicdn.releases.proof.visitors import stored_user_agent
from pulumi_alicdn.releases.release_options import (
    INDEX_FILES,
    Verify,
    check_release,
)
from pulumi_alicdn.releases.report.story import ReleaseOutcome, Story
from pulumi_alicdn.releases.report.wording import headline, proof_sentence
from pulumi_alicdn.rollout.deciding import Asked, decided
from pulumi_alicdn.rollout.release_run import (
    ReleaseRun,
    Watcher,
    previous_release,
    proves_again,
    stored_service,
    triggers,
    unfinished,
)
from pulumi_alicdn.state import ReleaseFileState, ReleaseRecordState, WaitOptions
from pulumi_alicdn.tasks.context import Context
from pulumi_alicdn.tasks.messages import STORED, AfterDoubt
from pulumi_alicdn.tasks.options import check_wait
from pulumi_alicdn.tasks.waiting.awaited import NextSteps
from pulumi_alicdn.validation import UNKNOWN, Problem

if TYPE_CHECKING:
    from pulumi_alicdn.system.folder import Scan

_NEXT_STEPS: Final = NextSteps(
    after_failure="Fix the cause and run the same `alicdn release` again: it submits only what failed "
    "(--retry-failed N does so within one run).",
    after_timeout="The tasks go on in the cloud and nothing is lost: run the same `alicdn release` again to go on "
    "waiting, nothing is submitted twice; or raise --timeout.",
    after_doubt=AfterDoubt(STORED.look_up, "use `--again`"),
)

_INTERRUPTED: Final = (
    f"{UNCHANGED}, which an interrupted run began to do again: what it submitted is not submitted again"
)

_COUNTS: Final = ("fresh", "other")
"""Columns of numbers."""

_EPILOG: Final = """\b
The manifest file holds the last proven release and the one that is under way. Keep it between runs:
  alicdn release --manifest site.json --directory dist --base-url https://www.example.com/

Without it, every run is a first release. After a run was interrupted or killed, the next one continues it and submits
nothing twice. Files that did not change cost no call."""


@click.command(epilog=_EPILOG)
@click.option("--manifest", metavar="FILE", required=True, help="Keeps the last release; read and written.")
@folder_flags.folder(required=True)
@common_flags.service
@release_flags.decisions
@folder_flags.index("index.html, in a folder below the top only where the site serves it")
@folder_flags.servers
@folder_flags.nodes(EdgeSource.NETWORK)
@access_flags.access
@release_flags.proof
@release_flags.waiting
@click.option("--plan", "plan_only", is_flag=True, help="Show the plan; submit nothing, write nothing.")
@click.option("--output", type=click.Choice(("table", "json")), default="table", help="Output format.")
@pass_cloud_options
def release(
    cloud: CloudOptions,
    /,
    *,
    manifest: str,
    service: Service | None,
    resolve: tuple[str, ...],
    check_origin: bool,
    again: bool,
    force: bool | None,
    timeout: float | None,
    retry_failed: int,
    plan_only: bool,
    output: str,
    **given: Any,  # noqa: ANN401  click
) -> None:
    """Refresh and prefetch what changed in a folder, wait, and prove that every edge serves it."""
    options: dict[str, Any] = {name: list(one) if isinstance(one, tuple) else one for name, one in given.items()}
    options |= {"service": str(service or USUAL), "triggers": [], "edges": folder_flags.edges_of(options)}
    options["proof_budget"] = folder_flags.budget(options["proof_budget"])
    options["user_agent"] = stored_user_agent(options["user_agent"])
    options["resolve"] = folder_flags.resolved(resolve) or None
    options |= access_flags.read_access(given)
    options["index_required"] = bool(options["index_files"]) or None
    options["index_files"] = options["index_files"] or list(INDEX_FILES)
    waiting: WaitOptions = {"timeout": timeout, "retry_failed": retry_failed}
    problems = [
        *validation.text("manifest", manifest, "the path of a file"),
        *check_release(options),
        *check_wait(waiting),
        *folder_flags.check_origin_host(options["origin"], options["origin_host"]),
    ]
    common_flags.refuse(problems, folder_flags.NAMES)

    from pulumi_alicdn.system.folder import scan_files  # noqa: PLC0415  loaded only if the options are valid
    from pulumi_alicdn.system.release_file import ReleaseFile  # noqa: PLC0415
    from pulumi_alicdn.system.report_files import check_reports, report_paths  # noqa: PLC0415

    file = ReleaseFile(manifest)
    reports = (options["summary_file"], options["report_file"], os.environ)
    common_flags.refuse(check_reports(*reports), folder_flags.NAMES)
    file.check()
    selection = Selection(tuple(options["include"]), tuple(options["exclude"]))
    without = file.paths | report_paths(*reports)
    empty = {"allow_empty": options["allow_empty"], "allowed_by": "--allow-empty"}
    scanned = scan_files(options["directory"], selection, without=without, name="--directory", **empty)
    fresh = uuid4().hex if again else None

    def front() -> _Front:
        found = file.read()
        known = service or stored_service(found, options["base_urls"])
        options["service"] = str(service_for(cloud.domains, known, options["base_urls"]))
        return _Front(cloud, options, scanned, output, found, fresh, force=force)

    if plan_only:
        front().plan()
        return
    with file.locked():
        front().run(file.write, waiting, check_origin=check_origin)


class _Front:
    """The command around one release: its plan, its run and its output."""

    def __init__(
        self,
        cloud: CloudOptions,
        options: Mapping[str, Any],
        scanned: Scan,
        output: str,
        found: ReleaseFileState,
        fresh: str | None,
        *,
        force: bool | None,
    ) -> None:
        """Go on from what earlier runs left (*found*); *fresh* is the trigger that does the last release again."""
        self._api = cache(cloud.api)
        self._domains = cache(lambda service: AskedOnce(cloud.domains(service)))
        self._caller = cloud.caller()
        self._triggers = triggers(found, fresh)
        self._options = {**options, "triggers": self._triggers}
        self._scanned = scanned
        self._output = output
        self._found = found
        self._force = force
        self._nodes = cache(lambda: cloud.nodes(Service(options["service"])))
        self._unwritten: AlicdnError | None = None

    def plan(self) -> None:
        """Show the plan."""
        decision = self._decided()
        intended = self._intended(decision)
        if self._output == "json":
            shown = decision if intended else None
            self._show_json("planned" if intended else "unchanged", intended, shown, {}, decision.pending)
        else:
            console.result(intended or self._unchanged(decision))

    def run(self, store: Callable[[ReleaseFileState], None], waiting: WaitOptions, *, check_origin: bool) -> None:
        """Release, and show the result. Raises NotProvenError after that, if the proof failed."""
        decision = self._decided()
        intended = self._intended(decision)
        console.say(intended or self._unchanged(decision))
        found = self._begun_again(store) if decision.summary else self._found
        progress = TaskProgress(self._caller.clock)
        watcher = Watcher(progress, lambda: self._proof(decision), self._write_reports)
        around = Around(lambda: uuid4().hex, self._allowances, RELEASE)
        run = ReleaseRun(self._context(), self._reader, lambda: datetime.now(UTC), found, store, watcher, around)
        name = urlsplit(decision.policy.base_urls[0]).netloc
        given = cast("WaitOptions", {name: value for name, value in waiting.items() if value is not None})
        with _interruptible():
            record, story = run.run(
                name,
                decision,
                self._options,
                given,
                self._scanned.newest,
                force=self._force,
                check_origin=check_origin,
            )
        if story is None:
            if self._output == "json":
                self._show_json("unchanged", "", None, {}, decision.pending)
            return
        self._show(intended, decision, record)
        with _also(self._unwritten):
            steps.require_proof(story)
        console.say(f"alicdn: {story.failure or f'{headline(story)}. {proof_sentence(story)}'}")
        if self._unwritten is not None:
            raise self._unwritten

    def _begun_again(self, store: Callable[[ReleaseFileState], None]) -> ReleaseFileState:
        """What earlier runs left, and the trigger of this one, stored before anything is submitted."""
        known = self._found.get("again")
        if not self._triggers or (known is not None and self._triggers == [known["trigger"]]):
            return self._found
        found: ReleaseFileState = {**self._found, "again": {"trigger": self._triggers[0], "over": False}}
        store(found)
        return found

    def _decided(self) -> Decision:
        from pulumi_alicdn.system.dns.names import check_names  # noqa: PLC0415  the same
        from pulumi_alicdn.system.edges import EdgeFetcher  # noqa: PLC0415  its HTTP takes a moment to load

        decision, self._options = decided(
            self._options,
            self._scanned.manifest,
            previous_release(self._found),
            Asked(
                self._allowances,
                self._domains,
                lambda options: check_names(options, self._listed),
                EdgeFetcher,
                self._caller.clock,
                lambda: datetime.now(UTC),
                self._warn,
                partial(common_flags.refuse, names=folder_flags.NAMES),
                RELEASE.origin,
            ),
            triggers=self._triggers,
            # Without the flag, tasks that were begun with it go on so.
            force=self._force or UNKNOWN,
        )
        return decision.noting(left_out_sentence(self._scanned.left_out, "--include"))

    def _warn(self, problem: Problem) -> None:
        console.say(f"alicdn: {common_flags.spelled(problem, folder_flags.NAMES)}")

    def _reader(
        self, edges: tuple[Server, ...], resolve: Mapping[str, tuple[Server, ...]], access: EdgeAccess
    ) -> EdgeReader:
        """Return a reader of these edges, or of the nodes that the service lists."""
        from pulumi_alicdn.system.edges import EdgeFetcher  # noqa: PLC0415  its HTTP takes a moment to load

        return EdgeFetcher(edges, resolve, access, network=self._nodes() if self._from_network() else None)

    def _from_network(self) -> bool:
        return option_source(self._options["edges"]) is EdgeSource.NETWORK

    def _listed(self, host: str) -> Collection[object] | None:
        """Return the nodes of *host* that the service lists, if the user wants those: they need no DNS."""
        return self._nodes().servers(host) if self._from_network() else None

    def _allowances(self, service: Service) -> Mapping[str, Allowance]:
        return self._caller.read(self._api(service).quota)

    def _intended(self, decision: Decision) -> str:
        """What a run does, in words; empty if it does nothing."""
        if decision.summary:
            return decision.summary
        if unfinished(self._found, decision):
            return _INTERRUPTED
        return PROVEN_AGAIN if proves_again(self._found, decision, self._options) else ""

    def _unchanged(self, decision: Decision) -> str:
        proven_at = _proven_at(self._found["record"])
        said = f"proven at {proven_at}, the edges were not asked now" if proven_at else "no edge was asked then or now"
        return "\n".join(filter(None, (f"{UNCHANGED}; {said}", decision.waiting)))

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

        try:
            write_reports(story, self._options["summary_file"], self._options["report_file"], os.environ)
        except AlicdnError as error:
            # The proof is stored all the same, or the next run would submit or prove what is live already.
            self._unwritten = error

    def _show(self, intended: str, decision: Decision, record: ReleaseRecordState) -> None:
        if self._output == "json":
            pending = steps.removed_pending(record)
            self._show_json(record["status"] or "", intended, decision, record, pending)
            return
        summary = record["evidence_summary"] or ()
        columns = ("edge", "fresh", "other", *(["place", "provider"] if any("place" in one for one in summary) else []))
        table = console.table({name.upper(): "right" if name in _COUNTS else "left" for name in columns})
        for one in summary:
            table.add_row(*(console.text(dict(one).get(name, "")) for name in columns))
        if table.row_count:
            console.show(table)

    def _show_json(
        self,
        status: str,
        intended: str,
        decision: Decision | None,
        record: ReleaseRecordState | Mapping[str, Any],
        pending: Iterable[str],
    ) -> None:
        """One object, with the names of AssetRelease's outputs; without a *decision*, nothing was done."""
        plan = decision.plan if decision is not None else None
        shown = {
            "status": status,
            "plan": intended.splitlines(),
            "changed": plan.difference.paths if plan is not None else [],
            "refreshed": plan.refresh if plan is not None else [],
            "prefetched": plan.prefetch if plan is not None else [],
            "removed_pending": sorted(pending),
            "task_ids": record.get("task_ids", []),
            "proven_at": _proven_at(record or self._found.get("record") or {}) if status != "planned" else None,
            "evidence_summary": record.get("evidence_summary", []),
            "evidence": record.get("evidence", []),
            "unproven": record.get("unproven") or [],
            "healed": record.get("healed") or [],
        }
        console.show_json(shown)


def _proven_at(record: Mapping[str, Any]) -> str | None:
    """When the last edge was asked for the release of *record*; None where it is not proven, or none was asked."""
    if record.get("status") != ReleaseOutcome.LIVE:
        return None
    return max((one["at"] for one in record.get("evidence") or ()), default=None)


@contextmanager
def _also(also: AlicdnError | None) -> Iterator[None]:
    """Have the error of a proof name what went wrong besides."""
    try:
        yield
    except NotProvenError as error:
        if also is not None:
            error.add_note(str(also))
        raise


@contextmanager
def _interruptible() -> Iterator[None]:
    """Explain to the user how to continue an interrupted run."""
    try:
        yield
    except KeyboardInterrupt as error:
        interrupt.noticed()
        console.say(
            "alicdn: interrupted; what was submitted goes on in the cloud: run the same `alicdn release` again to go "
            "on, nothing is submitted twice"
        )
        raise click.exceptions.Exit(interrupt.code(error)) from None
