"""The Pulumi resource for a folder: AssetRelease."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import pulumi

from pulumi_alicdn.api.literals import FirstReleaseAction, ReleaseStrategy, ServiceName, VerifyScope
from pulumi_alicdn.api.spec import Kind
from pulumi_alicdn.borders import printed, values
from pulumi_alicdn.errors import AlicdnError, InputError
from pulumi_alicdn.releases.decision import Decision, decide
from pulumi_alicdn.releases.globs import Selection
from pulumi_alicdn.releases.proof.prove import PATIENCE_S, TIMEOUT_S
from pulumi_alicdn.releases.release_options import DEFAULT_MAX_FILES, check_release, policy
from pulumi_alicdn.releases.steps import origin_check_inputs, record_inputs
from pulumi_alicdn.resources.functions import quota
from pulumi_alicdn.resources.previous_release import ReleaseAddress, read_previous_release
from pulumi_alicdn.resources.program import current_program, waits_provider
from pulumi_alicdn.resources.release_steps import OriginCheck, OriginCheckProvider, ReleaseRecord, ReleaseRecordProvider
from pulumi_alicdn.resources.task import PrefetchTask, RefreshTask
from pulumi_alicdn.state import PROOF, EdgeSummaryEntry, EvidenceEntry, ReleasePlace
from pulumi_alicdn.validation import UNKNOWN, refuse

TYPE: Final = "alicdn:index:AssetRelease"
"""The type of the component in the state. With another one, every release would be a first one."""


class AssetRelease(pulumi.ComponentResource):
    """A folder that is live on every edge: changes are refreshed, chosen files are prefetched, and edges are probed.

    `pulumi up` returns once every probed edge serves exactly these bytes; a failure names edge, URL and reason.
    """

    status: pulumi.Output[str]
    """`live`."""
    changed: pulumi.Output[list[str]]
    """Paths of the files that were added, changed or removed by the last release with changes."""
    refreshed: pulumi.Output[list[str]]
    """Object paths that this release refreshed; a directory stands for its files."""
    prefetched: pulumi.Output[list[str]]
    """Object paths that this release prefetched."""
    evidence: pulumi.Output[list[EvidenceEntry]]
    """Evidence of the first 1,000 probes: edge, url, finding, method, expected and served (SHA-256), status, size, age,
    x_cache, last_modified, note, at."""
    evidence_summary: pulumi.Output[list[EdgeSummaryEntry]]
    """For each edge: edge, fresh (how many URLs it serves as released) and other (how many it does not)."""

    def __init__(
        self,
        resource_name: str,
        *,
        service: ServiceName,
        directory: str,
        base_url: str | None = None,
        base_urls: Sequence[str] | None = None,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        prefetch: Sequence[str] = (),
        first_release: FirstReleaseAction = "refresh",
        strategy: ReleaseStrategy = "auto",
        max_files: int = DEFAULT_MAX_FILES,
        index_files: Sequence[str] = ("index.html",),
        edges: Sequence[str] | None = None,
        resolve: Mapping[str, Sequence[str]] | None = None,
        origin: str | None = None,
        origin_host: str = "",
        check_origin: bool = True,
        verify: VerifyScope = "all",
        proof_timeout: float = TIMEOUT_S,
        proof_patience: float = PATIENCE_S,
        summary_file: str | None = None,
        report_file: str | None = None,
        triggers: Sequence[Any] = (),
        force: bool | None = None,
        timeout: float | None = None,
        retry_failed: int | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Release *directory*, which is served below *base_url*, or below each of *base_urls*.

        All options are plain values, no outputs: the program itself hashes the folder, also during a preview.

        - service: `vod` or `cdn`.
        - directory: path of the folder.
        - base_url, base_urls: URLs without query and fragment; exactly one of the two options.
        - include, exclude: globs as in a `.gitignore`; default: all files.
        - prefetch: globs; added and changed files are prefetched once the refresh has taken effect; default: none.
        - first_release: what to do while no earlier release is known: `refresh` (default), `prefetch` or `nothing`.
        - strategy: `files`, `directory`, or `auto` (default): refreshes a directory instead of more than *max_files*
          files, or if the quota of URLs does not suffice.
        - max_files: whole number; default 1,000.
        - index_files: names of files that are served at their folder's URL too; default: `index.html`.
        - edges: `host:port` of the edges to probe; default: all addresses that DNS lists.
        - resolve: mapping of a host to its edges.
        - origin: `https://host`; distinguishes a stale origin from a stale edge.
        - origin_host: the Host header that the origin expects; default: the host of each URL.
        - check_origin: whether *origin* is probed before anything is submitted; default: true.
        - verify: `all` (default), `sample` (50 URLs) or `off`.
        - proof_timeout: seconds for the whole proof; default 300.
        - proof_patience: seconds for which edges that lag are probed again; default 10.
        - summary_file: file to which Markdown is appended; default: the one that GITHUB_STEP_SUMMARY names.
        - report_file: file for an HTML page; default: none.
        - triggers: any values; a change of one repeats the last release.
        - force, timeout, retry_failed: as for RefreshTask.

        Raises RunError, with one sentence for each broken rule, also at preview.
        """
        super().__init__(TYPE, resource_name, {}, opts)
        if (base_url is None) == (base_urls is None):
            raise pulumi.RunError("AssetRelease takes either base_url or base_urls")
        options: dict[str, Any] = {
            "service": service,
            "directory": directory,
            "base_urls": [base_url] if base_url is not None else base_urls,
            "include": include,
            "exclude": exclude,
            "prefetch": prefetch,
            "first_release": first_release,
            "strategy": strategy,
            "max_files": max_files,
            "index_files": index_files,
            "edges": edges,
            "resolve": resolve,
            "origin": origin,
            "origin_host": origin_host,
            "verify": verify,
            "proof_timeout": proof_timeout,
            "proof_patience": proof_patience,
            "summary_file": summary_file,
            "report_file": report_file,
            "triggers": triggers,
        }
        waiting = {"timeout": timeout, "retry_failed": retry_failed}
        try:
            decision, uploaded_at = _decided(options, _address(resource_name, opts), force)
        except AlicdnError as error:
            raise pulumi.RunError(printed(f"{resource_name}: {error}")) from None
        if decision.summary:
            pulumi.log.info(printed(decision.summary), self)
        steps = _Steps(self, resource_name, decision, options)
        record = steps.register(waiting, uploaded_at, force=force, check_origin=check_origin)
        self.status = record.status
        self.evidence = record.evidence
        self.evidence_summary = record.evidence_summary
        self.changed = _after(record, values(decision.plan.difference.paths))
        self.refreshed = _after(record, values(decision.plan.refresh))
        self.prefetched = _after(record, values(decision.plan.prefetch))
        # Without the lists: the state has them in the record already, and 10,000 paths take half a megabyte.
        self.register_outputs({"status": self.status, "evidence_summary": self.evidence_summary})


