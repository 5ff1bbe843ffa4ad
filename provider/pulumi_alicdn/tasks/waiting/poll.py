"""One look for several waits, in the way that takes the fewest calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from math import ceil, inf
from typing import Final

from pulumi_alicdn.api.dialects import COUNTABLE
from pulumi_alicdn.api.limits import MAX_IDS_PER_CALL, MAX_PAGE_SIZE
from pulumi_alicdn.api.object_paths import canonical
from pulumi_alicdn.api.rows import Page, Query, Row, RowStatus
from pulumi_alicdn.api.spec import ObjectType, Service
from pulumi_alicdn.errors import ApiError, RefusedError
from pulumi_alicdn.tasks.calls import Caller
from pulumi_alicdn.tasks.row_reader import Listing, RowReader, pages
from pulumi_alicdn.tasks.task_api import TaskApi
from pulumi_alicdn.tasks.waiting.poll_method import MAX_PAGES, CreationWindow, PollMethod, calls_by_id, choose_method

FAILURES_EVERY: Final = 4
"""Every so many looks that only count also ask for failures. [chosen: a quarter more calls]"""

OnRetry = Callable[[ApiError], None] | None


@dataclass(frozen=True, slots=True)
class Sight:
    """What a look saw for one wait; it lasted from ``began`` to ``ended``, monotonic instants.

    ``unfinished`` is None where ``rows`` are all rows of the tasks. Else ``rows`` are some of those that are not
    finished, and ``unfinished`` tells how many there are, as far as the service tells: some may be of others.
    ``percent`` is the progress of rows under way. ``blind``: rows of others may stand before those of this wait.
    """

    rows: tuple[Row, ...]
    seen: Listing
    began: float
    ended: float
    unfinished: int | None = None
    percent: float = 0.0
    blind: bool = False


@dataclass(eq=False, slots=True)
class Subscription:
    """What one wait wants to see.

    ``task_ids``: tasks that are not finished yet. ``paths``: canonical object paths, none for all of the tasks.
    ``object_type`` and ``window`` are None where not all rows are of one type, or it is not known when they were made.
    ``total``: how many rows there should be. ``next_look``: the monotonic instant of the next look that is wanted.
    ``counted``: looks that only counted since failures were asked for. ``by_id``: nothing but ids may be asked for.
    """

    task_ids: list[str] = field(default_factory=list)
    paths: frozenset[str] = frozenset()
    object_type: ObjectType | None = None
    window: CreationWindow | None = None
    total: int = 0
    next_look: float = inf
    sight: Sight | None = None
    taken: Sight | None = None
    counted: int = 0
    by_id: bool = False

    def owns(self, row: Row) -> bool:
        """Whether *row* is one of those that are waited for."""
        return row.task_id in self.task_ids and (not self.paths or canonical(row.object_path) in self.paths)

    def countable(self, service: Service) -> bool:
        """Whether the rows can be asked for by their type and the time of their creation."""
        known = self.window is not None and self.object_type in COUNTABLE[service] and self.total > 0
        return known and not self.by_id


class SharedPoll:
    """One look. What it sees is left with each wait."""

    def __init__(self, api: TaskApi, caller: Caller, until: float | None, on_retry: OnRetry) -> None:
        """Begin now; *until* and *on_retry* are those of :meth:`Caller.read`."""
        self._api = api
        self._service = api.service
        self._caller = caller
        self._until = until
        self._on_retry = on_retry
        self._began = caller.clock.monotonic()
        self._reader = RowReader(api, caller, on_retry)

    def together(self, first: Subscription, others: Sequence[Subscription]) -> None:
        """Look for *first*, and for those of *others* that this sees as well."""
        try:
            self._cheapest(first, others)
        except RefusedError:
            # The service takes no such question, or not what another wait has in it.
            first.by_id = True
            self.by_ids([first])

    def _cheapest(self, first: Subscription, others: Sequence[Subscription]) -> None:
        alike = [first]
        if first.countable(self._service):
            same = (one for one in others if one.countable(self._service) and one.object_type is first.object_type)
            alike += same
        total = sum(one.total for one in alike)
        ids = len({task_id for one in alike for task_id in one.task_ids})
        match choose_method(self._service, total, ids, countable=first.countable(self._service)):
            case PollMethod.TASKS:
                self.by_ids(self._filled(first, others))
            case PollMethod.WINDOW:
                self._few_of_window(first, alike)
            case PollMethod.COUNT:
                self._unfinished(alike, total)

    def _filled(self, first: Subscription, others: Sequence[Subscription]) -> list[Subscription]:
        """*first* and those of *others* that cost no further call, the most urgent first."""
        if self._service is not Service.CDN:
            return [first]
        chosen, ids, total = [first], len(first.task_ids), first.total
        for one in sorted(others, key=lambda one: one.next_look):
            ids, total = ids + len(one.task_ids), total + one.total
            if ids > MAX_IDS_PER_CALL or total > MAX_PAGE_SIZE[self._service]:
                break
            chosen.append(one)
        return chosen

    def by_ids(self, subscriptions: Sequence[Subscription]) -> None:
        """All rows of their tasks."""
        ids = list(dict.fromkeys(task_id for one in subscriptions for task_id in one.task_ids))
        self._share(subscriptions, self._reader.tasks(ids, self._until))

    def _few_of_window(self, first: Subscription, subscriptions: Sequence[Subscription]) -> None:
        """All rows of the window, unless those of others are so many that *first* is better off with its tasks."""
        seen = list(islice(self._pages(self._query(subscriptions)), MAX_PAGES))
        rows = tuple(row for page in seen for row in page.rows)
        if len(rows) < seen[0].total:
            first.by_id = True
            self.by_ids([first])
            return
        self._share(subscriptions, Listing(rows, seen[-1].server_time, len(seen)))
        # Only a task itself knows all its rows: where no paths are given, the last word is with the task.
        whole = [one for one in subscriptions if not one.paths]
        ended = [one for one in whole if one.sight and all(row.status.final for row in one.sight.rows)]
        if ended:
            self.by_ids(ended)

    def _share(self, subscriptions: Iterable[Subscription], seen: Listing) -> None:
        for one in subscriptions:
            ids = set(one.task_ids)
            self._show(one, (row for row in seen.rows if row.task_id in ids), seen)

    def _show(self, one: Subscription, rows: Iterable[Row], seen: Listing) -> None:
        one.sight = Sight(tuple(rows), seen, self._began, self._caller.clock.monotonic())

    def _count_of(self, one: Subscription, mine: Sequence[Row], seen: Listing, unfinished: int, *, blind: bool) -> None:
        shown = mine or seen.rows
        percent = sum(row.percent for row in shown) / len(shown) if shown else 0.0
        now = self._caller.clock.monotonic()
        one.sight = Sight(tuple(mine), seen, self._began, now, min(unfinished, one.total), percent, blind)
        one.counted += 1

    def _unfinished(self, subscriptions: Sequence[Subscription], total: int) -> None:
        """Rows that are not finished; all rows of those waits that have none left."""
        seen, rows = self._under_way(subscriptions, total)
        left = seen[0].total
        every = len(rows) >= left
        listing = Listing(tuple(rows), seen[-1].server_time, len(seen))
        mine = {id(one): [row for row in rows if one.owns(row)] for one in subscriptions}
        ended = [one for one in subscriptions if every and not mine[id(one)]]
        going_on = [one for one in subscriptions if one not in ended]
        unseen = {id(one) for one in going_on if not mine[id(one)]}
        failed: list[Subscription] = []
        finished = 0
        if any(one.counted + 1 >= FAILURES_EVERY for one in going_on):
            failed, finished = self._failures(going_on)
            if failed or (unseen and not finished):
                finished += self._count(going_on, RowStatus.COMPLETE)
        # As many as there are of ours, none of others and none that is finished: then all of ours are under way.
        others = left != total or not rows or not all(any(one.owns(row) for one in subscriptions) for row in rows)
        for one in going_on:
            own = mine[id(one)]
            unfinished = len(own) if every else max(len(own), ceil(left * one.total / total))
            self._count_of(one, own, listing, unfinished, blind=id(one) in unseen and (others or finished > 0))
        if failed:
            self._list(failed, left + finished)
        if ended:
            self._confirm(ended, left, listing)

    def _under_way(self, subscriptions: Sequence[Subscription], total: int) -> tuple[list[Page], list[Row]]:
        """As many rows that are not finished as tell who has any, and the pages of them.

        Where as many are under way as there are of ours, the first page is enough. Where there are fewer, somebody may
        be at the end. Where there are more, they are of others too, who may have any number.
        """
        seen: list[Page] = []
        rows: list[Row] = []
        waiting = list(subscriptions)
        for page in self._pages(self._query(subscriptions, RowStatus.REFRESHING)):
            seen.append(page)
            rows += page.rows
            waiting = [one for one in waiting if not any(one.owns(row) for row in page.rows)]
            left = seen[0].total
            if not waiting or left == total or (left > total and len(seen) >= MAX_PAGES):
                break
        return seen, rows

    def _confirm(self, ended: Sequence[Subscription], left: int, seen: Listing) -> None:
        """All rows of waits that have none under way, unless their rows are not even all there yet."""
        final = sum(self._count(ended, status) for status in (RowStatus.COMPLETE, RowStatus.FAILED))
        if final >= sum(one.total for one in ended):
            self._list(ended, left + final)
            return
        for one in ended:
            self._count_of(one, (), seen, max(1, one.total - final), blind=True)

    def _list(self, subscriptions: Sequence[Subscription], in_window: int) -> None:
        total, ids = sum(one.total for one in subscriptions), sum(len(one.task_ids) for one in subscriptions)
        by_window = ceil(in_window / MAX_PAGE_SIZE[self._service]) < calls_by_id(self._service, total, ids)
        # Only a task itself knows all its rows: without paths there is nothing else to tell that one is missing.
        if by_window and all(one.paths for one in subscriptions):
            self._share(subscriptions, self._reader.all_pages(self._query(subscriptions), self._until))
        else:
            self.by_ids(subscriptions)

    def _failures(self, subscriptions: Sequence[Subscription]) -> tuple[list[Subscription], int]:
        """Those waits of which a row has failed, and how many rows have, whoever's they are."""
        seen = list(islice(self._pages(self._query(subscriptions, RowStatus.FAILED)), MAX_PAGES))
        for one in subscriptions:
            one.counted = -1
        failed = [one for one in subscriptions if any(one.owns(row) for page in seen for row in page.rows)]
        return failed, seen[0].total

    def _count(self, subscriptions: Sequence[Subscription], status: RowStatus) -> int:
        query = replace(self._query(subscriptions, status), page_size=1)
        return next(self._pages(query)).total

    def _pages(self, query: Query) -> Iterator[Page]:
        return pages(self._api, self._caller, query, self._until, self._on_retry)

    def _query(self, subscriptions: Sequence[Subscription], status: RowStatus | None = None) -> Query:
        windows = [one.window for one in subscriptions if one.window is not None]
        start, end = CreationWindow.around(windows).asked()
        kind = subscriptions[0].object_type
        return Query(object_type=kind, status=status, start=start, end=end, page_size=MAX_PAGE_SIZE[self._service])
