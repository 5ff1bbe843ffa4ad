"""Listing all rows that match a question, lazily and each once, while the service goes on working."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pulumi_alicdn.core.rows import Query, Row
from pulumi_alicdn.engine.calls import Caller
from pulumi_alicdn.engine.paging import pages
from pulumi_alicdn.ports import TaskApi


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
