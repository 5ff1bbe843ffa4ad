"""The intent of a submit: the server's time, and the rows that are listed, before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pulumi_alicdn.api.row_count import SAFE_PAGE_SIZE
from pulumi_alicdn.api.spec import TaskSpec
from pulumi_alicdn.tasks.adoption import Older, doubtful, listed_before
from pulumi_alicdn.tasks.retry_policy import Caller
from pulumi_alicdn.tasks.row_reader import RowReader
from pulumi_alicdn.tasks.task_api import TaskApi


@dataclass(frozen=True, slots=True)
class Intent:
    """The declaration of a submit.

    ``not_before``: rows created earlier do not count; aware UTC, a whole second of the server's clock.
    ``request_id``: the request that read the server's clock.
    ``older``: rows of the objects that are from before it, although they can seem newer.
    """

    not_before: datetime
    request_id: str
    older: Older = field(default_factory=Older)


def declare(api: TaskApi, caller: Caller, spec: TaskSpec, until: float | None = None) -> Intent:
    """Read the server's time with one cheap call, which also proves credentials, service and domain.

    *until*: as for :meth:`Caller.read`.
    The server's time has whole seconds, and the answer may be up to a second old. Only the next whole second is
    certainly later than everything that happened before this call.
    """
    reader = RowReader(api, caller)
    page = reader.first_page(spec, SAFE_PAGE_SIZE, until)
    not_before = _next_second(page.server_time)
    rows = listed_before(page, spec, not_before)
    if rows is None:
        # More rows are recent than fit on a page. Those that are created during this listing are older, too.
        since = reader.objects_since if spec.by_path else reader.all_since
        listing = since(spec, not_before, until, now=page.server_time)
        not_before = max(not_before, _next_second(listing.server_time))
        rows = None if listing.short else doubtful(listing.rows, not_before)
    return Intent(not_before, page.request_id, Older(rows))


def _next_second(at: datetime) -> datetime:
    return at.replace(microsecond=0) + timedelta(seconds=1)
