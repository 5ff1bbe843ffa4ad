"""The options that several commands share, and the rules of core in the words of the command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, TypeVar

import click

from pulumi_alicdn.api.dialects import DIALECTS
from pulumi_alicdn.api.limits import WINDOW_S
from pulumi_alicdn.api.query_rules import dialect_named
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.errors import InputError
from pulumi_alicdn.tasks.options import ON_TIMEOUT
from pulumi_alicdn.validation import Problem, show

F = TypeVar("F", bound=Callable[..., Any])

SERVICE_VARIABLE: Final = "ALICDN_SERVICE"
OUTPUTS: Final = ("table", "json", "csv")

_DURATION = re.compile(r"([0-9]{1,9})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def service(command: F) -> F:
    """Add ``--service``; it arrives as a :class:`Service`."""
    return click.option(
        "--service",
        type=click.Choice([str(one) for one in Service]),
        default=str(Service.VOD),
        show_default=True,
        envvar=SERVICE_VARIABLE,
        show_envvar=True,
        callback=lambda _context, _option, value: Service(value),
        help="The product whose edges are meant.",
    )(command)


def dialect(command: F) -> F:
    """Add ``--service`` with all the ways in which a service can be asked; it arrives as a ``Dialect``."""
    return click.option(
        "--service",
        "dialect",
        type=click.Choice(list(DIALECTS)),
        default=str(Service.VOD),
        show_default=True,
        envvar=SERVICE_VARIABLE,
        show_envvar=True,
        callback=lambda _context, _option, value: dialect_named(value),
        help="The product whose edges are meant; intl-2020 is CDN as its international document of 2020 has it.",
    )(command)


def output(command: F) -> F:
    """Add ``--output``."""
    return click.option(
        "--output", type=click.Choice(OUTPUTS), default="table", show_default=True, help="The form of the result."
    )(command)


def timeout(default_s: float) -> Callable[[F], F]:
    """Add ``--timeout`` in seconds."""
    return click.option(
        "--timeout",
        "timeout_s",
        type=float,
        metavar="SECONDS",
        default=default_s,
        show_default=True,
        help="How long to wait until every object is effective.",
    )


def on_timeout(command: F) -> F:
    """Add ``--on-timeout``."""
    return click.option(
        "--on-timeout",
        type=click.Choice(ON_TIMEOUT),
        default="fail",
        show_default=True,
        help="Whether a timeout is a failure, or is told and passed over (exit code 0).",
    )(command)


def duration(_context: click.Context, _option: click.Parameter, value: str | None) -> timedelta | None:
    """Read ``90s``, ``30m``, ``2h`` or ``3d``. Raises InputError for anything else, and beyond the service's memory."""
    if value is None:
        return None
    found = _DURATION.fullmatch(value)
    if found is None or not int(found[1]):
        raise InputError(f"--since is {value!r}, but must be a number with s, m, h or d, such as 30m, 2h or 3d")
    span = timedelta(seconds=int(found[1]) * _SECONDS[found[2]])
    if span.total_seconds() > WINDOW_S:
        raise InputError(f"--since is {value!r}, but the service remembers tasks for 3 days only")
    return span


_NAMES: Final = {
    "object_paths": "URL",
    "object_type": "--type",
    "timeout": "--timeout",
    "retry_failed": "--retry-failed",
    "on_timeout": "--on-timeout",
    "l2_preload": "--l2-preload",
    "headers": "--header",
    "area": "--area",
    "service": "--service",
}


_QUESTION: Final = {
    "task_id": "--task-id",
    "object_path": "--object-path",
    "object_type": "--object-type",
    "domain_name": "--domain",
    "status": "--status",
    "start_time": "--start",
    "end_time": "--end",
    "resource_group_id": "--resource-group",
    "page_number": "--page",
    "page_size": "--page-size",
}


def refuse(problems: Iterable[Problem]) -> None:
    """Raise InputError with one sentence a line if there are any problems."""
    _refuse([_sentence(problem) for problem in problems])


def refuse_question(problems: Iterable[Problem], asked: Mapping[str, object]) -> None:
    """Do the same for the rules of a question, which are about the values *asked*."""
    _refuse([_question_sentence(problem, asked) for problem in problems])


def _refuse(sentences: list[str]) -> None:
    if sentences:
        raise InputError("\n".join(sentences))


def _question_sentence(problem: Problem, asked: Mapping[str, object]) -> str:
    """The rule as it reads here: `status is …; set object_type` becomes `--status is …; set --object-type`."""
    # What the user wrote stays as it is, whatever words it holds.
    written = f" is {show(asked.get(problem.name))}"
    rest = problem.sentence.removeprefix(problem.name)
    head = _QUESTION.get(problem.name, problem.name) if rest != problem.sentence else ""
    if head and rest.startswith(written):
        return head + written + _in_words(rest.removeprefix(written))
    return head + _in_words(rest)


def _in_words(text: str) -> str:
    words = re.sub(r"[a-z]+(?:_[a-z]+)+", lambda found: _QUESTION.get(found[0], found[0]), text)
    return words.replace("an aware datetime or UTC text", "UTC text")


def _sentence(problem: Problem) -> str:
    """The rule as it reads here: `object_paths[1] is …` becomes `URL 2 is …`."""
    rest = problem.sentence.removeprefix(problem.name)
    if rest == problem.sentence:
        return problem.sentence
    name, _, _ = problem.name.partition("[")
    head = _NAMES.get(name, name) + _number(problem.name)
    return head + re.sub(r"object_paths\[\d+\](?= names already)", lambda found: "URL" + _number(found[0]), rest)


def _number(name: str) -> str:
    found = re.search(r"\[(\d+)\]", name)
    return f" {int(found[1]) + 1}" if found else ""
