"""The answers about domains, each asked for once: a release has several questions that need the same ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.domains.domain_api import DomainApi
from pulumi_alicdn.domains.facts import DomainFacts
from pulumi_alicdn.errors import AlicdnError

_Answer = DomainFacts | AlicdnError


class AskedOnce:
    """The domains of one service; an error, too, is the answer from then on."""

    def __init__(self, api: DomainApi) -> None:
        """Ask *api*."""
        self._api = api
        self._known: dict[tuple[str, bool], _Answer] = {}

    @property
    def service(self) -> Service:
        """The product that is called."""
        return self._api.service

    def detail(self, domain: str) -> DomainFacts:
        """Read state and sources of *domain*, without its settings."""
        return self._once((domain, False), lambda: self._api.detail(domain))

    def with_settings(self, facts: DomainFacts) -> DomainFacts:
        """Read the settings of the domain, and add them to *facts*."""
        full = self._once((facts.name, True), lambda: self._api.with_settings(facts))
        return replace(facts, settings=full.settings, settings_known=full.settings_known)

    def _once(self, asked: tuple[str, bool], call: Callable[[], DomainFacts]) -> DomainFacts:
        if asked not in self._known:
            try:
                self._known[asked] = call()
            except AlicdnError as error:
                self._known[asked] = error
        answer = self._known[asked]
        if isinstance(answer, AlicdnError):
            raise answer
        return answer
