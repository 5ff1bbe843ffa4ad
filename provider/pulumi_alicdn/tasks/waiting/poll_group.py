"""The group of waits in one process, which share their polls: one poll serves all of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from math import inf
from types import TracebackType
from typing import Final, Self

from pulumi_alicdn.ports import Clock
from pulumi_alicdn.tasks.retry_policy import Caller, OnRetry
from pulumi_alicdn.tasks.row_reader import RowReader
from pulumi_alicdn.tasks.task_api import TaskApi
from pulumi_alicdn.tasks.waiting.poll import SharedPoll, Snapshots
from pulumi_alicdn.tasks.waiting.samples import Sample, evidence
from pulumi_alicdn.tasks.waiting.snapshot import Learnt, Snapshot
from pulumi_alicdn.tasks.waiting.subscription import Subscription, Wanted

GATHER_S: Final = 0.1
"""Seconds from the end of a poll until a wait that it did not serve begins the next one, so that all waits which begin
together are part of it. Without them, the second of 100 waits would poll for very few waits, treat the rows of the
others as rows of foreign tasks, and poll by task id from then on. [chosen: the time of a call]"""

MAX_ODDS: Final = 4.0
"""The most that waits learn from earlier ones about an asynchronous status, as the logarithm of its odds: 55 to 1.
[chosen: one wait can find out the contrary]"""


class PollGroup:
    """The waits of a process for the same service. Only one of them polls at a time."""

    def __init__(self) -> None:
        """Begin without any wait."""
        self._subscriptions: list[Subscription] = []
        self._polling = False
        self._odds = 0.0
        # Its lock guards the fields above and all snapshots. It is notified after each snapshot and each poll.
        self._changed = threading.Condition()

    @property
    def idle(self) -> bool:
        """Whether the group has no wait and no poll."""
        return not self._subscriptions and not self._polling

    @property
    def odds(self) -> float:
        """What the waits have found out about an asynchronous status, as the logarithm of its odds."""
        with self._changed:
            return self._odds

    def note_odds(self, odds: float) -> None:
        """Let later waits begin with *odds*, what a wait has found out about an asynchronous status."""
        with self._changed:
            self._odds = max(-MAX_ODDS, min(odds, MAX_ODDS))

    def join(self, subscription: Subscription) -> None:
        """Add *subscription*: polls of other waits serve it from now on."""
        with self._changed:
            self._subscriptions.append(subscription)

    def leave(self, subscription: Subscription) -> None:
        """Remove *subscription* from the group."""
        with self._changed:
            self._subscriptions.remove(subscription)

    def begin(self, subscription: Subscription, clock: Clock, until: float, *, all_rows: bool) -> bool:
        """Wait until no poll is running, and begin one; return whether it has begun.

        It has not if the poll of another wait lasts beyond the monotonic instant *until*, or delivers a snapshot for
        *subscription*; with *all_rows*, such a snapshot does not suffice.
        """

        def served() -> bool:
            return subscription.fresh and not all_rows

        def free() -> bool:
            return not self._polling or served()

        with self._changed:
            while not free():
                self._wait(free, clock, until)
                now = clock.monotonic()
                if now >= until:
                    break
                self._wait(served, clock, min(now + GATHER_S, until))
            mine, self._polling = not self._polling, True
            return mine

    def end(self) -> None:
        """End the poll, so that another wait can begin one."""
        with self._changed:
            self._polling = False
            self._changed.notify_all()

    def others(self, subscription: Subscription) -> list[Subscription]:
        """Return all other waits that have a task to poll."""
        with self._changed:
            return [one for one in self._subscriptions if one is not subscription and one.wanted.task_ids]

    def deliver(self, snapshots: Snapshots) -> None:
        """Deliver the snapshots of a poll to the waits."""
        with self._changed:
            for subscription, snapshot in snapshots.items():
                subscription.deliver(snapshot)
            self._changed.notify_all()

    def take(self, subscription: Subscription) -> Snapshot:
        """Return the latest snapshot for *subscription*."""
        with self._changed:
            return subscription.take()

    def rest(self, subscription: Subscription, clock: Clock, until: float) -> None:
        """Sleep until the monotonic instant *until*, or until another wait's poll delivers to *subscription*."""
        with self._changed:
            self._wait(lambda: subscription.fresh, clock, until)

    def _wait(self, ready: Callable[[], bool], clock: Clock, until: float) -> None:
        while not ready() and (left_s := until - clock.monotonic()) > 0:
            clock.wait(self._changed, ready, left_s)


