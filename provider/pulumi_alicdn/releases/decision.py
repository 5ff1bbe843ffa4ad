"""The decision what a release has to do, from the files of its folder and from what earlier releases left."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from pulumi_alicdn.api.limits import quota_name
from pulumi_alicdn.api.rows import Allowance
from pulumi_alicdn.api.spec import Kind, ObjectType
from pulumi_alicdn.errors import DeniedError, RefusedError
from pulumi_alicdn.releases import manifest as manifests
from pulumi_alicdn.releases.earlier_files import EarlierFiles
from pulumi_alicdn.releases.folder_checks import check_files
from pulumi_alicdn.releases.heals.heal_messages import asked_again, heal_sentence
from pulumi_alicdn.releases.heals.heal_steps import expected_of
from pulumi_alicdn.releases.heals.open_urls import healable, stale_edges
from pulumi_alicdn.releases.heals.pending import Healing, Pending, pending
from pulumi_alicdn.releases.manifest import Difference, Manifest
from pulumi_alicdn.releases.packed import unpack
from pulumi_alicdn.releases.plan import Plan, plan, repeated
from pulumi_alicdn.releases.release_options import Policy, Removed, Strategy
from pulumi_alicdn.releases.removed import (
    AskOrigin,
    Held,
    OldFiles,
    Removals,
    Why,
    covered,
    pending_sentence,
    removals,
)
from pulumi_alicdn.releases.resume import StartedTask
from pulumi_alicdn.state import ReleaseRecordState
from pulumi_alicdn.validation import UNKNOWN, Problem, Unknown, refuse

UNCHANGED: Final = "nothing changed since the last release"
"""Begins what a preview says where nothing is submitted."""

AGAIN: Final = f"{UNCHANGED}, which is done again"
"""Begins the summary of a plan that repeats the last release."""

PROVEN_AGAIN: Final = f"{UNCHANGED}; the edges are asked again, since options of the proof changed"
"""What a preview says where the last release is proven again."""

GOING_ON: Final = "this continues an interrupted release of the same files; nothing is submitted twice"
"""The reason of a plan that continues an interrupted release."""

Allowances = Callable[[], Mapping[str, Allowance] | None]
"""Asks the service for today's allowances, None if they are not known; may raise an ApiError."""


@dataclass(frozen=True, slots=True)
class PreviousRelease:
    """The state that earlier releases left.

    ``record``: the record of the previous release; None before the first proven one.
    ``started``: the last task of each kind, under way or done; a kind without any task is missing.
    ``healing``: the steps of heals.
    """

    record: ReleaseRecordState | None = None
    started: Mapping[Kind, StartedTask] = field(default_factory=dict)
    healing: Healing = field(default_factory=Healing)


@dataclass(frozen=True, slots=True)
class Decision:
    """One release.

    ``manifest``: the files of the folder; ``packed``: the same as text; ``digest``: their digest.
    ``plan``: what to do; if nothing changed, the plan of the previous release, so that nothing is done again.
    ``summary``: the text that a preview shows; empty if nothing changed.
    ``earlier_intents``: when the tasks of earlier releases began.
    ``pending``: removed files that may still be served, as they were; ``why``: what is known of those of them that the
    origin is not known to have; ``waiting``: a sentence on them, empty without any.
    ``homes``: index files at whose folders the site serves the page of `/`, as far as that is known.
    ``to_heal``: what earlier runs left to heal of the same release; None if this release covers it, or nothing is left.
    ``heal``: the URLs of it that are refreshed again. ``changed``: whether files changed since the last proven release.
    ``packed_plan``: the plan as the state has it; empty for another one.
    ``begun``: tasks of the plan that were begun, maybe with more triggers or with force, and are not submitted again.
    """

    policy: Policy
    manifest: Manifest
    packed: str
    digest: str
    plan: Plan
    summary: str
    earlier_intents: tuple[str, ...]
    pending: Manifest = field(default_factory=dict)
    why: Mapping[str, Why] = field(default_factory=dict)
    waiting: str = ""
    homes: tuple[str, ...] = ()
    to_heal: Pending | None = None
    heal: tuple[str, ...] = ()
    changed: bool = True
    begun: Mapping[Kind, StartedTask] = field(default_factory=dict)
    packed_plan: str = ""

    @property
    def submits(self) -> bool:
        """Whether something changed that is refreshed or prefetched."""
        return bool(self.summary) and self.plan.anything

    def task(self, kind: Kind, *, force: bool | None = None) -> dict[str, Any] | None:
        """Return the options of the refresh or of the prefetch, without its triggers; None if there is no such task."""
        common = {"service": str(self.policy.service)}
        if kind is Kind.PREFETCH:
            return {**common, "object_paths": list(self.plan.prefetch)} if self.plan.prefetch else None
        if not self.plan.refresh:
            return None
        if force is None and self.plan.refresh_type is not ObjectType.FILE:
            # Without it, a directory refresh keeps copies whose Last-Modified did not change.
            force = True
        paths = list(self.plan.refresh)
        return {**common, "object_type": str(self.plan.refresh_type), "object_paths": paths, "force": force}

    def noting(self, sentence: str) -> Decision:
        """Return this decision with *sentence* at the end of its summary, if it has one."""
        return replace(self, summary=f"{self.summary}\n{sentence}") if self.summary and sentence else self

    def triggers(self, given: Sequence[Any]) -> list[Any]:
        """Return the triggers of a task: the digest of the files, then the values *given* by the user."""
        return [self.digest, *given]


