"""The types of options that accept outputs of other resources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, TypeVar

import pulumi

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

Text: TypeAlias = pulumi.Input[str]
"""A text, or an output of one."""
