"""What all waits of a process share: whoever looks first looks for everybody."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from math import inf
from typing import Final

from pulumi_alicdn.tasks.calls import Caller
from pulumi_alicdn.tasks.task_api import TaskApi
from pulumi_alicdn.tasks.waiting.poll import OnRetry, SharedPoll, Sight, Subscription

AWAKE_S: Final = 0.1
"""Seconds between two glances at whether another wait's look has ended. [chosen: the time of a call]"""

AWAKE_SHARE: Final = 0.1
"""The same as a share of how long that look has taken already, where this is more. [chosen: in an outage a look takes
minutes, and a hundred waits do not stay awake for it]"""


@dataclass(slots=True)
class PollGroup:
    """What all waits of a process share: who wants to see what, and whether one is looking just now."""

    interests: list[Subscription] = field(default_factory=list)
    looking: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def join(self, interest: Subscription) -> None:
        """Have others look for *interest* too."""
        with self.lock:
            self.interests.append(interest)

    def leave(self, interest: Subscription) -> None:
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

    def others(self, interest: Subscription) -> list[Subscription]:
        """Everybody else who has something to see."""
        with self.lock:
            return [one for one in self.interests if one is not interest and one.task_ids]

    def earliest(self) -> float:
        """The instant of the next look that anybody wants."""
        with self.lock:
            return min((one.next_look for one in self.interests), default=inf)


class Observer:
    """The eyes of one wait, which joins *poller* for as long as it lasts."""

    def __init__(self, api: TaskApi, caller: Caller, poller: PollGroup) -> None:
        """Look through *api*, together with whoever else uses *poller*."""
        self._api = api
        self._caller = caller
        self._clock = caller.clock
        self._poller = poller

    def look(self, interest: Subscription, until: float | None, told: OnRetry, *, all_rows: bool = False) -> Sight:
        """What another wait's look saw for *interest* since the last time, or what a look for everybody sees now.

        *all_rows*: look, and list them, whatever that costs. *until* and *told* are those of :meth:`Caller.read`; where
        another wait's look lasts longer than *until*, this one looks for itself.
        """
        began = self._clock.monotonic()
        while not (mine := self._poller.begin()):
            now = self._clock.monotonic()
            left_s = inf if until is None else until - now
            if left_s <= 0 or (self._seen(interest) and not all_rows):
                break
            self._clock.sleep(min(_awake_s(now - began), left_s))
        try:
            if all_rows or not self._seen(interest):
                look = SharedPoll(self._api, self._caller, until, told)
                if all_rows or not mine:
                    look.by_ids([interest])
                else:
                    look.together(interest, self._poller.others(interest))
        finally:
            interest.next_look = inf
            if mine:
                self._poller.end()
        if interest.sight is None:
            raise ValueError("no task to look for")
        interest.taken = interest.sight
        return interest.sight

    def rest(self, interest: Subscription, until: float) -> None:
        """Sleep until that monotonic instant, or until another wait's look saw something for *interest*.

        The instant stands until the look has ended: so others who rest stay awake for what it sees.
        """
        interest.next_look = until
        while (now := self._clock.monotonic()) < until and not self._seen(interest):
            away_s = self._poller.earliest() - now
            self._clock.sleep(min(until - now, max(away_s, _awake_s(-away_s))))

    @staticmethod
    def _seen(interest: Subscription) -> bool:
        return interest.sight is not interest.taken


def _awake_s(looking_s: float) -> float:
    """Seconds until the next glance at a look that has taken *looking_s*."""
    return max(AWAKE_S, AWAKE_SHARE * looking_s)
