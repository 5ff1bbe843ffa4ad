"""The nodes of a domain as the service names them: their addresses, and where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MAX_ADDRESSES_PER_CALL: Final = 20
"""Addresses in one BatchDescribeCdnIpInfo (CDN 2018-05-10)."""

LABEL_CALLS_PER_S: Final = 20
"""Calls of BatchDescribeCdnIpInfo that an account may make in a second (CDN 2018-05-10)."""

NODE_PORT: Final = "ALICDN_NODE_PORT"
"""The environment variable that names the port of nodes on this machine, which are those of the local cloud."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where nodes are, and in whose network: country, province and provider; each may be empty if it is not known."""

    country: str = ""
    province: str = ""
    provider: str = ""

    @property
    def area(self) -> str:
        """Where that is: `China, Guizhou`, without what is not known; empty if nothing is."""
        return ", ".join(filter(None, (self.country, self.province)))


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the network: its IP address, and the place that the service names; each part may be empty."""

    address: str
    country: str = ""
    province: str = ""
    city: str = ""
    provider: str = ""

    @property
    def place(self) -> Place:
        """Where it is. A city is no place of its own: its nodes share the caches of the province."""
        return Place(self.country, self.province, self.provider)


@dataclass(frozen=True, slots=True)
class Label:
    """What the service says of one address; ``is_node``: whether it is a node, None if the answer does not say so."""

    node: Node
    is_node: bool | None
