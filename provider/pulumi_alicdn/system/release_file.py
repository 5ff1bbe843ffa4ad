"""The manifest file of `alicdn release`: the results of its steps, as JSON, written atomically by one run at a time.

The file contains its format and the SHA-256 of the rest, so that a foreign file, or one that was edited by hand, is
noticed before anything is submitted. The lock is a second file, held with flock: the system releases it even if the run
is killed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, cast

from pulumi_alicdn.errors import AlicdnError, InputError
from pulumi_alicdn.state import ReleaseFileState

FORM: Final = "alicdn-release-1"
"""The format that every file states; its number changes with the format."""

_WAY_OUT: Final = (
    "Nothing was submitted. Restore the file from a backup, or name a new file to start with a first release."
)


class ReleaseFile:
    """The steps of one release in a file."""

    def __init__(self, path: str) -> None:
        """Use the file at *path*, or the target of a link there."""
        self._name = path
        self._file = Path(os.path.realpath(path))

    @property
    def paths(self) -> frozenset[str]:
        """The real paths of the file and of what is beside it: in a folder that is released, none of its files."""
        return frozenset(str(path) for path in (self._file, self._new, self._lock))

    @property
    def _new(self) -> Path:
        # All runs use one name, since only one holds the lock: the file of a killed run is overwritten.
        return self._file.with_name(f".{self._file.name}.new")

    @property
    def _lock(self) -> Path:
        return self._file.with_name(f"{self._file.name}.lock")

    def check(self) -> None:
        """Raise InputError where the file could not be written; nothing is written."""
        folder = self._file.parent
        if not folder.is_dir():
            raise InputError(f"the manifest file {self._name!r} cannot be written: No such file or directory")
        # A device may never end, and would be replaced by a file.
        if self._file.exists() and not self._file.is_file():
            raise InputError(f"the manifest file {self._name!r} is not a file; name one, such as 'site.json'")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise InputError(f"the manifest file {self._name!r} cannot be written: Permission denied")

    def read(self) -> ReleaseFileState:
        """Read the steps of the last run; empty without a file. Raises InputError for a damaged or foreign one."""
        try:
            text = self._file.read_text("utf-8")
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise InputError(f"the manifest file {self._name!r} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            text = ""
        return self._parsed(text)

    def _parsed(self, text: str) -> ReleaseFileState:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            raise InputError(f"the manifest file {self._name!r} is damaged. {_WAY_OUT}") from None
        if not isinstance(found, dict) or found.get("form") != FORM:
            raise InputError(f"the manifest file {self._name!r} is not of this version of `alicdn release`. {_WAY_OUT}")
        steps = found.get("steps")
        if not isinstance(steps, dict) or found.get("sha256") != _digest(steps):
            raise InputError(f"the manifest file {self._name!r} was changed or is damaged. {_WAY_OUT}")
        return cast("ReleaseFileState", steps)

    def write(self, steps: ReleaseFileState) -> None:
        """Replace the content by *steps*; a kill or a crash leaves the old or the new content. Raises AlicdnError."""
        text = json.dumps({"form": FORM, "sha256": _digest(steps), "steps": steps}, indent=1)
        new = self._new
        try:
            with new.open("w", encoding="utf-8") as file:
                file.write(f"{text}\n")
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileNotFoundError):
                new.chmod(self._file.stat().st_mode & 0o777)
            new.replace(self._file)
            _sync(self._file.parent)
        except OSError as error:
            raise AlicdnError(f"the manifest file {self._name!r} cannot be written: {error.strerror}") from None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the file against other runs. Raises AlicdnError if another run holds the lock."""
        try:
            lock = self._lock.open("a")
        except OSError as error:
            raise InputError(f"the manifest file {self._name!r} cannot be written: {error.strerror}") from None
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlicdnError(
                    f"another `alicdn release` is under way with the manifest file {self._name!r}; "
                    "run it again once that one has ended; nothing was submitted"
                ) from None
            except OSError as error:
                raise AlicdnError(f"the manifest file {self._name!r} cannot be locked: {error.strerror}") from None
            yield


def _digest(steps: object) -> str:
    return hashlib.sha256(json.dumps(steps, separators=(",", ":"), sort_keys=True).encode()).hexdigest()


def _sync(folder: Path) -> None:
    """Write the folder's entries to disk: otherwise a crash of the machine could restore the previous file."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
