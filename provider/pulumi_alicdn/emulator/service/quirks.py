"""Oddities of task answers, all of which occur in published samples or are to be expected one day; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pulumi_alicdn.emulator.values import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulumi_alicdn.emulator.values import Json, JsonObject


@dataclass(frozen=True, slots=True)
class Quirks:
    """Which oddities the answers of DescribeVodRefreshTasks, DescribeRefreshTasks and ...TaskById have, and edges."""

    odd_casing: bool = False
    """``Pagenumber`` and ``Objectpath``, and object types with a capital letter."""
    spaced_times: bool = False
    """``2014-11-27T08: 23: 22Z``."""
    single_as_object: bool = False
    """A single row is not in a list."""
    total_count_off_by: int = 0
    """Added to TotalCount, which stays at least 0."""
    description_beside_complete: str = ""
    """A description of rows that are Complete."""
    process_without_percent: bool = False
    """``62`` instead of ``62%``."""
    extra_fields: bool = False
    """Fields that no document knows, in the answer and in each row."""
    unknown_status: str = ""
    """What rows answer instead of Refreshing."""
    keeps_unmodified: bool = False
    """Edges take Force at its word: without it, and but for files, a copy stays if its Last-Modified still holds.

    Off by default because such times are whole seconds, and an origin that changes twice a second would look stale.
    """


_EXTRA: JsonObject = {"Extension": {"Level": 2, "Names": ["a", "b"]}, "GmtModified": None}


def tasks_answer(
    rows: Sequence[Mapping[str, str]], container: str, numbers: Mapping[str, int], quirks: Quirks
) -> JsonObject:
    """Put an answer together; without a container, ``Tasks`` itself is the list of rows."""
    shown: list[JsonObject] = [_row(row, quirks) for row in rows]
    listed: Json = shown[0] if quirks.single_as_object and len(shown) == 1 else shown
    totals = dict(numbers)
    totals["TotalCount"] = max(0, totals["TotalCount"] + quirks.total_count_off_by)
    if quirks.odd_casing and "PageNumber" in totals:
        totals["Pagenumber"] = totals.pop("PageNumber")
    return {"Tasks": {container: listed} if container else listed, **totals, **(_EXTRA if quirks.extra_fields else {})}


def _row(row: Mapping[str, str], quirks: Quirks) -> JsonObject:
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