def decide(
    policy: Policy,
    manifest: Manifest,
    triggers: Sequence[Any],
    previous: PreviousRelease,
    allowances: Allowances,
    now: datetime,
    force: bool | Unknown | None = UNKNOWN,
    ask_origin: AskOrigin | None = None,
    refusing: Callable[[Iterable[Problem]], None] = refuse,
) -> Decision:
    """Decide what to do for *manifest*.

    *triggers*: the user's; UNKNOWN stands for an output that is not known yet and is assumed not to have changed.
    *allowances* is called only if something would be submitted; if the service denies or refuses that question, the
    quota counts as unknown, since the service itself refuses a task that exceeds it. *now* is aware. *force*: the
    user's; UNKNOWN is assumed not to have changed. *ask_origin* is called only if files were removed; None if the
    origin is not known. *refusing* raises the InputError, with the names of a front end's options.

    Raises InputError for what must not be submitted, and any other error of *allowances*.
    """
    digest = manifests.digest(manifest)
    record = previous.record
    files = EarlierFiles(policy, manifest, record, policy.selection.compiled())
    case = _Case(
        policy, manifest, (digest, *triggers), record, previous.started, allowances, now, force, ask_origin, files
    )
    same = case.same(digest)
    done, again, to_heal = case.unchanged() if same else None, False, case.to_heal(previous.healing)
    heal, healing = tuple[str, ...](), ""
    if done is None:
        old = files.released()
        refusing(check_files(old, manifest, policy))
        decided, left = case.planned(old, to_heal)
        to_heal = None
    else:
        decided, left, again = case.settled(done)
        if to_heal is not None and decided is not done:
            # One refresh covers what is stale still, too.
            decided, left = case.planned(files.released(), to_heal, decided if again else None)
            again, to_heal = False, None
        elif to_heal is not None:
            heal, healing = case.healed(to_heal)
    reasons = {path: one.why for path, one in left.items()}
    waiting = pending_sentence(reasons, asked=ask_origin is not None)
    said = (healing,) if decided is done else (*decided.sentences(AGAIN if again else ""), waiting)
    refusing(decided.problems)
    intents = tuple(sorted(one.not_before for one in case.started.values()))
    summary = "\n".join(filter(None, said))
    changed = done is None or (decided is not done and not again)
    packed = record["manifest"] if record is not None and same else manifests.pack(manifest)
    begun = {kind: one for kind, one in case.started.items() if case.begun_as(kind, decided)}
    return Decision(
        policy,
        manifest,
        packed,
        digest,
        decided,
        summary,
        intents,
        {path: one.file for path, one in left.items()},
        {path: why for path, why in reasons.items() if why is not Why.THERE},
        waiting,
        files.homes(),
        to_heal,
        heal,
        changed,
        begun,
        record["plan"] if record is not None and decided is done else "",
    )


