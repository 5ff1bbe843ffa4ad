"""The nodes of the network as servers to ask, listed once for each domain; without a list, DNS names the edges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock

from pulumi_alicdn.api.hosts import address, is_loopback
from pulumi_alicdn.api.nodes import NODE_PORT, Node
from pulumi_alicdn.ports import Clock
from pulumi_alicdn.releases.network.listing import Read, network_of
from pulumi_alicdn.releases.network.network_api import NetworkApi
from pulumi_alicdn.releases.network.node_choice import Network
from pulumi_alicdn.releases.proof.servers import Server
from pulumi_alicdn.system.ipv6 import has_ipv6


class NetworkEdges:
    """The nodes of the domains of one service. Threads may share it."""

    def __init__(
        self,
        api: NetworkApi,
        read: Read,
        clock: Clock,
        environment: Mapping[str, str],
        warn: Callable[[str], object] = lambda _: None,
    ) -> None:
        """Ask *api* by *read*; *warn* is called with each sentence about a domain, once."""
        self._api = api
        self._read = read
        self._clock = clock
        port = environment.get(NODE_PORT, "")
        self._local_port = int(port) if port.isdecimal() else None
        self._warn = warn
        self._known: dict[str, Network] = {}
        self._lock = Lock()

    def servers(self, host: str) -> tuple[Server, ...] | None:
        """Return the nodes of the domain *host*; none if its edges are those of DNS, and None if it is no domain."""
        if address(host) is not None or is_loopback(host):
            return None
        return tuple(map(self._server, self._network(host).nodes))

    def _server(self, node: Node) -> Server:
        port = self._local_port if is_loopback(node.address) else None
        return Server(node.address, port, place=node.place.area, provider=node.provider)

    def _network(self, host: str) -> Network:
        with self._lock:
            if host not in self._known:
                self._known[host] = network_of(self._api, self._read, self._clock, host, ipv6=has_ipv6())
                for warning in self._known[host].warnings:
                    self._warn(warning)
            return self._known[host]
