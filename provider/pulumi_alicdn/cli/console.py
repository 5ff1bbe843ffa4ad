"""Writing to the two streams: results to stdout, everything else to stderr. A closed pipe is not an error.

A result that cannot be written is one; words on stderr that cannot be written change nothing.
"""

from __future__ import annotations

import csv
import io
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from textwrap import indent
from typing import Final, Literal, TextIO, TypeAlias

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pulumi_alicdn.borders import cell, csv_cell, json_text, printed
from pulumi_alicdn.phrases import unsigned

PIPE_WIDTH: Final = 100_000
"""Columns without a terminal. [chosen: wide enough that no URL is cut or folded on its way to another program]"""


class UnwritableError(Exception):
    """The result could not be written, for example because the disk is full; the text is the system's reason."""


Justify: TypeAlias = Literal["left", "right"]
"""The side on which the texts of a column begin."""


def result(text: str) -> None:
    """Write lines of the result."""
    _write(sys.stdout, printed(text))


def say(text: str) -> None:
    """Write lines to stderr, which are not part of the result; logs keep them, so that no URL has its signature."""
    # A log that takes no more must not end a command whose tasks go on, nor hide how it ended.
    with suppress(UnwritableError):
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
    terminal = _is_terminal(sys.stdout)
    # rich must not write itself: on a full disk its error would have no sentence.
    drawn = io.StringIO()
    width = None if terminal else PIPE_WIDTH
    console = Console(file=drawn, width=width, highlight=False, force_terminal=terminal)
    console.print(made)
    lines = "\n".join(line.rstrip() for line in drawn.getvalue().splitlines())
    # On a terminal, the colours of rich are part of the lines.
    _write(sys.stdout, lines if terminal else printed(lines))


def show_json(value: object) -> None:
    """Write *value* as JSON."""
    _write(sys.stdout, json_text(value))


def show_json_list(values: Iterable[object]) -> None:
    """Write *values* as a list in JSON, each as it arrives: the text of 20,000 checks is long."""
    before = "["
    for value in values:
        if not _write(sys.stdout, f"{before}\n{indent(json_text(value), '  ')}", end=""):
            return
        before = ","
    _write(sys.stdout, "[]" if before == "[" else "\n]")


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


def ready() -> None:
    """Let a process without stderr, as after `2>&-`, write its words to nowhere."""
    if _missing(sys.stderr):
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  as long as the process


def _missing(stream: TextIO | None) -> bool:
    """Return whether the shell gave no such stream: Python then has None."""
    return stream is None


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def _write(stream: TextIO | None, text: str, end: str = "\n") -> bool:
    """Write *text*; return whether the pipe is still open. Raises UnwritableError if nothing can be written."""
    if stream is None:
        raise UnwritableError("it is closed")
    try:
        stream.write(text.encode(stream.encoding, "backslashreplace").decode(stream.encoding) + end)
        stream.flush()
    except BrokenPipeError:
        # The reader closed the pipe. Discard any further output; the exit code still reports how the command ended.
        _discard(stream)
        return False
    except OSError as error:
        # What is left in the buffer would be written again when Python ends, and fail again without a sentence.
        _discard(stream)
        raise UnwritableError(error.strerror or str(error)) from error
    return True


def _discard(stream: TextIO) -> None:
    """Send all further output of *stream* to nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
