"""The journal of intents: what was declared and submitted, kept until a state of Terraform names the finished task.

Terraform writes its state only after a step. Without the journal, a kill in between would submit a task twice.

Resources that are alike have one key and an entry each: Terraform does not tell which of them is asked for, and any of
their entries serves any of them. An entry serves one process at a time, and one resource of that process.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pulumi_alicdn.api.rows import instant, instant_text
from pulumi_alicdn.api.time_range import REMEMBERED
from pulumi_alicdn.errors import AlicdnError

Record = dict[str, Any]
"""What is known of a task: its intent and, once there is one, its submission (:mod:`pulumi_alicdn.state`)."""

_Entries = dict[str, list[Record]]
"""For each key, an entry for each resource: ``record``, ``kept_at``, ``holder`` (a process) and ``in_state``."""

_FILE: Final = "alicdn-intents.json"

_HOLDERS: Final = 1 << 62
"""The number of names for processes, each a byte of the file of locks, which is never as long."""


class JournalError(AlicdnError):
    """The journal cannot be read or written: a submit without it could be repeated after a kill."""


class IntentJournal:
    """A file beside Terraform's own data; several processes may write it at once."""

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        """Keep the file in *folder*, which is made with the first entry; *now* is the machine's time."""
        self._path = folder / _FILE
        self._now = now
        self._threads = threading.Lock()
        self._holder = secrets.randbelow(_HOLDERS)
        self._holders: int | None = None
        self._mine: set[object] = set()
        self._damage = ""

    def take(self, key: str, handed_over: Record | None = None) -> Record | None:
        """Return a record that no other resource goes on with: *handed_over*, or one that the journal has.

        From now on it is this resource's. Raises JournalError.
        """
        with self._changed() as entries:
            ours = entries.setdefault(key, [])
            if handed_over is not None:
                found = [one for one in ours if _intent(one) == handed_over["intent_id"]]
                if all(map(self._is_free, found)) and handed_over["intent_id"] not in self._mine:
                    # A kill leaves a state that is older than the journal.
                    newest: Record = found[-1]["record"] if found else handed_over
                    self._put(ours, newest, in_state=False)
                    return dict(newest)
            for one in ours:
                if not one.get("in_state") and self._is_free(one):
                    self._put(ours, one["record"], in_state=False)
                    return dict(one["record"])
        return None

    def elsewhere(self, key: str, ending: str) -> list[str]:
        """Return the other keys with this *ending*, which are of the same task. Raises JournalError."""
        return [other for other in self._read() if other != key and other.endswith(ending)]

    def leave(self, key: str, record: Record) -> None:
        """Let the next resource have the entry of one that is destroyed. Does nothing if nobody can write."""
        with suppress(JournalError), self._changed() as entries:
            ours = entries.setdefault(key, [])
            found = [one for one in ours if _intent(one) == record["intent_id"]]
            if all(map(self._is_free, found)) and record["intent_id"] not in self._mine:
                self._put(ours, found[-1]["record"] if found else record, in_state=False)
                self._mine.discard(record["intent_id"])

    def newest(self, key: str) -> Record | None:
        """Return the record that was written last. Raises JournalError."""
        found = self._read().get(key)
        return dict(found[-1]["record"]) if found else None

    def keep(self, key: str, record: Record) -> None:
        """Write the record of a task, safely on the disk when this returns. Raises JournalError."""
        with self._changed() as entries:
            ours = entries.setdefault(key, [])
            # A kill leaves the state that had this intent, and no other resource may go on with it then.
            stated = any(one.get("in_state") for one in ours if _intent(one) == record["intent_id"])
            self._put(ours, record, in_state=stated)

    def in_state(self, key: str, intent_id: object) -> None:
        """Note that a state goes on with this intent: no other resource may. Does nothing if nobody can write."""
        if any(_intent(one) == intent_id and not one.get("in_state") for one in self._read().get(key, ())):
            with suppress(JournalError), self._changed() as entries:
                for one in entries.get(key, ()):
                    if _intent(one) == intent_id:
                        one["in_state"] = True

    def drop(self, key: str, intent_id: object) -> None:
        """Remove the record of a task whose state says that it is finished. Does nothing if nobody can write.

        What is left then is harmless: nobody can submit either.
        """
        if any(_intent(one) == intent_id for one in self._read().get(key, ())):
            with suppress(JournalError), self._changed() as entries:
                entries[key] = [one for one in entries.get(key, ()) if _intent(one) != intent_id]

    def _put(self, entries: list[Record], record: Record, *, in_state: bool) -> None:
        entries[:] = [one for one in entries if _intent(one) != record["intent_id"]]
        new = {"record": record, "kept_at": instant_text(self._now()), "holder": self._holder}
        entries.append({**new, "in_state": True} if in_state else new)
        self._mine.add(record["intent_id"])

    def _is_free(self, entry: Record) -> bool:
        """Whether no living process goes on with *entry*, this one included."""
        holder = entry.get("holder")
        if holder is None or self._holders is None:
            return True
        if holder == self._holder:
            return _intent(entry) not in self._mine
        try:
            fcntl.lockf(self._holders, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, holder)
        except OSError:
            return False
        fcntl.lockf(self._holders, fcntl.LOCK_UN, 1, holder)
        return True

    def _live(self) -> None:
        """Show other processes that this one lives: the system drops its lock when it ends, however it ends."""
        if self._holders is None:
            # It stays open: to close any descriptor of the file would drop the lock.
            self._holders = os.open(f"{self._path}.holders", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.lockf(self._holders, fcntl.LOCK_EX, 1, self._holder)

    def _read(self) -> _Entries:
        if self._damage:
            # What the others lose with the file is as unknown as what the first one lost.
            raise JournalError(self._damage)
        try:
            text = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._unusable("read", error) from None
        try:
            found = _entries(text)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            pass
        else:
            return {key: left for key, kept in found.items() if (left := list(filter(self._known, kept)))}
        aside = self._path.with_name(f"{_FILE}.damaged-{self._now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}")
        try:
            self._path.replace(aside)
        except OSError as error:
            raise self._unusable("read", error) from None
        self._damage = (
            f"The journal of submits {self._path} is damaged; it is kept as {aside.name}, and nothing was submitted. "
            "If no apply was killed before its end, apply again; otherwise look first which tasks it left "
            "(`alicdn tasks`), as the next apply may submit these again."
        )
        raise JournalError(self._damage)

    @contextmanager
    def _changed(self) -> Iterator[_Entries]:
        """Give the entries, and write them once they are changed."""
        with self._threads:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._live()
                lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            except OSError as error:
                raise self._unusable("written", error) from None
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                entries = self._read()
                yield entries
                self._write({key: kept for key, kept in entries.items() if kept})
            except OSError as error:
                raise self._unusable("written", error) from None
            finally:
                os.close(lock)

    def _known(self, entry: Record) -> bool:
        """Whether the service may still list the tasks of *entry*."""
        return instant(entry["kept_at"]) >= self._now() - REMEMBERED

    def _write(self, entries: _Entries) -> None:
        new = f"{self._path}.new"
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            text = json.dumps(entries).encode()
            while text:
                text = text[os.write(file, text) :]
            os.fsync(file)
        finally:
            os.close(file)
        Path(new).replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _unusable(self, what: str, error: OSError) -> JournalError:
        return JournalError(
            f"The journal of submits {self._path} cannot be {what} ({error.strerror}), and nothing was submitted: "
            "without it, a kill could have a task submitted twice. Make its folder writable with free space, or set "
            "TF_DATA_DIR to a folder that is, and apply again."
        )


def _intent(entry: Record) -> object:
    return entry["record"]["intent_id"]


def _entries(text: bytes) -> _Entries:
    """Read the file. Raises ValueError, KeyError, TypeError or AttributeError for anything else than it has."""
    found: _Entries = json.loads(text)
    for kept in found.values():
        for one in kept:
            instant(one["kept_at"])
            instant(one["record"]["not_before"])
            if not isinstance(one["record"]["intent_id"], str):
                raise TypeError
            if not isinstance(one.get("holder", 0), int):
                raise TypeError
    return found
