"""What all waits of a process share: whoever looks first looks for everybody."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from math import inf
from typing import Final

from pulumi_alicdn.engine.calls import Caller
from pulumi_alicdn.engine.together import Interest, SharedLook, Sight, Told
from pulumi_alicdn.ports import TaskApi

AWAKE_S: Final = 0.1
"""Seconds between two glances at whether another wait's look has ended. [chosen: the time of a call]"""


@dataclass(slots=True)
class Poller:
    """What all waits of a process share: who wants to see what, and whether one is looking just now."""

    interests: list[Interest] = field(default_factory=list)
    looking: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def join(self, interest: Interest) -> None:
        """Have others look for *interest* too."""
        with self.lock:
            self.interests.append(interest)

    def leave(self, interest: Interest) -> None:
        """No longer look for *interest*."""
        with self.lock:
            self.interests = [one for one in self.interests if one is not interest]

    def begin(self) -> bool:
        """Become the one who looks; False while another does."""
        with self.lock:
            mine, self.looking = not self.looking, True
            return mine

    def end(self) -> None:
        """Let others look."""
        self.looking = False

    def others(self, interest: Interest) -> list[Interest]:
        """Everybody else who has something to see."""
        with self.lock:
            return [one for one in self.interests if one is not interest and one.task_ids]

    def earliest(self) -> float:
        """The instant of the next look that anybody wants."""
        with self.lock:
            return min((one.next_look for one in self.interests), default=inf)


class Watcher:
    """The eyes of one wait, which joins *poller* for as long as it lasts."""

    def __init__(self, api: TaskApi, caller: Caller, poller: Poller) -> None:
        """Look through *api*, together with whoever else uses *poller*."""
        self._api = api
        self._caller = caller
        self._clock = caller.clock
        self._poller = poller

    def look(self, interest: Interest, until: float | None, told: Told, *, all_rows: bool = False) -> Sight:
        """What another wait's look saw for *interest* since the last time, or what a look for everybody sees now.

        *all_rows*: look, and list them, whatever that costs. *until* and *told* are those of :meth:`Caller.read`.
        """
        while not self._poller.begin():
            self._clock.sleep(AWAKE_S)
        try:
            if interest.sight is interest.taken or all_rows:
                look = SharedLook(self._api, self._caller, until, told)
                if all_rows:
                    look.by_ids([interest])
                else:
                    look.together(interest, self._poller.others(interest))
        finally:
            self._poller.end()
        if interest.sight is None:
            raise ValueError("no task to look for")
        interest.taken = interest.sight
        return interest.sight

    def rest(self, interest: Interest, until: float) -> None:
        """Sleep until that monotonic instant, or until another wait's look saw something for *interest*."""
        interest.next_look = until
        while (now := self._clock.monotonic()) < until and interest.sight is interest.taken:
            others = max(self._poller.earliest() - now, AWAKE_S)
            self._clock.sleep(min(until - now, others))
        interest.next_look = inf
