"""Progress of a proof on stderr: a bar on a terminal, plain lines for a log."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from pulumi_alicdn.cli import console
from pulumi_alicdn.cli.progress import LINE_EVERY_S
from pulumi_alicdn.core.evidence import Evidence
from pulumi_alicdn.ports import Clock


class LookProgress:
    """Counts looks, and shows the count: drawn over and over on a terminal, else a line every few seconds."""

    def __init__(self, clock: Clock, urls: int) -> None:
        """Take time from *clock*; *urls* are looked at in all, at as many edges as come up."""
        self._clock = clock
        self._urls = urls
        self._seen: dict[tuple[str, str], bool] = {}
        self._next = clock.monotonic() + LINE_EVERY_S
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        """Start to draw."""
        if sys.stderr.isatty():
            columns = (BarColumn(30), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
            self._bar = Progress(
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
