"""The content that every edge has to serve, from the files of a folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from pulumi_alicdn.releases.manifest import Asset, Manifest
from pulumi_alicdn.releases.proof.judge import Expected
from pulumi_alicdn.releases.urls import urls

_NOTHING: Final[Mapping[str, Asset | None]] = MappingProxyType({})


def expected(
    manifest: Manifest,
    base_urls: Sequence[str],
    index_files: Sequence[str],
    present: Iterable[str] | None = None,
    removed: Mapping[str, Asset | None] = _NOTHING,
) -> tuple[Expected, ...]:
    """Return each URL once: those of the files *present*, by default all of *manifest*, and those of files *removed*.

    *removed*: the files as they were; None for one whose bytes are not known.

    One base URL may lie below another; the first one that contains a URL then decides.
    """
    present = tuple(manifest if present is None else present)
    found: dict[str, Expected] = {}
    for base in base_urls:
        for path in present:
            for url in urls(base, path, index_files):
                found.setdefault(url, Expected(url, manifest[path].sha256, manifest[path].size))
        for path, old in removed.items():
            for url in urls(base, path, index_files):
                found.setdefault(url, gone_from(url, old))
    return tuple(found.values())


def gone_from(url: str, old: Asset | None) -> Expected:
    """Return that *url* does not serve the bytes of the removed file *old* any more; None if they are not known."""
    return Expected(url, None) if old is None else Expected(url, None, old.size, old.sha256)
