"""What a document describes, what it states, and how each statement is checked: plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from conformance.sides import ClientSide, EmulatorSide, Side

DOMAIN = "media.example.com"


@dataclass(frozen=True, slots=True)
class Document:
    """One document: which call it describes, and how it names things.

    ``service`` is what users of the client write. ``dialect`` is how the emulator is told to speak.
    ``always``: parameters without which every question is refused.
    """

    name: str
    title: str
    service: str
    action: str
    version: str
    container: str
    directory: str = "directory"
    dialect: str = "cdn"
    always: Mapping[str, str] = field(default_factory=dict)

    @property
    def vod(self) -> bool:
        """Whether the document is one of VOD; the others are of CDN."""
        return self.service == "vod"


ClientCheck: TypeAlias = "Callable[[ClientSide], None]"
EmulatorCheck: TypeAlias = "Callable[[EmulatorSide], None]"
AnyCheck: TypeAlias = "Callable[[Side], None]"


@dataclass(frozen=True, slots=True)
class Statement:
    """One line: what the document says, in our own words, and a check of each side, or why there is none.

    ``client_fails`` and ``emulator_fails`` tell what is known to be wrong; the check must then fail.
    """

    name: str
    text: str
    client: ClientCheck | str
    emulator: EmulatorCheck | str
    client_fails: str = ""
    emulator_fails: str = ""


def both(name: str, text: str, check: AnyCheck, *, client_fails: str = "", emulator_fails: str = "") -> Statement:
    """A statement that one question shows, asked by the client and asked of the emulator."""
    return Statement(name, text, check, check, client_fails, emulator_fails)
