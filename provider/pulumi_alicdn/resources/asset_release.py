"""The Pulumi resource for a folder: AssetRelease."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pulumi

from pulumi_alicdn.api.literals import (
    EdgeSourceName,
    FirstReleaseAction,
    ProofRequirement,
    ReleaseStrategy,
    RemovedFiles,
    ServiceName,
    VerifyScope,
)
from pulumi_alicdn.api.spec import Kind
from pulumi_alicdn.borders import printed, values
from pulumi_alicdn.errors import AlicdnError, InputError
from pulumi_alicdn.releases.proof.judge import USER_AGENT
from pulumi_alicdn.releases.proof.prove import PATIENCE_S, TIMEOUT_S
from pulumi_alicdn.releases.proof.visitors import stored_user_agent
from pulumi_alicdn.releases.release_options import DEFAULT_HEALS, DEFAULT_MAX_FILES, INDEX_FILES
from pulumi_alicdn.releases.steps import proves_again, removed_pending
from pulumi_alicdn.resources.component.pulumi_options import Habits, Refusal, asked_of
from pulumi_alicdn.resources.option_types import Texts
from pulumi_alicdn.resources.program import asking_as, current_program, waits_provider
from pulumi_alicdn.resources.release.heal_chain import HealChain, after_record
from pulumi_alicdn.resources.release.previous_release import ReleaseAddress, address_of, read_previous_release
from pulumi_alicdn.resources.release.program_decision import decided, secret_values, summary
from pulumi_alicdn.resources.release.release_inputs import Known, account_option, part, when_known, with_account
from pulumi_alicdn.resources.release.release_tasks import BEFORE, ReleaseTasks, record_options, task_name
from pulumi_alicdn.resources.release_steps import ReleaseRecord, ReleaseRecordProvider
from pulumi_alicdn.resources.secret_values import secret_names, veiled
from pulumi_alicdn.resources.task_steps import own_urn
from pulumi_alicdn.state import PROOF, EdgeSummaryEntry, EvidenceEntry, ReleaseRecordInputs

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
    """Paths of removed files that may still be at the origin; without one, at an edge. A later run refreshes."""
    evidence: pulumi.Output[list[EvidenceEntry]]
    """Evidence of the first 1,000 probes: edge, url, finding, method, expected and served (SHA-256), status, size, age,
    x_cache, last_modified, note, at; place and provider of a node that the service lists."""
    evidence_summary: pulumi.Output[list[EdgeSummaryEntry]]
    """For each edge: edge, fresh (how many URLs it serves as released) and other (how many it does not); of a node that
    the service lists, place and provider."""
    unproven: pulumi.Output[list[str]]
    """The first 1,000 URLs that an edge does not serve as released; empty if the release is live."""
    healed: pulumi.Output[list[str]]
    """The first 1,000 URLs that were stale at an edge, were refreshed again, and are proven since."""

    def __init__(
        self,
        resource_name: str,
        *,
        service: ServiceName | None = None,
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
        edges: Texts | EdgeSourceName | None = None,
        resolve: pulumi.Input[Mapping[str, Texts]] | None = None,
        origin: pulumi.Input[str] | None = None,
        origin_host: pulumi.Input[str] = "",
        check_origin: bool = True,
        verify: VerifyScope = "all",
        heal: int = DEFAULT_HEALS,
        proof: ProofRequirement = "require",
        proof_timeout: float = TIMEOUT_S,
        proof_patience: float = PATIENCE_S,
        proof_budget: Mapping[str, float] | None = None,
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

        - service: `vod` or `cdn`; default: the one whose domain *base_url* names, which is asked once.
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
        - edges: `network` (default): all healthy nodes of the domain that the service lists, with country, province and
          provider; without the right to list them, or where it lists none, those of DNS, with a warning. `dns`: all
          addresses that DNS lists to this machine. Or a list of `host:port`.
        - resolve: mapping of a host to its edges.
        - origin: `https://host`; distinguishes a stale origin from a stale edge. Default: the main source that the
          service names for the domain, if it serves a file of this or the last release to this machine; none where
          *edges* or *resolve* name edges. A preview says which one that is, or why it is not asked.
        - origin_host: the Host header that the origin expects; default: the host of each URL.
        - check_origin: whether *origin* is probed before anything is submitted; default: true.
        - verify: `all` (default), `sample` (50 URLs) or `off`.
        - heal: whole number from 0 to 5; how often a run refreshes URLs again that are stale at an edge and right at
          the origin; default 1.
        - proof: `require` (default) fails if the release is not proven after that, `warn` only warns; the next run
          tries again in both cases.
        - proof_timeout: seconds for the whole proof; default 300.
        - proof_patience: seconds for which edges that lag are probed again; default 10.
        - proof_budget: mapping with requests (default 20,000), bytes (of bodies; default 1 GiB) and seconds (default
          200), what the proof may use. It covers every URL, every node, and every URL in each province and provider
          first; the report says what it left out. Named edges, and those of DNS, have no budget by default.
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

        Options that break a rule fail the preview, with one sentence for each; nothing is sent. The deployment fails
        with the errors of a RefreshTask, NotProvenError above all; the next `pulumi up` continues where this one ended,
        and submits nothing twice.
        """
        asked = asked_of(self, resource_name, opts, _HABITS, timeout)
        super().__init__(TYPE, resource_name, {}, asked.component)
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
            "proof_budget": proof_budget,
            "url_auth": url_auth,
            "request_headers": request_headers,
            "user_agent": stored_user_agent(user_agent),
            "summary_file": summary_file,
            "report_file": report_file,
            "triggers": triggers,
        }
        waiting = {"timeout": timeout if asked.timeout is None else asked.timeout, "retry_failed": retry_failed}
        try:
            address = _address(resource_name, opts)
            # Read it before this deployment changes it: outputs may be known only after that.
            previous = read_previous_release(address, {kind: task_name(resource_name, kind) for kind in Kind})
        except AlicdnError as error:
            raise pulumi.RunError(printed(f"{resource_name}: {error}")) from None

        def begin(given: Known) -> Mapping[str, Any]:
            """Make all steps but the last; return its inputs, and the outputs of the release."""
            try:
                account, known = with_account(given)
                with asking_as(account), veiled(secret_values(known)):
                    decision, uploaded_at, found = decided(known, previous, force)
            except AlicdnError as error:
                raise pulumi.RunError(printed(f"{resource_name}: {error}")) from None
            # What the service names for a domain may show that domain, which may be secret.
            own = {**options, **{name: known.carried(value, ("base_urls",)) for name, value in found.items()}}
            known = replace(known, values={**known.values, **found})
            tasks = ReleaseTasks(self, resource_name, decision, own, known)
            inputs = tasks.begin(waiting, uploaded_at, force=force, check_origin=check_origin)
            again = proves_again(previous.record, inputs)
            pulumi.log.info(printed(summary(decision, known, proven_again=again)), self)
            chain = HealChain(self, resource_name, decision, record_options(own), waiting, previous, known)
            return {**inputs, _CHAIN: chain, _CHANGES: bool(decision.summary) or again}

        begun = when_known({**options, **account_option(self)}, begin)
        # A resource that depends on this one waits for its children, so the last of them has to be here by now.
        inputs = {name: part(begun, name) for name in _LAST_INPUTS}
        opts = pulumi.ResourceOptions(parent=self, provider=waits_provider(self), depends_on=part(begun, BEFORE))
        seen = previous.record.get("drift_id") if previous.record is not None else None
        row = own_urn(self, ReleaseRecord, resource_name)
        named = secret_names(inputs, config=False)
        props = {**dict.fromkeys(PROOF), **inputs, **named, "drift_seen": seen, "urn": row}
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
        vars(self).update({name: pulumi.Output.secret(getattr(self, name)) for name in asked.secret_outputs})
        self.register_outputs({"status": self.status, "evidence_summary": self.evidence_summary})


