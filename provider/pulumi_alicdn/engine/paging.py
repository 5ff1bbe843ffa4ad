"""Asking page after page, until all has been seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

from pulumi_alicdn.core.errors import ApiError, RefusedError
from pulumi_alicdn.core.rows import Page, Query
from pulumi_alicdn.engine.calls import Caller
from pulumi_alicdn.ports import TaskApi

SAFE_PAGE_SIZE: Final = 50
"""Rows of a page that every document of DescribeVodRefreshTasks and DescribeRefreshTasks allows."""


def pages(
    api: TaskApi,
    caller: Caller,
    query: Query,
    until: float | None = None,
    told: Callable[[ApiError], None] | None = None,
    *,
    only_old: bool = False,
) -> Iterator[Page]:
    """Pages of *query*, from the first, each asked for when it is wanted.

    A page size above 50 that the service refuses becomes 50. Ends when as many rows as the service counts have been
    seen, or at a page that brings nothing new: a page that is not full proves nothing, because the service may allow
    less than was asked for. *only_old*: what is created after the first page is left out, so that it cannot push other
    rows from page to page. *until* and *told* are those of :meth:`Caller.read`.
    """
    asked = replace(query, page=1)
    before: set[tuple[str, str]] = set()
    seen = 0
    while True:
        try:
            page = caller.read(lambda asked=asked: api.describe(asked), until, told)  # type: ignore[misc]
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
