"""The import of a task by its id: its rows become the state, and the next apply takes them over without a submit."""

from __future__ import annotations

from typing import Any, Final

from pulumi_alicdn.api.object_paths import canonical
from pulumi_alicdn.api.rows import instant_text
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.errors import InputError, UnknownTaskError
from pulumi_alicdn.phrases import show
from pulumi_alicdn.tasks import messages
from pulumi_alicdn.tasks.context import Context
from pulumi_alicdn.tasks.options import is_id
from pulumi_alicdn.tasks.other_service import listed_elsewhere
from pulumi_alicdn.tasks.row_reader import Listing, RowReader, kind_of
from pulumi_alicdn.tasks.verdict import outcome
from pulumi_alicdn.terraform.intent_journal import Record
from pulumi_alicdn.terraform.wire import Values
from pulumi_alicdn.validation import UNKNOWN

IMPORTED: Final = "imported"
"""The key of a record that an import made and no apply has taken over yet."""

_RESOURCES: Final = {Kind.REFRESH: "alicdn_refresh_task", Kind.PREFETCH: "alicdn_prefetch_task"}


def imported(context: Context, given_id: str, kind: Kind) -> tuple[Values, Record, Listing]:
    """Return the configuration, the record and the rows of the task *given_id*, which is asked for once.

    Raises InputError for an id of another form or of a task of another kind, UnknownTaskError for one that the service
    does not list.
    """
    service, task_id = _parts(given_id)
    reader = RowReader(context.api(service), context.caller())
    listing = reader.tasks([task_id], once=True)
    rows = listing.rows
    if not rows:
        raise _unknown(context, service, task_id, kind)
    if kind_of(rows) is not kind:
        found = kind_of(rows)
        raise InputError(f"{given_id} is a {found}, not a {kind}: import it as {_RESOURCES[found]}")
    config: Values = {
        "service": str(service),
        "object_paths": list(dict.fromkeys(row.object_path for row in rows if row.object_path)),
    }
    types = [str(row.object_type) for row in rows if row.object_type is not None]
    if kind is Kind.REFRESH and types:
        config["object_type"] = types[0]
    created = [row.created for row in rows if row.created is not None] or [listing.server_time]
    first, last = instant_text(min(created)), instant_text(max(created))
    submission: dict[str, Any] = {
        "task_ids": [task_id],
        "request_ids": [],
        "job_ids": [],
        "superseded": [],
        "submitted_at": first,
        "submitted_until": last,
        "gap_s": 0.0,
        "run": IMPORTED,
    }
    record = {"intent_id": f"task-{task_id}", "not_before": first, "submission": submission, IMPORTED: True}
    return config, record, listing


def status_of(listing: Listing) -> str:
    """Return the status of the task of *listing*."""
    return str(outcome(row.status for row in listing.rows))


def covers(known: Values, config: Values) -> bool | None:
    """Whether the imported task *known* has all objects of *config*; None while part of these is unknown.

    The service lists neither triggers nor options, so these are as the user says.
    """
    for name in ("service", "object_type"):
        if config.get(name) is UNKNOWN:
            return None
        # Without a type, a refresh is one of files.
        if (config.get(name) or "file") != (known.get(name) or "file"):
            return False
    paths = config.get("object_paths")
    if paths is UNKNOWN or (isinstance(paths, list) and UNKNOWN in paths):
        return None
    known_paths = {canonical(one) for one in known["object_paths"]}
    return bool(paths) and {canonical(one) for one in paths or ()} <= known_paths


def _parts(given_id: str) -> tuple[Service, str]:
    name, slash, task_id = given_id.partition("/")
    if name not in tuple(Service) or not slash or not is_id(task_id):
        raise InputError(
            f"the id is {show(given_id)}, but must be SERVICE/TASK, such as cdn/704222904: SERVICE is one of "
            f"{', '.join(Service)}, and TASK is an id of the service"
        )
    return Service(name), task_id


def _unknown(context: Context, service: Service, task_id: str, kind: Kind) -> UnknownTaskError:
    asked = listed_elsewhere(context.api, context.clock, service, [task_id])
    if asked is not None and asked[1]:
        other, found = asked
        return UnknownTaskError(messages.in_other_service(service, other, found, f"import {other}/{task_id}."))
    return UnknownTaskError(messages.unknown_task(TaskSpec(service, kind, ObjectType.FILE, ()), [task_id]))