class Observer:
    """The view of one wait on its tasks; as a context manager, it is part of the poll group during the wait."""

    def __init__(self, api: TaskApi, caller: Caller, poll_group: PollGroup, wanted: Wanted) -> None:
        """Poll through *api* for *wanted*, sharing polls with the other waits of *poll_group*."""
        self._api = api
        self._caller = caller
        self._clock = caller.clock
        self._poll_group = poll_group
        self._subscription = Subscription(wanted, self._clock.monotonic())
        self._odds = poll_group.odds

    def __enter__(self) -> Self:
        """Join the group."""
        self._poll_group.join(self._subscription)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leave the group."""
        self._poll_group.leave(self._subscription)

    def observe(
        self, task_ids: Iterable[str], until: float, on_retry: OnRetry | None = None, *, all_rows: bool = False
    ) -> Snapshot:
        """Return the snapshot of *task_ids* that another wait's poll has delivered since the last call, or poll now.

        *all_rows*: poll in any case, and list all rows, with any number of calls. *until* and *on_retry* are those of
        :meth:`Caller.read`; if another wait's poll lasts beyond *until*, this wait polls by itself.
        """
        group, subscription = self._poll_group, self._subscription
        subscription.want(task_ids)
        mine = group.begin(subscription, self._clock, until, all_rows=all_rows)
        try:
            if all_rows or not subscription.fresh:
                poll = SharedPoll(self._api, self._caller, until, on_retry)
                alone = all_rows or not mine
                seen = poll.by_ids([subscription]) if alone else poll.together(subscription, group.others(subscription))
                for snapshots in seen:
                    group.deliver(snapshots)
        finally:
            subscription.plan(inf)
            if mine:
                group.end()
        return group.take(subscription)

    def learn(self, learnt: Learnt, elapsed_s: float) -> None:
        """Let further polls use *learnt*, from a listing *elapsed_s* seconds after the wait began."""
        self._subscription.learn(learnt, elapsed_s)

    @property
    def odds(self) -> float:
        """What earlier waits have found out about an asynchronous status, as the logarithm of its odds."""
        return self._odds

    def note_samples(self, samples: Sequence[Sample]) -> None:
        """Let later waits use what *samples* of this wait show of an asynchronous status."""
        if found := evidence(samples):
            self._poll_group.note_odds(self._odds + found)

    def resubmitted(self) -> None:
        """Let further polls query by task id only: resubmitted rows lie outside the creation window.

        Leave the window unchanged: another thread may be polling with it.
        """
        self._subscription.poll_by_id()
        self._odds = self._poll_group.odds

    def rest(self, until: float) -> None:
        """Sleep until the monotonic instant *until*, or until another wait's poll delivers to this wait."""
        self._subscription.plan(until)
        self._poll_group.rest(self._subscription, self._clock, until)


def list_tasks(api: TaskApi, caller: Caller, task_ids: Iterable[str], *, once: bool = False) -> Snapshot:
    """List all rows of the tasks, for a single poll outside any wait; *once* is that of :meth:`RowReader.tasks`."""
    began = caller.clock.monotonic()
    ids = list(task_ids)
    listing = RowReader(api, caller).tasks(ids, once=once)
    rows = tuple(row for row in listing.rows if row.task_id in ids)
    return Snapshot(rows, listing.server_time, began, caller.clock.monotonic(), listing.pages, short=listing.short)
