"""The port to what the service knows of a domain."""

from __future__ import annotations

from typing import Protocol

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.domains.facts import DomainFacts


class DomainApi(Protocol):
    """One service. Every call is one HTTP request and may raise any :class:`pulumi_alicdn.errors.ApiError`."""

    @property
    def service(self) -> Service:
        """The product that is called."""

    def detail(self, domain: str) -> DomainFacts:
        """Read state and sources of *domain*, without its settings."""

    def with_settings(self, facts: DomainFacts) -> DomainFacts:
        """Read the settings of the domain, and add them to *facts*."""
