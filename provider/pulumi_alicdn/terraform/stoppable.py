"""A step in a thread of its own: Terraform's wish to stop is answered at once, also while a call has no answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final, Self

from pulumi_alicdn.tasks.progress import Progress

STOPPED: Final = "Terraform asked to stop: the tasks go on in the cloud, and the next apply goes on waiting for them"
"""The warning of a step that ended before its tasks did."""

_STOP_S: Final = 0.3
"""Seconds that a step has to end by itself once Terraform asked to stop. [chosen: an HTTP call may take minutes]"""


class Sink:
    """Collects the warnings of a step or of a release; Terraform shows no progress of a provider."""

    def __init__(self) -> None:
        """Start without any."""
        self.warnings: list[str] = []

    def __enter__(self) -> Self:
        """Begin a wait of a release: there is nothing to open."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """End it: the warnings stay for the answer."""

    def report(self, progress: Progress) -> None:
        """Show nothing."""

    def warn(self, message: str) -> None:
        """Keep the warning for the answer."""
        self.warnings.append(message)

    def submitted(self, task_ids: Sequence[str], request_id: str) -> None:
        """Do nothing: the journal has the intent, by which the tasks are found again."""


def ended(stopped: threading.Event, work: Callable[[], None]) -> bool:
    """Do *work*, which must not raise; return whether it ended. Once *stopped* is set, it has little time left."""
    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    while worker.is_alive() and not stopped.is_set():
        worker.join(0.05)
    worker.join(_STOP_S)
    return not worker.is_alive()
