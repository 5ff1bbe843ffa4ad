"""Writing to the two streams: results to stdout, everything else to stderr; a reader that has gone is no error."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
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


def show_csv(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> int:
    """Write a header and *rows* as RFC 4180 has it, each row as it comes; return how many were written.

    Nothing is written before the first row is there, or it is certain that there is none. Once the reader has gone,
    no more rows are taken.
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
    """Where csv writes: stdout as it is by then."""

    def write(self, text: str) -> bool:
        """Write *text*; tell whether somebody still reads."""
        return _write(sys.stdout, text, end="")


def _cell(value: object) -> str:
    """Exactly what the service said, for programs; on a terminal nothing that could steer it."""
    text = "" if value is None else str(value)
    return plain(text) if sys.stdout.isatty() else text


def plain(text: str) -> str:
    """*text* with whatever could steer a terminal spelled out: others than us wrote it."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def plain_lines(text: str) -> str:
    """The same for a text of several lines."""
    return "\n".join(plain(line) for line in text.split("\n"))


def _write(stream: TextIO, text: str, end: str = "\n") -> bool:
    """Write *text*; tell whether somebody still reads."""
    try:
        stream.write(text.encode(stream.encoding, "backslashreplace").decode(stream.encoding) + end)
        stream.flush()
    except BrokenPipeError:
        # The reader had enough. What was done is done, and the exit code still tells how; nothing more is written.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        return False
    return True
