"""The scheduler: it runs effects when the virtual clock reaches their instant."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Final

from pulumi_alicdn.emulator.clock import VirtualClock

MAX_TIMER_S: Final = 3600.0
"""The longest timer, in real seconds. [chosen: event loops limit the length of a timer]"""


@dataclass(order=True, slots=True)
class _Entry:
    due: datetime
    order: int
    effect: Callable[[], Awaitable[None]] = field(compare=False)


class Scheduler:
    """A heap of effects and one timer. Effects of the same instant start in the order in which they were added."""

    def __init__(self, clock: VirtualClock) -> None:
        """Schedule by *clock*."""
        self._clock = clock
        self._heap: list[_Entry] = []
        self._order = count()
        self._running: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, due: datetime, effect: Callable[[], Awaitable[None]]) -> None:
        """Run *effect* once the clock shows *due*."""
        heapq.heappush(self._heap, _Entry(due, next(self._order), effect))
        self.rearm()

    def rearm(self) -> None:
        """Set the timer again; this is necessary after a change of the clock."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._heap:
            return
        wait_s = self._clock.real_seconds_until(self._heap[0].due)
        if wait_s is not None:
            self._timer = asyncio.get_running_loop().call_later(min(wait_s, MAX_TIMER_S), self._tick)

    async def settle(self) -> None:
        """Run everything that is due, in order, and return when all of it has ended."""
        while True:
            while (entry := self._pop_due()) is not None:
                # asyncio.wait instead of await: an effect that fails or is cancelled must not end this call.
                await asyncio.wait([self._start(entry)])
            others = [task for task in self._running if task is not asyncio.current_task()]
            if not others:
                break
            await asyncio.wait(others)
        self.rearm()

    def clear(self) -> None:
        """Forget all effects, and cancel those that are running."""
        self._heap.clear()
        for task in list(self._running):
            task.cancel()
        self.rearm()

    def _tick(self) -> None:
        while (entry := self._pop_due()) is not None:
            self._start(entry)
        self.rearm()

    def _pop_due(self) -> _Entry | None:
        if self._heap and self._heap[0].due <= self._clock.now():
            return heapq.heappop(self._heap)
        return None

    def _start(self, entry: _Entry) -> asyncio.Task[None]:
        async def run() -> None:
            await entry.effect()

        task = asyncio.get_running_loop().create_task(run())
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task