@dataclass(frozen=True, slots=True)
class _Case:
    policy: Policy
    manifest: Manifest
    triggers: tuple[Any, ...]
    record: ReleaseRecordState | None
    started: Mapping[Kind, StartedTask]
    allowances: Allowances
    now: datetime
    force: bool | Unknown | None
    ask_origin: AskOrigin | None
    files: EarlierFiles

    def unchanged(self) -> Plan | None:
        """Return the plan of the previous release, which had the same files, if no task was begun since."""
        record = self.record
        if record is None or self._moved(record) or self._unproven():
            return None
        return Plan.read(unpack(record["plan"]), self.manifest)

    def same(self, digest: str) -> bool:
        """Whether the files with this *digest* are those of the previous release. Texts of two forms would differ."""
        if self.record is None or manifests.stated_digest(self.record["manifest"]) != digest:
            return False
        # A damaged state is an error at once, and not only once a file changes.
        manifests.check(self.record["manifest"])
        return True

    def settled(self, done: Plan) -> tuple[Plan, Mapping[str, Held], bool]:
        """Return what to do though nothing changed since *done*, the pending files, and whether *done* is repeated.

        Removed files that the origin has no longer are refreshed. Without an origin to ask, they wait for a change.
        """
        earlier, again = self.files.still_served(), self.again(done)
        if not earlier or (self.ask_origin is None and self.policy.removed is Removed.SETTLE):
            held = {path: Held(old) for path, old in earlier.items()}
            return (self.repeated(done) if again else done), held, bool(again)
        found = removals(self.policy, {**(done.gone if again else {}), **earlier}, earlier, self.ask_origin)
        if not found.settled:
            pending = {path: old for path, old in found.pending.items() if path in earlier}
            return (self.repeated(done) if again else done), pending, bool(again)
        repeated = frozenset((*done.difference.added, *done.difference.changed)) if again else frozenset()
        planned = self._priced(self.files.released(), repeated, found)
        if self.begun_as(Kind.REFRESH, planned):
            # The task of the last release refreshed the same directory, and would count as done.
            by_files = replace(self, policy=replace(self.policy, strategy=Strategy.FILES))
            planned = by_files._priced(self.files.released(), repeated, found)  # noqa: SLF001  our own class
        return planned, found.pending, False

    def begun_as(self, kind: Kind, planned: Plan) -> bool:
        """Whether the last task of *kind* was that of *planned*, so that nothing would be submitted."""
        one = self.started.get(kind)
        if one is None or not self._going_on(kind, one):
            return False
        typ = ObjectType.FILE if kind is Kind.PREFETCH else planned.refresh_type
        return (one.object_type, one.object_paths) == (str(typ), _objects(planned)[kind])

    def again(self, done: Plan) -> frozenset[Kind]:
        """The tasks of *done*, the plan of the last release, that are submitted anew: they differ from those begun."""
        return frozenset(
            kind
            for kind, paths in _objects(done).items()
            if paths and not (kind in self.started and self._going_on(kind, self.started[kind]))
        )

    def repeated(self, done: Plan) -> Plan:
        """*done*, with what its tasks take this time."""
        return repeated(done, self.again(done), self.policy, self._known(), self.now)

    def _going_on(self, kind: Kind, one: StartedTask) -> bool:
        """Whether *one* was begun with the same options and triggers, so that nothing is submitted again."""
        forced_as = kind is not Kind.REFRESH or one.forced_as(self.force)
        return one.at(self.policy.service) and forced_as and one.going_on(self.triggers)

    def planned(
        self, old: Manifest | None, to_heal: Pending | None = None, done: Plan | None = None
    ) -> tuple[Plan, Mapping[str, Held]]:
        """Return the plan of a release that differs from *old*, and the removed files that stay pending.

        *to_heal*: what earlier runs left to heal; edges may hold any version of it. *done*: the plan of the last
        release, if that one is done again.
        """
        earlier = self.files.still_served()
        stale = self.files.to_heal(old, to_heal) | self.files.refreshed(old, done)
        left: OldFiles = {
            **self.files.lost(stale),
            **{path: one for path, one in (old or {}).items() if path not in self.manifest},
            **earlier,
        }
        returned = stale.intersection(self.manifest) | self.files.returned()
        if old is None or self.record is None or not self._moved(self.record):
            return self._plan(old, returned, left, earlier)
        # At new URLs this is the first release; at URLs that stay, edges still hold the files of the previous release.
        changed = manifests.difference(old, self.manifest).changed
        return self._plan(None, returned | frozenset(changed), left, earlier)

    def to_heal(self, healing: Healing) -> Pending | None:
        """Return what earlier runs left to heal of the release of the record."""
        record = self.record
        return pending(record, healing, lambda: expected_of(record) if record is not None else {})

    def healed(self, left: Pending) -> tuple[tuple[str, ...], str]:
        """Return the URLs of *left* that are refreshed again, and what a preview shows of them."""
        known = self._known() if self.policy.heal and left.begun is None and healable(left.urls) else None
        allowance = (known or {}).get(quota_name(self.policy.service, ObjectType.FILE))
        urls = left.refreshed(self.policy.heal, allowance.remaining if allowance is not None else None)
        if not urls:
            return (), asked_again(len(left.urls))
        stale = [one for one in left.urls if one.url in set(urls)]
        says = heal_sentence(len(urls), len(stale_edges(stale)), len(healable(left.urls)) - len(stale))
        unchanged, why = Difference((), (), (), 0), "" if left.begun is None else GOING_ON
        own = Plan(unchanged, first=False, refresh=urls, refresh_type=ObjectType.FILE, prefetch=(), reason=why)
        takes = repeated(own, {Kind.REFRESH}, self.policy, known, self.now)
        return urls, "\n".join(takes.sentences(says))

    def _moved(self, record: ReleaseRecordState) -> bool:
        """Whether the files are served at other URLs than before, or by another service."""
        base_urls, index_files = list(self.policy.base_urls), list(self.policy.index_files)
        served = (str(self.policy.service), base_urls, index_files)
        return served != (record["service"], record["base_urls"], record.get("index_files", []))

    def _unproven(self) -> dict[Kind, StartedTask]:
        """Return the tasks that were begun and that no proof covers."""
        record = self.record
        if record is None or not self.started:
            return dict(self.started)
        digest, earlier = manifests.stated_digest(record["manifest"]), record.get("earlier_intents") or ()
        proven = _objects(Plan.read(unpack(record["plan"])))
        service = record["service"]
        return {
            kind: one
            for kind, one in self.started.items()
            if not (one.at(service) and one.proven(digest, proven[kind], earlier))
        }

    def _plan(
        self, old: Manifest | None, stale: frozenset[str], left: OldFiles, earlier: Manifest
    ) -> tuple[Plan, Mapping[str, Held]]:
        """Plan the release after *old*; edges may hold an old version of the files *stale*.

        *left*: the files that are not in the folder any more; those of *earlier* left it with an earlier release.
        Return the plan, and the removed files that stay pending.
        """
        unproven = self._unproven()
        if not any(self._going_on(kind, one) for kind, one in unproven.items()):
            touched = self._touched(old, unproven)
            found = removals(self.policy, {**left, **self.files.lost(touched)}, earlier, self.ask_origin)
            return self._priced(old, stale | touched, found), found.pending
        homes = self.files.homes()
        # The tasks of the interrupted release have used up their quota already: a new choice by quota would differ.
        refresh = unproven.get(Kind.REFRESH)
        policy = replace(self.policy, strategy=refresh.strategy) if refresh is not None else self.policy
        found = removals(self.policy, left, earlier, self.ask_origin)
        if refresh is not None and self._going_on(Kind.REFRESH, refresh):
            # What has left the origin only since the tasks began would submit all of them again.
            found = covered(found, refresh.files(self.policy, found.gone.keys()))
        own = plan(old, self.manifest, policy, None, self.now, stale, found, homes)
        touched = self._touched(old, unproven, _objects(own))
        lost = self.files.lost(touched)
        if lost:
            more = removals(self.policy, lost, (), self.ask_origin)
            found = replace(found, gone={**found.gone, **more.gone}, pending={**found.pending, **more.pending})
        planned = plan(old, self.manifest, policy, None, self.now, stale | touched, found, homes)
        return replace(planned, reason=GOING_ON), found.pending

    def _priced(self, old: Manifest | None, touched: frozenset[str], removed: Removals) -> Plan:
        """Plan the release after *old* with today's quota, which is asked for only if something is submitted."""
        homes = self.files.homes()
        found = plan(old, self.manifest, self.policy, None, self.now, touched, removed, homes)
        if not found.calls:
            return found
        return plan(old, self.manifest, self.policy, self._known(), self.now, touched, removed, homes)

    def _touched(
        self,
        old: Manifest | None,
        unproven: Mapping[Kind, StartedTask],
        own: Mapping[Kind, tuple[str, ...]] | None = None,
    ) -> frozenset[str]:
        """Return the files of which edges may hold the version of an interrupted release.

        *own*: the objects that this release needs by itself. If it continues an interrupted release, any further
        objects of that one's tasks stem from a release before it, which was interrupted too.
        """
        known = {*(old or {}), *self.manifest}
        touched: set[str] = set()
        for kind, one in unproven.items():
            but = frozenset(own[kind]) if own is not None and self._going_on(kind, one) else frozenset()
            touched |= one.files(self.policy, known, but)
        return frozenset(touched)

    def _known(self) -> Mapping[str, Allowance] | None:
        try:
            return self.allowances()
        except (DeniedError, RefusedError):
            return None


def _objects(planned: Plan) -> dict[Kind, tuple[str, ...]]:
    return {Kind.REFRESH: planned.refresh, Kind.PREFETCH: planned.prefetch}
