"""How an emulator is started, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

# Always this address: the emulator's account is a throw-away one, and its admin calls are unsigned.
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line says; durations ending in ``effect_s`` are virtual, timeouts real seconds."""

    access_key_id: str
    access_key_secret: str = field(repr=False)
    port: int = 0
    edges: int = 3
    origin_folder: Path | None = None
    origin_url: str | None = None
    domains: frozenset[str] | None = None
    """The accelerated domains, lower case; None for any."""
    effect_s: float = 6.0
    speed: float = 1.0
    start: datetime | None = None
    """What the clock shows at first, aware UTC; None for the real time."""
    origin_timeout_s: float = 2.0
    until_stdin_closes: bool = False