def _decided(options: Mapping[str, Any], address: ReleaseAddress, force: object) -> tuple[Decision, datetime | None]:
    """Return the decision, and the newest mtime of the folder. Raises AlicdnError for what must not be submitted."""
    refuse(check_release(options))
    from pulumi_alicdn.system.folder import scan_files
    from pulumi_alicdn.system.report_files import check_reports, report_paths

    reports = (options["summary_file"], options["report_file"], os.environ)
    refuse(check_reports(*reports))
    selection = Selection(tuple(options["include"]), tuple(options["exclude"]))
    found = scan_files(options["directory"], selection, without=report_paths(*reports))
    decisions = policy(options)
    # Outputs of other resources are unknown at plan time; assume they have not changed.
    triggers = [UNKNOWN if isinstance(one, pulumi.Output) else one for one in options["triggers"]]
    names = {kind: _task_name(address.name, kind) for kind in Kind}
    previous = read_previous_release(address, names)
    allowances = partial(quota, decisions.service)
    forced = force if force is None or isinstance(force, bool) else UNKNOWN
    decision = decide(decisions, found.manifest, triggers, previous, allowances, datetime.now(UTC), forced)
    return decision, found.newest


def _task_name(name: str, kind: Kind) -> str:
    """Return the name of the refresh or prefetch of the release *name*."""
    return f"{name}-{kind}"


