"""The accelerated domains and what state they are in."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from pulumi_alicdn.emulator.service import refusals
from pulumi_alicdn.emulator.service.refusals import Refusal
from pulumi_alicdn.emulator.values import ObjectType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class DomainState(StrEnum):
    """What a submission for a domain meets."""

    ONLINE = "online"
    OFFLINE = "offline"
    CONFIGURING = "configuring"
    FAILED = "failed"
    ILLEGAL = "illegal"


# The error tables of RefreshVodObjectCaches and RefreshObjectCaches.
_REFUSALS = MappingProxyType(
    {
        DomainState.OFFLINE: refusals.DOMAIN_OFFLINE,
        DomainState.CONFIGURING: refusals.DOMAIN_BUSY,
        DomainState.FAILED: refusals.DOMAIN_FAILED,
        DomainState.ILLEGAL: refusals.DOMAIN_ILLEGAL,
    }
)


class Domains:
    """The account's domains: those named, or any; all of them online until told otherwise."""

    def __init__(self, names: frozenset[str] | None) -> None:
        """Know these domains, lower case; None for any."""
        self._names = names
        self._states: dict[str, DomainState] = {}

    def states(self) -> Mapping[str, DomainState]:
        """Return the domains that were given a state."""
        return self._states

    def set_states(self, states: Mapping[str, DomainState]) -> None:
        """Change these domains and leave the others."""
        self._states.update({name.lower(): state for name, state in states.items()})

    def check(self, asked: Iterable[str], kind: ObjectType) -> None:
        """Refuse a submission for a domain that is unknown or in a wrong state.

        The error table of PreloadVodObjectCaches lacks ServiceBusy: a prefetch is taken while a domain is configured.
        """
        names = sorted(asked)
        if self._names is not None and (unknown := [name for name in names if name not in self._names]):
            raise Refusal(refusals.DOMAIN_NOT_FOUND, f"Not a domain of this account: {', '.join(unknown)}.")
        for name in names:
            state = self._states.get(name, DomainState.ONLINE)
            if state is DomainState.CONFIGURING and kind is ObjectType.PRELOAD:
                continue
            if state in _REFUSALS:
                problem = _REFUSALS[state]
                raise Refusal(problem, f"{name}: {problem.message}")
