"""Whether a task that an earlier apply declared through another endpoint or profile is listed here, too.

Endpoint and profile belong to an intent. Where they have changed since, the service that is asked now may know nothing
of what was submitted, and to send it again could refresh everything twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pulumi_alicdn.api.rows import Row, RowStatus, instant
from pulumi_alicdn.api.spec import ObjectType, TaskSpec
from pulumi_alicdn.errors import UnknownTaskError
from pulumi_alicdn.tasks.context import Context
from pulumi_alicdn.tasks.matching import Identity, match
from pulumi_alicdn.tasks.row_reader import RowReader
from pulumi_alicdn.terraform.intent_journal import Record

PLACE: Final = "place"
"""The key of a record for the endpoint and the profile through which its intent was declared."""


def require_listed(context: Context, spec: TaskSpec, record: Record, here: str) -> None:
    """Do nothing if the service *here* lists what *record* has submitted, or may have. Raises UnknownTaskError."""
    if record.get(PLACE, here) == here:
        return
    reader = RowReader(context.api(spec.service), context.caller())
    ids: list[str] = (record.get("submission") or {}).get("task_ids") or []
    if not (_has_tasks(reader, spec, ids) if ids else _has_all(reader, spec, record)):
        raise UnknownTaskError(_not_here(spec, ids, str(record[PLACE]), here))


def _has_tasks(reader: RowReader, spec: TaskSpec, ids: list[str]) -> bool:
    """Whether the tasks are listed, with objects of ours: another account can have tasks with the same ids."""
    rows = reader.tasks(ids, once=True).rows
    if not set(ids) <= {row.task_id for row in rows}:
        return False
    return not spec.by_path or any(match(spec.object_paths, rows, Identity(spec.object_type)).rows.values())


def _has_all(reader: RowReader, spec: TaskSpec, record: Record) -> bool:
    """Whether each object has a row that is newer than the intent of *record*."""
    if not spec.by_path or "submission" in record:
        return False
    since = instant(record["not_before"])
    listing = reader.objects_since(spec, since, now=reader.first_page(spec).server_time)
    return all(_found(spec.object_paths, spec.object_type, listing.rows, since))


def _found(paths: tuple[str, ...], object_type: ObjectType, rows: tuple[Row, ...], since: datetime) -> list[bool]:
    new = [row for row in rows if row.status is not RowStatus.FAILED and row.created and row.created >= since]
    return [bool(known) for known in match(paths, new, Identity(object_type)).rows.values()]


def _not_here(spec: TaskSpec, ids: list[str], there: str, here: str) -> str:
    what = f"submitted task {', '.join(ids)}" if ids else f"declared this {spec.kind}, and may have submitted it,"
    return (
        f"An earlier apply {what} through {_named(there)}, and {spec.service} does not list it through {_named(here)}. "
        f"Nothing was submitted. Apply with the former endpoint and profile to go on with it, or change `triggers` to "
        "submit it here."
    )


def _named(place: str) -> str:
    host, _, profile = place.partition("/")
    return f"{host} with the profile {profile}" if profile else host
