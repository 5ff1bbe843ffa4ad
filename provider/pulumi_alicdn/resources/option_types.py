"""The types of options whose values other resources may put out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, TypeVar

import pulumi

Word = TypeVar("Word", bound=str)

Choice: TypeAlias = pulumi.Input[Word] | pulumi.Output[str]
"""One of a few words. A type checker finds a word that is none of them.

What another resource puts out is an `Output[str]`, which is accepted: its value is checked at preview or, where it is
not known by then, at deployment. Plain text from elsewhere, such as the stack's configuration, passes as
`pulumi.Output.from_input(config.require("service"))`.
"""

Choices: TypeAlias = pulumi.Input[Sequence[Choice[Word]]] | pulumi.Output[list[str]]
"""Several of a few words."""

Texts: TypeAlias = pulumi.Input[Sequence[pulumi.Input[str]]]
"""Several texts, some of which may be outputs."""
