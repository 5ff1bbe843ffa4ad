"""The real command as tests see it."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

DOMAIN = "https://media.example.com"
COMMAND = [str(Path(sys.executable).parent / "alicdn")]
DEADLINE_S = 120.0


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

    @property
    def records(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.out, newline=""), strict=True))


Run: TypeAlias = Callable[..., Ended]
Begin: TypeAlias = Callable[..., "subprocess.Popen[str]"]
Submit: TypeAlias = Callable[..., str]


def on_terminal(begin: Begin, *arguments: str) -> tuple[int, str]:
    """The exit code of a command whose result goes to a terminal, and what the terminal was sent."""
    ours, theirs = pty.openpty()
    child = begin(*arguments, stdout=theirs)
    os.close(theirs)
    shown = rest_of(ours)
    return child.wait(DEADLINE_S), shown.decode()


def rest_of(terminal: int) -> bytes:
    """Read what a terminal is sent until the command closes it, and close this side."""
    shown = b""
    try:
        while piece := os.read(terminal, 4096):
            shown += piece
    except OSError:
        pass  # the other side has closed: that is how a terminal ends
    os.close(terminal)
    return shown


def until(happened: Callable[[], object], what: str) -> None:
    """Poll until *happened* says so; fail with *what* at the deadline."""
    deadline = time.monotonic() + DEADLINE_S
    while not happened():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)
