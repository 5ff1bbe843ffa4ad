"""The data source `alicdn_refresh_tasks`: the tasks that the service lists, refreshes and prefetches alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from pulumi_alicdn.api.dialects import DIALECTS
from pulumi_alicdn.api.limits import WINDOW_S
from pulumi_alicdn.api.query_rules import check_query, dialect_named, parse_query
from pulumi_alicdn.api.row_count import Shortfall
from pulumi_alicdn.api.rows import listed
from pulumi_alicdn.borders import values
from pulumi_alicdn.phrases import show
from pulumi_alicdn.system.clock import utc_now
from pulumi_alicdn.tasks.row_reader import iter_rows, missing_rows, with_both_ends
from pulumi_alicdn.terraform.durations import seconds
from pulumi_alicdn.terraform.resource import Found
from pulumi_alicdn.terraform.session import Session
from pulumi_alicdn.terraform.wire import Values
from pulumi_alicdn.validation import UNKNOWN, Problem, one_of

_FILTERS: Final = (
    "task_id",
    "object_path",
    "object_type",
    "domain_name",
    "status",
    "start_time",
    "end_time",
    "resource_group_id",
)


class TasksSource:
    """The tasks that the service lists."""

    def __init__(self, session: Session) -> None:
        """Ask with the configuration of *session*."""
        self._session = session

    def problems(self, config: Mapping[str, Any]) -> list[Problem]:
        """Return the broken rules of the filters; those that depend on the service need a known one."""
        found = [*one_of("service", config.get("service"), DIALECTS, required=True)]
        if not found and config.get("service") is not UNKNOWN:
            found += check_query(dialect_named(config.get("service")), _asked(config), utc_now())
        return [*found, *_since(config)]

    def read(self, config: Values) -> Found:
        """List all pages; a warning says if the service counts more rows than it lists."""
        dialect, context = dialect_named(config.get("service")), self._session.context
        span = seconds(config["since"]) if config.get("since") is not None else None
        api, caller = context.api(dialect.service), context.caller()
        asked = parse_query(dialect, {**_asked(config), "page_size": dialect.max_page_size}, utc_now())
        query = with_both_ends(api, caller, asked, None if span is None else timedelta(seconds=span))
        missing: list[Shortfall] = []
        tasks = [values(listed(row)) for row in iter_rows(api, caller, query, missing.append)]
        return Found({**config, "tasks": tasks}, tuple(str(missing_rows(dialect.service, one)) for one in missing))


def _asked(config: Mapping[str, Any]) -> dict[str, Any]:
    return {name: config.get(name) for name in _FILTERS}


def _since(config: Mapping[str, Any]) -> list[Problem]:
    text = config.get("since")
    if text is None or text is UNKNOWN:
        return []
    ends = [name for name in ("start_time", "end_time") if config.get(name) is not None]
    if ends:
        return [Problem("since", f"is {show(text)}, but {ends[0]} is set, too; leave one of them out")]
    span = seconds(text)
    if not span:
        return [Problem("since", f"is {show(text)}, but must be a duration such as 30m or 48h")]
    if span > WINDOW_S:
        return [Problem("since", f"is {show(text)}, but the service remembers tasks for 3 days only")]
    return []
