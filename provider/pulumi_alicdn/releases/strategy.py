"""The choice between a refresh URL by URL and a directory refresh, by strategy, number of files and quota."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pulumi_alicdn.api.object_paths import canonical
from pulumi_alicdn.api.rows import Allowance
from pulumi_alicdn.api.spec import ObjectType
from pulumi_alicdn.phrases import counted
from pulumi_alicdn.releases.quota_use import QuotaUse, quota_use, renewal
from pulumi_alicdn.releases.release_options import Policy, Strategy
from pulumi_alicdn.releases.urls import folder_url, urls
from pulumi_alicdn.validation import Problem


@dataclass(frozen=True, slots=True)
class Stale:
    """Objects that edges may hold in an old version: ``files`` at all of their URLs, ``folders`` only at their own."""

    files: tuple[str, ...]
    folders: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """The number of files and folders together."""
        return len(self.files) + len(self.folders)


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen refresh. ``reason`` explains the choice; it and ``urls`` are empty if nothing is refreshed."""

    object_type: ObjectType
    urls: tuple[str, ...]
    use: QuotaUse | None
    reason: str
    problems: tuple[Problem, ...] = ()


NOTHING: Final = Choice(ObjectType.FILE, (), None, "")
"""The choice where no file is stale."""


def choose(stale: Stale, policy: Policy, allowances: Mapping[str, Allowance], now: datetime) -> Choice:
    """Choose how to refresh *stale*. A quota missing in *allowances* is assumed to suffice; *now* is aware."""
    if not stale.count:
        return NOTHING
    if policy.strategy is Strategy.FILES:
        return _insisting(_files(stale, policy, allowances), "the strategy is 'files'", now)
    if policy.strategy is Strategy.DIRECTORY:
        return _insisting(_directories(stale, policy, allowances), "the strategy is 'directory'", now)
    return _automatic(stale, policy, allowances, now)


def _automatic(stale: Stale, policy: Policy, allowances: Mapping[str, Allowance], now: datetime) -> Choice:
    count, max_files = stale.count, policy.max_files
    directories, few = _directories(stale, policy, allowances), count <= max_files
    if not few and directories.use.suffices:
        # Before the files: the URLs of 100,000 take a second and 40 MB.
        return directories.chosen(
            f"{counted(count, 'file')}, and max_files allows {max_files:,}; "
            f"{directories.use.objects} instead, so edges fetch everything below again"
        )
    files = _files(stale, policy, allowances)
    if few and files.use.suffices:
        return files.chosen(f"{counted(count, 'file')}, and max_files allows {max_files:,}")
    if directories.use.suffices:
        return directories.chosen(
            f"today's quota does not suffice for {files.use.objects} ({files.use.left}); "
            f"{directories.use.objects} instead, so edges fetch everything below again"
        )
    if files.use.suffices:
        return files.chosen(
            f"{counted(count, 'file')} are more than the {max_files:,} that max_files allows, "
            f"but today's quota does not suffice for {directories.use.objects} ({directories.use.left})"
        )
    sentence = (
        f"today's quota suffices neither for {files.use.objects} ({files.use.left}) "
        f"nor for {directories.use.objects} ({directories.use.left}); {renewal(now)}"
    )
    way = files if few else directories
    return way.chosen("neither quota suffices", Problem("strategy", (sentence,)))


def _insisting(way: _Candidate, reason: str, now: datetime) -> Choice:
    if way.use.suffices:
        return way.chosen(reason)
    says = (
        f"is '{way.strategy}', but today's quota does not suffice for {way.use.objects} "
        f"({way.use.left}); {renewal(now)}; strategy 'auto' uses the quota that suffices"
    )
    return way.chosen(reason, Problem("strategy", says))


@dataclass(frozen=True, slots=True)
class _Candidate:
    strategy: Strategy
    object_type: ObjectType
    urls: tuple[str, ...]
    use: QuotaUse

    def chosen(self, reason: str, *problems: Problem) -> Choice:
        return Choice(self.object_type, self.urls, self.use, reason, problems)


def distinct(found: Iterable[str]) -> tuple[str, ...]:
    """Drop URLs that repeat an earlier one, in any spelling: one base URL may lie below another."""
    seen: dict[str, str] = {}
    for url in found:
        seen.setdefault(canonical(url), url)
    return tuple(seen.values())


def _files(stale: Stale, policy: Policy, allowances: Mapping[str, Allowance]) -> _Candidate:
    found: list[str] = []
    for base in policy.base_urls:
        for path in stale.files:
            found += urls(base, path, policy.index_files)
        found += [folder_url(base, folder) for folder in stale.folders]
    named = distinct(found)
    use = quota_use(policy.service, ObjectType.FILE, len(named), allowances)
    return _Candidate(Strategy.FILES, ObjectType.FILE, named, use)


def _directories(stale: Stale, policy: Policy, allowances: Mapping[str, Allowance]) -> _Candidate:
    """Name the deepest directory that holds everything, for each base URL; leave out directories within another."""
    folder = _common_folder([*(path.rpartition("/")[0] for path in stale.files), *stale.folders])
    named = distinct(folder_url(base, folder) for base in policy.base_urls)
    spelled = {url: canonical(url) for url in named}
    outer = tuple(
        url for url in named if not any(other != url and spelled[url].startswith(spelled[other]) for other in named)
    )
    use = quota_use(policy.service, ObjectType.DIRECTORY, len(outer), allowances)
    return _Candidate(Strategy.DIRECTORY, ObjectType.DIRECTORY, outer, use)


def _common_folder(folders: Iterable[str]) -> str:
    """Return the deepest folder that holds all of *folders*, possibly one of them."""
    chains = [folder.split("/") if folder else [] for folder in folders]
    # As in os.path.commonprefix: a prefix of the smallest and the largest is a prefix of all.
    least, greatest = min(chains), max(chains)
    shared = 0
    while shared < min(len(least), len(greatest)) and least[shared] == greatest[shared]:
        shared += 1
    return "/".join(least[:shared])
