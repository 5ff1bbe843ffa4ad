"""The service's actions for domains, VOD and CDN, as a DomainApi."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pulumi_alicdn.api.actions import DOMAIN_CONFIGS, DOMAIN_DETAILS
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.echoes import decoded
from pulumi_alicdn.cloud.network.domain_answers import decode_detail, decode_settings
from pulumi_alicdn.cloud.transport import RawAnswer, Transport
from pulumi_alicdn.domains.facts import DomainFacts
from pulumi_alicdn.domains.obstacles import FUNCTIONS


class DomainClient:
    """The domains of one service, over any transport."""

    def __init__(self, transport: Transport, service: Service, *, local: bool = False) -> None:
        """Call *service* through *transport*; *local*: whether that leads to this machine."""
        self._service = service
        self._transport = transport
        self._local = local

    @property
    def service(self) -> Service:
        """The product that is called."""
        return self._service

    def detail(self, domain: str) -> DomainFacts:
        """Read state and sources of *domain*, without its settings."""
        action = DOMAIN_DETAILS[self._service]
        answer = self._asked(action, {"DomainName": domain})
        facts = decoded(answer, lambda: decode_detail(action, self._service, domain, answer.body, answer.headers))
        return replace(facts, local=self._local)

    def with_settings(self, facts: DomainFacts) -> DomainFacts:
        """Read the settings of the domain, and add them to *facts*."""
        action = DOMAIN_CONFIGS[self._service]
        answer = self._asked(action, {"DomainName": facts.name, "FunctionNames": ",".join(FUNCTIONS)})
        return decoded(answer, lambda: decode_settings(facts, action, answer.body, answer.headers))

    def _asked(self, action: str, params: Mapping[str, str]) -> RawAnswer:
        return self._transport.call(action, params, {})
