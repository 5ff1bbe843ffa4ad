"""Oddities of task answers, which published samples show or a future version may have; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import pydantic

from pulumi_alicdn.emulator.fields import STRICT
from pulumi_alicdn.emulator.values import Json, JsonObject, Status


@pydantic.dataclasses.dataclass(frozen=True, slots=True, config=STRICT)
class Quirks:
    """The oddities of edges and of the answers of DescribeVodRefreshTasks, DescribeRefreshTasks and ...TaskById."""

    odd_casing: bool = False
    """``Pagenumber`` and ``Objectpath``, and object types with a capital letter."""
    spaced_times: bool = False
    """``2014-11-27T08: 23: 22Z``."""
    single_as_object: bool = False
    """A single row is an object, not a list of one."""
    total_count_off_by: int = 0
    """Added to TotalCount, which stays at least 0."""
    description_beside_complete: str = ""
    """A description of rows that are Complete."""
    process_without_percent: bool = False
    """``62`` instead of ``62%``."""
    extra_fields: bool = False
    """Undocumented fields in the answer and in each row."""
    unknown_status: str = ""
    """A status of rows that replaces Refreshing."""
    minute_times: bool = False
    """Creation times are cut to whole minutes, also where a query compares them."""
    keeps_unmodified: bool = False
    """Edges keep copies whose Last-Modified still holds, unless Force is set or a file is refreshed.

    Off by default: such times are whole seconds, so an origin that changes twice a second would look stale.
    """


NO_QUIRKS: Final = Quirks()
"""Answers as the present documents show them."""

_EXTRA: Final[JsonObject] = {"Extension": {"Level": 2, "Names": ["a", "b"]}, "GmtModified": None}
"""The fields of ``extra_fields``. [chosen: an object, a list and a null]"""


def creation_second(created: datetime, quirks: Quirks) -> datetime:
    """The creation time as answers show it and as queries compare it: without fractions of a second, or of a minute."""
    return created.replace(second=0 if quirks.minute_times else created.second, microsecond=0)


def tasks_answer(rows: Sequence[Json], container: str, numbers: Mapping[str, int], quirks: Quirks) -> JsonObject:
    """The answer with these rows; without a *container*, ``Tasks`` itself is the list of rows."""
    listed: Json = rows[0] if quirks.single_as_object and len(rows) == 1 else rows
    totals = dict(numbers)
    totals["TotalCount"] = max(0, totals["TotalCount"] + quirks.total_count_off_by)
    if quirks.odd_casing and "PageNumber" in totals:
        totals["Pagenumber"] = totals.pop("PageNumber")
    return {"Tasks": {container: listed} if container else listed, **totals, **(_EXTRA if quirks.extra_fields else {})}


def odd_row(row: Mapping[str, str], quirks: Quirks) -> JsonObject:
    """The row with its oddities."""
    shown: dict[str, Json] = dict(row)
    if quirks.description_beside_complete and row["Status"] == Status.COMPLETE.value:
        shown["Description"] = quirks.description_beside_complete
    if quirks.unknown_status and row["Status"] == Status.REFRESHING.value:
        shown["Status"] = quirks.unknown_status
    if quirks.process_without_percent:
        shown["Process"] = row["Process"].rstrip("%")
    if quirks.spaced_times:
        shown["CreationTime"] = row["CreationTime"].replace(":", ": ")
    if quirks.odd_casing:
        shown["Objectpath"] = shown.pop("ObjectPath")
        shown["ObjectType"] = row["ObjectType"].capitalize()
    return {**shown, **_EXTRA} if quirks.extra_fields else shown
