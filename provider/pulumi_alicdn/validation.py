"""Broken rules, and values that are not known yet: the words in which all rules are stated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


class Unknown:
    """A value that preview does not know yet; no rule applies to it."""


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True)
class Problem:
    """A broken rule: the property at fault and a whole sentence about it."""

    name: str
    sentence: str


def show(value: object) -> str:
    """A value as it appears in a sentence: quoted, and shortened where it is long."""
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."  # noqa: PLR2004  a line's worth
