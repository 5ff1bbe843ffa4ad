"""What a Pulumi program writes for a folder: AssetRelease."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import pulumi

from pulumi_alicdn.api.rows import instant_text
from pulumi_alicdn.api.spec import ObjectType
from pulumi_alicdn.errors import AlicdnError, InputError
from pulumi_alicdn.releases.packed import pack
from pulumi_alicdn.releases.proof.judge import sample
from pulumi_alicdn.releases.proof.prove import PATIENCE_S, TIMEOUT_S
from pulumi_alicdn.releases.release_options import DEFAULT_MAX_FILES
from pulumi_alicdn.releases.steps import MAX_AT_ORIGIN
from pulumi_alicdn.releases.work import expected
from pulumi_alicdn.resources.previous_release import ReleaseAddress
from pulumi_alicdn.resources.release_decision import Decision, prefetch_name, refresh_name
from pulumi_alicdn.resources.release_steps import OriginCheck, OriginCheckProvider, ReleaseRecord, ReleaseRecordProvider
from pulumi_alicdn.resources.task import PrefetchTask, RefreshTask
from pulumi_alicdn.resources.task_steps import waits_provider

TYPE = "alicdn:index:AssetRelease"
_places: WeakKeyDictionary[pulumi.Resource, set[ReleaseAddress]] = WeakKeyDictionary()
GOING_ON = "an interrupted deployment of these files began so, and what it submitted is not submitted again"


class AssetRelease(pulumi.ComponentResource):
    """A folder, live on every edge: what changed is refreshed, what is big is warmed, and the edges prove it.

    `pulumi up` returns once every edge that was looked at serves exactly these bytes; a failure says edge, URL and why.
    """

    status: pulumi.Output[str]
    """`live`."""
    changed: pulumi.Output[list[str]]
    """Paths of the files that were added, changed or removed by the last release that had any."""
    refreshed: pulumi.Output[list[str]]
    """Its object paths that were refreshed; a directory stands for its files."""
    prefetched: pulumi.Output[list[str]]
    """Its object paths that were prefetched."""
    evidence: pulumi.Output[list[dict[str, Any]]]
    """What each edge served for each URL: edge, url, finding, method, expected and served (SHA-256), status, size, age,
    x_cache, last_modified, note, at. The first 1,000."""
    evidence_summary: pulumi.Output[list[dict[str, Any]]]
    """For each edge: edge, fresh (how many looks spoke for the release) and other (how many did not)."""

    def __init__(
        self,
        resource_name: str,
        *,
        service: str,
        directory: str,
        base_url: str | None = None,
        base_urls: Sequence[str] | None = None,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        prefetch: Sequence[str] = (),
        first_release: str = "refresh",
        strategy: str = "auto",
        max_files: int = DEFAULT_MAX_FILES,
        index_files: Sequence[str] = ("index.html",),
        edges: Sequence[str] | None = None,
        resolve: Mapping[str, Sequence[str]] | None = None,
        origin: str | None = None,
        origin_host: str = "",
        check_origin: bool = True,
        verify: str = "all",
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

        These are plain values, known before anything is deployed: the folder is hashed when the program runs, here and
        at preview. service: `vod` or `cdn`. include, exclude, prefetch: globs as in a .gitignore; prefetch says which
        added and changed files are prefetched once the refresh has taken effect. first_release: `refresh`, `prefetch`
        or `nothing`, while no earlier release is known. strategy: `files`, `directory`, or `auto`: a directory instead
        of more than max_files files, or where the quota of URLs does not suffice. index_files: names that stand for
        their folder's URL too. edges: `host:port` to look at; resolve: the edges of one host; without them, all
        addresses that DNS has. origin: its address, so that a stale origin is told apart, and, with check_origin, found
        before anything is submitted. verify: `all`, `sample` or `off`. proof_timeout, proof_patience: seconds for all
        looks, and for looking again at what lags. summary_file: Markdown is appended to it (default: what
        GITHUB_STEP_SUMMARY names); report_file: an HTML page. triggers: any values; a change does it all again.
        force, timeout, retry_failed: as for RefreshTask.
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
            decision = Decision(options, _place(resource_name, opts))
        except AlicdnError as error:
            raise pulumi.RunError(f"{resource_name}: {error}") from None
        if decision.told:
            pulumi.log.info(decision.told, self)
        record = _Steps(self, resource_name, decision).register(waiting, force=force, check_origin=check_origin)
        self.status = record.status
        self.evidence = record.evidence
        self.evidence_summary = record.evidence_summary
        self.changed = _after(record, decision.work.paths)
        self.refreshed = _after(record, decision.work.refresh)
        self.prefetched = _after(record, decision.work.prefetch)
        # The lists are for the program: the state has them in the record, and 10,000 paths take half a megabyte.
        self.register_outputs({"status": self.status, "evidence_summary": self.evidence_summary})


def _after(record: ReleaseRecord, names: Sequence[str]) -> pulumi.Output[list[str]]:
    """*names* for whoever comes after *record*. Output.from_input would look into each of 10,000, which takes long."""
    return record.urn.apply(lambda _: list(names))


def _place(name: str, opts: pulumi.ResourceOptions | None) -> ReleaseAddress:
    """Where the state has the release. Raises InputError where another one cannot be told from it."""
    root = pulumi.runtime.get_root_resource()
    parent = opts.parent if opts is not None else None
    nested = parent is not None and parent is not root
    place = ReleaseAddress(TYPE, name, parent.pulumi_resource_type if parent is not None and nested else "")
    if root is not None:
        taken = _places.setdefault(root, set())
        if place in taken:
            raise InputError(
                "another AssetRelease below a component of this type has this name; give it one of its own"
            )
        taken.add(place)
    return place


class _Steps:
    """What is decided, as resources."""

    def __init__(self, component: AssetRelease, name: str, decision: Decision) -> None:
        self._component = component
        self._name = name
        self._decision = decision
        self._work = decision.work

    def register(self, waiting: Mapping[str, Any], *, force: bool | None, check_origin: bool) -> ReleaseRecord:
        """The steps, each after the one before."""
        before: list[pulumi.Resource] = []
        if check_origin and self._decision.options["origin"] is not None and self._work.anything:
            before.append(self._origin_check())
        facts: dict[str, Any] = {}
        ids: list[pulumi.Output[list[str]]] = []
        requests: list[pulumi.Output[list[str]]] = []
        if self._work.refresh:
            # A directory keeps copies whose Last-Modified is what it was, unless it is told not to.
            forced = force if force is not None or self._work.refresh_type == ObjectType.FILE else True
            refresh = RefreshTask(
                refresh_name(self._name),
                service=str(self._decision.policy.service),
                object_type=self._work.refresh_type,
                object_paths=list(self._work.refresh),
                triggers=self._decision.triggers,
                force=forced,
                opts=self._after(before),
                **waiting,
            )
            before.append(refresh)
            facts |= {"submitted_at": refresh.submitted_at, "effective_at": refresh.effective_at}
            ids.append(refresh.task_ids)
            requests.append(refresh.request_ids)
        if self._work.prefetch:
            prefetch = PrefetchTask(
                prefetch_name(self._name),
                service=str(self._decision.policy.service),
                object_paths=list(self._work.prefetch),
                triggers=self._decision.triggers,
                opts=self._after(before),
                **waiting,
            )
            before.append(prefetch)
            facts |= {
                "prefetch_submitted_at": prefetch.submitted_at,
                "prefetch_effective_at": prefetch.effective_at,
            }
            ids.append(prefetch.task_ids)
            requests.append(prefetch.request_ids)
        facts |= {"task_ids": _joined(ids), "request_ids": _joined(requests)}
        return self._record(facts, before)

    def _after(self, before: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self._component, depends_on=list(before))

    def _origin_check(self) -> OriginCheck:
        wanted = expected(
            self._work,
            self._decision.scan.manifest,
            self._decision.policy.base_urls,
            self._decision.policy.index_files,
        )
        asked = sample(wanted, MAX_AT_ORIGIN, self._decision.digest)
        text = pack([[one.url, one.sha256.hex() if one.sha256 else "", one.size] for one in asked])
        return OriginCheck(
            OriginCheckProvider(),
            self._name,
            {"expected": text, **self._given("origin", "origin_host", "proof_timeout", "proof_patience")},
            pulumi.ResourceOptions(parent=self._component, provider=waits_provider()),
        )

    def _record(self, facts: Mapping[str, Any], before: Sequence[pulumi.Resource]) -> ReleaseRecord:
        newest = self._decision.scan.newest
        asked = ("edges", "resolve", "origin", "origin_host", "verify", "proof_timeout", "proof_patience")
        return ReleaseRecord(
            ReleaseRecordProvider(),
            self._name,
            {
                "status": None,
                "evidence": None,
                "evidence_summary": None,
                "name": self._name,
                "service": str(self._decision.policy.service),
                "base_urls": list(self._decision.policy.base_urls),
                "index_files": list(self._decision.policy.index_files),
                "manifest": self._decision.text,
                "work": pack(self._work.plain()),
                "earlier_intents": self._decision.earlier_intents,
                "uploaded_at": instant_text(newest) if newest is not None else None,
                **self._given(*asked, "summary_file", "report_file"),
                **facts,
            },
            pulumi.ResourceOptions(parent=self._component, provider=waits_provider(), depends_on=list(before)),
        )

    def _given(self, *names: str) -> dict[str, Any]:
        return {name: self._decision.options[name] for name in names if self._decision.options[name] is not None}


def _joined(parts: Sequence[pulumi.Output[list[str]]]) -> pulumi.Output[list[str]]:
    return pulumi.Output.all(*parts).apply(lambda found: [one for part in found for one in part or ()])
