"""What a release has to do: what is in the folder, what the state has of it, and what follows from both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import pulumi

from pulumi_alicdn.api.rows import Allowance
from pulumi_alicdn.errors import DeniedError, RefusedError
from pulumi_alicdn.releases import manifest as manifests
from pulumi_alicdn.releases.globs import Selection
from pulumi_alicdn.releases.manifest import Manifest
from pulumi_alicdn.releases.packed import unpack
from pulumi_alicdn.releases.plan import Plan, plan
from pulumi_alicdn.releases.release_options import check_release, policy
from pulumi_alicdn.releases.resume import StartedTask
from pulumi_alicdn.releases.work import Work
from pulumi_alicdn.resources.functions import quota
from pulumi_alicdn.resources.previous_release import ReleaseAddress, read_previous_release
from pulumi_alicdn.validation import UNKNOWN, refuse

GOING_ON: Final = "an interrupted deployment of these files began so; what it submitted is not submitted again"


def refresh_name(name: str) -> str:
    """The name of the refresh of a release."""
    return f"{name}-refresh"


def prefetch_name(name: str) -> str:
    """The name of the prefetch of a release."""
    return f"{name}-prefetch"


class Decision:
    """One release: ``work`` is what there is to do, ``told`` what preview shows of it, empty where nothing changed."""

    def __init__(self, options: Mapping[str, Any], place: ReleaseAddress) -> None:
        """Hash the folder and plan. Raises an AlicdnError for wrong options, and for what must not be submitted."""
        refuse(check_release(options))
        from pulumi_alicdn.system.folder import scan

        self.options = options
        self.policy = policy(options)
        self.scan = scan(options["directory"], Selection(tuple(options["include"]), tuple(options["exclude"])))
        self.text = manifests.pack(self.scan.manifest)
        self.digest = manifests.digest(self.scan.manifest)
        self.told = ""
        self._refresh, self._prefetch = refresh_name(place.name), prefetch_name(place.name)
        found = read_previous_release(place, (self._refresh, self._prefetch))
        self._begun = {
            name: one for name, intent in found.intents.items() if (one := StartedTask.read(intent)) is not None
        }
        self.work = self._work(found.record)

    @property
    def triggers(self) -> list[Any]:
        """What a change of submits again: the files, and whatever the user named."""
        return [self.digest, *self.options["triggers"]]

    @property
    def earlier_intents(self) -> list[str]:
        """When the tasks began that the state has of earlier deployments."""
        return sorted(one.not_before for one in self._begun.values())

    def _work(self, record: Mapping[str, Any] | None) -> Work:
        """What there is to do; what the last release did where nothing changed, so that nothing is done again."""
        same = record is not None and record["manifest"] == self.text and not self._moved(record)
        unproven = self._unproven(record)
        if record is not None and same and not unproven:
            return Work.read(unpack(record["work"]))
        old = manifests.unpack(record["manifest"]) if record is not None else None
        if old is None or record is None or not self._moved(record):
            decided = self._plan(old, unproven)
        else:
            # At its new URLs it is the first release; at those that it keeps, edges hold what was there.
            found = manifests.difference(old, self.scan.manifest)
            decided = self._plan(None, unproven, frozenset((*found.changed, *found.removed)))
        self.told = "\n".join(decided.sentences())
        refuse(decided.problems)
        return Work.of(decided)

    def _moved(self, record: Mapping[str, Any]) -> bool:
        """Whether the files are served elsewhere than before."""
        base_urls, index_files = list(self.policy.base_urls), list(self.policy.index_files)
        return bool(base_urls != record["base_urls"] or index_files != record.get("index_files", []))

    def _plan(
        self, old: Manifest | None, unproven: Mapping[str, StartedTask], stale: frozenset[str] = frozenset()
    ) -> Plan:
        if any(self._goes_on(one) for one in unproven.values()):
            # What an interrupted deployment submitted has taken of the quota already: it is not decided about again.
            refresh = unproven.get(self._refresh)
            decisions = replace(self.policy, strategy=refresh.strategy) if refresh is not None else self.policy
            planned = partial(plan, old, self.scan.manifest, decisions, None, datetime.now(UTC))
            touched = stale | self._touched(old, unproven, planned(touched=stale))
            return replace(planned(touched=touched), reason=GOING_ON)
        planned = partial(plan, old, self.scan.manifest, self.policy, now=datetime.now(UTC))
        touched = stale | self._touched(old, unproven)
        found = planned(None, touched=touched)
        return planned(self._allowances(), touched=touched) if found.calls else found

    def _goes_on(self, begun: StartedTask) -> bool:
        # What other resources will put out is not known yet, and taken to be what it was.
        known = [UNKNOWN if isinstance(one, pulumi.Output) else one for one in self.triggers]
        return begun.going_on(known)

    def _unproven(self, record: Mapping[str, Any] | None) -> dict[str, StartedTask]:
        """Tasks that were begun for this release and that no proof covers, by the names of their resources."""
        if record is None or not self._begun:
            return self._begun
        digest = manifests.digest_of(record["manifest"])
        work, earlier = Work.read(unpack(record["work"])), record.get("earlier_intents") or ()
        done = {self._refresh: work.refresh, self._prefetch: work.prefetch}
        return {name: one for name, one in self._begun.items() if not one.proven(digest, done[name], earlier)}

    def _touched(
        self, old: Manifest | None, unproven: Mapping[str, StartedTask], found: Plan | None = None
    ) -> frozenset[str]:
        """Files of which edges may hold what an interrupted release had.

        Where one goes on, *found* is what these files take by themselves; what it was begun with beyond that stems from
        a release before it, which was interrupted too.
        """
        known = {*(old or {}), *self.scan.manifest}
        own: dict[str, tuple[str, ...]] = {}
        if found is not None:
            own = {self._refresh: found.refresh, self._prefetch: found.prefetch}
        touched: set[str] = set()
        for name, one in unproven.items():
            but = frozenset(own.get(name, ())) if self._goes_on(one) else frozenset()
            touched |= one.files(self.policy, known, but)
        return frozenset(touched)

    def _allowances(self) -> Mapping[str, Allowance] | None:
        try:
            return quota(self.policy.service)
        except (DeniedError, RefusedError):
            return None  # where the quota must not be asked for, the service itself refuses what exceeds it
