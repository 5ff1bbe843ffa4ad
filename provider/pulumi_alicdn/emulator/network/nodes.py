"""The nodes of the network: their addresses and places, which of them are sick or late, and what the service says."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from pulumi_alicdn.emulator.fields import HttpStatus, Seconds, Text
from pulumi_alicdn.emulator.network.edge import Edge, Sickness
from pulumi_alicdn.emulator.service.places import Place, positions

MAX_MORE: Final = 10_000
"""Nodes that are listed and do not exist. [chosen: a client has to cope with lists that are too long for its budget]"""

_FIRST_MORE_IPV4: Final = ipaddress.IPv4Address("127.100.0.1")
"""The first address of a node that is listed and does not exist. [chosen: on loopback, which refuses at once]"""

_FIRST_MORE_IPV6: Final = ipaddress.IPv6Address("2001:db8::1")
"""The same for IPv6 (RFC 3849, addresses for documentation)."""

L2_VIPS: Final = ("192.0.2.0/25", "198.51.100.0/25")
"""What DescribeL2VipsByDomain lists (RFC 5737, addresses for documentation; the document's sample is a range, too)."""

Address = Annotated[str, AfterValidator(lambda text: str(ipaddress.ip_address(text)))]


class Which(BaseModel):
    """The nodes with these names of places and providers, in English, or these addresses; without any, all nodes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    country: Text | None = None
    province: Text | None = None
    city: Text | None = None
    provider: Text | None = None
    addresses: tuple[Address, ...] | None = None

    def fits(self, node: Node) -> bool:
        """Whether the node is one of them."""
        shown = node.place.answer()
        wanted = {name: getattr(self, name) for name in shown}
        return all(value is None or value == shown[name] for name, value in wanted.items()) and (
            self.addresses is None or node.address in self.addresses
        )


class Lag(Which):
    """Nodes that a task reaches only that many virtual seconds after it is Complete."""

    seconds: Seconds


class Sick(Which):
    """Nodes that refuse connections, never answer (hang), answer ``status``, or answer ``delay_s`` real seconds late.

    ``noticed``: whether the service knows, so that it lists them only among all nodes, and not among healthy ones.
    """

    how: Literal["refuse", "hang", "error", "slow"]
    status: HttpStatus = 502
    delay_s: Seconds = 1.0
    noticed: bool = False

    def sickness(self) -> Sickness:
        """What such an edge does with a request; one that refuses connections gets none."""
        return Sickness(
            hangs=self.how == "hang",
            delay_s=self.delay_s if self.how == "slow" else 0.0,
            status=self.status if self.how == "error" else None,
        )


class NetworkState(BaseModel):
    """The state of the network. Each part can be changed while it runs; by default, all nodes are well and listed.

    ``unlabelled``: nodes whose place and provider the service does not know. ``omitted``: nodes that answers of
    BatchDescribeCdnIpInfo leave out. ``strangers``: what is listed and is no node, nor maybe an address. ``more_ipv4``,
    ``more_ipv6``: how many further nodes are listed, at which nothing answers. ``empty_list``: no node is listed.
    ``dns``: the addresses that DNS names to this machine; None for the nodes of one province and provider.
    ``cnames``: what DNS has for domains, lower case, instead of the CNAME of the service; empty for an unknown name.
    ``padded_names``: names end with a line break, as in a published sample. ``nested_items``: the list of
    BatchDescribeCdnIpInfo has a container, ``IpInfoItem``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    lag: tuple[Lag, ...] = ()
    sick: tuple[Sick, ...] = ()
    unlabelled: tuple[Which, ...] = ()
    omitted: tuple[Which, ...] = ()
    strangers: tuple[str, ...] = ()
    more_ipv4: Annotated[int, Field(ge=0, le=MAX_MORE)] = 0
    more_ipv6: Annotated[int, Field(ge=0, le=MAX_MORE)] = 0
    empty_list: bool = False
    dns: tuple[Address, ...] | None = None
    cnames: dict[str, str] = {}
    padded_names: bool = False
    nested_items: bool = False


ALL_WELL: Final = NetworkState()
"""The state where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Node:
    """An address of the network and its place."""

    address: str
    place: Place


class Nodes:
    """All nodes. Those that answer have an edge; *edges* and *nodes* are in the same order."""

    def __init__(self, nodes: Sequence[Node], edges: Sequence[Edge]) -> None:
        """Start with all nodes well."""
        self.served = nodes
        self._edges = edges
        self._more: Sequence[Node] = ()
        self._known: dict[str, Node] = {}
        self.set_state(ALL_WELL)

    def set_state(self, state: NetworkState) -> None:
        """Be in this state from now on."""
        self.state = state
        self._more = (
            *_further(_FIRST_MORE_IPV4, state.more_ipv4),
            *_further(_FIRST_MORE_IPV6, state.more_ipv6),
        )
        self._known = {node.address: node for node in (*self.served, *self._more)}
        for node, edge in zip(self.served, self._edges, strict=True):
            found = self._sick(node)
            edge.sickness = None if found is None else found.sickness()

    def refusing(self) -> frozenset[str]:
        """The names of the edges that refuse connections."""
        pairs = zip(self.served, self._edges, strict=True)
        return frozenset(
            edge.name for node, edge in pairs if (found := self._sick(node)) is not None and found.how == "refuse"
        )

    def lags_s(self) -> Sequence[float]:
        """For each edge, the virtual seconds after its Complete at which a task reaches it; 0 for one in time."""
        return [max((lag.seconds for lag in self.state.lag if lag.fits(node)), default=0.0) for node in self.served]

    def listed(self, scope: str, *, healthy_only: bool) -> Sequence[str]:
        """The addresses that the service lists for a domain of that scope: domestic, overseas or global."""
        if self.state.empty_list:
            return []
        found = [
            node.address
            for node in (*self.served, *self._more)
            if scope in {"global", "domestic" if node.place.domestic else "overseas"}
            and not (healthy_only and (sick := self._sick(node)) is not None and sick.noticed)
        ]
        return [*found, *self.state.strangers]

    def place(self, address: str) -> Place | None:
        """The place of a node; None if the address is none of a node."""
        node = self._known.get(address)
        return None if node is None else node.place

    def labelled(self, address: str) -> bool:
        """Whether the service knows where the node is."""
        return not any(which.fits(self._known[address]) for which in self.state.unlabelled)

    def omitted(self, address: str) -> bool:
        """Whether answers about addresses leave that one out."""
        node = self._known.get(address)
        return node is not None and any(which.fits(node) for which in self.state.omitted)

    def dns(self) -> Sequence[str]:
        """The addresses that DNS names to this machine."""
        if self.state.dns is not None:
            return self.state.dns
        if not self.served:
            return []
        here = self.served[0].place
        return [
            node.address
            for node in self.served
            if (node.place.province, node.place.provider) == (here.province, here.provider)
        ]

    def _sick(self, node: Node) -> Sick | None:
        return next((sick for sick in self.state.sick if sick.fits(node)), None)


def loopback_nodes(count: int) -> Sequence[Node]:
    """That many nodes with an address each: 127.0, the number of the region, and the number within the region."""
    return [Node(f"127.0.{position.region + 1}.{position.number + 1}", position.place) for position in positions(count)]


def _further(first: ipaddress.IPv4Address | ipaddress.IPv6Address, count: int) -> Sequence[Node]:
    return [Node(str(first + index), position.place) for index, position in enumerate(positions(count))]
