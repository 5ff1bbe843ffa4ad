"""Queries for rows: all pages of a query, all rows of tasks, rows of objects since an instant, and a lazy list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, TypeVar

from pulumi_alicdn.api.actions import DESCRIBE_ACTIONS
from pulumi_alicdn.api.dialects import query_words
from pulumi_alicdn.api.limits import MAX_IDS_PER_CALL, MAX_PAGE_SIZE
from pulumi_alicdn.api.object_paths import canonical, domain
from pulumi_alicdn.api.row_count import SAFE_PAGE_SIZE, Name, Reading, Shortfall, name, numbers, real, shortfall
from pulumi_alicdn.api.rows import Page, Query, Row
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.api.time_range import MARGIN, both_ends, range_since
from pulumi_alicdn.errors import ApiFault, DeniedError, RefusedError, UnexpectedAnswerError
from pulumi_alicdn.tasks.matching import Identity, match
from pulumi_alicdn.tasks.retry_policy import Caller, OnRetry
from pulumi_alicdn.tasks.task_api import TaskApi
from pulumi_alicdn.tasks.verdict import weight

T = TypeVar("T")


MAX_LISTED: Final = 100_000
"""The most rows of a listing that is kept. [chosen: ten days' quota of a new account; a row takes 1 KB of memory]"""


_START_REFUSED: Final = ("InvalidStartTime", "InvalidTime")
"""Codes for a StartTime that the service does not accept: see :data:`pulumi_alicdn.api.time_range.REMEMBERED`."""


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
    ``short``: for each query, the rows that may be missing although they are older; empty if none is.
    """

    rows: tuple[Row, ...]
    server_time: datetime
    pages: int
    began: datetime
    short: tuple[Shortfall, ...] = ()


MAX_LISTINGS: Final = 3
"""How often one query is listed at most until no row is missing. [chosen: a fault of one page is over, and a service
that always counts wrongly costs three times the calls at most]"""

MAX_DOUBLED: Final = 5
"""For how many objects that a page lists twice the service is asked whether it has them twice. [chosen: few calls]"""


def _never(_rows: Sequence[Row]) -> bool:
    return False


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

    def all_pages(
        self,
        query: Query,
        until: float | None = None,
        insist: Callable[[Sequence[Row]], bool] = _never,
        *,
        at_begin: bool = False,
    ) -> Listing:
        """List all rows of *query*, in pages of the largest size.

        List them again, :data:`MAX_LISTINGS` times at most, if rows may be missing and *insist* holds for the others.
        New rows can push known ones to the next page meanwhile. A row that is read on two pages counts once, in the
        less finished of its two states. Equal rows of one page are several: the service can merge tasks. *at_begin*:
        rows do not count as missing if they were created after the first page was answered.

        Raises RefusedError for more than :data:`MAX_LISTED` rows.
        """
        asked = replace(query, page_size=MAX_PAGE_SIZE[self._api.service])
        found: list[Page] = []
        readings: list[Reading] = []
        while True:
            reading = Reading()
            read = self._read(asked, until, reading)
            found += read
            readings.append(reading)
            short = None if at_begin and reading.whole_at_its_begin() else shortfall(readings)
            rows = merged(read if reading.whole() else found)
            if short is None or not insist(rows):
                break
            if self._twice(query, reading, until, at_begin=at_begin):
                short = None
            if short is None or len(readings) == MAX_LISTINGS:
                break
            asked = replace(query, page_size=reading.other_size)
        shorts = () if short is None else (replace(short, task_id=query.task_id or ""),)
        return Listing(rows, found[-1].server_time, len(found), found[0].server_time, shorts)

    def _read(self, query: Query, until: float | None, reading: Reading) -> list[Page]:
        """Read the pages of one listing into *reading*. Raises RefusedError for more than :data:`MAX_LISTED` rows."""
        found: list[Page] = []
        for page in pages(self._api, self._caller, query, until, self._on_retry, reading=reading):
            found.append(page)
            if len(reading.seen) + len(page.rows) > MAX_LISTED:
                said = f"the service lists more than {MAX_LISTED:,} rows, which is more than are read for one question"
                raise RefusedError(said, ApiFault("poll"))
        return found

    def _twice(self, query: Query, reading: Reading, until: float | None, *, at_begin: bool) -> bool:
        """Whether *reading* lacks no row because the service has rows twice that one page has twice.

        Tasks of one second can be merged into one that lists an object twice. A page that repeats a row in place of
        another one looks the same: a query for the object alone tells them apart.
        """
        more = reading.more
        if not more or not (reading.whole_at_its_begin(more) if at_begin else reading.whole(more)):
            return False
        for one, times in islice(reading.doubled.items(), MAX_DOUBLED):
            asked = replace(query, object_path=one.object_path, page=1, page_size=SAFE_PAGE_SIZE)
            try:
                page = self._caller.read(lambda asked=asked: self._api.describe(asked), until, self._on_retry)  # type: ignore[misc]
            except (RefusedError, DeniedError):
                return False
            same = sum(name(row) == one for row in page.rows)
            others = any(row.object_path != one.object_path for row in page.rows)
            if same != times or others or not page.counted or page.total != len(page.rows):
                return False
        return True

    def tasks(self, task_ids: Sequence[str], until: float | None = None, *, once: bool = False) -> Listing:
        """List all rows of the tasks: ten tasks per call if the service has a call for it, else task by task.

        *once*: do not list them again if rows may be missing. Where the objects are known, a missing row is noticed.
        """
        seen: list[Listing] = []
        for ids in self._groups(task_ids):
            together = self._by_ids(ids, until, once=once) if self._api.service is Service.CDN else None
            if together is not None:
                seen.append(together)
            else:
                insist = _never if once else _all_final
                seen += [_of_task(task_id, self.all_pages(Query(task_id=task_id), until, insist)) for task_id in ids]
        if not seen:
            raise ValueError("no task ids to list")
        rows = tuple(row for listing in seen for row in listing.rows)
        short = tuple(one for listing in seen for one in listing.short)
        return Listing(rows, seen[-1].server_time, sum(listing.pages for listing in seen), seen[0].began, short)

    def _groups(self, task_ids: Sequence[str]) -> Iterable[Sequence[str]]:
        size = MAX_IDS_PER_CALL if self._api.service is Service.CDN else 1
        return (task_ids[start : start + size] for start in range(0, len(task_ids), size))

    def _by_ids(self, ids: Sequence[str], until: float | None, *, once: bool) -> Listing | None:
        page = self._caller.read(lambda: self._api.describe_by_ids(ids), until, self._on_retry)
        # DescribeRefreshTaskById has no paging. If it counts other rows than it returned, list the rows page by page.
        # Do so also before a full page of rows ends a wait, because it may have counted only these.
        if once:
            complete = len(page.rows) >= page.total
        else:
            full = len(page.rows) in (SAFE_PAGE_SIZE, MAX_PAGE_SIZE[self._api.service]) and _all_final(page.rows)
            complete = page.counted and len(set(numbers(real(page.rows)))) == page.total and not full
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
            since, now, lambda ends: self._narrowest(spec, lambda query: self._begun(ends(query), until))
        )
        found = match(spec.object_paths, listing.rows, Identity(spec.object_type)).rows
        return replace(listing, rows=tuple(row for rows in found.values() for row in rows))

    def all_since(
        self, spec: TaskSpec, since: datetime, until: float | None = None, now: datetime | None = None
    ) -> Listing:
        """List rows since *since* as :meth:`objects_since` does, but of any object that *spec* can find."""
        *_, widest = about(spec)
        return self._since(since, now, lambda ends: self._begun(ends(widest), until))

    def _begun(self, query: Query, until: float | None) -> Listing:
        """List all rows that were there when the listing began, as often as it takes."""
        return self.all_pages(query, until, lambda _: True, at_begin=True)

    @staticmethod
    def _since(since: datetime, now: datetime | None, ask: Callable[[Callable[[Query], Query]], Listing]) -> Listing:
        now = since if now is None else now
        first = since
        while True:
            start, end = range_since(since, now)
            try:
                listing = ask(lambda query, start=start, end=end: replace(query, start=start, end=end))  # type: ignore[misc]
            except RefusedError as error:
                if since < first or not any(code in error.fault.code for code in _START_REFUSED):
                    raise
                # The Date header is so far ahead that StartTime lies in the service's future.
                since -= MARGIN
                continue
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


def merged(found: Iterable[Page]) -> tuple[Row, ...]:
    """Return the rows of the pages. A row of several pages counts once, in the least finished of its states.

    Equal rows of one page are several: the service can merge tasks.
    """
    rows: dict[tuple[Name, int], Row] = {}
    for page in found:
        on_page: Counter[Name] = Counter()
        for row in page.rows:
            one = (name(row), on_page[name(row)])
            if weight(row) > weight(rows.setdefault(one, row)):
                rows[one] = row
            on_page[name(row)] += 1
    return tuple(rows.values())


def _all_final(rows: Sequence[Row]) -> bool:
    """Whether all rows have ended, so that a missing one decides whether the tasks have."""
    return all(row.status.final for row in rows)


def pages(
    api: TaskApi,
    caller: Caller,
    query: Query,
    until: float | None = None,
    on_retry: OnRetry | None = None,
    *,
    reading: Reading | None = None,
    only_old: bool = False,
) -> Iterator[Page]:
    """Read the pages of *query* lazily, from the first one, and add them to *reading*, which decides about the next.

    If the service refuses a page size above 50, read pages of 50. *only_old*: leave out rows that are created after the
    first page, so that they cannot push others from page to page. *until* and *on_retry* are those of
    :meth:`Caller.read`.
    """
    reading = Reading() if reading is None else reading
    asked: Query | None = replace(query, page=1)
    while asked is not None:
        try:
            page = caller.read(lambda asked=asked: api.describe(asked), until, on_retry)  # type: ignore[misc]
        except RefusedError as error:
            if asked.page > 1 or asked.page_size <= SAFE_PAGE_SIZE or "InvalidPageSize" not in error.fault.code:
                raise
            asked = replace(asked, page_size=SAFE_PAGE_SIZE)
            continue
        yield page
        asked = reading.following(page, asked)
        if only_old and asked is not None:
            asked = _only_old(asked, page)


def _only_old(query: Query, page: Page) -> Query:
    """Return *query* without the rows that are created after *page* was answered."""
    end = page.server_time if query.end is None else min(query.end, page.server_time)
    start, end = both_ends(query.start, end, page.server_time)
    return replace(query, start=start, end=end)


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


def missing_rows(service: Service, short: Shortfall) -> UnexpectedAnswerError:
    """Return the error for a listing that lacks rows, after its rows were handed on."""
    said = f"not all rows are listed: {short}; list them again, or fewer of them, such as those of one task"
    return UnexpectedAnswerError(said, ApiFault(DESCRIBE_ACTIONS[service]))


def iter_rows(
    api: TaskApi, caller: Caller, query: Query, on_missing: Callable[[Shortfall], object] | None = None
) -> Iterator[Row]:
    """Yield rows of *query*, newest first, in pages of ``query.page_size``; ``query.page`` is ignored.

    New tasks would push rows to later pages: list only rows that existed when the first page was answered, and leave
    out rows that were on a page before (tasks of the same second). Rows that leave a status would pull others to pages
    already read: compare the status here, and do not query by it. If rows are missing at the end, list again those that
    did not come yet; if some are still missing, call *on_missing*, if given. Memory holds one page, and a number for
    each row.
    """
    asked = replace(query, status=None)
    readings: list[Reading] = []
    while True:
        reading = Reading()
        known = [one.seen for one in (*readings, reading)]
        readings.append(reading)
        for page in pages(api, caller, asked, only_old=True, reading=reading):
            if len(readings) == 1 and not reading.totals:
                later = _only_old(asked, page)
            for number, row in zip(numbers(page.rows), page.rows, strict=True):
                if not any(number in one for one in known) and query.status in (None, row.status):
                    yield row
        if len(readings) == 1 and reading.whole_at_its_begin(reading.more):
            return
        short = shortfall(readings)
        if short is None:
            return
        if len(readings) == MAX_LISTINGS:
            if on_missing is not None:
                on_missing(short)
            return
        asked = replace(later, page_size=reading.other_size)
