"""Virtual time for real threads: it moves on when everybody sleeps, or waits for somebody who does."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count

from pulumi_alicdn.cloud.transport import RawAnswer, Transport
from pulumi_alicdn.emulator.running import Emulator

QUIET_S = 0.03
"""Real seconds without anything going on, after which threads that are not asleep count as waiting for those that are.
[chosen: a turn on a busy machine takes a few milliseconds; calls that are under way count as going on]"""
HUNG_S = 120.0
"""Real seconds after which a run that does not move counts as hung."""


class SharedClock:
    """A clock for threads that run freely: whoever sleeps is woken in the order of the instants that they sleep to.

    It moves the emulator's time along with its own. Threads may wait for one another by whatever means.
    """

    def __init__(self, cloud: Emulator) -> None:
        """Stop the time of *cloud*."""
        self._cloud = cloud
        self._now_s = 0.0
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, threading.Event]] = []
        self._order = count()
        self._at_work = 0
        self._calling = 0
        self._moved_at = time.monotonic()
        self._errors: list[BaseException] = []
        cloud.admin("clock", {"frozen": True})

    def monotonic(self) -> float:
        """Virtual seconds since the start."""
        return self._now_s

    def sleep(self, seconds: float) -> None:
        """Sleep until the virtual time has come."""
        wake = threading.Event()
        with self._changed:
            heapq.heappush(self._due, (self._now_s + max(0.0, seconds), next(self._order), wake))
            self._at_work -= 1
            self._note()
        wake.wait()

    def called(self, change: int) -> None:
        """Tell that a call begins (1) or ended (-1): meanwhile no time passes."""
        with self._changed:
            self._calling += change
            self._note()

    def run(self, clients: list[Callable[[], None]]) -> None:
        """Run all *clients* at once, each in a thread of its own, to their end. Raises what one of them raised."""
        threads = [threading.Thread(target=self._live, args=(client,), daemon=True) for client in clients]
        self._at_work = living = len(threads)
        for thread in threads:
            thread.start()
        while living:
            self._until_quiet()
            if self._errors:
                raise self._errors[0]
            self._wake()
            living = sum(thread.is_alive() for thread in threads)

    def _live(self, client: Callable[[], None]) -> None:
        try:
            client()
        except BaseException as error:  # noqa: BLE001  `run` raises it, in the main thread
            self._errors.append(error)
        finally:
            with self._changed:
                self._at_work -= 1
                self._note()

    def _note(self) -> None:
        self._moved_at = time.monotonic()
        self._changed.notify_all()

    def _until_quiet(self) -> None:
        """Wait until nobody is at work, or those who are have not stirred for a while."""
        with self._changed:
            while self._at_work and not self._errors:
                quiet_s = time.monotonic() - self._moved_at
                if not self._calling and self._due and quiet_s >= QUIET_S:
                    return
                if quiet_s > HUNG_S:
                    raise RuntimeError(f"nothing moved for {HUNG_S:.0f} s at {self._now_s:.1f} s of virtual time")
                self._changed.wait(QUIET_S)

    def _wake(self) -> None:
        """Move to the next instant at which somebody wants to be woken, and wake all who do."""
        with self._changed:
            if not self._due:
                return
            until = self._due[0][0]
            if until > self._now_s:
                self._cloud.advance(until - self._now_s)
                self._now_s = until
            while self._due and self._due[0][0] <= until:
                self._at_work += 1
                heapq.heappop(self._due)[2].set()
            self._note()


@dataclass(frozen=True, slots=True)
class ClockedTransport:
    """A transport during whose calls *clock* stands still."""

    transport: Transport
    clock: SharedClock

    def call(self, action: str, query: Mapping[str, str], form: Mapping[str, str]) -> RawAnswer:
        """See Transport."""
        self.clock.called(1)
        try:
            return self.transport.call(action, query, form)
        finally:
            self.clock.called(-1)
