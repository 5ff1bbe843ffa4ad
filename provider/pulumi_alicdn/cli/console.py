"""Writing to the two streams: results to stdout, everything else to stderr; a reader that has gone is no error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import TextIO

from rich.console import Console, RenderableType

PIPE_WIDTH = 100_000
"""Columns where no terminal sets a width: an address is never cut or folded on its way to another program."""


def result(text: str) -> None:
    """Write a line of the result."""
    _write(sys.stdout, text)


def say(text: str) -> None:
    """Write lines that are not part of the result."""
    _write(sys.stderr, plain_lines(text))


def show(*parts: RenderableType) -> None:
    """Write what rich renders as the result: coloured and fitted on a terminal, plain and uncut elsewhere."""
    if not parts:
        return
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)
    with console.capture() as captured:
        for part in parts:
            console.print(part)
    result("\n".join(line.rstrip() for line in captured.get().splitlines()))


def show_json(values: Sequence[object]) -> None:
    """Write *values* as one JSON list."""
    result(json.dumps(values, indent=2))


def plain(text: str) -> str:
    """*text* with whatever could steer a terminal spelled out: others than us wrote it."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def plain_lines(text: str) -> str:
    """The same for a text of several lines."""
    return "\n".join(plain(line) for line in text.split("\n"))


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text.encode(stream.encoding, "backslashreplace").decode(stream.encoding) + "\n")
        stream.flush()
    except BrokenPipeError:
        # The reader had enough. What was done is done, and the exit code still tells how; nothing more is written.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
