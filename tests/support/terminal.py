"""A command in a terminal of a given size: what its screen shows, from one moment to the next."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyte

ROWS: Final = 100
"""Enough for a whole tree of Pulumi, with what follows it. [chosen: `make up` fills 60]"""
_CHUNK: Final = 65536


@dataclass(frozen=True)
class Shown:
    """A command that ended, and each screen that it drew; trailing spaces and empty lines are left out."""

    code: int
    screens: Sequence[Sequence[str]]
    drawn: str
    """All that was written, with the sequences that colour and move."""

    def rows(self, words: str) -> list[str]:
        """The rows with these words on any screen, in the order in which they were drawn, each once."""
        return list(dict.fromkeys(line for screen in self.screens for line in screen if words in line))

    def last(self, words: str) -> str:
        """The row with these words on the last screen that has one."""
        return next(line for screen in reversed(self.screens) for line in screen if words in line)


def show(
    command: Sequence[str],
    columns: int,
    folder: Path,
    environment: Mapping[str, str],
    within_s: float,
    look: Callable[[Sequence[str]], object] = lambda _: None,
) -> Shown:
    """Run *command* in a terminal of that many columns; *look* at each screen when it is drawn.

    Raises TimeoutError, and kills the command, after *within_s*.
    """
    master, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
    child = subprocess.Popen(
        command,
        cwd=folder,
        env={**environment, "TERM": "xterm-256color", "COLUMNS": str(columns), "LINES": str(ROWS)},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    try:
        screens, drawn = _watch(master, columns, time.monotonic() + within_s, look)
        return Shown(child.wait(timeout=within_s), screens, drawn)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        os.close(master)


def _watch(
    master: int, columns: int, deadline: float, look: Callable[[Sequence[str]], object]
) -> tuple[list[list[str]], str]:
    screen: Any = pyte.Screen(columns, ROWS)
    stream = pyte.Stream(screen)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    screens: list[list[str]] = []
    drawn: list[str] = []
    while True:
        left_s = deadline - time.monotonic()
        if left_s < 0 or not select.select([master], [], [], left_s)[0]:
            raise TimeoutError("\n".join(screens[-1] if screens else []))
        try:
            chunk = os.read(master, _CHUNK)
        except OSError:  # Linux says so where the last process has closed its end
            chunk = b""
        if not chunk:
            return screens, "".join(drawn)
        text = decoder.decode(chunk)
        drawn.append(text)
        stream.feed(text)
        lines = [line.rstrip() for line in screen.display]
        if not screens or lines != screens[-1]:
            screens.append(lines)
            look(lines)
