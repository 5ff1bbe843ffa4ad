"""Listing all rows that match a question, lazily and each once, while the service goes on working."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from pulumi_alicdn.core.rows import Query, Row
from pulumi_alicdn.engine.calls import Caller
from pulumi_alicdn.ports import TaskApi


def iter_rows(api: TaskApi, caller: Caller, query: Query) -> Iterator[Row]:
    """Rows of *query*, newest first, in pages of ``query.page_size``; ``query.page`` does not count.

    Tasks that arrive meanwhile would push rows to later pages: from the second page on, only what existed when the
    first was answered is asked for, and what a page shares with the one before it (tasks of that very second) is left
    out. Rows that leave a status would pull others to pages already read: the status is therefore compared here, not
    asked for. No more than one page, and the names of the rows of the one before, is held at a time.
    """
    asked = replace(query, status=None, page=1)
    before: set[tuple[str, str]] = set()
    seen = 0
    while True:
        page = caller.read(lambda asked=asked: api.describe(asked))  # type: ignore[misc]
        names: set[tuple[str, str]] = set()
        for row in page.rows:
            name = (row.task_id, row.object_path)
            if name not in before and name not in names and query.status in (None, row.status):
                yield row
            names.add(name)
        # A page that is not full proves nothing: the service may allow less than was asked for.
        seen += len(names - before)
        if not page.rows or seen >= page.total:
            return
        before = names
        end = page.server_time if asked.end is None else min(asked.end, page.server_time)
        if asked.start is not None:
            # The service refuses a time range without extent.
            end = max(end, asked.start + timedelta(seconds=1))
        asked = replace(asked, page=asked.page + 1, end=end)
