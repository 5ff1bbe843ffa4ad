"""The accelerated domains and their states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from pulumi_alicdn.emulator.service import refusals
from pulumi_alicdn.emulator.service.refusals import Refusal, naming
from pulumi_alicdn.emulator.values import ObjectType


class DomainState(StrEnum):
    """The state of a domain, which decides whether a submission is accepted."""

    ONLINE = "online"
    OFFLINE = "offline"
    CONFIGURING = "configuring"
    FAILED = "failed"
    ILLEGAL = "illegal"


_REFUSALS: Final = {
    DomainState.OFFLINE: refusals.DOMAIN_OFFLINE,
    DomainState.CONFIGURING: refusals.DOMAIN_BUSY,
    DomainState.FAILED: refusals.DOMAIN_FAILED,
    DomainState.ILLEGAL: refusals.DOMAIN_ILLEGAL,
}
"""The refusal of a submission for a domain in that state (RefreshVodObjectCaches, RefreshObjectCaches: errors)."""


class Domains:
    """The account's domains: a list, or any. A domain is online unless another state was set."""

    def __init__(self, names: frozenset[str] | None) -> None:
        """Accept these domains, lower case; None for any."""
        self._names = names
        self._states: dict[str, DomainState] = {}

    def states(self) -> Mapping[str, DomainState]:
        """The domains whose state was set."""
        return self._states

    def set_states(self, states: Mapping[str, DomainState]) -> None:
        """Change the states of these domains only."""
        self._states.update({name.lower(): state for name, state in states.items()})

    def check(self, asked: Iterable[str], object_type: ObjectType) -> None:
        """Refuse a submission for a domain that is unknown or in a wrong state.

        The error table of PreloadVodObjectCaches lacks ServiceBusy: a prefetch is accepted while a domain is
        configured.
        """
        names = sorted(asked)
        if self._names is not None and (unknown := [name for name in names if name not in self._names]):
            raise naming(refusals.DOMAIN_NOT_FOUND, unknown[0])
        for name in names:
            state = self._states.get(name, DomainState.ONLINE)
            if state is DomainState.CONFIGURING and object_type is ObjectType.PRELOAD:
                continue
            if state in _REFUSALS:
                raise Refusal(_REFUSALS[state])
