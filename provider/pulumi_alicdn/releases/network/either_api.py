"""The nodes of a domain whose service is not known: one service is asked, and then the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pulumi_alicdn.api.nodes import Label
from pulumi_alicdn.errors import ApiError
from pulumi_alicdn.releases.network.network_api import NetworkApi


class EitherApi:
    """A NetworkApi of two services, each of which refuses domains of the other."""

    def __init__(self, first: NetworkApi, second: NetworkApi) -> None:
        """Ask *first*, and *second* if that does not list a domain."""
        self._first = first
        self._second = second

    def addresses(self, domain: str) -> tuple[str, ...]:
        """Return what one of them lists. Raises the ApiError of the second."""
        try:
            return self._first.addresses(domain)
        except ApiError:
            return self._second.addresses(domain)

    def labels(self, addresses: Sequence[str]) -> Mapping[str, Label]:
        """Return what the first says of *addresses*: addresses belong to no service."""
        return self._first.labels(addresses)
