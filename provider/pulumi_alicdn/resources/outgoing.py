"""What a provider process answers to Pulumi: the results of its methods, with no text that Pulumi would take for more.

What Pulumi passed in goes back as it came: otherwise the next comparison would find a change. Everything else crosses
the border, because a service, an edge or the name of a file may have filled it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, ReadResult, UpdateResult

from pulumi_alicdn.borders import cell, printed, values
from pulumi_alicdn.resources.compact import compacted, expanded
from pulumi_alicdn.resources.secret_values import Veil, sealed
from pulumi_alicdn.validation import Problem

SENTENCES: Final = ("failure",)
"""Outputs that are lines of ours, which a later step shows: as one value, they would have `\\n` between them."""


def checked(inputs: dict[str, Any], problems: Iterable[Problem], veil: Veil) -> CheckResult:
    """Return the *inputs* as they are, and a sentence for each of *problems*, without what *veil* hides."""
    # No property: the engine would repeat the property and its value before the sentence, which names both.
    return CheckResult(inputs, [CheckFailure("", printed(veil.sentence(problem, inputs))) for problem in problems])


def created(id_: str, given: Mapping[str, Any], state: Mapping[str, Any]) -> CreateResult:
    """Return the id and the *state* of a new resource; *given*: what Pulumi passed in."""
    return CreateResult(cell(id_), _outputs(given, state))


def updated(given: Mapping[str, Any], state: Mapping[str, Any]) -> UpdateResult:
    """Return the *state* of a changed resource; *given*: what Pulumi passed in."""
    return UpdateResult(_outputs(given, state))


def read(id_: str, given: Mapping[str, Any], state: Mapping[str, Any]) -> ReadResult:
    """Return the *state* of a resource that is read; *given*: what Pulumi passed in, as was its id."""
    return ReadResult(id_, _outputs(given, state))


def _outputs(given: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
    asked = expanded(given)
    shown = {name: _output(name, value, asked) for name, value in state.items()}
    return sealed(given, shown if asked == given else compacted(shown))


def _output(name: str, value: Any, asked: Mapping[str, Any]) -> Any:
    if name in asked and asked[name] == value:
        return value
    return printed(value) if name in SENTENCES and isinstance(value, str) else values(value)
