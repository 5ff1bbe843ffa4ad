"""The scan of a folder of assets: its files and their content hashes.

What operating systems and version control put beside them (`.DS_Store`, `.git`) is left out, unless it is included by
its name.

Links are followed, as web servers and uploaders do: the target of a link also counts under the link's path. The scan
refuses these entries, unless they are excluded: links that lead outside the folder, nowhere, or back to a folder above
them; entries that are neither file nor folder (sockets, pipes, devices); names with control characters, or with bytes
that are not UTF-8, because some URLs cannot contain them.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pulumi_alicdn.errors import InputError
from pulumi_alicdn.phrases import show
from pulumi_alicdn.releases.globs import Chooser, Selection
from pulumi_alicdn.releases.manifest import Asset
from pulumi_alicdn.system.hashing import Found, hash_files

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Scan:
    """The result of a scan.

    ``manifest``: the files by their paths
    ``newest``: the newest mtime, aware UTC; None without files
    ``left_out``: the paths that were left out by default, sorted; a folder stands for what it contains
    """

    manifest: dict[str, Asset]
    newest: datetime | None
    left_out: tuple[str, ...] = ()


def scan(
    directory: str | os.PathLike[str],
    selection: Selection | None = None,
    *,
    without: AbstractSet[str] = frozenset(),
    name: str = "directory",
) -> Scan:
    """Hash the files of *directory* that *selection* takes (None: all), except for the real paths *without*.

    Raises InputError, which calls the folder *name* and names the path, for a folder or file that cannot be read, an
    entry that is refused (see the module), a file that changes during the scan, and a bad glob.
    """
    chooser = (selection or Selection()).compiled()
    walk = _Walk(os.fspath(directory), chooser, without, name)
    files = list(walk.files())
    manifest: dict[str, Asset] = {}
    newest_ns: int | None = None
    for hashed in hash_files(files):
        manifest[hashed.asset.path] = hashed.asset
        newest_ns = max(newest_ns or 0, hashed.mtime_ns)
    newest = None if newest_ns is None else datetime.fromtimestamp(newest_ns / 1e9, UTC)
    return Scan(manifest, newest, tuple(sorted(walk.left_out)))


def scan_files(
    directory: str | os.PathLike[str],
    selection: Selection,
    *,
    without: AbstractSet[str] = frozenset(),
    name: str = "directory",
    allow_empty: bool = False,
    allowed_by: str = "",
) -> Scan:
    """Do what :func:`scan` does, and raise InputError where no file counts, unless *allow_empty*.

    A mistyped glob must not remove a whole site. *allowed_by* names the option for *allow_empty*, if there is one.
    """
    found = scan(directory, selection, without=without, name=name)
    if not found.manifest and not allow_empty:
        way_out = f"; with {allowed_by}, an empty folder is released" if allowed_by else ""
        raise InputError(f"{name} is {show(os.fspath(directory))}, which has no matching files{way_out}")
    return found


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder that is not listed yet. ``chain``: absolute paths, without links, of it and of all folders above it."""

    path: str
    chain: tuple[str, ...]


class _Walk:
    def __init__(self, directory: str, chooser: Chooser, without: AbstractSet[str], name: str) -> None:
        try:
            self._root = os.path.realpath(directory, strict=True)
            is_folder = Path(self._root).is_dir()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InputError(f"{name} is {show(directory)}, which cannot be read: {reason}") from error
        if not is_folder:
            raise InputError(f"{name} is {show(directory)}, which is not a folder")
        self._chooser = chooser
        self._without = without
        self._name = name
        self.left_out: list[str] = []

    def files(self) -> Iterator[Found]:
        left = [_Folder("", (self._root,))]
        while left:
            folder = left.pop()
            for entry in _entries(self._name, folder):
                path = f"{folder.path}/{entry.name}" if folder.path else entry.name
                # Apply exclusions first: an excluded socket, broken link or unreadable file is no error.
                if self._chooser.exclude.matches(path):
                    continue
                there = self._resolve(entry)
                if self._chooser.leaves_out(path) and (not there.is_folder or self._chooser.skips(path)):
                    self.left_out.append(path)
                elif there.is_folder:
                    if not self._chooser.skips(path):
                        _check(self._name, path, there.trouble or _way_back(there, folder))
                        left.append(_Folder(path, (*folder.chain, there.real)))
                elif there.real not in self._without and self._chooser.includes(path):
                    _check(self._name, path, there.trouble)
                    yield Found(path, there.real)

    def _resolve(self, entry: os.DirEntry[str]) -> _There:
        try:
            if not entry.is_symlink():
                mode = entry.stat(follow_symlinks=False).st_mode
                return _There(entry.path, stat.S_ISDIR(mode), _kind_trouble(mode))
            real = os.path.realpath(entry.path, strict=True)
            mode = Path(real).stat().st_mode
        except OSError as error:
            what = "a link that leads nowhere" if entry.is_symlink() else "which cannot be read"
            return _There(entry.path, is_folder=False, trouble=f"{what}: {error.strerror or error}")
        if os.path.commonpath((self._root, real)) != self._root:
            return _There(real, stat.S_ISDIR(mode), f"a link that leaves the folder, to {show(real)}")
        return _There(real, stat.S_ISDIR(mode), _kind_trouble(mode))


@dataclass(frozen=True, slots=True)
class _There:
    """The target of an entry, and whether it is a folder.

    ``trouble``: why the entry is refused, as the end of a sentence; else empty
    """

    real: str
    is_folder: bool
    trouble: str


def _entries(name: str, folder: _Folder) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder.chain[-1]) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        raise InputError(
            f"{name} contains the folder {show(folder.path)}, which cannot be read: {error.strerror or error}"
        ) from error


def _kind_trouble(mode: int) -> str:
    kinds = {stat.S_IFSOCK: "a socket", stat.S_IFIFO: "a pipe", stat.S_IFBLK: "a device", stat.S_IFCHR: "a device"}
    kind = kinds.get(stat.S_IFMT(mode))
    return f"which is {kind}, neither a file nor a folder" if kind else ""


def _way_back(there: _There, folder: _Folder) -> str:
    return "a link back to a folder that contains it" if there.real in folder.chain else ""


def _check(name: str, path: str, trouble: str) -> None:
    """Raise InputError if there is *trouble* with the entry at *path*, or with its name."""
    try:
        path.encode()
    except UnicodeEncodeError:
        trouble = "whose name is not UTF-8"
    if _CONTROL.search(path):
        trouble = "whose name contains a line break or another control character"
    if trouble:
        raise InputError(f"{name} contains {show(path)}, {trouble}; remove it, or exclude it")
