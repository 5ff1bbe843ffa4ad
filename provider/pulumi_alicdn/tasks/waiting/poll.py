"""One poll for several waits, by the method that takes the fewest calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from math import ceil

from pulumi_alicdn.api.limits import MAX_IDS_PER_CALL, MAX_PAGE_SIZE
from pulumi_alicdn.api.rows import Page, Query, Row, RowStatus
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.errors import DeniedError, RefusedError
from pulumi_alicdn.tasks.retry_policy import Caller, OnRetry
from pulumi_alicdn.tasks.row_reader import Listing, RowReader, merged, pages
from pulumi_alicdn.tasks.task_api import TaskApi
from pulumi_alicdn.tasks.waiting.poll_method import MAX_PAGES, CreationWindow, PollMethod, calls_by_id, choose_method
from pulumi_alicdn.tasks.waiting.snapshot import Snapshot, percent_of_count
from pulumi_alicdn.tasks.waiting.subscription import Subscription

Snapshots = Mapping[Subscription, Snapshot]
"""The snapshots of a poll, by the subscription of each wait."""


class SharedPoll:
    """One poll. It yields snapshots as soon as they are known; a later one of a wait replaces the earlier one."""

    def __init__(self, api: TaskApi, caller: Caller, until: float, on_retry: OnRetry | None) -> None:
        """Begin a poll; *until* and *on_retry* are those of :meth:`Caller.read`."""
        self._api = api
        self._service = api.service
        self._caller = caller
        self._until = until
        self._on_retry = on_retry
        self._began = caller.clock.monotonic()
        self._reader = RowReader(api, caller, on_retry)

    def together(self, first: Subscription, others: Sequence[Subscription]) -> Iterator[Snapshots]:
        """Poll for *first*, and for those of *others* that the same calls can serve."""
        try:
            yield from self._cheapest(first, others)
        except (RefusedError, DeniedError):
            # The service refused the combined query, or an id of another wait in it. A policy for a single domain
            # denies a query for several.
            first.poll_by_id()
            yield from self.by_ids([first])

    def by_ids(self, subscriptions: Sequence[Subscription]) -> Iterator[Snapshots]:
        """List all rows of the tasks of *subscriptions*."""
        ids = list(dict.fromkeys(task_id for one in subscriptions for task_id in one.wanted.task_ids))
        once = all(one.wanted.paths for one in subscriptions)
        yield self._listed(subscriptions, self._reader.tasks(ids, self._until, once=once))

    def _cheapest(self, first: Subscription, others: Sequence[Subscription]) -> Iterator[Snapshots]:
        countable = first.wanted.countable(self._service)
        alike = [first]
        if countable:
            same_type = first.wanted.object_type
            alike += [
                one for one in others if one.wanted.countable(self._service) and one.wanted.object_type is same_type
            ]
        total = _total(alike)
        ids = len({task_id for one in alike for task_id in one.wanted.task_ids})
        match choose_method(self._service, total, ids, countable=countable):
            case PollMethod.TASKS:
                yield from self.by_ids(self._at_no_further_call(first, others))
            case PollMethod.WINDOW:
                yield from self._window(first, alike)
            case PollMethod.COUNT:
                yield from self._count(alike, total)

    def _at_no_further_call(self, first: Subscription, others: Sequence[Subscription]) -> list[Subscription]:
        """Return *first* and those of *others* whose tasks fit into the same call, the most urgent ones first."""
        if self._service is not Service.CDN:
            return [first]
        chosen, ids, total = [first], len(first.wanted.task_ids), first.wanted.total
        for one in sorted(others, key=lambda one: one.next_poll):
            ids, total = ids + len(one.wanted.task_ids), total + one.wanted.total
            if ids > MAX_IDS_PER_CALL or total > MAX_PAGE_SIZE[self._service]:
                break
            chosen.append(one)
        return chosen

    def _window(self, first: Subscription, subscriptions: Sequence[Subscription]) -> Iterator[Snapshots]:
        """List all rows of the window; if rows of other tasks fill too many pages, list *first* by its tasks."""
        seen: list[Page] = []
        for page in islice(self._pages(self._query(subscriptions)), MAX_PAGES):
            seen.append(page)
            if page.total > MAX_PAGES * MAX_PAGE_SIZE[self._service]:
                break
        rows = merged(seen)
        if len(rows) < seen[0].total:
            first.poll_by_id_once()
            yield from self.by_ids([first])
            return
        listing = Listing(rows, seen[-1].server_time, len(seen), seen[0].server_time)
        snapshots = self._listed(subscriptions, listing, by_id=False)
        # A wait for whole tasks must not end while a row is missing that was created after the window: only a listing
        # by task id has all rows of a task.
        ended = [
            one
            for one in subscriptions
            if not one.wanted.paths and all(row.status.final for row in snapshots[one].rows)
        ]
        yield {one: snapshot for one, snapshot in snapshots.items() if one not in ended}
        if ended:
            yield from self.by_ids(ended)

    def _listed(self, subscriptions: Sequence[Subscription], listing: Listing, *, by_id: bool = True) -> Snapshots:
        """Return a snapshot for each wait, with the rows of *listing* that belong to its tasks."""
        now = self._caller.clock.monotonic()
        found: dict[Subscription, Snapshot] = {}
        for one in subscriptions:
            ids = set(one.wanted.task_ids)
            rows = tuple(row for row in listing.rows if row.task_id in ids)
            short = tuple(short for short in listing.short if short.task_id in ids)
            found[one] = Snapshot(rows, listing.server_time, self._began, now, listing.pages, short=short, by_id=by_id)
        return found

    def _counted(
        self, one: Subscription, own: Sequence[Row], listing: Listing, unfinished: int, *, hidden: bool
    ) -> Snapshot:
        """Return a snapshot that only counts; *own* are the rows of *one* among the unfinished rows of *listing*."""
        shown = own or listing.rows
        percent = sum(row.percent for row in shown) / len(shown) if shown else 0.0
        total = one.wanted.total
        left = min(unfinished, total)
        return Snapshot(
            tuple(own),
            listing.server_time,
            self._began,
            self._caller.clock.monotonic(),
            listing.pages,
            unfinished=left,
            percent=percent_of_count(left, total, percent),
            hidden=hidden,
        )

    def _count(self, subscriptions: Sequence[Subscription], total: int) -> Iterator[Snapshots]:
        """Count the unfinished rows; list all rows of waits that have none left."""
        seen = self._under_way(subscriptions, total)
        rows = merged(seen)
        left = seen[0].total
        every = len(rows) >= left
        listing = Listing(rows, seen[-1].server_time, len(seen), seen[0].server_time)
        own = {one: [row for row in rows if one.wanted.owns(row)] for one in subscriptions}
        ended = [one for one in subscriptions if every and not own[one]]
        going_on = [one for one in subscriptions if one not in ended]
        unseen = {one for one in going_on if not own[one]}
        failed: list[Subscription] = []
        finished = 0
        if any(one.failures_due for one in going_on):
            failed, finished = self._failures(going_on)
            if failed or (unseen and not finished):
                finished += self._number_of(going_on, RowStatus.COMPLETE)
        # The count may include rows of other tasks. It cannot if it equals our total and every row we saw is ours; and
        # if none is finished either, then all of ours are unfinished.
        all_ours = all(any(one.wanted.owns(row) for one in subscriptions) for row in rows)
        others = left != total or not rows or not all_ours
        counted = {}
        for one in going_on:
            mine = own[one]
            unfinished = len(mine) if every else max(len(mine), ceil(left * one.wanted.total / total))
            hidden = one in unseen and (others or finished > 0)
            counted[one] = self._counted(one, mine, listing, unfinished, hidden=hidden)
        yield counted
        if failed:
            yield from self._list(failed, left + finished)
        if ended:
            yield from self._confirm(ended, left, listing)

    def _under_way(self, subscriptions: Sequence[Subscription], total: int) -> list[Page]:
        """Read pages of unfinished rows until they show which waits have any; return these pages.

        If the unfinished rows are as many as all of ours, the first page is enough. If they are fewer, a wait may have
        ended. If they are more, rows of other tasks are among them, and there may be any number of those.
        """
        seen: list[Page] = []
        waiting = list(subscriptions)
        for page in self._pages(self._query(subscriptions, RowStatus.REFRESHING)):
            seen.append(page)
            waiting = [one for one in waiting if not any(one.wanted.owns(row) for row in page.rows)]
            left = seen[0].total
            if not waiting or left == total or (left > total and len(seen) >= MAX_PAGES):
                break
        return seen

    def _confirm(self, ended: Sequence[Subscription], left: int, listing: Listing) -> Iterator[Snapshots]:
        """List all rows of waits without an unfinished row, unless some of their rows do not exist yet."""
        final = sum(self._number_of(ended, status) for status in (RowStatus.COMPLETE, RowStatus.FAILED))
        if final >= _total(ended):
            yield from self._list(ended, left + final)
            return
        yield {one: self._counted(one, (), listing, max(1, one.wanted.total - final), hidden=True) for one in ended}

    def _list(self, subscriptions: Sequence[Subscription], in_window: int) -> Iterator[Snapshots]:
        """List all rows of the waits: by their window, which has *in_window* rows, or by their tasks."""
        ids = sum(len(one.wanted.task_ids) for one in subscriptions)
        by_window = ceil(in_window / MAX_PAGE_SIZE[self._service]) < calls_by_id(
            self._service, _total(subscriptions), ids
        )
        # Without paths, only a listing of a whole task shows whether a row is missing.
        if by_window and all(one.wanted.paths for one in subscriptions):
            listing = self._reader.all_pages(self._query(subscriptions), self._until)
            yield self._listed(subscriptions, listing, by_id=False)
        else:
            yield from self.by_ids(subscriptions)

    def _failures(self, subscriptions: Sequence[Subscription]) -> tuple[list[Subscription], int]:
        """Return the waits with a failed row, and the number of failed rows, including those of other tasks."""
        seen = list(islice(self._pages(self._query(subscriptions, RowStatus.FAILED)), MAX_PAGES))
        for one in subscriptions:
            one.failures_asked()
        failed = [one for one in subscriptions if any(one.wanted.owns(row) for page in seen for row in page.rows)]
        return failed, seen[0].total

    def _number_of(self, subscriptions: Sequence[Subscription], status: RowStatus) -> int:
        """Return how many rows of the window have *status*, including those of other tasks."""
        query = replace(self._query(subscriptions, status), page_size=1)
        return next(self._pages(query)).total

    def _pages(self, query: Query) -> Iterator[Page]:
        return pages(self._api, self._caller, query, self._until, self._on_retry)

    def _query(self, subscriptions: Sequence[Subscription], status: RowStatus | None = None) -> Query:
        """Return the query for all rows of the creation windows and of the object type of *subscriptions*."""
        windows = [one.wanted.window for one in subscriptions if one.wanted.window is not None]
        start, end = CreationWindow.around(windows).asked()
        kind = subscriptions[0].wanted.object_type
        domains = {one.wanted.domain for one in subscriptions}
        return Query(
            object_type=kind,
            domain=domains.pop() if len(domains) == 1 else None,
            status=status,
            start=start,
            end=end,
            page_size=MAX_PAGE_SIZE[self._service],
        )


def _total(subscriptions: Sequence[Subscription]) -> int:
    return sum(one.wanted.total for one in subscriptions)
