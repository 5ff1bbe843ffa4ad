"""One look for several waits, in the way that takes the fewest calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from math import ceil, inf
from typing import Final

from pulumi_alicdn.core.errors import ApiError
from pulumi_alicdn.core.limits import MAX_IDS_PER_CALL, page_size
from pulumi_alicdn.core.looking import COUNTABLE, MOST_PAGES, Way, Window, calls_by_id, way
from pulumi_alicdn.core.paths import canonical
from pulumi_alicdn.core.rows import Page, Query, Row, RowStatus
from pulumi_alicdn.core.tasks import ObjectType, Service
from pulumi_alicdn.engine.calls import Caller
from pulumi_alicdn.engine.look import Looker, Sighting
from pulumi_alicdn.engine.paging import pages
from pulumi_alicdn.ports import TaskApi

FAILURES_EVERY: Final = 4
"""Every so many looks that only count also ask for failures. [chosen: a quarter more calls at most]"""

Told = Callable[[ApiError], None] | None


@dataclass(frozen=True, slots=True)
class Sight:
    """What a look saw for one wait; it lasted from ``began`` to ``ended``, monotonic instants.

    ``unfinished`` is None where ``rows`` are all rows of the tasks. Else ``rows`` are some of those that are not
    finished, and ``unfinished`` tells how many there are, as far as the service tells: some may be of others.
    """

    rows: tuple[Row, ...]
    seen: Sighting
    began: float
    ended: float
    unfinished: int | None = None


@dataclass(eq=False, slots=True)
class Interest:
    """What one wait wants to see.

    ``task_ids``: tasks that are not finished yet. ``paths``: canonical object paths, none for all of the tasks.
    ``object_type`` and ``window`` are None where not all rows are of one type, or it is not known when they were made.
    ``total``: how many rows there should be. ``next_look``: the monotonic instant of the next look that is wanted.
    """

    task_ids: list[str] = field(default_factory=list)
    paths: frozenset[str] = frozenset()
    object_type: ObjectType | None = None
    window: Window | None = None
    total: int = 0
    next_look: float = inf
    sight: Sight | None = None
    taken: Sight | None = None
    counted: int = 0

    def owns(self, row: Row) -> bool:
        """Whether *row* is one of those that are waited for."""
        return row.task_id in self.task_ids and (not self.paths or canonical(row.object_path) in self.paths)

    def countable(self, service: Service) -> bool:
        """Whether the rows can be asked for by their type and the time of their creation."""
        return self.window is not None and self.object_type in COUNTABLE[service] and self.total > 0


class SharedLook:
    """One look. What it sees is left with each wait."""

    def __init__(self, api: TaskApi, caller: Caller, until: float | None, told: Told) -> None:
        """Begin now; *until* and *told* are those of :meth:`Caller.read`."""
        self._api = api
        self._service = api.service
        self._caller = caller
        self._until = until
        self._told = told
        self._began = caller.clock.monotonic()
        self._looker = Looker(api, caller, told)

    def together(self, first: Interest, others: Sequence[Interest]) -> None:
        """Look for *first*, and for those of *others* that this sees as well."""
        alike = [first]
        if first.countable(self._service):
            same = (one for one in others if one.countable(self._service) and one.object_type is first.object_type)
            alike += same
        total = sum(one.total for one in alike)
        ids = len({task_id for one in alike for task_id in one.task_ids})
        match way(self._service, total, ids, countable=first.countable(self._service)):
            case Way.TASKS:
                self.by_ids(self._filled(first, others))
            case Way.WINDOW:
                self._all_of_window(alike)
            case Way.COUNT:
                self._unfinished(alike, total)

    def _filled(self, first: Interest, others: Sequence[Interest]) -> list[Interest]:
        """*first* and those of *others* that cost no further call, the most urgent first."""
        if self._service is not Service.CDN:
            return [first]
        chosen, ids, total = [first], len(first.task_ids), first.total
        for one in sorted(others, key=lambda one: one.next_look):
            ids, total = ids + len(one.task_ids), total + one.total
            if ids > MAX_IDS_PER_CALL or total > page_size(self._service):
                break
            chosen.append(one)
        return chosen

    def by_ids(self, interests: Sequence[Interest]) -> None:
        """All rows of their tasks."""
        ids = list(dict.fromkeys(task_id for one in interests for task_id in one.task_ids))
        self._share(interests, self._looker.tasks(ids, self._until))

    def _all_of_window(self, interests: Sequence[Interest]) -> None:
        self._share(interests, self._looker.all_pages(self._query(interests), self._until))

    def _share(self, interests: Iterable[Interest], seen: Sighting) -> None:
        for one in interests:
            self._show(one, (row for row in seen.rows if row.task_id in one.task_ids), seen)

    def _show(self, one: Interest, rows: Iterable[Row], seen: Sighting, unfinished: int | None = None) -> None:
        one.sight = Sight(tuple(rows), seen, self._began, self._caller.clock.monotonic(), unfinished)

    def _unfinished(self, interests: Sequence[Interest], total: int) -> None:
        """Rows that are not finished; all rows of those waits that have none left."""
        seen: list[Page] = []
        rows: list[Row] = []
        for page in islice(self._pages(self._query(interests, RowStatus.REFRESHING)), MOST_PAGES):
            seen.append(page)
            rows += page.rows
            if all(any(one.owns(row) for row in rows) for one in interests):
                break  # nobody can be at the end
        left = seen[0].total
        sighting = Sighting(tuple(rows), seen[-1].server_time, len(seen))
        ended: list[Interest] = []
        for one in interests:
            mine = [row for row in rows if one.owns(row)]
            if not mine and len(rows) >= left:
                ended.append(one)
                continue
            unfinished = len(mine) if len(rows) >= left else max(len(mine), ceil(left * one.total / total))
            self._show(one, mine, sighting, min(unfinished, one.total))
            one.counted += 1
            if one.counted % FAILURES_EVERY == 0 and self._any_failed(one):
                self._list([one], left)
        if ended:
            self._confirm(ended, left, sighting)

    def _confirm(self, ended: Sequence[Interest], left: int, seen: Sighting) -> None:
        """All rows of waits that have none under way, unless their rows are not even all there yet."""
        final = sum(self._count(ended, status) for status in (RowStatus.COMPLETE, RowStatus.FAILED))
        if final >= sum(one.total for one in ended):
            self._list(ended, left + final)
            return
        for one in ended:
            self._show(one, (), seen, max(1, one.total - final))

    def _list(self, interests: Sequence[Interest], in_window: int) -> None:
        total, ids = sum(one.total for one in interests), sum(len(one.task_ids) for one in interests)
        if ceil(in_window / page_size(self._service)) < calls_by_id(self._service, total, ids):
            self._all_of_window(interests)
        else:
            self.by_ids(interests)

    def _any_failed(self, one: Interest) -> bool:
        page = next(self._pages(self._query([one], RowStatus.FAILED)))
        return any(one.owns(row) for row in page.rows)

    def _count(self, interests: Sequence[Interest], status: RowStatus) -> int:
        query = replace(self._query(interests, status), page_size=1)
        return next(self._pages(query)).total

    def _pages(self, query: Query) -> Iterator[Page]:
        return pages(self._api, self._caller, query, self._until, self._told)

    def _query(self, interests: Sequence[Interest], status: RowStatus | None = None) -> Query:
        windows = [one.window for one in interests if one.window is not None]
        start, end = Window.around(windows).asked()
        kind = interests[0].object_type
        return Query(object_type=kind, status=status, start=start, end=end, page_size=page_size(self._service))
