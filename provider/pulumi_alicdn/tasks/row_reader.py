"""Reading rows: page by page, all rows of given tasks, rows of given objects since an instant, or a lazy list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from pulumi_alicdn.api.dialects import COUNTABLE
from pulumi_alicdn.api.limits import MAX_IDS_PER_CALL, MAX_PAGE_SIZE
from pulumi_alicdn.api.object_paths import canonical, domain
from pulumi_alicdn.api.rows import Page, Query, Row
from pulumi_alicdn.api.spec import ObjectType, Service, TaskSpec
from pulumi_alicdn.errors import RefusedError
from pulumi_alicdn.tasks.calls import Caller, OnRetry
from pulumi_alicdn.tasks.task_api import TaskApi
from pulumi_alicdn.tasks.verdict import weight


def about(spec: TaskSpec) -> Query:
    """The narrowest query for the objects of *spec* that every document of the service allows.

    A query by domain needs a type, and takes one domain.
    """
    if spec.object_type not in COUNTABLE[spec.service] or not spec.by_path:
        return Query()
    domains = {domain(path) for path in spec.object_paths}
    return Query(object_type=spec.object_type, domain=domains.pop() if len(domains) == 1 else None)


@dataclass(frozen=True, slots=True)
class Listing:
    """What a listing saw.

    ``rows``: the rows.
    ``server_time``: the server's time at the last answer, aware UTC.
    ``pages``: how many calls the listing took.
    """

    rows: tuple[Row, ...]
    server_time: datetime
    pages: int = 1


class RowReader:
    """Lists rows, page by page, trying again where that is safe."""

    def __init__(self, api: TaskApi, caller: Caller, on_retry: OnRetry | None = None) -> None:
        """Call *api* through *caller*; *on_retry* is called with each failure that another try follows."""
        self._api = api
        self._caller = caller
        self._on_retry = on_retry

    def all_pages(self, query: Query, until: float | None = None) -> Listing:
        """All rows of *query*, read in pages of the largest size.

        New rows can push known ones to the next page in the meantime. A row that is seen twice counts once, in the less
        finished of its two states.
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
            raise ValueError("no task ids to list")
        rows = tuple(row for listing in seen for row in listing.rows)
        return Listing(rows, seen[-1].server_time, sum(listing.pages for listing in seen))

    def _groups(self, task_ids: Sequence[str]) -> Iterable[Sequence[str]]:
        size = MAX_IDS_PER_CALL if self._api.service is Service.CDN else 1
        return (task_ids[start : start + size] for start in range(0, len(task_ids), size))

    def _by_ids(self, ids: Sequence[str], until: float | None) -> Listing | None:
        page = self._caller.read(lambda: self._api.describe_by_ids(ids), until, self._on_retry)
        # DescribeRefreshTaskById has no paging. If it counts more rows than it returned, list the rows page by page.
        return Listing(page.rows, page.server_time) if len(page.rows) >= page.total else None

    def objects_since(self, spec: TaskSpec, since: datetime, until: float | None = None) -> Listing:
        """Rows for the objects of *spec*, of its type, created at or after *since*, by any submit."""
        wanted = {canonical(path) for path in spec.object_paths}
        seen = self.all_pages(replace(about(spec), start=since), until)
        rows = tuple(
            row
            for row in seen.rows
            if row.created >= since and canonical(row.object_path) in wanted and _matches(row.object_type, spec)
        )
        return Listing(rows, seen.server_time, seen.pages)


def key(row: Row) -> tuple[str, str]:
    """The identity of a row: its task and its object."""
    return (row.task_id, canonical(row.object_path))


def _matches(found: ObjectType | None, spec: TaskSpec) -> bool:
    """Whether a row's type can be that of *spec*. A type that no document names can be any kind of refresh."""
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
    on_retry: OnRetry | None = None,
    *,
    only_old: bool = False,
) -> Iterator[Page]:
    """Pages of *query*, from the first; each is read when the caller asks for it.

    If the service refuses a page size above 50, read pages of 50. End once as many rows were seen as the service
    counts, or at a page without a new row. A page that is not full does not prove that it is the last: the service may
    allow smaller pages than the query asks for. *only_old*: leave out rows that are created after the first page, so
    that they cannot push others from page to page. *until* and *on_retry* are those of :meth:`Caller.read`.
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

    New tasks would push rows to later pages: list only what existed when the first page was answered, and leave out
    what a page shares with the one before it (tasks of that very second). Rows that leave a status would pull others to
    pages already read: compare the status here, and do not query by it. Memory holds one page, and the keys of the page
    before it.
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