def _after(record: ReleaseRecord, names: Sequence[str]) -> pulumi.Output[list[str]]:
    """Return *names* as an output of *record*. Output.from_input would inspect each of 10,000 names, which is slow."""
    return record.urn.apply(lambda _: list(names))


def _address(name: str, opts: pulumi.ResourceOptions | None) -> ReleaseAddress:
    """Return the address of the release in the state. Raises InputError if another release has the same address."""
    root = pulumi.runtime.get_root_resource()
    parent = opts.parent if opts is not None else None
    nested = parent is not None and parent is not root
    address = ReleaseAddress(TYPE, name, parent.pulumi_resource_type if parent is not None and nested else "")
    program = current_program()
    if program is not None and not program.claim(address):
        raise InputError("another AssetRelease below a component of this type has this name; give it another name")
    return address


class _Steps:
    """The resources of a decision, each of which depends on the previous one."""

    def __init__(self, component: AssetRelease, name: str, decision: Decision, options: Mapping[str, Any]) -> None:
        self._component = component
        self._name = name
        self._decision = decision
        self._options = options
        self._before: list[pulumi.Resource] = []
        self._facts: dict[str, Any] = {}

    def register(
        self, waiting: Mapping[str, Any], uploaded_at: datetime | None, *, force: bool | None, check_origin: bool
    ) -> ReleaseRecord:
        """Register all of them, and return the last one."""
        asked = origin_check_inputs(self._decision, self._options) if check_origin else None
        if asked is not None:
            opts = pulumi.ResourceOptions(parent=self._component, provider=waits_provider())
            self._before.append(OriginCheck(OriginCheckProvider(), self._name, asked, opts))
        tasks = [self._refresh(waiting, force), self._prefetch(waiting)]
        done = [task for task in tasks if task is not None]
        self._facts["task_ids"] = _joined([task.task_ids for task in done])
        self._facts["request_ids"] = _joined([task.request_ids for task in done])
        results = dict.fromkeys(PROOF)
        place: ReleasePlace = {"stack": pulumi.get_stack(), "project": pulumi.get_project()}
        inputs = record_inputs(self._name, self._decision, self._options, uploaded_at, place)
        opts = pulumi.ResourceOptions(parent=self._component, provider=waits_provider(), depends_on=list(self._before))
        return ReleaseRecord(ReleaseRecordProvider(), self._name, {**results, **inputs, **self._facts}, opts)

    def _refresh(self, waiting: Mapping[str, Any], force: bool | None) -> RefreshTask | None:
        what = self._decision.task(Kind.REFRESH, force=force)
        if what is None:
            return None
        task = RefreshTask.of_release(
            _task_name(self._name, Kind.REFRESH), {**what, **waiting, **self._triggers()}, self._opts()
        )
        self._facts |= {"submitted_at": task.submitted_at, "effective_at": task.effective_at}
        self._before.append(task)
        return task

    def _prefetch(self, waiting: Mapping[str, Any]) -> PrefetchTask | None:
        what = self._decision.task(Kind.PREFETCH)
        if what is None:
            return None
        task = PrefetchTask.of_release(
            _task_name(self._name, Kind.PREFETCH), {**what, **waiting, **self._triggers()}, self._opts()
        )
        self._facts |= {"prefetch_submitted_at": task.submitted_at, "prefetch_effective_at": task.effective_at}
        self._before.append(task)
        return task

    def _triggers(self) -> dict[str, Any]:
        return {"triggers": self._decision.triggers(self._options["triggers"])}

    def _opts(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self._component, depends_on=list(self._before))


def _joined(parts: Sequence[pulumi.Output[list[str]]]) -> pulumi.Output[list[str]]:
    return pulumi.Output.all(*parts).apply(lambda found: [one for part in found for one in part or ()])
