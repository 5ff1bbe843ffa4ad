"""The facts of a domain that the service states: state, sources and settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pulumi_alicdn.api.spec import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One server from which the nodes fetch.

    ``content``: a domain or an address. ``kind``: `domain`, `ipaddr`, `oss` or `fc_domain`. ``port``: 80 or 443, or 0
    if the service states none. ``priority``: 20 for the main one, 30 for the one that stands in, as far as documented.
    ``weight``: the share of requests among sources of the same priority.
    """

    content: str
    kind: str = "domain"
    port: int = 0
    priority: int = 20
    weight: int = 10
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainFacts:
    """What the service states of one domain.

    ``status``: `online`, `offline`, `configuring` …, in lower case. ``https``: whether it has a certificate; None if
    that is not stated. ``settings``: the functions that are set, each with its arguments, both in lower case; a
    function that is set several times has its last arguments. ``settings_known``: whether the service stated them.
    ``local``: whether the service is on this machine, as the emulator is: then what it names may be here, too.
    """

    name: str
    service: Service
    status: str = "online"
    cname: str = ""
    https: bool | None = None
    scope: str = ""
    sources: tuple[Source, ...] = ()
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    settings_known: bool = True
    local: bool = False

    def is_on(self, function: str, argument: str = "enable") -> bool:
        """Return whether *function* is set, and its *argument* does not say off."""
        return function in self.settings and self.settings[function].get(argument, "on").lower() != "off"
