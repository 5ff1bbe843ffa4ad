"""Reading rows: page by page, all rows of given tasks, rows of given objects since an instant, or a lazy list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from pulumi_alicdn.api.dialects import COUNTABLE
from pulumi_alicdn.api.limits import MAX_IDS_PER_CALL, MAX_PAGE_SIZE
from pulumi_alicdn.api.object_paths import canonical, domain
from pulumi_alicdn.api.rows import Page, Query, Row
from pulumi_alicdn.api.spec import ObjectType, Service, TaskSpec
from pulumi_alicdn.errors import ApiError, RefusedError
from pulumi_alicdn.tasks.calls import Caller
from pulumi_alicdn.tasks.task_api import TaskApi
from pulumi_alicdn.tasks.verdict import weight


def about(spec: TaskSpec) -> Query:
    """The narrowest question about the objects of *spec* that every document of the service allows.

    The domain goes with the type only, and there is one at a time.
    """
    if spec.object_type not in COUNTABLE[spec.service] or not spec.by_path:
        return Query()
    domains = {domain(path) for path in spec.object_paths}
    return Query(object_type=spec.object_type, domain=domains.pop() if len(domains) == 1 else None)


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows that were seen, the server's time when the last of them were, and how many pages that took."""

    rows: tuple[Row, ...]
    server_time: datetime
    pages: int = 1


class RowReader:
    """Lists rows, page by page, trying again where that is safe."""

    def __init__(self, api: TaskApi, caller: Caller, on_retry: Callable[[ApiError], None] | None = None) -> None:
        """Ask *api*, with *caller*'s patience; *on_retry* hears of each failure that is ridden out."""
        self._api = api
        self._caller = caller
        self._on_retry = on_retry

    def all_pages(self, query: Query, until: float | None = None) -> Listing:
        """All rows of *query*, asked for in pages of the largest size.

        New rows can push known ones to the next page in the meantime: a row that is seen twice counts once, and as the
        less finished of both.
        """
        rows: dict[tuple[str, str], Row] = {}
        calls = 0
        asked = replace(query, page_size=MAX_PAGE_SIZE[self._api.service])
        for page in pages(self._api, self._caller, asked, until, self._on_retry):
            calls += 1
            server_time = page.server_time
            for row in page.rows:
                known = rows.setdefault((row.task_id, row.object_path), row)
                if weight(row) > weight(known):
                    rows[row.task_id, row.object_path] = row
        return Listing(tuple(rows.values()), server_time, calls)

    def tasks(self, task_ids: Sequence[str], until: float | None = None) -> Listing:
        """All rows of the tasks: ten tasks a call where the service has a call for it, else task by task."""
        seen: list[Listing] = []
        for ids in self._groups(task_ids):
            together = self._by_ids(ids, until) if self._api.service is Service.CDN else None
            if together is not None:
                seen.append(together)
            else:
                seen += [self.all_pages(Query(task_id=task_id), until) for task_id in ids]
        if not seen:
            raise ValueError("no task ids to look for")
        rows = tuple(row for listing in seen for row in listing.rows)
        return Listing(rows, seen[-1].server_time, sum(listing.pages for listing in seen))

    def _groups(self, task_ids: Sequence[str]) -> Iterable[Sequence[str]]:
        size = MAX_IDS_PER_CALL if self._api.service is Service.CDN else 1
        return (task_ids[start : start + size] for start in range(0, len(task_ids), size))

    def _by_ids(self, ids: Sequence[str], until: float | None) -> Listing | None:
        page = self._caller.read(lambda: self._api.describe_by_ids(ids), until, self._on_retry)
        # DescribeRefreshTaskById has no paging: where it did not answer all it counts, the rows are listed instead.
        return Listing(page.rows, page.server_time) if len(page.rows) >= page.total else None

    def objects_since(self, spec: TaskSpec, since: datetime, until: float | None = None) -> Listing:
        """Rows for the objects of *spec*, of its type, created at or after *since*, whoever submitted them."""
        wanted = {canonical(path) for path in spec.object_paths}
        seen = self.all_pages(replace(about(spec), start=since), until)
        rows = tuple(
            row
            for row in seen.rows
            if row.created >= since and canonical(row.object_path) in wanted and _matches(row.object_type, spec)
        )
        return Listing(rows, seen.server_time, seen.pages)


def key(row: Row) -> tuple[str, str]:
    """What tells a row from all others: its task and its object."""
    return (row.task_id, canonical(row.object_path))


def _matches(found: ObjectType | None, spec: TaskSpec) -> bool:
    """Whether a row's type can be what *spec* asks for. A type that no document names might be any kind of refresh."""
    if found is None:
        return spec.object_type in (ObjectType.REGEX, ObjectType.IGNORE_PARAMS)
    return found is spec.object_type


SAFE_PAGE_SIZE: Final = 50
"""Rows of a page that every document of DescribeVodRefreshTasks and DescribeRefreshTasks allows."""


def pages(
    api: TaskApi,
    caller: Caller,
    query: Query,
    until: float | None = None,
    on_retry: Callable[[ApiError], None] | None = None,
    *,
    only_old: bool = False,
) -> Iterator[Page]:
    """Pages of *query*, from the first, each asked for when it is wanted.

    A page size above 50 that the service refuses becomes 50. Ends when as many rows as the service counts have been
    seen, or at a page that brings nothing new: a page that is not full proves nothing, because the service may allow
    less than was asked for. *only_old*: what is created after the first page is left out, so that it cannot push other
    rows from page to page. *until* and *on_retry* are those of :meth:`Caller.read`.
    """
    asked = replace(query, page=1)
    before: set[tuple[str, str]] = set()
    seen = 0
    while True:
        try:
            page = caller.read(lambda asked=asked: api.describe(asked), until, on_retry)  # type: ignore[misc]
        except RefusedError as error:
            if asked.page > 1 or asked.page_size <= SAFE_PAGE_SIZE or "InvalidPageSize" not in error.fault.code:
                raise
            asked = replace(asked, page_size=SAFE_PAGE_SIZE)
            continue
        yield page
        names = {(row.task_id, row.object_path) for row in page.rows}
        fresh = names - before
        seen += len(fresh)
        if not fresh or seen >= page.total:
            return
        before = names
        asked = replace(asked, page=asked.page + 1)
        if only_old:
            end = page.server_time if asked.end is None else min(asked.end, page.server_time)
            if asked.start is not None:
                # The service refuses a time range without extent.
                end = max(end, asked.start + timedelta(seconds=1))
            asked = replace(asked, end=end)


def iter_rows(api: TaskApi, caller: Caller, query: Query) -> Iterator[Row]:
    """Rows of *query*, newest first, in pages of ``query.page_size``; ``query.page`` does not count.

    Tasks that arrive meanwhile would push rows to later pages: only what existed when the first page was answered is
    listed, and what a page shares with the one before it (tasks of that very second) is left out. Rows that leave a
    status would pull others to pages already read: the status is therefore compared here, not asked for. No more than
    one page, and the names of the rows of the one before, is held at a time.
    """
    before: set[tuple[str, str]] = set()
    for page in pages(api, caller, replace(query, status=None), only_old=True):
        names: set[tuple[str, str]] = set()
        for row in page.rows:
            name = (row.task_id, row.object_path)
            if name not in before and name not in names and query.status in (None, row.status):
                yield row
            names.add(name)
        before = names
