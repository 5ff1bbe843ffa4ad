"""The plan of a release: which URLs are refreshed and prefetched for what changed, in which calls, at what quota."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from pulumi_alicdn.api.actions import SUBMIT_ACTIONS
from pulumi_alicdn.api.limits import batch_limits
from pulumi_alicdn.api.object_paths import batches, path_problem
from pulumi_alicdn.api.rows import Allowance
from pulumi_alicdn.api.spec import Kind, ObjectType, Service
from pulumi_alicdn.phrases import counted, show_address
from pulumi_alicdn.releases.globs import Globs
from pulumi_alicdn.releases.manifest import Difference, Manifest, difference
from pulumi_alicdn.releases.quota_use import QuotaUse, objects, quota_use, renewal
from pulumi_alicdn.releases.release_options import FirstRelease, Policy, Strategy
from pulumi_alicdn.releases.strategy import Stale, choose, distinct
from pulumi_alicdn.releases.urls import file_url, index_folder
from pulumi_alicdn.validation import Problem


@dataclass(frozen=True, slots=True)
class Calls:
    """``count`` calls of an action, for so many objects in all."""

    action: str
    count: int
    object_type: ObjectType
    object_count: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a release does. Paths are sorted; URLs are in the order of the base URLs, then of the paths.

    ``strategy`` is ``files`` or ``directory``, whichever is used, and ``reason`` says why; it is empty where nothing is
    refreshed. ``quota`` holds what is taken of each quota. With ``problems`` nothing must be submitted.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    first: bool
    refresh: tuple[str, ...]
    refresh_type: ObjectType
    prefetch: tuple[str, ...]
    calls: tuple[Calls, ...]
    quota: tuple[QuotaUse, ...]
    strategy: Strategy
    reason: str
    problems: tuple[Problem, ...]

    def sentences(self) -> tuple[str, ...]:
        """What preview shows: what changed and what that takes, then why in this way, then what stands against it."""
        why = (f"by {self.strategy}: {self.reason}",) if self.reason else ()
        return (f"{self._what()}: {self._takes()}", *why, *(problem.sentence for problem in self.problems))

    def _what(self) -> str:
        added, changed, removed = len(self.added), len(self.changed), len(self.removed)
        if self.first:
            return f"first release of {counted(added + changed, 'file')}"
        count = added + changed + removed
        # The larger of both folders, unless less of them is left than changed: what was removed is in no folder now.
        total = max(self.unchanged + changed + max(added, removed), count)
        if not count:
            return f"none of {counted(total, 'file')} changed"
        return (
            f"{count:,} of {counted(total, 'file')} changed ({added:,} added, {changed:,} changed, {removed:,} removed)"
        )

    def _takes(self) -> str:
        if not self.calls:
            return "nothing to refresh or prefetch"
        calls = ", then ".join(
            f"{counted(one.count, f'{one.action} call')} for {objects(one.object_type, one.object_count)}"
            for one in self.calls
        )
        known = [f"{use.name} {use.after}" for use in self.quota if use.allowance is not None]
        return f"{calls}, quota after that: {', '.join(known)}" if known else calls


def plan(
    old: Manifest | None,
    new: Manifest,
    policy: Policy,
    allowances: Mapping[str, Allowance] | None,
    now: datetime,
    touched: AbstractSet[str] = frozenset(),
) -> Plan:
    """What to do for *new* after *old*, None on the first release.

    Changed and removed files are refreshed; added and changed ones that a glob of *policy* means are prefetched after
    that, each by its own URL. An added index file refreshes its folder's URL, where edges may hold what that served
    before. *allowances* is what the service says of the quota, by its names, None where it does not say; *now* is
    aware. *touched* are files of which edges may hold what is neither old nor new. A directory refresh is one for each
    base URL, of the deepest folder that holds all that is to be refreshed. Raises InputError for a bad glob.
    """
    found = difference(old or {}, new, touched)
    known = allowances or {}
    choice = choose(_stale(found, policy, first=old is None), policy, known, now)
    prefetch = _prefetch(found, policy, first=old is None)
    prefetch_use = quota_use(policy.service, ObjectType.PRELOAD, len(prefetch), known)
    return Plan(
        added=found.added,
        changed=found.changed,
        removed=found.removed,
        unchanged=found.unchanged,
        first=old is None,
        refresh=choice.urls,
        refresh_type=choice.object_type,
        prefetch=prefetch,
        calls=(
            *_calls(policy.service, Kind.REFRESH, choice.object_type, choice.urls),
            *_calls(policy.service, Kind.PREFETCH, ObjectType.PRELOAD, prefetch),
        ),
        quota=tuple(use for use in (choice.use, prefetch_use) if use is not None and use.needed),
        strategy=choice.strategy,
        reason=choice.reason,
        problems=(*choice.problems, *_prefetch_problems(prefetch, prefetch_use, now)),
    )


def _stale(found: Difference, policy: Policy, *, first: bool) -> Stale:
    if first:
        added = found.added if policy.first_release is FirstRelease.REFRESH else ()
        return Stale(tuple(sorted((*added, *found.changed, *found.removed))))
    folders = (index_folder(path, policy.index_files) for path in found.added)
    return Stale(
        files=tuple(sorted((*found.changed, *found.removed))),
        folders=tuple(folder for folder in folders if folder is not None),
    )


def _prefetch(found: Difference, policy: Policy, *, first: bool) -> tuple[str, ...]:
    if first and policy.first_release is FirstRelease.NOTHING:
        return ()
    globs = Globs(policy.prefetch, "prefetch")
    paths = sorted(path for path in (*found.added, *found.changed) if globs.matches(path))
    return distinct(file_url(base, path) for base in policy.base_urls for path in paths)


def _prefetch_problems(prefetch: tuple[str, ...], use: QuotaUse, now: datetime) -> tuple[Problem, ...]:
    found: list[Problem] = []
    if not use.suffices:
        sentence = (
            f"today's quota does not suffice for {use.objects} to prefetch ({use.left}); {renewal(now)}, "
            "and narrower globs in prefetch need less"
        )
        found.append(Problem("prefetch", (sentence,)))
    reasons = ((url, path_problem(url, ObjectType.PRELOAD)) for url in prefetch)
    wrong = [(url, reason) for url, reason in reasons if reason]
    if wrong:
        url, reason = wrong[0]
        others = len(wrong) - 1
        more = f", and so {'does' if others == 1 else 'do'} {others:,} more" if others else ""
        found.append(Problem("prefetch", f"means a file whose URL {show_address(url)} {reason}{more}"))
    return tuple(found)


def _calls(service: Service, kind: Kind, object_type: ObjectType, named: tuple[str, ...]) -> tuple[Calls, ...]:
    count = sum(1 for _ in batches(named, batch_limits(service, object_type)))
    return (Calls(SUBMIT_ACTIONS[service, kind], count, object_type, len(named)),) if count else ()
