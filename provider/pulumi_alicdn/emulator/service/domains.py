"""The accelerated domains, their states and their settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from pulumi_alicdn.emulator.service import refusals
from pulumi_alicdn.emulator.service.domain_settings import DEFAULT_SETTINGS, DomainSettings
from pulumi_alicdn.emulator.service.refusals import Refusal, naming
from pulumi_alicdn.emulator.service.targets import is_domain
from pulumi_alicdn.emulator.values import ObjectType


class DomainState(StrEnum):
    """The state of a domain, which decides whether a submission is accepted."""

    ONLINE = "online"
    OFFLINE = "offline"
    CONFIGURING = "configuring"
    FAILED = "failed"
    ILLEGAL = "illegal"
    CHECKING = "checking"
    CHECK_FAILED = "check_failed"
    STOPPING = "stopping"
    DELETING = "deleting"

    @property
    def word(self) -> str:
        """The ``DomainStatus`` of a domain's details."""
        # An illegal domain is one that did not pass the check, for all that the documents say.
        return {DomainState.FAILED: "configure_failed", DomainState.ILLEGAL: "check_failed"}.get(self, self.value)


_REFUSALS: Final = {
    DomainState.OFFLINE: refusals.DOMAIN_OFFLINE,
    DomainState.CONFIGURING: refusals.DOMAIN_BUSY,
    DomainState.FAILED: refusals.DOMAIN_FAILED,
    DomainState.ILLEGAL: refusals.DOMAIN_ILLEGAL,
    # No document has a refusal for the others, of which no edge serves anything either.
    DomainState.CHECKING: refusals.DOMAIN_OFFLINE,
    DomainState.CHECK_FAILED: refusals.DOMAIN_OFFLINE,
    DomainState.STOPPING: refusals.DOMAIN_OFFLINE,
    DomainState.DELETING: refusals.DOMAIN_OFFLINE,
}
"""The refusal of a submission for a domain in that state (RefreshVodObjectCaches, RefreshObjectCaches: errors)."""


class Domains:
    """The account's domains: a list, or any. A domain is online unless another state was set."""

    def __init__(self, names: frozenset[str] | None) -> None:
        """Accept these domains, lower case; None for any."""
        self._names = names
        self._states: dict[str, DomainState] = {}
        self._settings: dict[str, DomainSettings] = {}

    def states(self) -> Mapping[str, DomainState]:
        """The domains whose state was set."""
        return self._states

    def state(self, name: str) -> DomainState:
        """The state of one domain, lower case."""
        return self._states.get(name, DomainState.ONLINE)

    def set_states(self, states: Mapping[str, DomainState]) -> None:
        """Change the states of these domains only."""
        self._states.update({name.lower(): state for name, state in states.items()})

    def all_settings(self) -> Mapping[str, DomainSettings]:
        """The domains whose settings were set."""
        return self._settings

    def settings(self, name: str) -> DomainSettings:
        """The settings of one domain, lower case."""
        return self._settings.get(name, DEFAULT_SETTINGS)

    def set_settings(self, settings: Mapping[str, DomainSettings]) -> None:
        """Replace the settings of these domains only."""
        self._settings.update({name.lower(): value for name, value in settings.items()})

    def known(self, name: str, service: str) -> bool:
        """Whether *name*, lower case, is a domain of the account in that service."""
        listed = self._names is None or name in self._names
        return listed and is_domain(name) and self.settings(name).service in {None, service}

    def check(self, asked: Iterable[str], object_type: ObjectType, service: str) -> None:
        """Refuse a submission for a domain that the service does not know, or that is in a wrong state.

        The error table of PreloadVodObjectCaches lacks ServiceBusy: a prefetch is accepted while a domain is
        configured.
        """
        names = sorted(asked)
        if unknown := [name for name in names if not self.known(name, service)]:
            raise naming(refusals.DOMAIN_NOT_FOUND, unknown[0])
        for name in names:
            state = self.state(name)
            if state is DomainState.CONFIGURING and object_type is ObjectType.PRELOAD:
                continue
            if state in _REFUSALS:
                raise Refusal(_REFUSALS[state])
