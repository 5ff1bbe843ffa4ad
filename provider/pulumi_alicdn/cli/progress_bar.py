"""Progress on stderr: a bar on a terminal, plain lines for a log."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

from pulumi_alicdn.cli import console
from pulumi_alicdn.ports import Clock
from pulumi_alicdn.releases.proof.evidence import Evidence
from pulumi_alicdn.tasks.progress import Progress, sentence


class LookProgress:
    """Counts looks, and shows the count: drawn over and over on a terminal, else a line every few seconds."""

    def __init__(self, clock: Clock, urls: int) -> None:
        """Take time from *clock*; *urls* are looked at in all, at as many edges as come up."""
        self._clock = clock
        self._urls = urls
        self._seen: dict[tuple[str, str], bool] = {}
        self._next = clock.monotonic() + LINE_EVERY_S
        self._bar: RichProgress | None = None

    def __enter__(self) -> Self:
        """Start to draw."""
        if sys.stderr.isatty():
            columns = (BarColumn(30), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
            self._bar = RichProgress(
                *columns, console=Console(stderr=True), transient=True, redirect_stdout=False, redirect_stderr=False
            )
            self._bar.add_task("Looking …", total=None)
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Remove the bar and give the terminal its cursor back."""
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, evidence: Evidence) -> None:
        """Count a look; the same look again takes the place of the earlier one."""
        self._seen[evidence.edge, evidence.url] = evidence.ok
        if self._bar is not None:
            total = self._urls * len({edge for edge, _ in self._seen})
            self._bar.update(
                self._bar.task_ids[0], completed=len(self._seen), total=total, description=self._sentence()
            )
        elif self._clock.monotonic() >= self._next:
            self._next = self._clock.monotonic() + LINE_EVERY_S
            console.say(self._sentence())

    def _sentence(self) -> str:
        """`Verifying · 512 looks · 3 not as they must be`."""
        wrong = len(self._seen) - sum(self._seen.values())
        return f"Verifying · {len(self._seen)} looks" + (f" · {wrong} not as they must be" if wrong else "")


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
