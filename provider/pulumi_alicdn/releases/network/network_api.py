"""The port to the service's actions for nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from pulumi_alicdn.api.nodes import Label


class NetworkApi(Protocol):
    """The service. Every call is one HTTP request and may raise any :class:`pulumi_alicdn.errors.ApiError`."""

    def addresses(self, domain: str) -> tuple[str, ...]:
        """Return the addresses of the healthy nodes of *domain*, each once, as the service writes them."""

    def labels(self, addresses: Sequence[str]) -> Mapping[str, Label]:
        """Return what the service says of up to 20 *addresses*; those that it leaves out are missing."""
