"""The states that rows show where calls trigger asynchronous updates of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pulumi_alicdn.emulator.service.task_book import Row, State
from pulumi_alicdn.emulator.values import Status

UPDATE_S: Final = 1.0
"""Virtual seconds from a call to the end of the update that it triggers. [chosen: the help page of DescribeRefreshTasks
says that calls trigger updates, but not how long these take]"""

_NEW: Final = State(Status.PENDING, 0)
"""What a row shows before any call has asked about it."""


@dataclass(slots=True)
class _Update:
    """A state as the update read it, and when the update ends."""

    state: State
    ends: datetime


class StatusUpdates:
    """Each row shows the state that it had when a call asked about it, at least one second before."""

    def __init__(self) -> None:
        """Start without updates."""
        self._shown: dict[Row, State] = {}
        self._updates: dict[Row, _Update] = {}

    def state(self, row: Row, now: datetime) -> State:
        """What the row shows at *now*."""
        update = self._updates.get(row)
        if update is not None and update.ends <= now:
            self._shown[row] = update.state
            del self._updates[row]
        return self._shown.get(row, _NEW)

    def trigger(self, rows: Iterable[Row], now: datetime) -> None:
        """Begin to update these rows, unless that is under way."""
        for row in rows:
            self.state(row, now)
            if row not in self._updates:
                self._updates[row] = _Update(row.state(now), now + timedelta(seconds=UPDATE_S))

    def clear(self) -> None:
        """Forget all rows."""
        self._shown.clear()
        self._updates.clear()
