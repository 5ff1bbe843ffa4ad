"""The Pulumi resource for a folder: AssetRelease."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, TypeVar

import pulumi

from pulumi_alicdn.api.literals import (
    FirstReleaseAction,
    ProofRequirement,
    ReleaseStrategy,
    RemovedFiles,
    ServiceName,
    VerifyScope,
)
from pulumi_alicdn.api.rows import Allowance
from pulumi_alicdn.api.spec import Kind, Service
from pulumi_alicdn.borders import printed, values
from pulumi_alicdn.errors import AlicdnError, ApiError, InputError
from pulumi_alicdn.releases.decision import (
    AGAIN,
    PROVEN_AGAIN,
    UNCHANGED,
    Allowances,
    Decision,
    PreviousRelease,
    decide,
)
from pulumi_alicdn.releases.globs import Selection, left_out_sentence
from pulumi_alicdn.releases.heals.open_urls import MAX_NAMED
from pulumi_alicdn.releases.proof.judge import USER_AGENT
from pulumi_alicdn.releases.proof.prove import PATIENCE_S, TIMEOUT_S
from pulumi_alicdn.releases.proof.visitors import stored_user_agent
from pulumi_alicdn.releases.release_options import DEFAULT_HEALS, DEFAULT_MAX_FILES, INDEX_FILES, check_release, policy
from pulumi_alicdn.releases.steps import (
    origin_check_inputs,
    proves_again,
    record_inputs,
    removed_pending,
    still_at_origin,
)
from pulumi_alicdn.resources.functions import quota
from pulumi_alicdn.resources.heal_chain import HealChain, after_record
from pulumi_alicdn.resources.option_types import Texts
from pulumi_alicdn.resources.previous_release import ReleaseAddress, read_previous_release
from pulumi_alicdn.resources.program import config_value, current_program, waits_provider
from pulumi_alicdn.resources.release_inputs import Known, part, when_known
from pulumi_alicdn.resources.release_steps import (
    OriginCheck,
    OriginCheckProvider,
    ReleaseRecord,
    ReleaseRecordProvider,
    edge_reader,
)
from pulumi_alicdn.resources.secret_values import Veil, secret_names, veiled
from pulumi_alicdn.resources.task import PrefetchTask, RefreshTask
from pulumi_alicdn.state import EDGE_ACCESS, PROOF, EdgeSummaryEntry, EvidenceEntry, ReleasePlace, ReleaseRecordInputs
from pulumi_alicdn.validation import UNKNOWN, Unknown, refuse

T = TypeVar("T")

TYPE: Final = "alicdn:index:AssetRelease"
"""The type of the component in the state. With another one, every release would be a first one."""


class AssetRelease(pulumi.ComponentResource):
    """A folder that is live on every edge: changes are refreshed, chosen files are prefetched, and edges are probed.

    `pulumi up` returns once every probed edge serves exactly these bytes; a failure names edge, URL and reason.
    """

    status: pulumi.Output[str]
    """`live`; or `unproven`, with *proof* `warn`."""
    changed: pulumi.Output[list[str]]
    """The first 1,000 paths of files that were added, changed or removed since the last release; empty if none was."""
    changed_count: pulumi.Output[int]
    """How many files that are."""
    last_changed: pulumi.Output[list[str]]
    """The first 1,000 of these paths in the last release that had any."""
    refreshed: pulumi.Output[list[str]]
    """Object paths that this release refreshed; a directory stands for its files."""
    prefetched: pulumi.Output[list[str]]
    """Object paths that this release prefetched."""
    removed_pending: pulumi.Output[list[str]]
    """Paths of removed files that are still at the origin; without an origin, at an edge. A later run refreshes."""
    evidence: pulumi.Output[list[EvidenceEntry]]
    """Evidence of the first 1,000 probes: edge, url, finding, method, expected and served (SHA-256), status, size, age,
    x_cache, last_modified, note, at."""
    evidence_summary: pulumi.Output[list[EdgeSummaryEntry]]
    """For each edge: edge, fresh (how many URLs it serves as released) and other (how many it does not)."""
    unproven: pulumi.Output[list[str]]
    """The first 1,000 URLs that an edge does not serve as released; empty if the release is live."""
    healed: pulumi.Output[list[str]]
    """The first 1,000 URLs that were stale at an edge, were refreshed again, and are proven since."""

    def __init__(
        self,
        resource_name: str,
        *,
        service: ServiceName,
        directory: str,
        base_url: pulumi.Input[str] | None = None,
        base_urls: Texts | None = None,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        prefetch: Sequence[str] = (),
        first_release: FirstReleaseAction = "refresh",
        strategy: ReleaseStrategy = "auto",
        max_files: int = DEFAULT_MAX_FILES,
        index_files: Sequence[str] | None = None,
        removed: RemovedFiles = "settle",
        allow_empty: bool = False,
        allow_mass_removal: bool = False,
        edges: Texts | None = None,
        resolve: pulumi.Input[Mapping[str, Texts]] | None = None,
        origin: pulumi.Input[str] | None = None,
        origin_host: pulumi.Input[str] = "",
        check_origin: bool = True,
        verify: VerifyScope = "all",
        heal: int = DEFAULT_HEALS,
        proof: ProofRequirement = "require",
        proof_timeout: float = TIMEOUT_S,
        proof_patience: float = PATIENCE_S,
        url_auth: pulumi.Input[Mapping[str, Any]] | None = None,
        request_headers: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        user_agent: str = USER_AGENT,
        summary_file: pulumi.Input[str] | None = None,
        report_file: pulumi.Input[str] | None = None,
        triggers: pulumi.Input[Sequence[Any]] = (),
        force: bool | None = None,
        timeout: float | None = None,
        retry_failed: int | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Release *directory*, which is served below *base_url*, or below each of *base_urls*.

        The program itself hashes the folder, also during a preview. base_url, base_urls, edges, resolve, origin,
        origin_host, url_auth, request_headers, summary_file, report_file and triggers may be outputs, also secret ones;
        while they are not known, a preview shows what changed in the folder. All other options are plain values.

        - service: `vod` or `cdn`.
        - directory: path of the folder.
        - base_url, base_urls: URLs without query and fragment; exactly one of the two options.
        - include, exclude: globs as in a `.gitignore`; default: all files but those of operating systems and version
          control (such as `.DS_Store`, `Thumbs.db`, `.git`), which *include* can name.
        - prefetch: globs; added and changed files are prefetched once the refresh has taken effect; default: none.
        - first_release: what to do while no earlier release is known: `refresh` (default), `prefetch` or `nothing`.
        - strategy: `files`, `directory`, or `auto` (default): refreshes a directory instead of more than *max_files*
          files, or if the quota of URLs does not suffice.
        - max_files: whole number; default 1,000.
        - index_files: names of files that are served at their folder's URL too, which every edge then has to serve;
          `[]` for none. Default: `index.html`, required at `/`, and in other folders only where the site serves it.
        - removed: what to do about files that left the folder. `settle` (default): they are pending while *origin* has
          them, and are refreshed and proven gone by the next run after that; without *origin*, they are refreshed with
          each release until no edge serves them. `require`: the release fails while the origin has them. `ignore`:
          nothing. What *include* or *exclude* leaves out was not removed.
        - allow_empty: whether a folder without files may be released; default: false, an error at preview.
        - allow_mass_removal: whether more than half of the files may be removed; default: false, an error at preview.
          A removed file counts as kept if an added one has its folder and suffix, as after a build with new names.
        - edges: `host:port` of the edges to probe; default: all addresses that DNS lists.
        - resolve: mapping of a host to its edges.
        - origin: `https://host`; distinguishes a stale origin from a stale edge.
        - origin_host: the Host header that the origin expects; default: the host of each URL.
        - check_origin: whether *origin* is probed before anything is submitted; default: true.
        - verify: `all` (default), `sample` (50 URLs) or `off`.
        - heal: whole number from 0 to 5; how often a run refreshes URLs again that are stale at an edge and right at
          the origin; default 1.
        - proof: `require` (default) fails if the release is not proven after that, `warn` only warns; the next run
          tries again in both cases.
        - proof_timeout: seconds for the whole proof; default 300.
        - proof_patience: seconds for which edges that lag are probed again; default 10.
        - url_auth: how requests to edges are signed (URL signing of CDN and VOD): mapping with type (`A`, `B` or `C`)
          and key (6 to 32 letters and digits); then ttl (seconds that the timestamp is ahead, 0 to 86,400; default
          1,800), for type A rand (default: another one for each request) and uid (default `0`), for type C sign_param
          and time_param (names of parameters; default: the path). Default: requests are not signed.
        - request_headers: mapping of names to values, sent with each request to edges, never to the origin. Headers
          that would break the proof are refused by name, such as Host, Range and Cache-Control. Default: none.
        - user_agent: the User-Agent of the probes: `browser` for that of an ordinary browser, or any text; default
          `pulumi-alicdn`. For edges that answer programs otherwise than browsers.
        - summary_file: file to which Markdown is appended; default: the one that GITHUB_STEP_SUMMARY names.
        - report_file: file for an HTML page; default: none.
        - triggers: any values; another value repeats the last release. A value that is taken away again does not.
        - force: as for RefreshTask; true repeats a release that was refreshed without it, and false does not.
        - timeout, retry_failed: as for RefreshTask.

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
            "index_files": INDEX_FILES if index_files is None else index_files,
            "index_required": None if index_files is None else True,
            "removed": removed,
            "allow_empty": allow_empty,
            "allow_mass_removal": allow_mass_removal,
            "edges": edges,
            "resolve": resolve,
            "origin": origin,
            "origin_host": origin_host,
            "verify": verify,
            "heal": heal,
            "proof": proof,
            "proof_timeout": proof_timeout,
            "proof_patience": proof_patience,
            "url_auth": url_auth,
            "request_headers": request_headers,
            "user_agent": stored_user_agent(user_agent),
            "summary_file": summary_file,
            "report_file": report_file,
            "triggers": triggers,
        }
        waiting = {"timeout": timeout, "retry_failed": retry_failed}
        try:
            address = _address(resource_name, opts)
            # Read it before this deployment changes it: outputs may be known only after that.
            previous = read_previous_release(address, {kind: _task_name(resource_name, kind) for kind in Kind})
        except AlicdnError as error:
            raise pulumi.RunError(printed(f"{resource_name}: {error}")) from None

        def begin(known: Known) -> Mapping[str, Any]:
            """Make all steps but the last; return its inputs, and the outputs of the release."""
            try:
                with veiled(_secret_values(known)):
                    decision, uploaded_at = _decided(known, previous, force)
            except AlicdnError as error:
                raise pulumi.RunError(printed(f"{resource_name}: {error}")) from None
            steps = _Steps(self, resource_name, decision, options, known)
            inputs = steps.begin(waiting, uploaded_at, force=force, check_origin=check_origin)
            again = proves_again(previous.record, inputs)
            pulumi.log.info(printed(_summary(decision, known, proven_again=again)), self)
            chain = HealChain(self, resource_name, decision, _record_options(options), waiting, previous, known)
            return {**inputs, _CHAIN: chain, _CHANGES: bool(decision.summary) or again}

        begun = when_known(options, begin)
        # A resource that depends on this one waits for its children, so the last of them has to be here by now.
        inputs = {name: part(begun, name) for name in _LAST_INPUTS}
        opts = pulumi.ResourceOptions(parent=self, provider=waits_provider(), depends_on=part(begun, _BEFORE))
        seen = previous.record.get("drift_id") if previous.record is not None else None
        props = {**dict.fromkeys(PROOF), **inputs, **secret_names(inputs, config=False), "drift_seen": seen}
        record = ReleaseRecord(ReleaseRecordProvider(), resource_name, props, opts)
        # Options that are outputs hide whether anything changes: then only an earlier version's state lacks the end.
        ends = previous.ended or previous.record is None or part(begun, _CHANGES) is True
        found = after_record(self, resource_name, proof, record, part(begun, _CHAIN), ends=ends)
        # Secret addresses make the whole result secret, but not whether the release is live.
        self.status = pulumi.Output.unsecret(found.apply(lambda known: known["status"]))
        self.evidence = found.apply(lambda known: known["evidence"] or [])
        self.evidence_summary = found.apply(lambda known: known["evidence_summary"] or [])
        self.unproven = found.apply(lambda known: known["unproven"] or [])
        self.healed = found.apply(lambda known: known["healed"] or [])
        self.removed_pending = record.removed_pending.apply(_paths)
        self.changed = _after(record, begun, "changed")
        self.changed_count = record.urn.apply(lambda _: part(begun, "changed_count"))
        self.last_changed = _after(record, begun, "last_changed")
        self.refreshed = _after(record, begun, "refreshed")
        self.prefetched = _after(record, begun, "prefetched")
        # Without the lists: the state has them in the record already, and 10,000 paths take half a megabyte.
        self.register_outputs({"status": self.status, "evidence_summary": self.evidence_summary})


_BEFORE: Final = "the steps before the last"
"""The entry of :meth:`_Steps.begin` that is no input."""

_CHAIN: Final = "what follows the record"
_CHANGES: Final = "whether anything is done in this run"
"""Further entries that are no inputs."""

_LAST_INPUTS: Final = tuple(ReleaseRecordInputs.__annotations__)
"""The inputs of the last step."""

_NOT_KNOWN: Final = "https://not-known-yet.invalid/"
"""Stands for a URL of a first release while that is not known. Names in `.invalid` belong to nobody (RFC 2606)."""


def _paths(packed: str | None) -> list[str]:
    return [str(path) for path in values(removed_pending({"removed_pending": packed}))]


def _decided(known: Known, previous: PreviousRelease, force: object) -> tuple[Decision, datetime | None]:
    """Return the decision, and the newest mtime of the folder. Raises AlicdnError for what must not be submitted."""
    refuse(check_release(known.values))
    from pulumi_alicdn.system.clock import SystemClock
    from pulumi_alicdn.system.folder import scan_files
    from pulumi_alicdn.system.names import check_names
    from pulumi_alicdn.system.report_files import check_reports, report_paths

    options: dict[str, Any] = dict(known.values)
    summary_file, report_file = (None if options[name] is UNKNOWN else options[name] for name in _REPORTS)
    reports = (summary_file, report_file, os.environ)
    refuse(check_reports(*reports))
    selection = Selection(tuple(options["include"]), tuple(options["exclude"]))
    found = scan_files(
        options["directory"],
        selection,
        without=report_paths(*reports),
        allow_empty=options["allow_empty"],
        allowed_by="allow_empty",
    )
    open_urls = "base_urls" in known.unknown
    if open_urls:
        options["base_urls"] = previous.record["base_urls"] if previous.record is not None else [_NOT_KNOWN]
    for name in _ORIGIN:
        if options[name] is UNKNOWN:
            options[name] = previous.record.get(name) if previous.record is not None else None
    decisions = policy(options)
    # Values of other resources are unknown at plan time; assume that they have not changed.
    triggers = _as_begun(previous) if options["triggers"] is UNKNOWN else options["triggers"]
    allowances: Allowances = (lambda: None) if open_urls else partial(_quota, decisions.service)
    forced = force if force is None or isinstance(force, bool) else UNKNOWN
    asks = partial(still_at_origin, edge_reader, SystemClock(), options, found.manifest) if options["origin"] else None
    decision = decide(decisions, found.manifest, triggers, previous, allowances, datetime.now(UTC), forced, asks)
    if decision.submits and not open_urls and UNKNOWN not in (options["edges"], options["resolve"]):
        refuse(check_names(options))
    return decision.noting(left_out_sentence(found.left_out)), found.newest


def _as_begun(previous: PreviousRelease) -> list[Any]:
    """Return as many unknown triggers as the tasks of the last release have; the digest of the files is not one."""
    return [UNKNOWN] * max((len(one.triggers) - 1 for one in previous.started.values()), default=0)


def _quota(service: Service) -> Mapping[str, Allowance] | None:
    """Return today's quota; a preview goes on without it if the service cannot be reached, and says so."""
    from pulumi_alicdn.cloud.settings import strict_preview

    try:
        return quota(service)
    except ApiError as error:
        if not error.retryable or not pulumi.runtime.is_dry_run() or strict_preview(config_value):
            raise
        pulumi.log.warn(printed(f"today's quota could not be checked: {error}; `pulumi up` checks it"))
        return None