_HABITS: Final = Habits(
    "AssetRelease",
    (),
    tuple(AssetRelease.__annotations__),
    (
        Refusal("ignore_changes", "a change of its options is a change of the release; exclude leaves files out"),
        Refusal(
            "replace_on_changes",
            "a change of the folder or of triggers releases anew without a replacement, and `pulumi up --replace` "
            "does so without a change",
        ),
        Refusal("import_", "a release begins with its first deployment; see first_release"),
        Refusal("id", "a release begins with its first deployment; see first_release"),
    ),
)
"""What a release takes of Pulumi's own options."""

_CHAIN: Final = "what follows the record"
_CHANGES: Final = "whether anything is done in this run"
"""Further entries that are no inputs."""

_LAST_INPUTS: Final = tuple(ReleaseRecordInputs.__annotations__)
"""The inputs of the last step."""


def _paths(packed: str | None) -> list[str]:
    return [str(path) for path in values(removed_pending({"removed_pending": packed}))]


def _after(record: ReleaseRecord, begun: Any, name: str) -> pulumi.Output[list[str]]:
    """Return the list *name* as an output of *record*. Output.from_input would inspect each of 10,000 names."""
    return record.urn.apply(lambda _: part(begun, name))


def _address(name: str, opts: pulumi.ResourceOptions | None) -> ReleaseAddress:
    """Return the address of the release in the state. Raises InputError if another release has the same address."""
    address = address_of(TYPE, name, opts)
    program = current_program()
    if program is not None and not program.claim(address):
        raise InputError("another AssetRelease below a component of this type has this name; give it another name")
    return address
