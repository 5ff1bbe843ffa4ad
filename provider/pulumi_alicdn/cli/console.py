"""Writing to the two streams: results to stdout, everything else to stderr. A closed pipe is not an error."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, TextIO, TypeAlias

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pulumi_alicdn.borders import cell, csv_cell, json_text, printed
from pulumi_alicdn.phrases import unsigned

PIPE_WIDTH: Final = 100_000
"""Columns without a terminal. [chosen: wide enough that no URL is cut or folded on its way to another program]"""


Justify: TypeAlias = Literal["left", "right"]
"""The side on which the texts of a column begin."""


def result(text: str) -> None:
    """Write lines of the result."""
    _write(sys.stdout, printed(text))


def say(text: str) -> None:
    """Write lines to stderr, which are not part of the result; logs keep them, so that no URL has its signature."""
    _write(sys.stderr, printed(unsigned(text)))


def text(written: object, style: str = "") -> Text:
    """Return the text of a cell or of a line above a bar, in which codes for markup and emoji mean nothing to rich."""
    return Text(cell(str(written)), style=style)


def table(titles: Mapping[str, Justify]) -> Table:
    """Return a table with these columns. Its rows are made of :func:`text`, or of bars.

    Users copy ids and URLs: a narrow terminal folds them into the next line and never cuts them.
    """
    made = Table(box=None, pad_edge=False, header_style="bold")
    for title, justify in titles.items():
        made.add_column(title, overflow="fold", justify=justify)
    return made


def show(made: Table) -> None:
    """Write a table: coloured and fitted on a terminal, plain and uncut elsewhere."""
    terminal = sys.stdout.isatty()
    console = Console(file=sys.stdout, width=None if terminal else PIPE_WIDTH, highlight=False)
    with console.capture() as captured:
        console.print(made)
    lines = "\n".join(line.rstrip() for line in captured.get().splitlines())
    # On a terminal, the colours of rich are part of the lines.
    _write(sys.stdout, lines if terminal else printed(lines))


def show_json(value: object) -> None:
    """Write *value* as JSON."""
    _write(sys.stdout, json_text(value))


def show_csv(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> int:
    """Write a header and *rows* as in RFC 4180, each row as it arrives; return the number of rows written.

    Nothing is written until the first row arrives, or until there is certainly none. Once the pipe is closed, no more
    rows are read.
    """
    writer = csv.writer(_Stdout())
    written, header = 0, False
    for row in rows:
        header = header or bool(writer.writerow(columns))
        if not header or not writer.writerow([csv_cell(row[name]) for name in columns]):
            return written
        written += 1
    if not header:
        writer.writerow(columns)
    return written


class _Stdout:
    """The file for csv: stdout as it is at the time of the write."""

    def write(self, line: str) -> bool:
        """Write *line*; return whether the pipe is still open."""
        return _write(sys.stdout, line, end="")


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
