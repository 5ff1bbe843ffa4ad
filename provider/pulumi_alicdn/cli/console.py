"""Writing to the two streams: results to stdout, everything else to stderr. A closed pipe is not an error."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TextIO

from rich.console import Console, RenderableType

PIPE_WIDTH: Final = 100_000
"""Columns without a terminal. [chosen: wide enough that no URL is cut or folded on its way to another program]"""


def result(text: str) -> None:
    """Write a line of the result."""
    _write(sys.stdout, text)


def say(text: str) -> None:
    """Write lines to stderr, which are not part of the result."""
    _write(sys.stderr, plain_lines(text))


def show(*parts: RenderableType) -> None:
    """Write a result that rich renders: coloured and fitted on a terminal, plain and uncut elsewhere."""
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


def show_csv(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> int:
    """Write a header and *rows* as in RFC 4180, each row as it arrives; return the number of rows written.

    Nothing is written until the first row arrives, or until there is certainly none. Once the pipe is closed, no more
    rows are read.
    """
    writer = csv.writer(_Stdout())
    written, header = 0, False
    for row in rows:
        header = header or bool(writer.writerow(columns))
        if not header or not writer.writerow([_cell(row[name]) for name in columns]):
            return written
        written += 1
    if not header:
        writer.writerow(columns)
    return written


class _Stdout:
    """The file for csv: stdout as it is at the time of the write."""

    def write(self, text: str) -> bool:
        """Write *text*; return whether the pipe is still open."""
        return _write(sys.stdout, text, end="")


def _cell(value: object) -> str:
    """Return the service's exact text for programs; on a terminal, escape control characters."""
    text = "" if value is None else str(value)
    return plain(text) if sys.stdout.isatty() else text


def plain(text: str) -> str:
    """Escape the control characters of *text*: it comes from outside and could manipulate a terminal."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def plain_lines(text: str) -> str:
    """The same for a text of several lines."""
    return "\n".join(plain(line) for line in text.split("\n"))


def _write(stream: TextIO, text: str, end: str = "\n") -> bool:
    """Write *text*; return whether the pipe is still open."""
    try:
        stream.write(text.encode(stream.encoding, "backslashreplace").decode(stream.encoding) + end)
        stream.flush()
    except BrokenPipeError:
        # The reader closed the pipe. Discard any further output; the exit code still reports how the command ended.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        return False
    return True
