"""What a document states, and how each statement is checked: plain values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from conformance.sides import ClientSide, EmulatorSide, Side

ClientCheck: TypeAlias = Callable[[ClientSide], None]
EmulatorCheck: TypeAlias = Callable[[EmulatorSide], None]
AnyCheck: TypeAlias = Callable[[Side], None]


@dataclass(frozen=True, slots=True)
class Checks:
    """A check of each side, or why a side has none.

    ``client_fails`` and ``emulator_fails`` say what is known to be wrong; the check must then fail.
    """

    client: ClientCheck | str
    emulator: EmulatorCheck | str
    client_fails: str = ""
    emulator_fails: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One line of a document: its name, what it says in our own words, and the checks.

    ``seen``: where a case that no document states was seen.
    """

    name: str
    text: str
    checks: Checks
    seen: str = ""


def both(check: AnyCheck) -> Checks:
    """One check for both sides."""
    return Checks(check, check)
