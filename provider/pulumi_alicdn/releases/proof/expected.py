"""The content that every edge has to serve, from the files of a folder."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from pulumi_alicdn.releases.manifest import Asset, Manifest
from pulumi_alicdn.releases.proof.evidence import Evidence, Finding
from pulumi_alicdn.releases.proof.judge import Expected
from pulumi_alicdn.releases.urls import directory_url, folder_url, index_folder, urls

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


def home_folders(
    known: Collection[str],
    evidence: Iterable[Evidence],
    files: Iterable[str],
    base_urls: Sequence[str],
    index_files: Sequence[str],
) -> tuple[str, ...]:
    """Return the index files among *files* at whose folders the site serves the page of `/`: those *known*, corrected.

    *evidence* shows what the site serves at the folders that were asked for.
    """
    seen = {one.url: one.status == _OK for one in evidence if one.finding is Finding.NOT_REQUIRED}
    seen |= {one.url: False for one in evidence if one.finding is Finding.FRESH and one.url.endswith("/")}
    if not known and True not in seen.values():
        return ()
    # Below another path than `/`, the first page of the site is none of these files.
    bases = [base for base in map(directory_url, base_urls) if urlsplit(base).path == "/"]
    found: list[str] = []
    for path in files:
        folder = index_folder(path, index_files)
        shown = [seen[url] for base in bases if folder and (url := folder_url(base, folder)) in seen]
        if folder and (any(shown) or (not shown and path in known)):
            found.append(path)
    return tuple(sorted(found))


_OK: Final = 200
"""RFC 9110, section 15.3.1: of an answer with another status, no page is known."""


def gone_from(url: str, old: Asset | None) -> Expected:
    """Return that *url* does not serve the bytes of the removed file *old* any more; None if they are not known."""
    return Expected(url, None) if old is None else Expected(url, None, old.size, old.sha256)
