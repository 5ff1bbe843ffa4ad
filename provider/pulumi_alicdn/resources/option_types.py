"""The types of options that accept outputs of other resources, and the check of what Pulumi cannot store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from inspect import isawaitable
from typing import Any, TypeAlias, TypeVar

import pulumi
from pulumi._types import is_input_type

from pulumi_alicdn.errors import InputError
from pulumi_alicdn.phrases import kind_of
from pulumi_alicdn.validation import Part, Problem, refuse

Word = TypeVar("Word", bound=str)

Choice: TypeAlias = pulumi.Input[Word] | pulumi.Output[str]
"""One of a few words. A type checker reports any other word.

Outputs of other resources (`Output[str]`) are accepted: the value is checked at preview, or at deployment if it is not
known before. Pass other plain text, such as a value of the stack's configuration, as
`pulumi.Output.from_input(config.require("service"))`.
"""

Choices: TypeAlias = pulumi.Input[Sequence[Choice[Word]]] | pulumi.Output[list[str]]
"""Several of a few words."""

Texts: TypeAlias = pulumi.Input[Sequence[pulumi.Input[str]]]
"""Several texts, some of which may be outputs."""


def require_storable(resource_name: str, options: Mapping[str, Any]) -> None:
    """Raise RunError for values that Pulumi cannot store, such as bytes: its SDK reports them with the whole value."""
    try:
        refuse(problem for option, value in options.items() for problem in _unstorable(option, value, ()))
    except InputError as error:
        raise pulumi.RunError(f"{resource_name}: {error}") from None


def _unstorable(option: str, value: object, parts: tuple[Part, ...]) -> Iterator[Problem]:
    if isinstance(value, str | int | float | Enum | pulumi.Output | pulumi.Resource) or value is None:
        return
    if isinstance(value, Mapping):
        for name, part in value.items():
            if isinstance(name, str):
                yield from _unstorable(option, part, (*parts, name))
            else:
                yield Problem(option, f"has a name that is {kind_of(name)}, but must be text", parts)
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            yield from _unstorable(option, part, (*parts, index))
    elif not isawaitable(value) and not is_input_type(type(value)):
        yield Problem(option, f"is {kind_of(value)}, which Pulumi cannot store", parts)
