"""Queries for rows: all pages of a query, all rows of tasks, rows of objects since an instant, and a lazy list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

from pulumi_alicdn.api.dialects import query_words
from pulumi_alicdn.api.limits import MAX_IDS_PER_CALL, MAX_PAGE_SIZE
from pulumi_alicdn.api.object_paths import canonical, domain
from pulumi_alicdn.api.rows import Page, Query, Row
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.api.time_range import both_ends, range_since
from pulumi_alicdn.errors import ApiFault, RefusedError
from pulumi_alicdn.tasks.matching import Identity, match
from pulumi_alicdn.tasks.retry_policy import Caller, OnRetry
from pulumi_alicdn.tasks.task_api import TaskApi
from pulumi_alicdn.tasks.verdict import weight

T = TypeVar("T")


MAX_LISTED: Final = 100_000
"""The most rows of a listing that is kept. [chosen: ten days' quota of a new account; a row takes 1 KB of memory]"""


def about(spec: TaskSpec) -> tuple[Query, ...]:
    """Return queries for the objects of *spec*, the narrowest one first; the last one has no word for their type.

    A query by domain requires an object type, and can name one domain only. The documents disagree on some words: ask
    the next query where the service refuses a word. Without DomainName, a RAM policy for a single domain denies a call.
    """
    words = query_words(spec.service, spec.object_type) if spec.by_path else ()
    host = domain_of(spec.object_paths)
    return (*(Query(object_type=word, domain=host) for word in words), Query())


def domain_of(paths: Iterable[str]) -> str | None:
    """Return the domain of all *paths*; None if they have several, or none."""
    found = {domain(path) for path in paths}
    return (found.pop() or None) if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Listing:
    """The result of a listing.

    ``rows``: the rows.
    ``server_time``: the server's time of the last answer, aware UTC.
    ``pages``: the number of calls.
    ``began``: the server's time of the first answer; rows that were created later may be missing.
    """

    rows: tuple[Row, ...]
    server_time: datetime
    pages: int
    began: datetime


class RowReader:
    """Lists rows page by page, with retries."""

    def __init__(self, api: TaskApi, caller: Caller, on_retry: OnRetry | None = None) -> None:
        """Call *api* through *caller*; *on_retry* is called with each error after which a call is retried."""
        self._api = api
        self._caller = caller
        self._on_retry = on_retry
        self._refused_words: set[str] = set()

    def first_page(self, spec: TaskSpec, page_size: int = 1, until: float | None = None) -> Page:
        """List the newest rows of the type and domain of *spec*, as far as a query can name them."""
        return self._narrowest(
            spec,
            lambda query: self._caller.read(lambda: self._api.describe(replace(query, page_size=page_size)), until),
        )

    def _narrowest(self, spec: TaskSpec, ask: Callable[[Query], T]) -> T:
        """Return the answer to the narrowest query for *spec* whose object type the service does not refuse."""
        *narrow, widest = about(spec)
        for query in narrow:
            if str(query.object_type) in self._refused_words:
                continue
            try:
                return ask(query)
            except RefusedError as error:
                if "InvalidObjectType" not in error.fault.code:
                    raise
                self._refused_words.add(str(query.object_type))
        return ask(widest)

    def all_pages(self, query: Query, until: float | None = None) -> Listing:
        """List all rows of *query*, in pages of the largest size.

        New rows can push known ones to the next page meanwhile. A row that is read on two pages counts once, in the
        less finished of its two states. Equal rows of one page are several: the service can merge tasks. Raises
        RefusedError for more than :data:`MAX_LISTED` rows.
        """
        rows: dict[tuple[Hashable, int], Row] = {}
        times: list[datetime] = []
        asked = replace(query, page_size=MAX_PAGE_SIZE[self._api.service])
        for page in pages(self._api, self._caller, asked, until, self._on_retry):
            times.append(page.server_time)
            on_page: Counter[Hashable] = Counter()
            for row in page.rows:
                name = _name(row)
                known = rows.setdefault((name, on_page[name]), row)
                if weight(row) > weight(known):
                    rows[name, on_page[name]] = row
                on_page[name] += 1
            if len(rows) > MAX_LISTED:
                said = f"the service lists more than {MAX_LISTED:,} rows, which is more than are read for one question"
                raise RefusedError(said, ApiFault("poll"))
        return Listing(tuple(rows.values()), times[-1], len(times), times[0])

    def tasks(self, task_ids: Sequence[str], until: float | None = None) -> Listing:
        """List all rows of the tasks: ten tasks per call if the service has a call for it, else task by task."""
        seen: list[Listing] = []
        for ids in self._groups(task_ids):
            together = self._by_ids(ids, until) if self._api.service is Service.CDN else None
            if together is not None:
                seen.append(together)
            else:
                seen += [_of_task(task_id, self.all_pages(Query(task_id=task_id), until)) for task_id in ids]
        if not seen:
            raise ValueError("no task ids to list")
        rows = tuple(row for listing in seen for row in listing.rows)
        return Listing(rows, seen[-1].server_time, sum(listing.pages for listing in seen), seen[0].began)

    def _groups(self, task_ids: Sequence[str]) -> Iterable[Sequence[str]]:
        size = MAX_IDS_PER_CALL if self._api.service is Service.CDN else 1
        return (task_ids[start : start + size] for start in range(0, len(task_ids), size))

    def _by_ids(self, ids: Sequence[str], until: float | None) -> Listing | None:
        page = self._caller.read(lambda: self._api.describe_by_ids(ids), until, self._on_retry)
        # DescribeRefreshTaskById has no paging. If it counts more rows than it returned, list the rows page by page.
        complete = len(page.rows) >= page.total
        listing = Listing(page.rows, page.server_time, 1, page.server_time)
        if not complete:
            return None
        return _of_task(ids[0], listing) if len(ids) == 1 else listing

    def objects_since(
        self, spec: TaskSpec, since: datetime, until: float | None = None, now: datetime | None = None
    ) -> Listing:
        """List rows of the objects of *spec*, of its type, by any submit, created at or after *since*.

        Rows can be a little older than that: :func:`pulumi_alicdn.api.time_range.earliest_stated`. A row without a
        readable time is left out: it can be older, and then it does not have the new bytes. *now*: the service's time,
        as far as known; by default *since*. If *since* is more than 3 days back, it has to be given.
        """
        listing = self._since(
            since, now, lambda ends: self._narrowest(spec, lambda query: self.all_pages(ends(query), until))
        )
        found = match(spec.object_paths, listing.rows, Identity(spec.object_type)).rows
        return replace(listing, rows=tuple(row for rows in found.values() for row in rows))

    def all_since(
        self, spec: TaskSpec, since: datetime, until: float | None = None, now: datetime | None = None
    ) -> Listing:
        """List rows since *since* as :meth:`objects_since` does, but of any object that *spec* can find."""
        *_, widest = about(spec)
        return self._since(since, now, lambda ends: self.all_pages(ends(widest), until))

    @staticmethod
    def _since(since: datetime, now: datetime | None, ask: Callable[[Callable[[Query], Query]], Listing]) -> Listing:
        now = since if now is None else now
        while True:
            start, end = range_since(since, now)
            listing = ask(lambda query, start=start, end=end: replace(query, start=start, end=end))  # type: ignore[misc]
            # The range may have ended before the rows that are looked for were created: they would seem not to exist.
            if listing.began < end:
                break
            now = listing.began
        recent = (row for row in listing.rows if row.created is not None and row.created >= start)
        return replace(listing, rows=tuple(recent))


def _of_task(task_id: str, listing: Listing) -> Listing:
    """Return *listing*, the answer to a query for one task, with its id on objects that state none.

    A wait for all rows of the task would otherwise end without them.
    """
    rows = (replace(row, task_id=task_id) if row.object_path and not row.task_id else row for row in listing.rows)
    return replace(listing, rows=tuple(rows))


Key = tuple[str, str]
"""The identity of a row: its task and its object."""


def key(row: Row) -> Key:
    """Return the identity of a row: its task and its object."""
    return (row.task_id, canonical(row.object_path))


def kind_of(rows: Sequence[Row]) -> Kind:
    """Return the kind of the tasks of *rows*: a prefetch only if all rows are prefetches; a refresh without any row."""
    return Kind.PREFETCH if {row.object_type for row in rows} == {ObjectType.PRELOAD} else Kind.REFRESH


def _name(row: Row) -> Hashable:
    """Return what distinguishes *row* in a listing. Merged tasks have one id, also for several types of one object."""
    return (row.task_id, row.object_path, row.object_type, row.created, row.words.object_type, row.words.created)


SAFE_PAGE_SIZE: Final = 50
"""The page size that every document of DescribeVodRefreshTasks and DescribeRefreshTasks allows."""


def pages(
    api: TaskApi,
    caller: Caller,
    query: Query,
    until: float | None = None,
    on_retry: OnRetry | None = None,
    *,
    only_old: bool = False,
) -> Iterator[Page]:
    """Read the pages of *query* lazily, from the first one.

    If the service refuses a page size above 50, read pages of 50. End once the rows are as many as the service counts,
    or at a page without a new row. A page that is not full need not be the last one: the service may allow smaller
    pages than the query names. Neither is a full page whose count is that of its own rows: a service that counts each
    page by itself would hide the others. *only_old*: leave out rows that are created after the first page, so that
    they cannot push others from page to page. *until* and *on_retry* are those of :meth:`Caller.read`.
    """
    asked = replace(query, page=1)
    before: set[Hashable] = set()
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
        names = [_name(row) for row in page.rows]
        fresh = sum(name not in before for name in names)
        seen += fresh
        full = len(page.rows) in (asked.page_size, SAFE_PAGE_SIZE)
        counts_itself = full and page.total == len(page.rows)
        if not fresh or (seen >= page.total and not counts_itself):
            return
        before = set(names)
        asked = replace(asked, page=asked.page + 1)
        if only_old:
            end = page.server_time if asked.end is None else min(asked.end, page.server_time)
            start, end = both_ends(asked.start, end, page.server_time)
            asked = replace(asked, start=start, end=end)


def with_both_ends(api: TaskApi, caller: Caller, query: Query, since: timedelta | None = None) -> Query:
    """Return *query* with both ends of its time range, if it has one: the service refuses one end alone.

    *since*: list the tasks of this last time. The service's own clock counts, which a query for a single row reads.
    """
    if since is None and (query.start is None) == (query.end is None):
        return query
    asked = replace(query, start=None, end=None, page=1, page_size=1)
    now = caller.read(lambda: api.describe(asked)).server_time
    start, end = both_ends(query.start if since is None else now - since, query.end, now)
    return replace(query, start=start, end=end)


def iter_rows(api: TaskApi, caller: Caller, query: Query) -> Iterator[Row]:
    """Yield rows of *query*, newest first, in pages of ``query.page_size``; ``query.page`` is ignored.

    New tasks would push rows to later pages: list only rows that existed when the first page was answered, and leave
    out rows that were on the previous page already (tasks of the same second). Rows that leave a status would pull
    others to pages already read: compare the status here, and do not query by it. Memory holds one page, and the keys
    of the previous page.
    """
    before: set[Hashable] = set()
    for page in pages(api, caller, replace(query, status=None), only_old=True):
        for row in page.rows:
            if _name(row) not in before and query.status in (None, row.status):
                yield row
        before = {_name(row) for row in page.rows}
