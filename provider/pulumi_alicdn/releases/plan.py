"""The plan of a release: the URLs to refresh and prefetch, the calls for them, and the quota they use."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Final

from pulumi_alicdn.api.actions import SUBMIT_ACTIONS
from pulumi_alicdn.api.limits import batch_limits
from pulumi_alicdn.api.object_paths import batches
from pulumi_alicdn.api.paths.path_checks import path_problem
from pulumi_alicdn.api.rows import Allowance
from pulumi_alicdn.api.spec import Kind, ObjectType, Service
from pulumi_alicdn.phrases import MAX_SHOWN, clipped, counted, show_address
from pulumi_alicdn.releases.globs import Globs
from pulumi_alicdn.releases.manifest import MANY_FILES, Asset, Difference, Manifest, difference
from pulumi_alicdn.releases.proof.expected import expected
from pulumi_alicdn.releases.proof.judge import Expected
from pulumi_alicdn.releases.quota_use import QuotaUse, objects, quota_use, renewal
from pulumi_alicdn.releases.release_options import FirstRelease, Policy, Strategy
from pulumi_alicdn.releases.removed import SHOWN, OldFiles, Removals, settled_sentence
from pulumi_alicdn.releases.strategy import Stale, choose, distinct
from pulumi_alicdn.releases.urls import file_url, index_folder
from pulumi_alicdn.validation import Problem

_WAYS: Final = {Strategy.FILES: "file by file", Strategy.DIRECTORY: "as a directory"}
"""How a plan says in which way it refreshes."""


@dataclass(frozen=True, slots=True)
class Calls:
    """``count`` calls of an action, for ``object_count`` objects in all."""

    action: str
    count: int
    object_type: ObjectType
    object_count: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a release does. Paths are sorted; URLs are in the order of the base URLs, then of the paths.

    ``first``: no earlier release is known. ``reason``: why this strategy was chosen; empty if nothing is refreshed.
    ``homes``: index files at whose folders the site serves the page of `/`, which changes: edges may hold the old one.
    ``gone``: the removed files that have to be gone, as they were. ``calls``, ``quota`` (the use of each quota),
    ``settled`` (those of ``gone`` that left the folder with an earlier release) and ``problems`` only matter before
    anything is submitted: the state does not keep them. If there are ``problems``, nothing must be submitted.
    """

    difference: Difference
    first: bool
    refresh: tuple[str, ...]
    refresh_type: ObjectType
    prefetch: tuple[str, ...]
    reason: str
    gone: OldFiles = field(default_factory=dict)
    calls: tuple[Calls, ...] = ()
    quota: tuple[QuotaUse, ...] = ()
    settled: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    homes: tuple[str, ...] = ()

    def stored(self, files: Collection[str] = ()) -> dict[str, Any]:
        """Return the part that the state keeps, as JSON values.

        *files*: the folder's, if the state has them as well. Of many files that are all new, the paths are left out.
        """
        differs = {one.name: getattr(self.difference, one.name) for one in fields(self.difference)}
        if len(files) > MANY_FILES and len(self.difference.added) == len(files):
            differs["added"] = None
        return {
            "difference": differs,
            "first": self.first,
            "refresh": self.refresh,
            "refresh_type": str(self.refresh_type),
            "prefetch": self.prefetch,
            "reason": self.reason,
            # Earlier versions stored no more than the paths: their plans have to stay as they are.
            **({} if self.gone == dict.fromkeys(self.difference.removed) else {"gone": _stored(self.gone)}),
            **({"homes": self.homes} if self.homes else {}),
        }

    @classmethod
    def read(cls, stored: Mapping[str, Any], files: Iterable[str] = ()) -> Plan:
        """Read a plan from what :meth:`stored` returned; *files*: those of the folder, if what was added matters."""
        differs = stored["difference"]
        return cls(
            difference=Difference(
                added=tuple(sorted(files) if differs["added"] is None else differs["added"]),
                changed=tuple(differs["changed"]),
                removed=tuple(differs["removed"]),
                unchanged=int(differs["unchanged"]),
            ),
            first=bool(stored["first"]),
            refresh=tuple(stored["refresh"]),
            refresh_type=ObjectType(stored["refresh_type"]),
            prefetch=tuple(stored["prefetch"]),
            reason=str(stored["reason"]),
            gone=_read(stored["gone"]) if "gone" in stored else dict.fromkeys(differs["removed"]),
            homes=tuple(stored.get("homes") or ()),
        )

    @property
    def strategy(self) -> Strategy:
        """The strategy of the refresh: ``files`` or ``directory``."""
        return Strategy.DIRECTORY if self.refresh_type is ObjectType.DIRECTORY else Strategy.FILES

    @property
    def anything(self) -> bool:
        """Whether something is refreshed or prefetched."""
        return bool(self.refresh or self.prefetch)

    def expected(
        self, manifest: Manifest, base_urls: Sequence[str], index_files: Sequence[str]
    ) -> tuple[Expected, ...]:
        """Return what every edge has to serve afterwards; nothing for an empty plan: edges may keep what they hold."""
        if not self.anything:
            return ()
        present = (*self.difference.changed, *self.difference.added)
        found = expected(manifest, base_urls, index_files, present, self.gone)
        # The page of / counts there, or the folder's own index file if the site serves that by now.
        homes = expected(manifest, base_urls, index_files, self.homes) if self.homes else ()
        known = {one.url for one in found}
        return (*found, *(one for one in homes if one.url not in known and one.url.endswith("/")))

    def sentences(self, changes: str = "") -> tuple[str, ...]:
        """What preview shows: what changed and what that takes, then why in this way, then what stands against it.

        *changes*: says what changed, instead of the difference.
        """
        why = (f"{_WAYS[self.strategy]}: {self.reason}",) if self.reason else ()
        settled = settled_sentence(self.settled)
        return (
            f"{changes or self.changes}: {self._takes()}",
            *((settled,) if settled else ()),
            *((home_sentence(self.homes),) if self.homes else ()),
            *why,
            *(problem.sentence for problem in self.problems),
        )

    @property
    def changes(self) -> str:
        """What changed in the folder."""
        found = self.difference
        added, changed, removed = len(found.added), len(found.changed), len(found.removed) - len(self.settled)
        if self.first:
            return f"first release of {counted(added + changed, 'file')}"
        # Removed files are not in the new folder, so never report a total below the number of changes.
        count = added + changed + removed
        total = max(found.unchanged + changed + max(added, removed), count)
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
        return f"{calls}; today's quota after that: {', '.join(known)}" if known else calls


