"""The effects of a submission: its rows are purged or fetched at the edges, one edge after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from pulumi_alicdn.emulator.clock import VirtualClock
from pulumi_alicdn.emulator.network.edge import Edge
from pulumi_alicdn.emulator.network.edge_cache import Key
from pulumi_alicdn.emulator.network.origin_client import OriginTimeoutError, OriginUnreachableError
from pulumi_alicdn.emulator.network.scheduler import Scheduler
from pulumi_alicdn.emulator.service.task_book import Row
from pulumi_alicdn.emulator.values import ObjectType

INTERNAL_ERROR: Final = "Internal Error"
ORIGIN_TIMEOUT: Final = "Origin Timeout"
ORIGIN_5XX: Final = "Origin Return StatusCode 5XX"
"""Descriptions of failed rows (VOD 2017-03-21 DescribeVodRefreshTasks documentation)."""

_CONCURRENT_FETCHES: Final = 16
"""Origin requests of one edge at a time. [chosen: enough to keep one process busy]"""


class Effects:
    """Schedules submissions: edge i of N is reached after ``effect_s * (i + 1) / N`` virtual seconds.

    Edges that lag are reached later, and no task waits for them.
    """

    def __init__(self, scheduler: Scheduler, clock: VirtualClock, edges: Sequence[Edge]) -> None:
        """Reach *edges* in their order."""
        self._scheduler = scheduler
        self._clock = clock
        self._edges = edges

    def schedule(
        self,
        rows: Sequence[Row],
        headers: Mapping[str, str],
        now: datetime,
        effect_s: float,
        lags_s: Sequence[float],
    ) -> None:
        """Schedule *rows*, all of one type, from *now* on: one timer per edge, for any number of rows."""
        in_time = in_time_count(lags_s)
        reached = 0
        for edge, lag_s in zip(self._edges, lags_s, strict=True):
            late = lag_s > 0 and in_time < len(lags_s)
            reached += not late
            share = 1.0 if late else reached / in_time
            due = now + timedelta(seconds=effect_s * share + lag_s)
            if rows[0].object_type is ObjectType.PRELOAD:
                self._scheduler.add(due, partial(self._prefetch, edge, rows, headers, late=late))
            else:
                self._scheduler.add(due, partial(self._purge, edge, rows, late=late))

    async def _purge(self, edge: Edge, rows: Sequence[Row], *, late: bool) -> None:
        for row in rows:
            if self._alive(row):
                edge.cache.purge(row.object_type, row.target, soft=row.soft)
                if not late:
                    self._done(row)

    async def _prefetch(self, edge: Edge, rows: Sequence[Row], headers: Mapping[str, str], *, late: bool) -> None:
        slots = asyncio.Semaphore(_CONCURRENT_FETCHES)

        async def fetch(row: Row) -> None:
            async with slots:
                if not self._alive(row):
                    return
                failure = await _fetch_failure(edge, row, headers)
                if late:
                    return
                if failure:
                    self._fail(row, failure)
                else:
                    self._done(row)

        await asyncio.gather(*map(fetch, rows))

    def _alive(self, row: Row) -> bool:
        if row.planned_failure and not row.failure:
            self._fail(row, row.planned_failure)
        return not row.failure

    def _done(self, row: Row) -> None:
        if row.failure:
            return
        row.edges_done += 1
        if row.edges_done >= row.needed:
            row.finished = row.finished or self._clock.now()

    def _fail(self, row: Row, failure: str) -> None:
        # A row that is Complete stays so, although further edges may fail to fetch the object.
        if row.finished is None:
            row.failure = failure
            row.finished = self._clock.now()


def in_time_count(lags_s: Sequence[float]) -> int:
    """How many edges a task waits for: those that do not lag, and all of them if every edge does."""
    return sum(lag_s == 0 for lag_s in lags_s) or len(lags_s)


async def _fetch_failure(edge: Edge, row: Row, headers: Mapping[str, str]) -> str:
    """Fetch the row's object; return the documented description of the failure, empty without one."""
    target = row.target
    try:
        status = await edge.prefetch(Key(target.domain, target.path, target.query), headers)
    except OriginTimeoutError:
        return ORIGIN_TIMEOUT
    except OriginUnreachableError:
        return INTERNAL_ERROR
    if status >= 500:  # noqa: PLR2004
        return ORIGIN_5XX
    # The documents list only three failures. A missing object fits neither of the specific ones: use the general one.
    return "" if status == 200 else INTERNAL_ERROR  # noqa: PLR2004
