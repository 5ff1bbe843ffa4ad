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

    subscriptions: list[Subscription] = field(default_factory=list)
    looking: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def join(self, subscription: Subscription) -> None:
        """Have others look for *subscription* too."""
        with self.lock:
            self.subscriptions.append(subscription)

    def leave(self, subscription: Subscription) -> None:
        """No longer look for *subscription*."""
        with self.lock:
            self.subscriptions = [one for one in self.subscriptions if one is not subscription]

    def begin(self) -> bool:
        """Become the one who looks; False while another does."""
        with self.lock:
            mine, self.looking = not self.looking, True
            return mine

    def end(self) -> None:
        """Let others look."""
        self.looking = False

    def others(self, subscription: Subscription) -> list[Subscription]:
        """Everybody else who has something to see."""
        with self.lock:
            return [one for one in self.subscriptions if one is not subscription and one.task_ids]

    def earliest(self) -> float:
        """The instant of the next look that anybody wants."""
        with self.lock:
            return min((one.next_look for one in self.subscriptions), default=inf)


class Observer:
    """The eyes of one wait, which joins *poll_group* for as long as it lasts."""

    def __init__(self, api: TaskApi, caller: Caller, poll_group: PollGroup) -> None:
        """Look through *api*, together with whoever else uses *poll_group*."""
        self._api = api
        self._caller = caller
        self._clock = caller.clock
        self._poll_group = poll_group

    def look(
        self, subscription: Subscription, until: float | None, on_retry: OnRetry, *, all_rows: bool = False
    ) -> Sight:
        """What another wait's look saw for *subscription* since the last time, or what a look for everybody sees now.

        *all_rows*: look, and list them, whatever that costs. *until* and *on_retry* are those of :meth:`Caller.read`;
        where another wait's look lasts longer than *until*, this one looks for itself.
        """
        began = self._clock.monotonic()
        while not (mine := self._poll_group.begin()):
            now = self._clock.monotonic()
            left_s = inf if until is None else until - now
            if left_s <= 0 or (self._seen(subscription) and not all_rows):
                break
            self._clock.sleep(min(_awake_s(now - began), left_s))
        try:
            if all_rows or not self._seen(subscription):
                look = SharedPoll(self._api, self._caller, until, on_retry)
                if all_rows or not mine:
                    look.by_ids([subscription])
                else:
                    look.together(subscription, self._poll_group.others(subscription))
        finally:
            subscription.next_look = inf
            if mine:
                self._poll_group.end()
        if subscription.sight is None:
            raise ValueError("no task to look for")
        subscription.taken = subscription.sight
        return subscription.sight

    def rest(self, subscription: Subscription, until: float) -> None:
        """Sleep until that monotonic instant, or until another wait's look saw something for *subscription*.

        The instant stands until the look has ended: so others who rest stay awake for what it sees.
        """
        subscription.next_look = until
        while (now := self._clock.monotonic()) < until and not self._seen(subscription):
            away_s = self._poll_group.earliest() - now
            self._clock.sleep(min(until - now, max(away_s, _awake_s(-away_s))))

    @staticmethod
    def _seen(subscription: Subscription) -> bool:
        return subscription.sight is not subscription.taken


def _awake_s(looking_s: float) -> float:
    """Seconds until the next glance at a look that has taken *looking_s*."""
    return max(AWAKE_S, AWAKE_SHARE * looking_s)
