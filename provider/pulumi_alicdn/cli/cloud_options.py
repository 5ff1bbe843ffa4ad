"""The global options, and the connection to the cloud that a command makes from them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import click

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cli import console
from pulumi_alicdn.domains.domain_api import DomainApi
from pulumi_alicdn.domains.examined import KeysSeen, Owner
from pulumi_alicdn.releases.network.either_api import EitherApi
from pulumi_alicdn.releases.network.network_api import NetworkApi
from pulumi_alicdn.tasks.other_service import listed_elsewhere
from pulumi_alicdn.tasks.retry_policy import Caller
from pulumi_alicdn.tasks.task_api import TaskApi
from pulumi_alicdn.time_limits import allowing

if TYPE_CHECKING:
    from pulumi_alicdn.cloud.settings import Settings
    from pulumi_alicdn.system.network_edges import NetworkEdges

_OPTIONS: Final = {"alicdn:region": "--region", "alicdn:endpoint": "--endpoint", "alicdn:profile": "--profile"}
"""What the keys of a stack's configuration are called on the command line."""

_CONNECTION: Final = {
    "region": ("ID", "Region; else ALIBABA_CLOUD_REGION_ID, else the service's own default."),
    "endpoint": ("HOST|URL", "Where the API is, such as an emulator; else ALICDN_ENDPOINT."),
    "profile": ("NAME", "Profile of the aliyun command line that gives the credentials."),
}
"""The options of the connection, each with the form of its value and its meaning."""

OWNER_S: Final = 5.0
"""Seconds for the question whose the credentials are. [chosen: an answer takes a second, and no check needs it]"""


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

        return connect(self._settings(), service)

    def domains(self, service: Service) -> DomainApi:
        """Connect to the domains of *service*. Raises as :meth:`api` does."""
        from pulumi_alicdn.cloud.connection import connect_domains  # noqa: PLC0415

        return connect_domains(self._settings(), service)

    def network(self, service: Service) -> NetworkApi:
        """Connect to the nodes of *service*. Raises as :meth:`api` does."""
        from pulumi_alicdn.cloud.connection import connect_network  # noqa: PLC0415

        return connect_network(self._settings(), service)

    def nodes(self, service: Service | None = None) -> NetworkEdges:
        """Return the nodes of the domains of *service*, by default of either; warnings about them are printed.

        Raises as :meth:`api` does.
        """
        from pulumi_alicdn.system.network_edges import NetworkEdges  # noqa: PLC0415

        caller = self.caller()
        api = EitherApi(*map(self.network, reversed(Service))) if service is None else self.network(service)
        return NetworkEdges(api, caller.read, caller.clock, os.environ, _warn)

    def keys(self) -> KeysSeen:
        """Return what may be shown of the credentials. Raises DeniedError or UnreachableError."""
        from pulumi_alicdn.cloud.keys.credentials import seen  # noqa: PLC0415

        return seen(self._settings())

    def owner(self) -> Owner:
        """Ask STS whose the credentials are. Raises ApiError, and InputError as :meth:`api` does."""
        from pulumi_alicdn.cloud.connection import ask_owner  # noqa: PLC0415

        with allowing(OWNER_S):
            return ask_owner(self._settings())

    def _settings(self) -> Settings:
        from pulumi_alicdn.cloud.settings import resolve  # noqa: PLC0415

        options = {"alicdn:region": self.region, "alicdn:endpoint": self.endpoint, "alicdn:profile": self.profile}
        return resolve(options.get, os.environ, _OPTIONS)

    def elsewhere(self, service: Service, task_ids: Sequence[str]) -> tuple[Service, Sequence[str]] | None:
        """Ask the other service than *service* for *task_ids*: see :func:`listed_elsewhere`."""
        return listed_elsewhere(self.api, self.caller().clock, service, task_ids)

    def caller(self) -> Caller:
        """Return the caller, which retries in real time."""
        from pulumi_alicdn.system.clock import SystemClock, chance  # noqa: PLC0415

        return Caller(SystemClock(), chance)


def connection_options(command: click.Command) -> click.Command:
    """Add ``--region``, ``--endpoint`` and ``--profile`` to *command*; they go to the context's :class:`CloudOptions`.

    A value after the command takes precedence over one before it.
    """
    command.params += [
        click.Option([f"--{name}"], metavar=metavar, expose_value=False, callback=_keep, help=meaning)
        for name, (metavar, meaning) in _CONNECTION.items()
    ]
    return command


def _keep(context: click.Context, option: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.obj = replace(context.obj or CloudOptions(), **{str(option.name): value})


pass_cloud_options = click.make_pass_decorator(CloudOptions)


def _warn(sentence: str) -> None:
    console.say(f"alicdn: {sentence}")
