"""The clock of the steps: a wait ends as soon as the engine that requested it has exited."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from pulumi_alicdn.errors import InterruptedWaitError
from pulumi_alicdn.resources.engine.engine_watch import ENGINE_GONE
from pulumi_alicdn.system.clock import SystemClock

CHECK_EVERY_S: Final = 1.0
"""Seconds between two checks of a wait for another thread. [chosen: an orphaned wait ends before a user notices it]"""


def engine_gone() -> InterruptedWaitError:
    """Return the error of a step whose engine has exited."""
    return InterruptedWaitError(
        "the Pulumi engine has exited; the tasks go on in the cloud, and the next `pulumi up` goes on waiting"
    )


class EngineClock(SystemClock):
    """The machine's clock; its waits raise InterruptedWaitError once the engine has exited."""

    def sleep(self, seconds: float) -> None:
        """Return after *seconds*. Raises InterruptedWaitError if the engine has exited."""
        if seconds > 0 and ENGINE_GONE.wait(min(seconds, threading.TIMEOUT_MAX)):
            raise engine_gone()

    def wait(self, condition: threading.Condition, ready: Callable[[], bool], timeout_s: float) -> None:
        """Return once *ready* holds, at the latest after *timeout_s* seconds; the caller holds *condition*.

        Raises InterruptedWaitError if the engine has exited: the thread that would notify may have ended with it.
        """
        end = self.monotonic() + timeout_s
        while not ready() and (left := end - self.monotonic()) > 0:
            if ENGINE_GONE.is_set():
                raise engine_gone()
            condition.wait(min(left, CHECK_EVERY_S))
