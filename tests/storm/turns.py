"""Virtual time for many clients in one process, each written as if it were alone."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from itertools import count

from support.virtual_clock import Sleeper

HUNG_S = 60.0
"""Real seconds after which a client that does not hand over counts as hung; a turn takes milliseconds."""


class Turns(Sleeper):
    """A clock whose sleep hands over to the thread that is due next.

    Clients are threads of which exactly one runs at a time: what is due at the same instant happens in the order in
    which it was planned, and a run can be repeated to the last call.
    """

    def __init__(self) -> None:
        self._now_s = 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._back = _baton()
        self._turns: dict[threading.Thread, threading.Lock] = {}
        self._errors: list[BaseException] = []

    def monotonic(self) -> float:
        return self._now_s

    def sleep(self, seconds: float) -> None:
        """Let others run until *seconds* have passed. Called by clients."""
        assert seconds >= 0, "nobody sleeps backwards"
        me = threading.current_thread()
        self.at(self._now_s + seconds, lambda: self._give_turn(me))
        self._back.release()
        self._turns[me].acquire()

    def at(self, instant_s: float, happen: Callable[[], None]) -> None:
        """Have something happen at that instant."""
        heapq.heappush(self._due, (instant_s, next(self._order), happen))

    def client(self, live: Callable[[], None], at_s: float = 0.0) -> None:
        """Have a client begin at that instant."""
        turn = _baton()

        def begin() -> None:
            turn.acquire()
            try:
                live()
            except BaseException as error:  # noqa: BLE001  `run` raises it, in the test's own thread
                self._errors.append(error)
            finally:
                self._back.release()

        thread = threading.Thread(target=begin, daemon=True)
        self._turns[thread] = turn
        thread.start()
        self.at(at_s, lambda: self._give_turn(thread))

    def run(self) -> None:
        """Go on until nobody has anything left to do. Raises what a client raised."""
        while self._due:
            self._now_s, _, happen = heapq.heappop(self._due)
            happen()
            if self._errors:
                raise self._errors[0]

    def _give_turn(self, thread: threading.Thread) -> None:
        self._turns[thread].release()
        assert self._back.acquire(timeout=HUNG_S), "a client hangs"


def _baton() -> threading.Lock:
    """Return a lock that another thread releases; a semaphore is written in Python, and takes longer."""
    lock = threading.Lock()
    lock.acquire()
    return lock
