"""Progress on stderr: a bar on a terminal, plain lines for a log."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TimeElapsedColumn
from rich.progress import Progress as RichProgress
from rich.text import Text

from pulumi_alicdn.cli import console, interrupt
from pulumi_alicdn.freshness.node_progress import nodes_sentence
from pulumi_alicdn.phrases import counted, unsigned
from pulumi_alicdn.ports import Clock
from pulumi_alicdn.releases.proof.evidence import Evidence
from pulumi_alicdn.tasks.progress import Progress, sentence

LINE_EVERY_S: Final = 3.0
"""The least seconds between two lines. [chosen: a 15-minute wait fills only a few screens of a log]"""


class _Display(Protocol):
    """A display of progress, from ``start`` to ``stop``."""

    def start(self) -> None:
        """Start the display."""

    def stop(self) -> None:
        """Show no more progress."""

    def show(self, text: str, completed: float, total: float, news: object) -> None:
        """Show *text*, and that *completed* of *total* is done; a log gets a line only if *news* has changed."""

    def say(self, text: str) -> None:
        """Write permanent lines, at any time."""


class _Lines:
    """Lines for a log: one whenever *news* has changed and the last line is old enough."""

    def __init__(self, clock: Clock, quiet_s: float) -> None:
        """Write the first line after *quiet_s* at the earliest."""
        self._clock = clock
        self._last: object = None
        self._next = clock.monotonic() + quiet_s

    def start(self) -> None:
        """Do nothing: lines need no setup."""

    def stop(self) -> None:
        """Do nothing: lines need no cleanup."""

    def show(self, text: str, completed: float, total: float, news: object) -> None:  # noqa: ARG002  for a bar only
        """Write *text* if *news* has changed and the last line is old enough."""
        now = self._clock.monotonic()
        if news == self._last or now < self._next:
            return
        self._last, self._next = news, now + LINE_EVERY_S
        console.say(text)

    def say(self, text: str) -> None:
        """Write *text*."""
        console.say(text)


class _Sentence(ProgressColumn):
    """The sentence beside the bar."""

    def render(self, task: Task) -> Text:
        """Return the sentence on one line, whatever it quotes."""
        return console.text(task.description)


class _Bar:
    """A bar for a terminal: one line that is redrawn, and removed at the end to make room for the result."""

    def __init__(self) -> None:
        self._bar = RichProgress(
            BarColumn(30),
            _Sentence(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._bar.add_task("Looking …", total=None)

    def start(self) -> None:
        """Draw the bar."""
        self._bar.reset(self._task)
        # The bar's thread must not write while Python ends: that aborts the process. An interrupt can come before
        # __exit__ has begun, and halfway in rich, whose stop() does nothing after that.
        atexit.register(self._bar.stop)
        with interrupt.held():
            self._bar.start()

    def stop(self) -> None:
        """Remove the bar and restore the terminal's cursor."""
        with interrupt.held():
            self._bar.stop()
        atexit.unregister(self._bar.stop)

    def show(self, text: str, completed: float, total: float, news: object) -> None:  # noqa: ARG002  for lines only
        """Move the bar."""
        self._bar.update(self._task, completed=completed, total=total, description=text)

    def say(self, text: str) -> None:
        """Write *text* above the bar."""
        for line in text.split("\n"):
            self._bar.console.print(console.text(unsigned(line)), highlight=False, soft_wrap=True)


class _Shown:
    """Progress that is shown while the ``with`` block runs."""

    def __init__(self, clock: Clock, quiet_s: float = 0.0) -> None:
        """Draw on a terminal; elsewhere write lines by *clock*, the first of them after *quiet_s* at the earliest."""
        self._display: _Display = _Bar() if sys.stderr.isatty() else _Lines(clock, quiet_s)

    def __enter__(self) -> Self:
        """Begin to show progress."""
        try:
            self._display.start()
        except BaseException:
            # `with` ends only what has begun.
            self._display.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Show no more progress."""
        self._display.stop()


class TaskProgress(_Shown):
    """The progress of a submit and a wait; ``task_ids`` are the ids reported so far.

    Ids and warnings are also written before and after the ``with`` block.
    """

    def __init__(self, clock: Clock) -> None:
        """Begin without any ids."""
        super().__init__(clock)
        self.task_ids: list[str] = []

    def report(self, progress: Progress) -> None:
        """Show *progress*; a change of the estimate alone adds no line to a log."""
        news = (progress.outcome, round(progress.percent), progress.complete, progress.total, progress.note)
        self._display.show(sentence(progress), progress.percent, 100.0, news)

    def warn(self, message: str) -> None:
        """Write the warning."""
        self._display.say(f"alicdn: {message}")

    def submitted(self, task_ids: Sequence[str], request_id: str) -> None:
        """Write the new ids, joined by commas as `alicdn wait` accepts them."""
        new = [task_id for task_id in dict.fromkeys(task_ids) if task_id not in self.task_ids]
        if not new:
            return
        self.task_ids += new
        ids = ",".join(new)
        how = f"Submitted task {ids} (request id {request_id})" if request_id else f"Found task {ids}"
        self._display.say(how if request_id else f"{how} (under way for the same objects)")


class NodesProgress(_Shown):
    """The progress of a verification: it counts nodes."""

    def __init__(self, clock: Clock) -> None:
        """Begin with none."""
        super().__init__(clock, quiet_s=LINE_EVERY_S)

    def __call__(self, proven: int, of: int) -> None:
        """Show that *proven* of all nodes serve what they have to."""
        self._display.show(nodes_sentence(proven, of), proven, of, proven)


class ProofProgress(_Shown):
    """The progress of a proof: it counts checks and mismatches."""

    def __init__(self, clock: Clock, urls: int) -> None:
        """Count checks of *urls* URLs, at any number of edges."""
        super().__init__(clock, quiet_s=LINE_EVERY_S)
        self._urls = urls
        self._done = 0
        self._wrong: set[tuple[str, str, str]] = set()
        self._edges: set[str] = set()

    def __call__(self, evidence: Evidence) -> None:
        """Count the evidence of one copy at one edge; only what differed is probed again."""
        key = evidence.edge, evidence.url, evidence.copy
        self._done += key not in self._wrong
        self._edges.add(evidence.edge)
        (self._wrong.discard if evidence.ok else self._wrong.add)(key)
        done, wrong = self._done, len(self._wrong)
        text = f"Verifying · {counted(done, 'check')}"
        text += f" · {counted(wrong, 'mismatch', 'mismatches')}" if wrong else ""
        self._display.show(text, done, max(done, self._urls * len(self._edges)), (done, wrong))
