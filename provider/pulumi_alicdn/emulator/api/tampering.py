"""What faults make of the rows, the pages and the counts of an answer; pure.

A row that a fault has changed or added is found only by a query that its new values fit, as it is with other rows. So
the faults are applied before filters and pages. A value that is no text fits no filter, and a time that cannot be read
fits every time range.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from pulumi_alicdn.emulator.api.queries import Query
from pulumi_alicdn.emulator.faults import Fault
from pulumi_alicdn.emulator.service.dialects import Dialect
from pulumi_alicdn.emulator.values import Json, JsonObject

_T = TypeVar("_T")


def tampers(faults: Sequence[Fault]) -> bool:
    """Whether any of *faults* concerns rows."""
    return any(fault.kind in {"row", "foreign"} for fault in faults)


def tampered(
    rows: Sequence[Json], faults: Sequence[Fault], asked_id: str | None, fits: Callable[[Json], bool]
) -> Sequence[Json]:
    """Return the rows that the query finds: those of others first, then ours, changed.

    *rows* are all rows that any query could find. ``own_id`` stands for *asked_id*, or else the id of the newest row.
    """
    own_id = asked_id or next((str(row["TaskId"]) for row in rows if isinstance(row, Mapping)), "")
    added: list[Json] = []
    for fault in faults:
        if fault.kind == "row":
            rows = [_changed(row, fault) for row in rows]
        elif fault.kind == "foreign":
            added += [_owned(row, own_id) if fault.own_id else row for row in fault.rows]
    return [row for row in (*added, *rows) if fits(row)]


def page_of(rows: Sequence[_T], number: int, size: int | None, faults: Sequence[Fault]) -> Sequence[_T]:
    """Return one page of *rows*, as the faults ``pages`` and ``shuffle`` leave it; without a *size*, all rows."""
    size = len(rows) if size is None else size
    for fault in faults:
        if fault.kind == "pages" and number >= fault.page:
            return _odd_page(rows, number, size, fault)
    found = rows[(number - 1) * size : number * size]
    return _mixed(found, len(found)) if any(fault.kind == "shuffle" for fault in faults) else found


def _odd_page(rows: Sequence[_T], number: int, size: int, fault: Fault) -> Sequence[_T]:
    if fault.how == "reorder":
        rows = _mixed(rows, number)
    begin = (number - 1) * size
    found = rows[begin : begin + size]
    if fault.how == "empty":
        return []
    if fault.how == "short":
        return found[: len(found) // 2]
    if fault.how == "long":
        return rows[begin : begin + 2 * size]
    if fault.how == "repeat":
        return rows[begin - size : begin] if begin else [found[0] for _ in found]
    return found


def _mixed(rows: Sequence[_T], seed: int) -> Sequence[_T]:
    """Return the rows in another order, the same one for each *seed*."""
    if len(rows) < 2:  # noqa: PLR2004
        return rows
    mixed = list(rows)
    random.Random(seed).shuffle(mixed)  # noqa: S311  every run shuffles in the same way
    return mixed if mixed != list(rows) else mixed[::-1]


def counted(answer: JsonObject, faults: Sequence[Fault]) -> JsonObject:
    """Return the answer with the counts and numbers of the faults ``count``."""
    for fault in faults:
        total = answer.get("TotalCount")
        if fault.kind == "count" and isinstance(total, int):
            changed = {**answer, "TotalCount": total + fault.off_by, **fault.set}
            answer = {name: value for name, value in changed.items() if fault.set.get(name, name) is not None}
    return answer


def fits_query(query: Query, dialect: Dialect) -> Callable[[Json], bool]:
    """Return whether a query for tasks finds a row with these values; what is no row at all is in every answer."""
    named = {
        "TaskId": query.task_id,
        "ObjectPath": query.object_path,
        "ObjectType": query.object_type and dialect.words.get(query.object_type, query.object_type.value),
        "Status": query.status and query.status.value,
    }
    wanted = [(name, value.lower()) for name, value in named.items() if value is not None]

    def fits(row: Json) -> bool:
        return not isinstance(row, Mapping) or (
            all(_text(row.get(name)) == value for name, value in wanted)
            and (query.domain is None or query.domain in _text(row.get("ObjectPath")))
            and _within(row.get("CreationTime"), query.start, query.end)
        )

    return fits


def fits_ids(row: Json, ids: Sequence[str]) -> bool:
    """Whether a query for these tasks finds a row with these values; see :func:`fits_query`."""
    return not isinstance(row, Mapping) or row.get("TaskId") in ids


def _owned(row: Json, own_id: str) -> Json:
    return {**row, "TaskId": own_id} if isinstance(row, Mapping) else row


def _changed(row: Json, fault: Fault) -> Json:
    if not isinstance(row, Mapping):
        return row
    if fault.match and fault.match != row.get("TaskId") and fault.match not in str(row.get("ObjectPath")):
        return row
    changed = {**row, **fault.set}
    return {name: value for name, value in changed.items() if value is not None or name not in fault.set}


def _text(value: Json) -> str:
    return value.lower() if isinstance(value, str) else ""


def _within(text: Json, start: datetime | None, end: datetime | None) -> bool:
    if start is None and end is None:
        return True
    try:
        instant = datetime.fromisoformat(str(text))
    except ValueError:
        return True
    created = instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
    return (start is None or created >= start) and (end is None or created <= end)
