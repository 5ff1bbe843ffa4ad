"""The global options, and the connection to the cloud that a command makes from them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import click

from pulumi_alicdn.api.rows import Query
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.errors import AlicdnError
from pulumi_alicdn.tasks.retry_policy import Caller
from pulumi_alicdn.tasks.task_api import TaskApi
from pulumi_alicdn.time_limits import allowing

_OPTIONS: Final = {"alicdn:region": "--region", "alicdn:endpoint": "--endpoint", "alicdn:profile": "--profile"}
"""What the keys of a stack's configuration are called on the command line."""

MAX_ASKED: Final = 3
"""The most task ids about which the other service is asked. [chosen: the ids of one command are of one service]"""

ASKED_S: Final = 3.0
"""Seconds for these questions together. [chosen: they take a tenth of that, and only add a hint to a sentence]"""


@dataclass(frozen=True, slots=True)
class CloudOptions:
    """The global options. None stands for the environment's value, or else the service's default."""

    region: str | None = None
    endpoint: str | None = None
    profile: str | None = None

    def api(self, service: Service) -> TaskApi:
        """Connect to *service*. Raises InputError for a region that it does not have, or a forbidden address."""
        # The vendor's SDK takes most of a second to load; --help and a mistyped option must not wait for it.
        from pulumi_alicdn.cloud.connection import connect  # noqa: PLC0415
        from pulumi_alicdn.cloud.settings import resolve  # noqa: PLC0415

        options = {"alicdn:region": self.region, "alicdn:endpoint": self.endpoint, "alicdn:profile": self.profile}
        return connect(resolve(options.get, os.environ, _OPTIONS), service)

    def elsewhere(self, service: Service, task_ids: Sequence[str]) -> tuple[Service, Sequence[str]] | None:
        """Return the other service than *service*, and those of *task_ids* that it lists.

        None if it could not be asked: the account may have no rights for it, and it must not delay the answer.
        """
        other = next(one for one in Service if one is not service)
        there: set[str] = set()
        clock = self.caller().clock
        until = clock.monotonic() + ASKED_S
        try:
            api = self.api(other)
            for task_id in task_ids[:MAX_ASKED]:
                with allowing(until - clock.monotonic()):
                    there |= {row.task_id for row in api.describe(Query(task_id=task_id)).rows}
        except AlicdnError:
            return None
        return other, [task_id for task_id in task_ids if task_id in there]

    def caller(self) -> Caller:
        """Return the caller, which retries in real time."""
        from pulumi_alicdn.system.clock import SystemClock, chance  # noqa: PLC0415

        return Caller(SystemClock(), chance)


pass_cloud_options = click.make_pass_decorator(CloudOptions)
