"""Tables of options and outputs, from the public docstrings: a line of a docstring is a row."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any, Final

import pulumi_alicdn as alicdn
from pulumi_alicdn.errors import AlicdnError

RESOURCES: Final[tuple[type[Any], ...]] = (
    alicdn.RefreshTask,
    alicdn.PrefetchTask,
    alicdn.TaskCompletion,
    alicdn.AssetRelease,
)
FUNCTIONS: Final[tuple[Callable[..., Any], ...]] = (
    alicdn.describe_refresh_tasks,
    alicdn.iter_refresh_tasks,
    alicdn.describe_refresh_quota,
)
_NOT_OPTIONS: Final = frozenset({"self", "resource_name", "opts"})
_NAMES: Final = r"[a-z_0-9]+(?:, [a-z_0-9]+)*"
_ROW: Final = re.compile(rf"(?:- )?({_NAMES}): (.*)", re.DOTALL)
_ROLE: Final = re.compile(r":[a-z]+:`([^`]+)`")


def resources() -> str:
    """A section for each resource: what it is, its options, its outputs."""
    return "\n\n".join(_resource(one) for one in RESOURCES)


def functions() -> str:
    """A section for each function."""
    return "\n\n".join(f"### {one.__name__}\n\n{_described(one, _parameters(one))}" for one in FUNCTIONS)


def errors() -> str:
    """A row for each error that a program can catch."""
    public = [found for name in sorted(alicdn.__all__) if isinstance(found := getattr(alicdn, name), type)]
    rows = [
        (f"`{one.__name__}`", f"`{_kind(one)}`", _paragraphs(one)[0]) for one in public if issubclass(one, AlicdnError)
    ]
    return _table(("error", "kind of", "meaning"), rows)


def _kind(one: type[Any]) -> str:
    return next(base.__name__ for base in one.__mro__[1:] if not base.__name__.startswith("_"))


def _resource(one: type[Any]) -> str:
    documented = _described(one.__init__, _parameters(one.__init__))
    outputs = _table(("output", "meaning"), [(f"`{name}`", text) for name, text in _attributes(one)])
    return f"## {one.__name__}\n\n{_paragraphs(one)[0]}\n\n{documented}\n\n{outputs}"


def _parameters(function: Callable[..., Any]) -> set[str]:
    return set(inspect.signature(function).parameters) - _NOT_OPTIONS


def _described(function: Callable[..., Any], parameters: set[str]) -> str:
    """The docstring with a table in place of each run of options. Raises if it misses or invents one."""
    parts: list[str] = []
    documented: set[str] = set()
    others = "other options" in (inspect.getdoc(function) or "")
    for paragraph in _paragraphs(function):
        rows = [_ROW.fullmatch(line) for line in _entries(paragraph)]
        if not all(rows):
            parts.append(paragraph)
            continue
        named = [(row[1].split(", "), row[2]) for row in rows if row is not None and row[1] not in _NOT_OPTIONS]
        documented |= {name for names, _ in named for name in names}
        if named:
            parts.append(_table(("option", "meaning"), [(_quoted(names), text) for names, text in named]))
    missing, unknown = parameters - documented, documented - parameters
    if unknown or (missing and not others):
        flaws = f"misses {sorted(missing)} or invents {sorted(unknown)}"
        raise ValueError(f"the docstring of {function.__qualname__} {flaws}")
    if missing:
        parts.append(f"These are the other options: {_quoted(sorted(missing))}.")
    return "\n\n".join(part for part in parts if part)


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _paragraphs(found: object) -> list[str]:
    text = inspect.getdoc(found) or ""
    return [_plain(part) for part in text.split("\n\n")]


def _plain(text: str) -> str:
    """Markdown of a paragraph of a docstring, which refers to others in reStructuredText."""
    return _ROLE.sub(r"`\1`", text).replace("``", "`")


def _entries(paragraph: str) -> list[str]:
    """The lines of a paragraph, with indented ones joined to the line before them."""
    return [" ".join(line.split()) for line in re.split(r"\n(?! )", paragraph)]


def _attributes(one: type[Any]) -> list[tuple[str, str]]:
    """The public attributes of a class and of those that it is made of, each with the docstring below it."""
    found: list[tuple[str, str]] = []
    for owner in reversed([each for each in one.__mro__ if each.__module__.startswith("pulumi_alicdn")]):
        tree = ast.parse(textwrap.dedent(inspect.getsource(owner))).body[0]
        body = tree.body if isinstance(tree, ast.ClassDef) else []
        for line, below in pairwise(body):
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and isinstance(below, ast.Expr):
                found.append((line.target.id, " ".join(_plain(str(ast.literal_eval(below.value))).split())))
    return found


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *(tuple(map(_cell, row)) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", r"\|").split())
