"""The rules of the Describe documents for a query: each broken rule is one sentence, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from pulumi_alicdn.api.dialects import DIALECTS, MAX_PAGE, STATUSES, Dialect
from pulumi_alicdn.api.limits import WINDOW_S
from pulumi_alicdn.api.paths.path_checks import domain_problem, listed_path_problem
from pulumi_alicdn.api.rows import Query, RowStatus, instant
from pulumi_alicdn.phrases import show, show_address
from pulumi_alicdn.validation import UNKNOWN, Problem, Subject, one_of, refuse, whole

SLACK: Final = timedelta(minutes=5)
"""The time beyond 3 days that a query may reach back: clocks differ, and the service limits the range itself."""

_TEXTS: Final = ("task_id", "object_path", "domain_name", "resource_group_id")


def dialect_named(name: object) -> Dialect:
    """Return the dialect with that *name*. Raises InputError if there is none."""
    refuse(one_of("service", name, DIALECTS, required=True))
    return DIALECTS[str(name)]


def check_query(dialect: Dialect, asked: Mapping[str, object], now: datetime) -> list[Problem]:
    """Return all rules that the query *asked* breaks; its values are None if left out. *now* is aware UTC.

    An unknown value breaks none, and counts as given.
    """
    found = [
        *_texts(asked),
        *_words(dialect, asked),
        *_dependent(dialect, asked),
        *_times(asked, now),
        *whole("page_number", asked.get("page_number"), 1, MAX_PAGE, f" for {dialect.name}"),
        *whole("page_size", asked.get("page_size"), 1, dialect.max_page_size, f" for {dialect.name}"),
    ]
    return [problem for problem in found if asked.get(problem.option) is not UNKNOWN]


def parse_query(dialect: Dialect, asked: Mapping[str, object], now: datetime) -> Query:
    """Read the query *asked*. Raises InputError with all broken rules."""
    refuse(check_query(dialect, asked, now))

    def text(name: str) -> str | None:
        value = asked.get(name)
        return None if value is None else str(value)

    def count(name: str, default: int) -> int:
        value = asked.get(name)
        return int(value) if isinstance(value, int | float) else default

    word, status = text("object_type"), text("status")
    return Query(
        task_id=text("task_id"),
        object_path=text("object_path"),
        object_type=dialect.object_types[word] if word is not None else None,
        domain=text("domain_name"),
        status=RowStatus(status) if status is not None else None,
        start=_instant(asked.get("start_time")),
        end=_instant(asked.get("end_time")),
        resource_group_id=text("resource_group_id"),
        page=count("page_number", 1),
        page_size=count("page_size", 20),
    )


def _texts(asked: Mapping[str, object]) -> Iterator[Problem]:
    for name in _TEXTS:
        value = asked.get(name)
        if value is None:
            continue
        reason = _RULES.get(name, _word_problem)(value)
        if reason:
            yield Problem(name, reason)


def _word_problem(value: object) -> str:
    sound = isinstance(value, str) and value and not any(map(str.isspace, value))
    return "" if sound else f"is {show_address(value)}, but must be text without white space"


def _id_problem(value: object) -> str:
    one = isinstance(value, str) and value.isascii() and value.isalnum()
    return _word_problem(value) or ("" if one else f"is {show(value)}, but must be one id; ask for each id by itself")


_RULES: Final = {"task_id": _id_problem, "object_path": listed_path_problem, "domain_name": domain_problem}


def _words(dialect: Dialect, asked: Mapping[str, object]) -> Iterator[Problem]:
    word = asked.get("object_type")
    if word is not None and (not isinstance(word, str) or word not in dialect.object_types):
        allowed = ", ".join(dialect.object_types)
        yield Problem("object_type", f"is {show(word)}, but {dialect.name} can be asked for: {allowed}")
    status = asked.get("status")
    if status is not None and status not in [str(one) for one in STATUSES]:
        hint = " (Pending is answered, but cannot be asked for)" if status == "Pending" else ""
        yield Problem("status", f"is {show(status)}, but must be one of: {', '.join(STATUSES)}{hint}")
    if asked.get("resource_group_id") is not None and not dialect.resource_groups:
        yield Problem("resource_group_id", f"is no parameter of {dialect.name}; leave it out")


def _dependent(dialect: Dialect, asked: Mapping[str, object]) -> Iterator[Problem]:
    for name in dialect.required:
        if asked.get(name) is None:
            yield Problem(name, f"is missing, but {dialect.name} requires it in every query")
    if asked.get("object_type") is None and "object_type" not in dialect.required:
        needed, allowed = Subject("object_type"), ", ".join(dialect.object_types)
        for name in ("domain_name", "status"):
            if asked.get(name) is not None:
                is_set = f" is {show_address(asked[name])}, which goes together with "
                yield Problem(name, (Subject(name), is_set, needed, " only; set ", needed, f" to one of: {allowed}"))


def _times(asked: Mapping[str, object], now: datetime) -> Iterator[Problem]:
    moments: dict[str, datetime] = {}
    for name in ("start_time", "end_time"):
        value = asked.get(name)
        if value is None:
            continue
        moment = _instant(value)
        if isinstance(value, datetime) and moment is None:
            yield Problem(name, f"is {show(value)}, but must have a time zone")
        elif moment is None:
            yield Problem(name, f"is {show(value)}, but must be UTC text such as '2026-01-02T03:04:05Z'")
        elif moment < now - timedelta(seconds=WINDOW_S) - SLACK:
            yield Problem(name, f"is {show(value)}, but only tasks of the last 3 days can be asked for")
        else:
            moments[name] = moment
    # DescribeRefreshTasks 2018-05-10 and DescribeDcdnRefreshTasks: EndTime must be later than StartTime.
    if len(moments) == 2 and moments["end_time"] <= moments["start_time"]:  # noqa: PLR2004  both
        order = f" is {show(asked['end_time'])}, which is not after "
        yield Problem("end_time", (Subject("end_time"), order, Subject("start_time")))


def _instant(value: object) -> datetime | None:
    """Read an instant as aware UTC; None if *value* is not one."""
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo is not None else None
    try:
        return instant(value) if isinstance(value, str) else None
    except ValueError:
        return None
