"""What the steps of a task work with in a Terraform provider: its clock, which ends with Stop, and its next steps."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any, Final

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.ports import Clock
from pulumi_alicdn.system.clock import SystemClock, chance
from pulumi_alicdn.tasks.context import Context
from pulumi_alicdn.tasks.messages import AfterDoubt
from pulumi_alicdn.tasks.task_api import TaskApi
from pulumi_alicdn.tasks.waiting.awaited import NextSteps

_NEXT_STEPS: Final = NextSteps(
    after_failure="Fix the cause and apply again: it submits only what failed "
    "(retry_failed = N does so within one run).",
    after_timeout="The tasks go on in the cloud and nothing is lost: apply again to go on waiting, nothing is "
    "submitted twice; or raise the timeout in the block timeouts.",
    after_doubt=AfterDoubt("Apply again once the network works: it looks up these tasks first", "change `triggers`"),
)
"""The next steps of a Terraform user."""

_ATTACHED_STEPS: Final = NextSteps(
    after_failure="A failed task stays failed, and this resource submits nothing: submit these again, for example with "
    "alicdn_refresh_task, and wait for the new task.",
    after_timeout="The tasks go on in the cloud: apply again to go on waiting; or raise the timeout in the block "
    "timeouts.",
)
"""The same for a wait for tasks of somebody else."""


class _Clock(SystemClock):
    """The machine's clock; its waits raise InterruptedWaitError once Terraform asked to stop."""

    def __init__(self, stopped: threading.Event, wanted: Callable[[], None]) -> None:
        self._stopped = stopped
        self._wanted = wanted

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self._stopped.wait(min(seconds, threading.TIMEOUT_MAX))
        self._wanted()

    def wait(self, condition: threading.Condition, ready: Callable[[], bool], timeout_s: float) -> None:
        end = self.monotonic() + timeout_s
        while not ready() and (left := end - self.monotonic()) > 0:
            self._wanted()
            condition.wait(min(left, 0.1))


def _read_origin(origin: str, urls: Any, within_s: float) -> Any:  # noqa: ANN401  the types load its HTTP
    from pulumi_alicdn.system.origin_reader import read_origin  # noqa: PLC0415

    return read_origin(origin, urls, within_s)


def step_context(
    api: Callable[[Service], TaskApi], stopped: threading.Event, wanted: Callable[[], None], clock: Clock | None
) -> Context:
    """Return the context of a process: *api* connects, *stopped* ends waits, *wanted* raises once it is set.

    *clock*: one whose waits need not end when Terraform asks to stop; None for the machine's, whose waits do.
    """
    return Context(
        api,
        clock or _Clock(stopped, wanted),
        chance,
        uuid.uuid4().hex,
        wanted,
        next_steps=_NEXT_STEPS,
        attached_steps=_ATTACHED_STEPS,
        read_origin=_read_origin,
    )
