"""The settings of an emulator, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from pulumi_alicdn.emulator.modes import DEFAULT_MODES, Modes

HOST: Final = "127.0.0.1"
"""The only address to listen on. [chosen: admin calls are unsigned, so only this machine may reach them]"""


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of the command line. ``effect_s`` is in virtual seconds, ``origin_timeout_s`` in real ones."""

    access_key_id: str
    access_key_secret: str = field(repr=False)
    port: int = 0
    edges: int = 3
    nodes: int | None = None
    """The first nodes are the edges, which have a port of their own, too; None for no others."""
    node_port: int = 0
    """The port of all nodes; 0 for a free one."""
    dns_port: int = 0
    """The port of the DNS server; 0 for a free one."""
    origin_folder: Path | None = None
    origin_url: str | None = None
    domains: frozenset[str] | None = None
    """The accelerated domains, lower case; None for any."""
    effect_s: float = 6.0
    speed: float = 1.0
    start: datetime | None = None
    """The clock's first instant, aware UTC; None for the real time."""
    origin_timeout_s: float = 2.0
    until_stdin_closes: bool = False
    exports: bool = False
    """Whether the first output is lines for a shell; else it is one JSON object."""
    modes: Modes = DEFAULT_MODES
    """The modes at the start and after a reset."""

    @property
    def node_count(self) -> int:
        """The number of nodes."""
        return self.edges if self.nodes is None else self.nodes