def plan(
    old: Manifest | None,
    new: Manifest,
    policy: Policy,
    allowances: Mapping[str, Allowance] | None,
    now: datetime,
    touched: AbstractSet[str] = frozenset(),
    removed: Removals | None = None,
    homes: Collection[str] = (),
) -> Plan:
    """Plan the release of *new* after *old*; *old* is None for the first release.

    Changed and removed files are refreshed, but of the removed ones only those that have to be gone. Added and changed
    files that match a prefetch glob of *policy* are prefetched after that, each by its own URL. An added index file
    refreshes its folder's URL, because edges may hold an earlier answer for it. A directory refresh names one directory
    for each base URL: the deepest folder that holds everything to refresh.

    *allowances*: today's quota by its names; None if it is not known. *now* is aware. *touched*: files of which edges
    may hold a version that is neither old nor new. *removed*: what becomes of the removed files; None if all of them
    have to be gone. *homes*: index files at whose folders the site serves the page of `/`. Raises InputError for a bad
    glob.
    """
    found = difference(old or {}, new, touched)
    if removed is None:
        removed = Removals({path: None if path in touched else (old or {}).get(path) for path in found.removed})
    found = replace(found, removed=tuple(sorted({*removed.gone, *(removed.pending.keys() & {*found.removed})})))
    known = allowances or {}
    homes = _homes(found, new, policy, homes) if old is not None else ()
    stale = _stale(found, removed.gone, policy, first=old is None)
    stale = replace(stale, folders=(*stale.folders, *(path.rpartition("/")[0] for path in homes)))
    choice = choose(stale, policy, known, now)
    prefetch = _prefetch(found, policy, first=old is None)
    prefetch_use = quota_use(policy.service, ObjectType.PRELOAD, len(prefetch), known)
    return Plan(
        difference=found,
        first=old is None,
        refresh=choice.urls,
        refresh_type=choice.object_type,
        prefetch=prefetch,
        reason=choice.reason,
        gone=removed.gone,
        settled=removed.settled,
        homes=homes,
        calls=(
            *_calls(policy.service, Kind.REFRESH, choice.object_type, choice.urls),
            *_calls(policy.service, Kind.PREFETCH, ObjectType.PRELOAD, prefetch),
        ),
        quota=tuple(use for use in (choice.use, prefetch_use) if use is not None and use.needed),
        problems=(*choice.problems, *_prefetch_problems(prefetch, prefetch_use, now)),
    )


