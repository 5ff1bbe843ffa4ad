"""The context of a step: the service, time, chance, and the data that all steps of a process share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.ports import Chance, Clock
from pulumi_alicdn.tasks.origin_check import OriginReader, unread
from pulumi_alicdn.tasks.retry_policy import Caller, SharedPace
from pulumi_alicdn.tasks.task_api import ProgressSink, TaskApi
from pulumi_alicdn.tasks.waiting.awaited import NextSteps
from pulumi_alicdn.tasks.waiting.loop import Waiter
from pulumi_alicdn.tasks.waiting.poll_group import PollGroup

NEXT_STEPS: Final = NextSteps(
    after_failure="Fix the cause and run `pulumi up` again: it submits only what failed "
    "(retry_failed=N does so within one run).",
    after_timeout="The tasks go on in the cloud and nothing is lost: run `pulumi up` again to go on waiting, "
    "nothing is submitted twice; or raise timeout.",
)
"""The next steps of a Pulumi user after a failure and after a timeout."""

ATTACHED_NEXT_STEPS: Final = NextSteps(
    after_failure="A failed task stays failed, and this resource submits nothing: submit these again, for example with "
    "RefreshTask, and wait for the new task.",
    after_timeout="The tasks go on in the cloud: run `pulumi up` again to go on waiting; or raise timeout.",
)
"""The same for a wait for tasks of somebody else."""


def poll_groups() -> Mapping[Service, PollGroup]:
    """Return one poll group for each service."""
    return {service: PollGroup() for service in Service}


@dataclass(frozen=True, slots=True)
class Context:
    """The context of a step.

    ``api``: the API of a service.
    ``clock``, ``chance``: time and jitter.
    ``run``: the name of this run of the Pulumi engine; every run has another one.
    ``wanted``: raises InterruptedWaitError if that run has ended: a provider process can outlive it, and must not
    submit anything then.
    ``shared_pace``: the pace of the process's calls to the service.
    ``poll_groups``: the waits of the process, which share their polls.
    ``next_steps``: the last sentence of a wait's errors.
    ``attached_steps``: the same of a wait for tasks of somebody else.
    ``read_origin``: asks an origin for the objects of a refresh.
    """

    api: Callable[[Service], TaskApi]
    clock: Clock
    chance: Chance
    run: str
    wanted: Callable[[], None]
    shared_pace: SharedPace = field(default_factory=SharedPace)
    poll_groups: Mapping[Service, PollGroup] = field(default_factory=poll_groups)
    next_steps: NextSteps = NEXT_STEPS
    attached_steps: NextSteps = ATTACHED_NEXT_STEPS
    read_origin: OriginReader = unread

    def caller(self) -> Caller:
        """Return a caller for one step."""
        return Caller(self.clock, self.chance, self.wanted, self.shared_pace)

    def waiter(self, service: Service, sink: ProgressSink) -> Waiter:
        """Return a waiter that shares its polls with the other waits of the process."""
        return Waiter(self.api(service), self.caller(), sink, self.next_steps, self.poll_groups[service])
