"""Seeing what the service has: rows of given tasks, and rows of given objects since an instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pulumi_alicdn.core.errors import ApiError
from pulumi_alicdn.core.limits import MAX_IDS_PER_CALL, page_size
from pulumi_alicdn.core.looking import COUNTABLE
from pulumi_alicdn.core.paths import canonical, domain
from pulumi_alicdn.core.rows import Query, Row
from pulumi_alicdn.core.tasks import ObjectType, Service, TaskSpec
from pulumi_alicdn.core.verdict import weight
from pulumi_alicdn.engine.calls import Caller
from pulumi_alicdn.engine.paging import pages
from pulumi_alicdn.ports import TaskApi


def about(spec: TaskSpec) -> Query:
    """The narrowest question about the objects of *spec* that every document of the service allows.

    The domain goes with the type only, and there is one at a time.
    """
    if spec.object_type not in COUNTABLE[spec.service] or not spec.by_path:
        return Query()
    domains = {domain(path) for path in spec.object_paths}
    return Query(object_type=spec.object_type, domain=domains.pop() if len(domains) == 1 else None)


@dataclass(frozen=True, slots=True)
class Sighting:
    """Rows that were seen, the server's time when the last of them were, and how many pages that took."""

    rows: tuple[Row, ...]
    server_time: datetime
    pages: int = 1


class Looker:
    """Lists rows, page by page, trying again where that is safe."""

    def __init__(self, api: TaskApi, caller: Caller, told: Callable[[ApiError], None] | None = None) -> None:
        """Ask *api*, with *caller*'s patience; *told* hears of each failure that is ridden out."""
        self._api = api
        self._caller = caller
        self._told = told

    def all_pages(self, query: Query, until: float | None = None) -> Sighting:
        """All rows of *query*, asked for in pages of the largest size.

        New rows can push known ones to the next page in the meantime: a row that is seen twice counts once, and as the
        less finished of both.
        """
        rows: dict[tuple[str, str], Row] = {}
        calls = 0
        asked = replace(query, page_size=page_size(self._api.service))
        for page in pages(self._api, self._caller, asked, until, self._told):
            calls += 1
            server_time = page.server_time
            for row in page.rows:
                known = rows.setdefault((row.task_id, row.object_path), row)
                if weight(row) > weight(known):
                    rows[row.task_id, row.object_path] = row
        return Sighting(tuple(rows.values()), server_time, calls)

    def tasks(self, task_ids: Sequence[str], until: float | None = None) -> Sighting:
        """All rows of the tasks: ten tasks a call where the service has a call for it, else task by task."""
        seen: list[Sighting] = []
        for ids in self._groups(task_ids):
            together = self._by_ids(ids, until) if self._api.service is Service.CDN else None
            if together is not None:
                seen.append(together)
            else:
                seen += [self.all_pages(Query(task_id=task_id), until) for task_id in ids]
        if not seen:
            raise ValueError("no task ids to look for")
        rows = tuple(row for sighting in seen for row in sighting.rows)
        return Sighting(rows, seen[-1].server_time, sum(sighting.pages for sighting in seen))

    def _groups(self, task_ids: Sequence[str]) -> Iterable[Sequence[str]]:
        size = MAX_IDS_PER_CALL if self._api.service is Service.CDN else 1
        return (task_ids[start : start + size] for start in range(0, len(task_ids), size))

    def _by_ids(self, ids: Sequence[str], until: float | None) -> Sighting | None:
        page = self._caller.read(lambda: self._api.describe_by_ids(ids), until, self._told)
        # DescribeRefreshTaskById has no paging: where it did not answer all it counts, the rows are listed instead.
        return Sighting(page.rows, page.server_time) if len(page.rows) >= page.total else None

    def objects_since(self, spec: TaskSpec, since: datetime, until: float | None = None) -> Sighting:
        """Rows for the objects of *spec*, of its type, created at or after *since*, whoever submitted them."""
        wanted = {canonical(path) for path in spec.object_paths}
        seen = self.all_pages(replace(about(spec), start=since), until)
        rows = tuple(
            row
            for row in seen.rows
            if row.created >= since and canonical(row.object_path) in wanted and _matches(row.object_type, spec)
        )
        return Sighting(rows, seen.server_time, seen.pages)


def key(row: Row) -> tuple[str, str]:
    """What tells a row from all others: its task and its object."""
    return (row.task_id, canonical(row.object_path))


def _matches(found: ObjectType | None, spec: TaskSpec) -> bool:
    """Whether a row's type can be what *spec* asks for. A type that no document names might be any kind of refresh."""
    if found is None:
        return spec.object_type in (ObjectType.REGEX, ObjectType.IGNORE_PARAMS)
    return found is spec.object_type
