"""The servers of a domain: its nodes, or else the addresses of DNS, which are marked as seen from here only."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import pytest

from pulumi_alicdn.api.nodes import NODE_PORT, Label, Node
from pulumi_alicdn.errors import ApiFault, DeniedError
from pulumi_alicdn.releases.network.either_api import EitherApi
from pulumi_alicdn.releases.network.node_choice import FROM_HERE
from pulumi_alicdn.releases.proof.servers import Server
from pulumi_alicdn.system.clock import SystemClock
from pulumi_alicdn.system.edges import EdgeFetcher
from pulumi_alicdn.system.network_edges import NetworkEdges

T = TypeVar("T")


class Listing:
    """A service that lists these addresses for every domain; None: it denies that."""

    def __init__(self, addresses: Sequence[str] | None) -> None:
        self._addresses = addresses
        self.asked: list[str] = []

    def addresses(self, domain: str) -> tuple[str, ...]:
        self.asked.append(domain)
        if self._addresses is None:
            raise DeniedError("no", ApiFault("DescribeUserVipsByDomain"))
        return tuple(self._addresses)

    def labels(self, addresses: Sequence[str]) -> Mapping[str, Label]:
        return {
            one: Label(Node(one, "China", "Guizhou", "Guiyang", "China Telecom"), is_node=True) for one in addresses
        }


def once(call: Callable[[], T], until: float) -> T:
    del until
    return call()


def edges(api: Listing | EitherApi, warnings: list[str], port: str = "") -> NetworkEdges:
    return NetworkEdges(api, once, SystemClock(), {NODE_PORT: port}, warnings.append)


def test_a_domain_is_asked_for_once_and_its_nodes_have_places() -> None:
    api, warnings = Listing(["192.0.2.1"]), list[str]()
    reader = EdgeFetcher(network=edges(api, warnings))

    for path in ("a", "b"):
        (node,) = reader.edges(f"https://cdn.example.com/{path}")
        assert node == Server("192.0.2.1", place="China, Guizhou", provider="China Telecom")
    assert api.asked == ["cdn.example.com"]
    assert warnings == []


def test_nodes_on_this_machine_have_the_port_that_the_environment_names() -> None:
    network = edges(Listing(["127.0.2.1", "192.0.2.1"]), [], "8080")
    assert [(one.host, one.port) for one in network.servers("cdn.example.com") or ()] == [
        ("127.0.2.1", 8080),
        ("192.0.2.1", None),
    ]


@pytest.mark.parametrize("addresses", [None, []], ids=["no right", "empty list"])
def test_the_addresses_of_dns_are_marked_as_seen_from_here(addresses: list[str] | None) -> None:
    host = socket.gethostname()
    warnings: list[str] = []
    api = Listing(addresses)

    found = EdgeFetcher(network=edges(api, warnings)).edges(f"http://{host}/a")

    assert {one.place for one in found} == {FROM_HERE}
    assert api.asked == [host]
    (warning,) = warnings
    assert FROM_HERE in warning


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:80"])
def test_an_address_is_no_domain_and_nothing_is_asked(host: str) -> None:
    api = Listing(["192.0.2.1"])
    (edge, *_) = EdgeFetcher(network=edges(api, [])).edges(f"http://{host}/a")
    assert edge.place == ""
    assert api.asked == []


def test_edges_that_the_user_names_need_no_list() -> None:
    api, mine = Listing(["192.0.2.1"]), Server("198.51.100.1")
    network = edges(api, [])

    assert EdgeFetcher([mine], network=network).edges("https://cdn.example.com/a") == (mine,)
    assert EdgeFetcher(resolve={"cdn.example.com": (mine,)}, network=network).edges("https://cdn.example.com/a") == (
        mine,
    )
    assert api.asked == []


def test_a_domain_whose_service_is_not_known_is_listed_by_either() -> None:
    first, second = Listing(None), Listing(["192.0.2.1"])

    network = edges(EitherApi(first, second), [])

    assert [one.host for one in network.servers("cdn.example.com") or ()] == ["192.0.2.1"]
    assert (first.asked, second.asked) == (["cdn.example.com"], ["cdn.example.com"])
