"""What a Pulumi program writes for a folder: AssetRelease."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pulumi

from pulumi_alicdn.core import manifest as manifests
from pulumi_alicdn.core.entries import instant_text
from pulumi_alicdn.core.errors import AlicdnError, DeniedError, InputError, RefusedError
from pulumi_alicdn.core.globs import Selection
from pulumi_alicdn.core.packed import pack, unpack
from pulumi_alicdn.core.proof import sample
from pulumi_alicdn.core.release_inputs import check_release, policy
from pulumi_alicdn.core.release_plan import Plan, plan
from pulumi_alicdn.core.release_policy import DEFAULT_MAX_FILES, Policy, Strategy
from pulumi_alicdn.core.release_work import Work, expected
from pulumi_alicdn.core.rows import Allowance
from pulumi_alicdn.core.tasks import ObjectType
from pulumi_alicdn.engine.prove import PATIENCE_S, TIMEOUT_S
from pulumi_alicdn.engine.release import MOST_AT_ORIGIN
from pulumi_alicdn.resources.former import former
from pulumi_alicdn.resources.functions import quota
from pulumi_alicdn.resources.release_steps import (
    OriginCheck,
    OriginCheckProvider,
    ReleaseRecord,
    ReleaseRecordProvider,
)
from pulumi_alicdn.resources.steps import waits_provider
from pulumi_alicdn.resources.types import PrefetchTask, RefreshTask

TYPE = "alicdn:index:AssetRelease"


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
            release = _Release(self, resource_name, options)
        except AlicdnError as error:
            raise pulumi.RunError(f"{resource_name}: {error}") from None
        record = release.register(waiting, force=force, check_origin=check_origin)
        self.status = record.status
        self.evidence = record.evidence
        self.evidence_summary = record.evidence_summary
        self.changed = pulumi.Output.from_input(list(release.work.paths))
        self.refreshed = pulumi.Output.from_input(list(release.work.refresh))
        self.prefetched = pulumi.Output.from_input(list(release.work.prefetch))
        # The lists are for the program: the state has them in the record, and 10,000 paths take half a megabyte.
        self.register_outputs({"status": self.status, "evidence_summary": self.evidence_summary})


class _Release:
    """One release: what is there, what was there, and what follows from that."""

    def __init__(self, component: AssetRelease, name: str, options: Mapping[str, Any]) -> None:
        problems = check_release(options)
        if problems:
            raise InputError("; ".join(problem.sentence for problem in problems))
        from pulumi_alicdn.cloud.folder import scan

        self._component = component
        self._name = name
        self._options = options
        self._policy = policy(options)
        self._scan = scan(options["directory"], Selection(tuple(options["include"]), tuple(options["exclude"])))
        self._text = manifests.pack(self._scan.manifest)
        self._digest = manifests.digest(self._scan.manifest)
        self._former = former(TYPE, name, (self._refresh_name, self._prefetch_name))
        self.work = self._work()

    @property
    def _refresh_name(self) -> str:
        return f"{self._name}-refresh"

    @property
    def _triggers(self) -> list[Any]:
        """What a change of submits again: the files, and whatever the user named."""
        return [self._digest, *self._options["triggers"]]

    @property
    def _prefetch_name(self) -> str:
        return f"{self._name}-prefetch"

    def _work(self) -> Work:
        """What there is to do; what the last release did where nothing changed, so that nothing is done again."""
        record = self._former.record
        if record is not None and record["manifest"] == self._text and not self._moved(record):
            return Work.read(unpack(record["work"]))
        decided = self._plan(record)
        pulumi.log.info("\n".join(decided.sentences()), self._component)
        if decided.problems:
            raise InputError("; ".join(problem.sentence for problem in decided.problems))
        return Work.of(decided)

    def _moved(self, record: Mapping[str, Any]) -> bool:
        """Whether the files are served elsewhere than before."""
        base_urls, index_files = list(self._policy.base_urls), list(self._policy.index_files)
        return bool(base_urls != record["base_urls"] or index_files != record.get("index_files", []))

    def _plan(self, record: Mapping[str, Any] | None) -> Plan:
        old = manifests.unpack(record["manifest"]) if record is not None and not self._moved(record) else None
        decisions, ask = self._policy, True
        going_on = self._going_on()
        if going_on is not None:
            # What an interrupted deployment submitted has taken of the quota already: it is not decided about again.
            decisions, ask = replace(decisions, strategy=going_on), False
        found = plan(old, self._scan.manifest, decisions, None, datetime.now(UTC))
        if not found.calls or not ask:
            return found
        allowances = self._allowances(decisions)
        return plan(old, self._scan.manifest, decisions, allowances, datetime.now(UTC))

    def _going_on(self) -> Strategy | None:
        """How an interrupted deployment of these very files refreshes them; None if there was none."""
        intent = self._former.intents.get(self._refresh_name) or {}
        if intent.get("triggers") != self._triggers:
            return None
        return Strategy.DIRECTORY if intent.get("object_type") == ObjectType.DIRECTORY else Strategy.FILES

    @staticmethod
    def _allowances(decisions: Policy) -> Mapping[str, Allowance] | None:
        try:
            return quota(decisions.service)
        except (DeniedError, RefusedError):
            return None  # where the quota must not be asked for, the service itself refuses what exceeds it

    def register(self, waiting: Mapping[str, Any], *, force: bool | None, check_origin: bool) -> ReleaseRecord:
        """The steps, each after the one before."""
        before: list[pulumi.Resource] = []
        if check_origin and self._options["origin"] is not None and self.work.anything:
            before.append(self._origin_check())
        facts: dict[str, Any] = {}
        ids: list[pulumi.Output[list[str]]] = []
        requests: list[pulumi.Output[list[str]]] = []
        if self.work.refresh:
            # A directory keeps copies whose Last-Modified is what it was, unless it is told not to.
            forced = force if force is not None or self.work.refresh_type == ObjectType.FILE else True
            refresh = RefreshTask(
                self._refresh_name,
                service=str(self._policy.service),
                object_type=self.work.refresh_type,
                object_paths=list(self.work.refresh),
                triggers=self._triggers,
                force=forced,
                opts=self._after(before),
                **waiting,
            )
            before.append(refresh)
            facts |= {"submitted_at": refresh.submitted_at, "effective_at": refresh.effective_at}
            ids.append(refresh.task_ids)
            requests.append(refresh.request_ids)
        if self.work.prefetch:
            prefetch = PrefetchTask(
                self._prefetch_name,
                service=str(self._policy.service),
                object_paths=list(self.work.prefetch),
                triggers=self._triggers,
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
        wanted = expected(self.work, self._scan.manifest, self._policy.base_urls, self._policy.index_files)
        asked = sample(wanted, MOST_AT_ORIGIN, self._digest)
        text = pack([[one.url, one.sha256.hex() if one.sha256 else "", one.size] for one in asked])
        return OriginCheck(
            OriginCheckProvider(),
            self._name,
            {"expected": text, **self._given("origin", "origin_host", "proof_timeout", "proof_patience")},
            pulumi.ResourceOptions(parent=self._component, provider=waits_provider()),
        )

    def _record(self, facts: Mapping[str, Any], before: Sequence[pulumi.Resource]) -> ReleaseRecord:
        newest = self._scan.newest
        asked = ("edges", "resolve", "origin", "origin_host", "verify", "proof_timeout", "proof_patience")
        return ReleaseRecord(
            ReleaseRecordProvider(),
            self._name,
            {
                "status": None,
                "evidence": None,
                "evidence_summary": None,
                "name": self._name,
                "service": str(self._policy.service),
                "base_urls": list(self._policy.base_urls),
                "index_files": list(self._policy.index_files),
                "manifest": self._text,
                "work": pack(self.work.plain()),
                "uploaded_at": instant_text(newest) if newest is not None else None,
                **self._given(*asked, "summary_file", "report_file"),
                **facts,
            },
            pulumi.ResourceOptions(parent=self._component, provider=waits_provider(), depends_on=list(before)),
        )

    def _given(self, *names: str) -> dict[str, Any]:
        return {name: self._options[name] for name in names if self._options[name] is not None}


def _joined(parts: Sequence[pulumi.Output[list[str]]]) -> pulumi.Output[list[str]]:
    return pulumi.Output.all(*parts).apply(lambda found: [one for part in found for one in part or ()])
