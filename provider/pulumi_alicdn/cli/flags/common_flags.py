"""The options that several commands share, and the translation of option names in broken rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, TypeVar

import click

from pulumi_alicdn import validation
from pulumi_alicdn.api.dialects import DIALECTS
from pulumi_alicdn.api.limits import WINDOW_S
from pulumi_alicdn.api.query_rules import dialect_named
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.errors import InputError
from pulumi_alicdn.phrases import show_address
from pulumi_alicdn.tasks.options import MAX_RETRY_FAILED, ON_TIMEOUT
from pulumi_alicdn.validation import Problem, Subject

F = TypeVar("F", bound=Callable[..., Any])

SERVICE_VARIABLE: Final = "ALICDN_SERVICE"
"""The environment variable that stands for ``--service``."""

OUTPUTS: Final = ("table", "json", "csv")
"""The values of ``--output``."""


class _Number(click.types.FloatParamType):
    name = "number"  # else a sentence says `float`, which is a word of programs


class _WholeNumber(click.types.IntParamType):
    name = "whole number"


NUMBER: Final = _Number()
"""The type of an option that takes any number."""

WHOLE_NUMBER: Final = _WholeNumber()
"""The type of an option that takes a whole number."""

_DURATION: Final = re.compile(r"([0-9]{1,9})([smhd])")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def service(command: F) -> F:
    """Add ``--service``; the value arrives as a :class:`Service`, or None if users leave that to the domain."""
    meaning = "The product: vod or cdn; else the one whose domain it is."
    return _service([str(one) for one in Service], Service, meaning)(command)


def service_of_tasks(command: F) -> F:
    """Add ``--service`` for task ids; the value arrives as a :class:`Service` or None."""
    meaning = "The product: vod or cdn; else the one that lists the tasks."
    return _service([str(one) for one in Service], Service, meaning)(command)


def dialect(command: F) -> F:
    """Add ``--service`` with all dialects; the value arrives as a ``Dialect`` or None."""
    meaning = "The product: vod or cdn; intl-2020 is CDN with the rules of its international document of 2020."
    return _service(list(DIALECTS), dialect_named, meaning, "dialect")(command)


def _service(words: list[str], read: Callable[[str], object], meaning: str, *name: str) -> Callable[[F], F]:
    return click.option(
        "--service",
        *name,
        type=click.Choice(words),
        envvar=SERVICE_VARIABLE,
        show_envvar=True,
        callback=lambda _context, _option, value: None if value is None else read(value),
        help=meaning,
    )


def retry_failed(command: F) -> F:
    """Add ``--retry-failed``."""
    return click.option(
        "--retry-failed",
        type=WHOLE_NUMBER,
        metavar="N",
        default=0,
        show_default=True,
        help=f"How often to submit again what failed, up to {MAX_RETRY_FAILED} times.",
    )(command)


def output(command: F) -> F:
    """Add ``--output``."""
    return click.option(
        "--output", type=click.Choice(OUTPUTS), default="table", show_default=True, help="Output format."
    )(command)


def timeout(default_s: float) -> Callable[[F], F]:
    """Add ``--timeout`` in seconds."""
    return click.option(
        "--timeout",
        "timeout_s",
        type=NUMBER,
        metavar="SECONDS",
        default=int(default_s),  # the help shows 900, not 900.0
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
        help="Whether a timeout is a failure or only a warning (exit code 0).",
    )(command)


def duration(_context: click.Context, _option: click.Parameter, value: str | None) -> timedelta | None:
    """Read ``90s``, ``30m``, ``2h`` or ``3d``. Raises InputError for any other text, and for more than 3 days."""
    if value is None:
        return None
    found = _DURATION.fullmatch(value)
    if found is None or not int(found[1]):
        raise InputError(f"--since is {value!r}, but must be a number with s, m, h or d, such as 30m, 2h or 3d")
    span = timedelta(seconds=int(found[1]) * _SECONDS[found[2]])
    if span.total_seconds() > WINDOW_S:
        raise InputError(f"--since is {value!r}, but the service remembers tasks for 3 days only")
    return span


def refuse(problems: Iterable[Problem], names: Mapping[str, str], places: Mapping[Subject, str] | None = None) -> None:
    """Raise InputError with one sentence per line, with the names of flags, if there are any problems.

    *names*: the flags that are not simply the option's name with dashes; `timeout` is `--timeout` without an entry.
    *places*: names of single elements, such as the line of a file.
    """
    validation.refuse(problems, lambda subject: (places or {}).get(subject) or _flag(subject, names), "\n")


def spelled(problem: Problem, names: Mapping[str, str]) -> str:
    """Return the sentence of *problem* with the names of flags, as :func:`refuse` has them."""
    return problem.spelled(lambda subject: _flag(subject, names))


def _flag(subject: Subject, names: Mapping[str, str]) -> str:
    """Translate a subject: `object_paths[1]` becomes `URL 2`, since users count repeated arguments from 1."""
    name = names.get(subject.option) or f"--{subject.option.replace('_', '-')}"
    return " ".join([name, *(str(part + 1) if isinstance(part, int) else show_address(part) for part in subject.parts)])
