"""A service with the rows of one task, whose pages are cut, repeated, mixed and counted as a test says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from pulumi_alicdn.api.actions import DESCRIBE_BY_ID
from pulumi_alicdn.api.rows import instant
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.transport import RawAnswer
from support.virtual_clock import Sleeper

TASK: Final = "77"
HOST: Final = "https://media.example.com"
ROWS_BY_ID: Final = 100
"""The most rows of an answer about ids, as of a page."""
BEGIN: Final = instant("2026-03-01T10:00:00Z")

JsonRow = Mapping[str, str]
Cut = Callable[[Sequence[JsonRow], int, int], Sequence[JsonRow]]
"""The rows of a page: from all rows, the number of the page, and its size."""
Count = Callable[[int, int, int], dict[str, Any]]
"""Members of an answer beside its rows: from the number of all rows, of the page's rows, and of the page."""


def whole(rows: Sequence[JsonRow], number: int, size: int) -> Sequence[JsonRow]:
    """A page as it should be."""
    return rows[(number - 1) * size : number * size]


def honest(total: int, _rows: int, number: int) -> dict[str, Any]:
    return {"TotalCount": total, "PageNumber": number}


class Clock(Sleeper):
    """A clock that only sleeps move."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


@cache
def _row(number: int, *, opened: bool) -> JsonRow:
    return {
        "TaskId": TASK,
        "ObjectPath": f"{HOST}/{number}",
        "ObjectType": "file",
        "Status": "Refreshing" if opened else "Complete",
        "Process": "50%" if opened else "100%",
        "CreationTime": "2026-03-01T10:00:00Z",
    }


@dataclass
class Paged:
    """The service, as the transport of a client. Its rows are Complete, but for those of *open_rows* until *ends_s*."""

    rows: Sequence[int]
    """The rows that the service has, in its order; it may have one twice."""
    open_rows: frozenset[int] = frozenset()
    ends_s: float = 0.0
    cut: Cut = whole
    count: Count = honest
    broken_s: float = float("inf")
    """For how long pages are cut and counted in an odd way; then they are whole."""
    clock: Clock = field(default_factory=Clock)
    calls: int = 0

    def call(self, action: str, query: Mapping[str, str], _form: Mapping[str, str]) -> RawAnswer:
        self.calls += 1
        broken = self.clock.monotonic() < self.broken_s
        rows = [self._row(number) for number in self.rows]
        by_id = action == DESCRIBE_BY_ID
        page, size = (1, ROWS_BY_ID) if by_id else (int(query["PageNumber"]), int(query["PageSize"]))
        if "ObjectPath" in query:
            broken, rows = False, [row for row in rows if row["ObjectPath"] == query["ObjectPath"]]
        shown = (self.cut if broken else whole)(rows, page, size)
        beside = (self.count if broken else honest)(len(rows), len(shown), page)
        tasks: object = shown if by_id else {"Task": shown}
        return RawAnswer(json.dumps({"RequestId": "R", "Tasks": tasks, **beside}), {})

    def _row(self, number: int) -> JsonRow:
        opened = number in self.open_rows and self.clock.monotonic() < self.ends_s
        return _row(number, opened=opened)

    def api(self, service: Service) -> AlibabaCloud:
        return AlibabaCloud(self, service, lambda: BEGIN)
