"""Progress on stderr: a bar on a terminal, plain lines for a log."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

from pulumi_alicdn.cli import console
from pulumi_alicdn.phrases import counted
from pulumi_alicdn.ports import Clock
from pulumi_alicdn.releases.proof.evidence import Evidence
from pulumi_alicdn.tasks.progress import Progress, sentence

LINE_EVERY_S: Final = 3.0
"""Seconds between two lines at least. [chosen: a 15-minute wait fills no more than a few screens of a log]"""


class _Display(Protocol):
    """Where progress is shown, from ``start`` to ``stop``."""

    def start(self) -> None:
        """Begin to show progress."""

    def stop(self) -> None:
        """Show no more progress."""

    def show(self, text: str, completed: float, total: float, news: object) -> None:
        """Show *text*, and that *completed* of *total* is done; *news* differs where a reader of a log should know."""

    def say(self, text: str) -> None:
        """Write lines that stay, at any time."""


class _Lines:
    """A line where there are news and the last line is not very new."""

    def __init__(self, clock: Clock, quiet_s: float) -> None:
        """Write the first line after *quiet_s* at the earliest."""
        self._clock = clock
        self._last: object = None
        self._next = clock.monotonic() + quiet_s

    def start(self) -> None:
        """Nothing to set up."""

    def stop(self) -> None:
        """Nothing to clean up."""

    def show(self, text: str, completed: float, total: float, news: object) -> None:  # noqa: ARG002  for a bar only
        """Write *text*, unless there are no news or the last line is very new."""
        now = self._clock.monotonic()
        if news == self._last or now < self._next:
            return
        self._last, self._next = news, now + LINE_EVERY_S
        console.say(text)

    def say(self, text: str) -> None:
        """Write *text*."""
        console.say(text)


class _Bar:
    """One line that is drawn over and over, and gone at the end: the result takes its place."""

    def __init__(self) -> None:
        self._bar = RichProgress(
            BarColumn(30),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._bar.add_task("Looking …", total=None)

    def start(self) -> None:
        """Start to draw."""
        self._bar.reset(self._task)
        self._bar.start()

    def stop(self) -> None:
        """Remove the bar and give the terminal its cursor back."""
        self._bar.stop()

    def show(self, text: str, completed: float, total: float, news: object) -> None:  # noqa: ARG002  for lines only
        """Move the bar."""
        self._bar.update(self._task, completed=completed, total=total, description=text)

    def say(self, text: str) -> None:
        """Write *text* above the bar."""
        self._bar.console.print(console.plain_lines(text), markup=False, highlight=False, soft_wrap=True)


class _Shown:
    """Progress that is shown while the ``with`` block runs."""

    def __init__(self, clock: Clock, quiet_s: float = 0.0) -> None:
        """Draw on a terminal; elsewhere write lines by *clock*, the first of them after *quiet_s* at the earliest."""
        self._display: _Display = _Bar() if sys.stderr.isatty() else _Lines(clock, quiet_s)

    def __enter__(self) -> Self:
        """Begin to show progress."""
        self._display.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Show no more progress."""
        self._display.stop()


class TaskProgress(_Shown):
    """What a submit and a wait report; ``task_ids`` are those of which they have reported so far.

    Ids and warnings are written before and after the ``with`` block too.
    """

    def __init__(self, clock: Clock) -> None:
        """Know no ids yet."""
        super().__init__(clock)
        self.task_ids: list[str] = []

    def report(self, progress: Progress) -> None:
        """Show *progress*; an estimate that changed is no news for a log."""
        news = (progress.outcome, round(progress.percent), progress.complete, progress.total, progress.note)
        self._display.show(sentence(progress), progress.percent, 100.0, news)

    def warn(self, message: str) -> None:
        """Write the warning, whenever it comes."""
        self._display.say(f"alicdn: {message}")

    def submitted(self, task_ids: Sequence[str], request_id: str) -> None:
        """Write those ids that were not written yet, joined by commas as `alicdn wait` takes them."""
        new = [task_id for task_id in dict.fromkeys(task_ids) if task_id not in self.task_ids]
        if not new:
            return
        self.task_ids += new
        ids = ",".join(new)
        how = f"Submitted task {ids} (request id {request_id})" if request_id else f"Found task {ids}"
        self._display.say(how if request_id else f"{how} (under way for the same objects)")


class ProofProgress(_Shown):
    """Counts requests to edges, and what they found."""

    def __init__(self, clock: Clock, urls: int) -> None:
        """Count requests for *urls* URLs, at as many edges as come up."""
        super().__init__(clock, quiet_s=LINE_EVERY_S)
        self._urls = urls
        self._seen: dict[tuple[str, str], bool] = {}

    def __call__(self, evidence: Evidence) -> None:
        """Count what an edge answered for a URL; a later answer takes the place of an earlier one."""
        self._seen[evidence.edge, evidence.url] = evidence.ok
        done = len(self._seen)
        wrong = done - sum(self._seen.values())
        text = f"Verifying · {counted(done, 'check')}"
        text += f" · {counted(wrong, 'mismatch', 'mismatches')}" if wrong else ""
        self._display.show(text, done, self._urls * len({edge for edge, _ in self._seen}), (done, wrong))
