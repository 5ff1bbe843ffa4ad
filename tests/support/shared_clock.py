"""Virtual time for real threads: it moves on when all of them sleep, or wait for one that does."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count

from pulumi_alicdn.emulator.running import Emulator

HUNG_S = 120.0
"""Real seconds after which a run that does not move counts as hung."""


@dataclass(eq=False, slots=True)
class _Waiting:
    """A thread that waits for *ready*, of which others notify *condition*, or until its time is over."""

    condition: threading.Condition
    ready: Callable[[], bool]
    over: bool = False

    def sleep(self) -> None:
        """Wait. The caller holds *condition*."""
        self.condition.wait_for(lambda: self.over or self.ready())

    def about_to_work(self) -> bool:
        """Whether the thread goes on as soon as it gets the lock."""
        with self.condition:
            return self.over or self.ready()

    def end(self) -> None:
        """Its time is over."""
        with self.condition:
            self.over = True
            self.condition.notify_all()


class SharedClock:
    """A clock for threads that run freely: those that sleep are woken in the order of the instants that they sleep to.

    It moves the emulator's time along with its own, and only while no thread is at work: all of them sleep, or wait for
    something that is not the case. So what they do takes no virtual time. Threads that wait for one another have to do
    so by :meth:`wait`.
    """

    def __init__(self, cloud: Emulator) -> None:
        """Stop the time of *cloud*."""
        self._cloud = cloud
        self._now_s = 0.0
        # Its lock guards all that follows. A thread may hold it together with a condition of its own only if it took
        # that one first: otherwise two threads wait for each other for ever.
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._at_work = 0
        self._changes = 0
        self._waiting: list[_Waiting] = []
        self._errors: list[BaseException] = []
        cloud.admin("clock", {"frozen": True})

    def monotonic(self) -> float:
        """Virtual seconds since the start."""
        return self._now_s

    def sleep(self, seconds: float) -> None:
        """Sleep until the virtual time has come."""
        wake = threading.Event()

        def end() -> None:
            self._works(1)
            wake.set()

        self._rest(seconds, end)
        wake.wait()

    def wait(self, condition: threading.Condition, ready: Callable[[], bool], timeout_s: float) -> None:
        """See Clock."""
        waiting = _Waiting(condition, ready)
        with self._changed:
            self._waiting.append(waiting)
        self._rest(timeout_s, waiting.end)
        waiting.sleep()
        with self._changed:
            self._waiting.remove(waiting)
            self._due = [one for one in self._due if one[2] != waiting.end]
            heapq.heapify(self._due)
            self._works(1)

    def run(self, clients: list[Callable[[], None]]) -> None:
        """Run all *clients* at once, each in a thread of its own, to their end. Raises what one of them raised."""
        threads = [threading.Thread(target=self._live, args=(client,), daemon=True) for client in clients]
        self._at_work = living = len(threads)
        for thread in threads:
            thread.start()
        while living:
            self._until_all_rest()
            if self._errors:
                raise self._errors[0]
            self._move()
            living = sum(thread.is_alive() for thread in threads)

    def _live(self, client: Callable[[], None]) -> None:
        try:
            client()
        except BaseException as error:  # noqa: BLE001  `run` raises it, in the main thread
            self._errors.append(error)
        finally:
            self._works(-1)

    def _rest(self, seconds: float, end: Callable[[], None]) -> None:
        """Have *end* called in so many seconds; until then, or until it is woken, the thread does not work."""
        with self._changed:
            heapq.heappush(self._due, (self._now_s + max(0.0, seconds), next(self._order), end))
        self._works(-1)

    def _works(self, change: int) -> None:
        with self._changed:
            self._at_work += change
            self._changes += 1
            self._changed.notify_all()

    def _until_all_rest(self) -> None:
        """Wait until no thread works, and none is about to."""
        while True:
            with self._changed:
                self._until(lambda: bool(self._errors) or not self._at_work)
                before, waiting = self._changes, list(self._waiting)
            wakes = any(one.about_to_work() for one in waiting)
            with self._changed:
                if self._errors or (not wakes and self._changes == before):
                    return
                # What is ready without a notification hangs here.
                self._until(partial(self._changed_since, before))

    def _changed_since(self, before: int) -> bool:
        return self._changes != before

    def _until(self, holds: Callable[[], bool]) -> None:
        if not self._changed.wait_for(holds, HUNG_S):
            raise RuntimeError(f"nothing moved for {HUNG_S:.0f} s at {self._now_s:.1f} s of virtual time")

    def _move(self) -> None:
        """Move to the next instant at which a thread is to be woken, and wake all that are."""
        with self._changed:
            if not self._due:
                return
            until = self._due[0][0]
            if until > self._now_s:
                self._cloud.advance(until - self._now_s)
                self._now_s = until
            ends = []
            while self._due and self._due[0][0] <= until:
                ends.append(heapq.heappop(self._due)[2])
        for end in ends:
            end()