_REPORTS: Final = ("summary_file", "report_file")
_ORIGIN: Final = ("origin", "origin_host")


def _secret_values(known: Known) -> Mapping[str, Any]:
    """Return the options of which no sentence shows anything: the secret ones, and keys and headers in any case."""
    secret = sorted({*known.secret, *EDGE_ACCESS})
    return {**known.values, "secrets": secret}


def _summary(decision: Decision, known: Known, *, proven_again: bool) -> str:
    """Return what a preview says of *decision*, without what is secret.

    *proven_again*: whether the edges are asked again, although nothing changed.
    """
    veil = Veil(_secret_values(known))
    if "base_urls" not in known.unknown:
        done = PROVEN_AGAIN if proven_again else f"{UNCHANGED}: nothing is submitted"
        return veil.hide(decision.summary or "\n".join(filter(None, (done, decision.waiting))))
    again = decision.summary.startswith(AGAIN)
    changes = AGAIN if again else decision.plan.changes if decision.summary else "no file changed"
    return f"{changes}; base_urls is not known yet, and so are the URLs to refresh and prefetch"


def _record_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return *options* with those as secrets that are secret whatever a program passes in."""
    hidden = {name: pulumi.Output.secret(options[name]) for name in EDGE_ACCESS if options[name] is not None}
    return {**options, **hidden}


def _task_name(name: str, kind: Kind) -> str:
    """Return the name of the refresh or prefetch of the release *name*."""
    return f"{name}-{kind}"


def _after(record: ReleaseRecord, begun: Any, name: str) -> pulumi.Output[list[str]]:
    """Return the list *name* as an output of *record*. Output.from_input would inspect each of 10,000 names."""
    return record.urn.apply(lambda _: part(begun, name))


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

    def __init__(
        self, component: AssetRelease, name: str, decision: Decision, options: Mapping[str, Any], known: Known
    ) -> None:
        self._component = component
        self._name = name
        self._decision = decision
        self._options = options
        self._known = known
        self._before: list[pulumi.Resource] = []
        self._facts: dict[str, Any] = {}

    def begin(
        self, waiting: Mapping[str, Any], uploaded_at: datetime | None, *, force: bool | None, check_origin: bool
    ) -> Mapping[str, Any]:
        """Register all of them but the last one; return its inputs, and the outputs of the release."""
        if check_origin:
            self._check_origin()
        tasks = [self._refresh(waiting, force), self._prefetch(waiting)]
        done = [task for task in tasks if task is not None]
        self._facts["task_ids"] = _joined([task.task_ids for task in done])
        self._facts["request_ids"] = _joined([task.request_ids for task in done])
        plan = self._decision.plan
        paths = values(plan.difference.paths)
        place: ReleasePlace = {"stack": pulumi.get_stack(), "project": pulumi.get_project()}
        inputs = record_inputs(self._name, self._decision, _record_options(self._options), uploaded_at, place)
        return {
            **inputs,
            "base_urls": self._of_urls(inputs["base_urls"]),
            "plan": self._of_urls(inputs["plan"]),
            **self._facts,
            _BEFORE: list(self._before),
            "changed": paths[:MAX_NAMED] if self._decision.changed else [],
            "changed_count": plan.difference.count if self._decision.changed else 0,
            "last_changed": paths[:MAX_NAMED],
            "refreshed": self._of_urls(values(plan.refresh)),
            "prefetched": self._of_urls(values(plan.prefetch)),
        }

    def _check_origin(self) -> None:
        asked = origin_check_inputs(self._decision, {**self._options, "origin": self._known.values["origin"]})
        if asked is None:
            return
        given = {**asked, "origin": self._options["origin"], "expected": self._of_urls(asked["expected"])}
        opts = pulumi.ResourceOptions(parent=self._component, provider=waits_provider())
        self._before.append(
            OriginCheck(OriginCheckProvider(), self._name, {**given, **secret_names(given, config=False)}, opts)
        )

    def _of_urls(self, value: T) -> pulumi.Input[T]:
        """Return *value*, in which URLs are: secret if these are, and unknown while these are."""
        return self._known.carried(value, ("base_urls",))

    def _refresh(self, waiting: Mapping[str, Any], force: bool | None) -> RefreshTask | None:
        what = self._decision.task(Kind.REFRESH, force=force)
        if what is None:
            return None
        given = {**self._task(what), **waiting, **self._triggers(Kind.REFRESH)}
        task = RefreshTask.of_release(_task_name(self._name, Kind.REFRESH), given, self._opts())
        self._facts |= {"submitted_at": task.submitted_at, "effective_at": task.effective_at}
        self._before.append(task)
        return task

    def _prefetch(self, waiting: Mapping[str, Any]) -> PrefetchTask | None:
        what = self._decision.task(Kind.PREFETCH)
        if what is None:
            return None
        given = {**self._task(what), **waiting, **self._triggers(Kind.PREFETCH)}
        task = PrefetchTask.of_release(_task_name(self._name, Kind.PREFETCH), given, self._opts())
        self._facts |= {"prefetch_submitted_at": task.submitted_at, "prefetch_effective_at": task.effective_at}
        self._before.append(task)
        return task

    def _task(self, what: Mapping[str, Any]) -> dict[str, Any]:
        return {**what, "object_paths": self._of_urls(what["object_paths"])}

    def _opts(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self._component, depends_on=list(self._before))

    def _triggers(self, kind: Kind) -> dict[str, Any]:
        """Return the triggers of a task, and force where the same task was begun with it.

        A task that was begun with more triggers keeps them: without them, it would be submitted again. They are secret,
        because some may have been.
        """
        given: Sequence[Any] | pulumi.Output[Sequence[Any]] = self._options["triggers"]
        begun = self._decision.begun.get(kind)
        kept = {"force": True} if begun is not None and begun.force else {}
        known: Sequence[Any] | Unknown = self._known.values["triggers"]
        if begun is not None and not isinstance(known, Unknown) and len(begun.triggers) > len(known) + 1:
            return {"triggers": pulumi.Output.secret(list(begun.triggers)), **kept}
        if isinstance(given, pulumi.Output):
            return {"triggers": given.apply(self._decision.triggers), **kept}
        return {"triggers": self._decision.triggers(given), **kept}


def _joined(parts: Sequence[pulumi.Output[list[str]]]) -> pulumi.Output[list[str]]:
    return pulumi.Output.all(*parts).apply(lambda found: [one for part in found for one in part or ()])
