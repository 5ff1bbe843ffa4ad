"""Checks of a release's files before anything is submitted: a folder that lacks most of them, and URLs of two files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from pulumi_alicdn.api.object_paths import canonical
from pulumi_alicdn.phrases import clipped, counted, show
from pulumi_alicdn.releases.manifest import Manifest
from pulumi_alicdn.releases.release_options import Policy
from pulumi_alicdn.releases.urls import directory_url, file_url, folder_url
from pulumi_alicdn.validation import Problem, Subject

_MAX_URL: Final = 200
"""The most characters of a URL in a problem. [chosen: about two lines of a terminal]"""


def check_files(old: Manifest | None, new: Manifest, policy: Policy) -> Iterator[Problem]:
    """Yield a problem for each reason not to release *new* after *old*; *old* is None for a first release."""
    yield from _lost(old or {}, new, policy)
    yield from _two_indexes(new, policy)
    yield from _overlaps(new, policy)


def _lost(old: Manifest, new: Manifest, policy: Policy) -> Iterator[Problem]:
    """Yield a problem if the folder lost more than half of its files: a build that failed looks so.

    An empty folder is refused by its scan, which knows of no earlier release.
    """
    if not new or policy.allow_mass_removal:
        return
    lost = _lost_count(old, new)
    if lost * 2 > len(old):
        why = f" lacks {lost:,} of the {counted(len(old), 'file')} of the last release, more than half; with "
        yield Problem("directory", (Subject("directory"), why, Subject("allow_mass_removal"), ", it is released so"))


def _lost_count(old: Manifest, new: Manifest) -> int:
    """Count the removed files that no added file replaces.

    A build gives its files new names, such as `app.41fe2c10.js`: a removed file counts as replaced by an added one with
    the same suffix in the same folder.
    """
    removed, added = Counter(map(_sort, old.keys() - new.keys())), Counter(map(_sort, new.keys() - old.keys()))
    return (removed - added).total()


def _sort(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    return folder, name.rpartition(".")[2]


def _two_indexes(new: Manifest, policy: Policy) -> Iterator[Problem]:
    """Yield a problem for a folder with two index files: its URL can serve one of them only."""
    if len(policy.index_files) < 2:  # noqa: PLR2004  with one name there is no choice
        return
    names: dict[str, list[str]] = {}
    for path in new:
        folder, _, name = path.rpartition("/")
        if name in policy.index_files:
            names.setdefault(folder, []).append(name)
    for folder, found in sorted(names.items()):
        if len({new[f"{folder}/{name}" if folder else name].sha256 for name in found}) > 1:
            url = clipped(folder_url(policy.base_urls[0], folder), _MAX_URL)
            served = " and ".join(map(show, sorted(found)))
            yield Problem("index_files", f"names {served}, which are both in one folder, but {url} serves one of them")
            return


def _overlaps(new: Manifest, policy: Policy) -> Iterator[Problem]:
    """Yield a problem if one base URL lies below another, and a URL would have to serve two files."""
    spelled = {base: canonical(directory_url(base)) for base in policy.base_urls}
    for outer, above in spelled.items():
        inner = [base for base, below in spelled.items() if below != above and below.startswith(above)]
        if not inner:
            continue
        at = {canonical(file_url(outer, path)): path for path in new}
        for base in inner:
            for path in sorted(new):
                other = at.get(canonical(file_url(base, path)))
                if other is not None and new[other].sha256 != new[path].sha256:
                    url = clipped(file_url(base, path), _MAX_URL)
                    says = f"overlap: {url} would have to serve both {show(path)} and {show(other)}"
                    yield Problem("base_urls", says)
                    return
