"""The real command as tests see it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

DOMAIN = "https://media.example.com"
COMMAND = [sys.executable, "-m", "pulumi_alicdn.cli"]
DEADLINE_S = 30.0


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.out)
        return found


Run: TypeAlias = Callable[..., Ended]
Begin: TypeAlias = Callable[..., "subprocess.Popen[str]"]
Submit: TypeAlias = Callable[..., str]


def until(happened: Callable[[], object], what: str) -> None:
    """Poll until *happened* says so; fail with *what* at the deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while not happened():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)
