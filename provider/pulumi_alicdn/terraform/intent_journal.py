"""The journal of intents: what was declared and submitted, kept until a state of Terraform names the finished task.

Terraform writes its state only after a step. Without the journal, a kill in between would submit a task twice.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pulumi_alicdn.api.rows import instant
from pulumi_alicdn.api.time_range import forgotten

Record = dict[str, Any]
"""What is known of a task: its intent and, once there is one, its submission (:mod:`pulumi_alicdn.state`)."""

_FILE: Final = "alicdn-intents.json"


class IntentJournal:
    """A file beside Terraform's own data; several processes may write it at once."""

    def __init__(self, folder: Path) -> None:
        """Keep the file in *folder*, which is made with the first entry."""
        self._path = folder / _FILE

    def get(self, key: str) -> Record | None:
        """Return the record of a task."""
        return self._read().get(key)

    def keep(self, key: str, record: Record) -> None:
        """Write the record of a task, safely on the disk when this returns."""
        self._change(lambda entries: {**entries, key: record})

    def drop(self, key: str, intent_id: object) -> None:
        """Remove the record of a task whose state says that it is finished; do nothing if it has another intent."""
        if self._read().get(key, {}).get("intent_id") == intent_id:
            self._change(lambda entries: {name: one for name, one in entries.items() if name != key})

    def _read(self) -> dict[str, Record]:
        try:
            found = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _change(self, change: Callable[[dict[str, Record]], dict[str, Record]]) -> None:
        self._path.parent.mkdir(exist_ok=True)
        lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            now = datetime.now(UTC)
            kept = {name: one for name, one in self._read().items() if not forgotten(instant(one["not_before"]), now)}
            new = f"{self._path}.new"
            file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                os.write(file, json.dumps(change(kept)).encode())
                os.fsync(file)
            finally:
                os.close(file)
            Path(new).replace(self._path)
        finally:
            os.close(lock)