def repeated(
    done: Plan,
    kinds: AbstractSet[Kind],
    policy: Policy,
    allowances: Mapping[str, Allowance] | None,
    now: datetime,
) -> Plan:
    """*done* with what it takes to submit its tasks of *kinds* once more."""
    known = allowances or {}
    refresh = done.refresh if Kind.REFRESH in kinds else ()
    prefetch = done.prefetch if Kind.PREFETCH in kinds else ()
    uses = {
        Kind.REFRESH: quota_use(policy.service, done.refresh_type, len(refresh), known),
        Kind.PREFETCH: quota_use(policy.service, ObjectType.PRELOAD, len(prefetch), known),
    }
    problems = [
        Problem(str(kind), (f"today's quota does not suffice for {use.objects} ({use.left}); {renewal(now)}",))
        for kind, use in uses.items()
        if not use.suffices
    ]
    return replace(
        done,
        calls=(
            *_calls(policy.service, Kind.REFRESH, done.refresh_type, refresh),
            *_calls(policy.service, Kind.PREFETCH, ObjectType.PRELOAD, prefetch),
        ),
        quota=tuple(use for use in uses.values() if use.needed),
        problems=tuple(problems),
    )


def _homes(found: Difference, new: Manifest, policy: Policy, known: Collection[str]) -> tuple[str, ...]:
    """Return those of the *known* index files whose folders serve the page of `/`, if that changes."""
    if not known or not any(index_folder(path, policy.index_files) == "" for path in found.changed):
        return ()
    own = {*found.changed, *found.added}
    left = (path for path in known if path in new and path not in own)
    return tuple(sorted(path for path in left if index_folder(path, policy.index_files)))


def home_sentence(paths: Sequence[str]) -> str:
    """Return a sentence on the folders of the index files *paths*, at which the site serves the page of `/`."""
    few = ", ".join(clipped(path.rpartition("/")[0], MAX_SHOWN) for path in paths[:SHOWN])
    more = f" and {len(paths) - SHOWN:,} more" if len(paths) > SHOWN else ""
    return f"the page of / is served at {counted(len(paths), 'folder')}, too, refreshed and proven with it: {few}{more}"


def _stored(gone: OldFiles) -> list[list[str | int]]:
    return [[path, old.sha256.hex(), old.size] if old is not None else [path] for path, old in sorted(gone.items())]


def _read(stored: Sequence[Sequence[Any]]) -> dict[str, Asset | None]:
    files = ((one[0], one[1:]) for one in stored)
    return {path: Asset(path, int(old[1]), bytes.fromhex(old[0])) if old else None for path, old in files}


def _stale(found: Difference, gone: OldFiles, policy: Policy, *, first: bool) -> Stale:
    if first:
        added = found.added if policy.first_release is FirstRelease.REFRESH else ()
        return Stale(tuple(sorted((*added, *found.changed, *gone))))
    folders = (index_folder(path, policy.index_files) for path in found.added)
    return Stale(
        files=tuple(sorted((*found.changed, *gone))),
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
        found.append(Problem("prefetch", f"matches a file whose URL {show_address(url)} {reason}{more}"))
    return tuple(found)


def _calls(service: Service, kind: Kind, object_type: ObjectType, named: tuple[str, ...]) -> tuple[Calls, ...]:
    count = sum(1 for _ in batches(named, batch_limits(service, object_type)))
    return (Calls(SUBMIT_ACTIONS[service, kind], count, object_type, len(named)),) if count else ()
