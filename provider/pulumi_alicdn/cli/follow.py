"""The wait for tasks in a command: its progress, its result, and the next step after a failure."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from pulumi_alicdn.api.spec import Kind, Service
from pulumi_alicdn.cli import console, objects
from pulumi_alicdn.cli.flags.common_flags import SERVICE_VARIABLE
from pulumi_alicdn.cli.progress_bar import TaskProgress
from pulumi_alicdn.errors import AlicdnError, ApiError, TaskFailedError, TaskTimeoutError
from pulumi_alicdn.tasks.messages import AfterDoubt
from pulumi_alicdn.tasks.options import WaitOptions
from pulumi_alicdn.tasks.retry_policy import Caller
from pulumi_alicdn.tasks.task_api import TaskApi
from pulumi_alicdn.tasks.verdict import Verdict
from pulumi_alicdn.tasks.waiting.awaited import AwaitedTasks, NextSteps
from pulumi_alicdn.tasks.waiting.loop import Waiter

AFTER_DOUBT: Final = AfterDoubt(
    "A further run would submit again: first see with `alicdn tasks` whether the service has these tasks",
    "run it again",
)
"""The next steps after a submit that may have been accepted: these commands keep no intent."""

_AFTER_TIMEOUT: Final = "The tasks go on in the cloud and nothing is lost."


def next_steps(kind: Kind, *, own: bool) -> NextSteps:
    """Return the next steps: *own* is whether this command submitted the tasks, or only waits for them."""
    if own:
        after_failure = (
            f"Fix the cause and run `alicdn {kind}` for these again; --retry-failed N does so within one run."
        )
    else:
        after_failure = f"Fix the cause and submit these again with `alicdn {kind}`."
    return NextSteps(after_failure=after_failure, after_timeout=_AFTER_TIMEOUT, after_doubt=AFTER_DOUBT)


def go_on(service: Service) -> str:
    """Return the command that continues the wait, with ``{ids}`` for the task ids."""
    return "run `" + wait_command(service, "{ids}") + "` to go on waiting"


def wait_command(service: Service, ids: str) -> str:
    """Return the command that waits for the tasks *ids*."""
    usual = os.environ.get(SERVICE_VARIABLE) or Service.VOD
    option = "" if service == usual else f" --service {service}"
    return f"alicdn wait {ids}{option}"


def with_ids(error: AlicdnError, service: Service, task_ids: Sequence[str]) -> AlicdnError:
    """Add a note to *error* on how to continue with the tasks in progress."""
    if task_ids:
        error.add_note(go_on(service).format(ids=",".join(task_ids)))
    return error


def follow(
    api: TaskApi, caller: Caller, awaited: AwaitedTasks, options: WaitOptions, output: str, progress: TaskProgress
) -> Verdict:
    """Wait, or poll once if *options* say not to wait; write the objects, also after a failed wait; return their state.

    Raises the errors of :meth:`pulumi_alicdn.tasks.waiting.loop.Waiter.run`, with the next step as a note.
    """
    waiter = Waiter(api, caller, progress, next_steps(awaited.spec.kind, own=awaited.intent is not None))
    service = awaited.spec.service
    try:
        if not options.wait:
            verdict, _ = waiter.poll_once(awaited)
            objects.show(objects.of_verdict(verdict, awaited.task_ids), output)
            return verdict
        with progress:
            result = waiter.run(awaited, options, retry_first=False)
    except TaskFailedError as error:
        objects.show(objects.of_verdict(error.verdict), output)
        raise
    except TaskTimeoutError as error:
        objects.show(objects.of_verdict(error.verdict), output)
        raise with_ids(error, service, awaited.task_ids) from None
    except ApiError as error:
        raise with_ids(error, service, awaited.task_ids) from None
    objects.show(objects.of_verdict(result.verdict), output)
    if result.effective_at is None:
        console.say(f"alicdn: {go_on(service).format(ids=','.join(awaited.task_ids))}")
    return result.verdict
