"""Scans a folder of assets: which files it holds, and their content hashes.

Links are followed, as web servers and uploaders do: the file or folder that a link leads to counts under the link's
path too. Refused, unless they are excluded: links that lead outside the folder, nowhere, or back to a folder that holds
them; entries that are neither file nor folder (sockets, pipes, devices); names with control characters, or with bytes
that are not UTF-8, because not every URL can carry them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pulumi_alicdn.errors import InputError
from pulumi_alicdn.phrases import show
from pulumi_alicdn.releases.globs import Chooser, Selection
from pulumi_alicdn.releases.manifest import Asset
from pulumi_alicdn.system.hashing import Found, hash_files


@dataclass(frozen=True, slots=True)
class Scan:
    """What a folder holds.

    ``manifest``: its files by their paths
    ``newest``: when the newest file was written, aware UTC; None without files
    """

    manifest: dict[str, Asset]
    newest: datetime | None


def scan(directory: str | os.PathLike[str], selection: Selection | None = None) -> Scan:
    """Hash the files of *directory* that *selection* takes (None: all).

    Raises InputError, which names the path, for a folder or file that cannot be read, an entry that is refused (see the
    module), a file that changes during the scan, and a bad glob.
    """
    files = list(_Walk(os.fspath(directory), (selection or Selection()).compiled()).files())
    manifest: dict[str, Asset] = {}
    newest_ns: int | None = None
    for hashed in hash_files(files):
        manifest[hashed.asset.path] = hashed.asset
        newest_ns = max(newest_ns or 0, hashed.mtime_ns)
    return Scan(manifest, None if newest_ns is None else datetime.fromtimestamp(newest_ns / 1e9, UTC))


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder still to list. ``chain``: the absolute paths without links of the folders on the way, and its own."""

    path: str
    chain: tuple[str, ...]


class _Walk:
    def __init__(self, directory: str, chooser: Chooser) -> None:
        try:
            self._root = os.path.realpath(directory, strict=True)
            is_folder = Path(self._root).is_dir()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InputError(f"directory is {show(directory)}, which cannot be read: {reason}") from error
        if not is_folder:
            raise InputError(f"directory is {show(directory)}, which is no folder")
        self._chooser = chooser

    def files(self) -> Iterator[Found]:
        left = [_Folder("", (self._root,))]
        while left:
            folder = left.pop()
            for entry in _entries(folder):
                path = f"{folder.path}/{entry.name}" if folder.path else entry.name
                # Apply exclusions first: an excluded socket, broken link or unreadable file is no error.
                if self._chooser.exclude.matches(path):
                    continue
                there = self._resolve(entry)
                if there.is_folder:
                    if not self._chooser.skips(path):
                        _check(path, there.trouble or _way_back(there, folder))
                        left.append(_Folder(path, (*folder.chain, there.real)))
                elif self._chooser.takes(path):
                    _check(path, there.trouble)
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
    """Where an entry leads, and whether to a folder.

    ``trouble``: why it is refused, as the end of a sentence; empty if it is not
    """

    real: str
    is_folder: bool
    trouble: str


def _entries(folder: _Folder) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder.chain[-1]) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        raise InputError(
            f"directory holds the folder {show(folder.path)}, which cannot be read: {error.strerror or error}"
        ) from error


def _kind_trouble(mode: int) -> str:
    kinds = {stat.S_IFSOCK: "a socket", stat.S_IFIFO: "a pipe", stat.S_IFBLK: "a device", stat.S_IFCHR: "a device"}
    kind = kinds.get(stat.S_IFMT(mode))
    return f"which is {kind}, neither a file nor a folder" if kind else ""


def _way_back(there: _There, folder: _Folder) -> str:
    return "a link back to a folder that holds it" if there.real in folder.chain else ""


def _check(path: str, trouble: str) -> None:
    """Raise InputError if there is *trouble* with the entry at *path*, or with its name."""
    try:
        path.encode()
    except UnicodeEncodeError:
        trouble = "whose name is not UTF-8"
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in path):  # noqa: PLR2004  controls
        trouble = "whose name holds a line break or another control character"
    if trouble:
        raise InputError(f"directory holds {show(path)}, {trouble}; remove it, or exclude it")
