"""The content that every edge has to serve, from the files of a folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pulumi_alicdn.releases.manifest import Manifest
from pulumi_alicdn.releases.proof.judge import Expected
from pulumi_alicdn.releases.urls import urls


def expected(
    manifest: Manifest,
    base_urls: Sequence[str],
    index_files: Sequence[str],
    present: Iterable[str] | None = None,
    removed: Iterable[str] = (),
) -> tuple[Expected, ...]:
    """Return each URL once: those of the files *present*, by default all of *manifest*, and those of files *removed*.

    One base URL may lie below another; the first one that contains a URL then decides.
    """
    present, removed = tuple(manifest if present is None else present), tuple(removed)
    found: dict[str, Expected] = {}
    for base in base_urls:
        for path in present:
            for url in urls(base, path, index_files):
                found.setdefault(url, Expected(url, manifest[path].sha256, manifest[path].size))
        for path in removed:
            for url in urls(base, path, index_files):
                found.setdefault(url, Expected(url, None))
    return tuple(found.values())
