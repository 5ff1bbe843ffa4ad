"""Progress on stderr: a bar on a terminal, plain lines for a log."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

from pulumi_alicdn.cli import console
from pulumi_alicdn.core.progress import Progress, sentence
from pulumi_alicdn.ports import Clock

LINE_EVERY_S: Final = 3.0
"""Seconds between two lines at least. [chosen: a 15-minute wait fills no more than a few screens of a log]"""


class LineSink:
    """A line when something changed, and not at once again."""

    def __init__(self, clock: Clock) -> None:
        """Take time from *clock*."""
        self._clock = clock
        self._last: tuple[object, ...] = ()
        self._next = clock.monotonic()

    def __enter__(self) -> Self:
        """Nothing to set up."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Nothing to clean up."""

    def report(self, progress: Progress) -> None:
        """Write a line, unless nothing but the estimate changed or the last line is very new."""
        told = (progress.outcome, round(progress.percent), progress.complete, progress.total, progress.note)
        now = self._clock.monotonic()
        if told == self._last or now < self._next:
            return
        self._last, self._next = told, now + LINE_EVERY_S
        console.say(sentence(progress))

    def warn(self, message: str) -> None:
        """Write the warning, whenever it comes."""
        console.say(f"alicdn: {message}")


class BarSink:
    """One line that is drawn over and over, and gone at the end: the table of objects takes its place."""

    def __init__(self) -> None:
        """Draw on stderr."""
        self._bar = RichProgress(
            BarColumn(30),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._bar.add_task("Looking …", total=100.0)

    def __enter__(self) -> Self:
        """Start to draw."""
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Remove the bar and give the terminal its cursor back."""
        self._bar.stop()

    def report(self, progress: Progress) -> None:
        """Move the bar."""
        self._bar.update(self._task, completed=progress.percent, description=sentence(progress))

    def warn(self, message: str) -> None:
        """Write the warning above the bar."""
        self._bar.console.print(
            f"alicdn: {console.plain_lines(message)}", markup=False, highlight=False, soft_wrap=True
        )


def sink(clock: Clock) -> BarSink | LineSink:
    """The sink that suits stderr, to be used in a ``with`` statement."""
    return BarSink() if sys.stderr.isatty() else LineSink(clock)
