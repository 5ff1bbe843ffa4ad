"""The rules of the Describe documents for a question: each broken one is a sentence, and costs no request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from pulumi_alicdn.api.dialects import DIALECTS, MAX_PAGE, STATUSES, Dialect
from pulumi_alicdn.api.limits import WINDOW_S
from pulumi_alicdn.api.object_paths import shown
from pulumi_alicdn.api.rows import Query, RowStatus
from pulumi_alicdn.errors import InputError
from pulumi_alicdn.validation import Problem, show

SLACK: Final = timedelta(minutes=5)
"""How much further back than 3 days a question may reach: clocks differ, and the service cuts it for itself."""

_TEXTS: Final = ("task_id", "object_path", "domain_name", "resource_group_id")
NAMES: Final = (*_TEXTS, "object_type", "status", "start_time", "end_time", "page_number", "page_size")


def dialect_named(name: object) -> Dialect:
    """The dialect called *name*. Raises InputError for any other."""
    if not isinstance(name, str) or name not in DIALECTS:
        raise InputError(f"service is {show(name)}, but must be one of: {', '.join(DIALECTS)}")
    return DIALECTS[name]


def check_query(dialect: Dialect, asked: Mapping[str, object], now: datetime) -> list[Problem]:
    """All broken rules of *asked*, whose values are None where nothing is asked. *now* is aware UTC."""
    return [
        *_unknown(asked),
        *_texts(asked),
        *_words(dialect, asked),
        *_dependent(dialect, asked),
        *_times(dialect, asked, now),
        *_whole("page_number", asked.get("page_number"), MAX_PAGE, f"of {dialect.name}"),
        *_whole("page_size", asked.get("page_size"), dialect.max_page_size, f"of {dialect.name}"),
    ]


def parse_query(dialect: Dialect, asked: Mapping[str, object], now: datetime) -> Query:
    """*asked* as a question. Raises InputError with all broken rules."""
    problems = check_query(dialect, asked, now)
    if problems:
        raise InputError("; ".join(problem.sentence for problem in problems))

    def text(name: str) -> str | None:
        value = asked.get(name)
        return None if value is None else str(value)

    def whole(name: str, default: int) -> int:
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
        page=whole("page_number", 1),
        page_size=whole("page_size", 20),
    )


def _unknown(asked: Mapping[str, object]) -> Iterator[Problem]:
    for name in asked:
        if name not in NAMES:
            yield Problem(name, f"{name} is no parameter of the question; there are: {', '.join(NAMES)}")


def _texts(asked: Mapping[str, object]) -> Iterator[Problem]:
    for name in _TEXTS:
        value = asked.get(name)
        if value is None:
            continue
        if not isinstance(value, str) or not value or any(letter.isspace() for letter in value):
            told = shown(value) if isinstance(value, str) else show(value)
            yield Problem(name, f"{name} is {told}, but must be text without white space")
        elif name == "task_id" and not (value.isascii() and value.isalnum()):
            yield Problem(name, f"task_id is {show(value)}, but must be one id; ask for each id by itself")
        elif name == "domain_name" and ("/" in value or ":" in value or "*" in value):
            yield Problem(name, f"domain_name is {show(value)}, but must be a domain such as 'media.example.com'")


def _words(dialect: Dialect, asked: Mapping[str, object]) -> Iterator[Problem]:
    word = asked.get("object_type")
    if word is not None and (not isinstance(word, str) or word not in dialect.object_types):
        allowed = ", ".join(dialect.object_types)
        yield Problem("object_type", f"object_type is {show(word)}, but {dialect.name} can be asked for: {allowed}")
    status = asked.get("status")
    if status is not None and status not in [str(one) for one in STATUSES]:
        hint = " (Pending is answered, but cannot be asked for)" if status == "Pending" else ""
        allowed = ", ".join(STATUSES)
        yield Problem("status", f"status is {show(status)}, but must be one of: {allowed}{hint}")
    if asked.get("resource_group_id") is not None and not dialect.resource_groups:
        yield Problem("resource_group_id", f"resource_group_id is no parameter of {dialect.name}; leave it out")


def _dependent(dialect: Dialect, asked: Mapping[str, object]) -> Iterator[Problem]:
    for name in dialect.required:
        if asked.get(name) is None:
            yield Problem(name, f"{name} is missing, but {dialect.name} requires it in every question")
    if asked.get("object_type") is None and "object_type" not in dialect.required:
        for name in ("domain_name", "status"):
            if asked.get(name) is not None:
                sentence = f"{name} is {show(asked[name])}, which goes together with object_type only; set object_type"
                yield Problem(name, f"{sentence} to one of: {', '.join(dialect.object_types)}")


def _times(dialect: Dialect, asked: Mapping[str, object], now: datetime) -> Iterator[Problem]:
    moments: dict[str, datetime] = {}
    for name in ("start_time", "end_time"):
        value = asked.get(name)
        if value is None:
            continue
        moment = _instant(value)
        if moment is None:
            form = "an aware datetime or UTC text such as '2026-01-02T03:04:05Z'"
            yield Problem(name, f"{name} is {show(value)}, but must be {form}")
        elif moment < now - timedelta(seconds=WINDOW_S) - SLACK:
            yield Problem(name, f"{name} is {show(value)}, but only tasks of the last 3 days can be asked for")
        else:
            moments[name] = moment
    least = timedelta(seconds=1 if dialect.strict_range else 0)
    if len(moments) == 2 and moments["end_time"] - moments["start_time"] < least:  # noqa: PLR2004  both
        yield Problem(
            "end_time",
            f"end_time is {show(asked['end_time'])}, which is {'not after' if least else 'before'} start_time",
        )


def _instant(value: object) -> datetime | None:
    """Aware UTC, or None for what is no instant."""
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo is not None else None
    if not isinstance(value, str):
        return None
    try:
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _whole(name: str, value: object, most: int, whose: str) -> Iterator[Problem]:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= most or value % 1:
        yield Problem(name, f"{name} is {show(value)}, but must be a whole number from 1 to {most} {whose}")
