"""The nodes of a domain as the service lists them: who is asked, who is left out, and the sentence for each case."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import pytest

from pulumi_alicdn.api.nodes import Label, Node, Place
from pulumi_alicdn.errors import ApiError, ApiFault, DeniedError, UnreachableError
from pulumi_alicdn.releases.network.listing import ASKED_S, network_of
from pulumi_alicdn.releases.network.node_choice import Network

T = TypeVar("T")
DOMAIN = "cdn.example.com"
DENIED = "the RAM policy of these credentials does not allow it"


class StoppedClock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds

    def wait(self, *_: object) -> None:
        raise AssertionError("nobody waits here")


class ScriptedService:
    """A service that lists *texts*, and says of each address what *label* does; either may be an error."""

    def __init__(
        self, texts: Sequence[str] | ApiError, label: Callable[[str], Label | None] | ApiError = lambda _: None
    ) -> None:
        self._texts, self._label = texts, label
        self.clock = StoppedClock()
        self.asked_at: list[float] = []
        self.batches: list[int] = []

    def addresses(self, domain: str) -> tuple[str, ...]:
        assert domain == DOMAIN
        if isinstance(self._texts, ApiError):
            raise self._texts
        return tuple(self._texts)

    def labels(self, addresses: Sequence[str]) -> Mapping[str, Label]:
        self.asked_at.append(self.clock.now_s)
        self.batches.append(len(addresses))
        if isinstance(self._label, ApiError):
            raise self._label
        found = {one: self._label(one) for one in addresses}
        return {one: label for one, label in found.items() if label is not None}


def at_once(call: Callable[[], T], until: float) -> T:
    assert until <= ASKED_S
    return call()


def listed(service: ScriptedService, *, ipv6: bool = True) -> Network:
    return network_of(service, at_once, service.clock, DOMAIN, ipv6=ipv6)


def in_guizhou(text: str) -> Label:
    return Label(Node(text, "China", "Guizhou", "Guiyang", "China Telecom"), is_node=True)


def denied(action: str) -> DeniedError:
    return DeniedError(DENIED, ApiFault(action, code="NoPermission"))


def test_each_node_has_the_place_that_the_service_names() -> None:
    found = listed(ScriptedService(["192.0.2.1", "192.0.2.2"], in_guizhou))

    assert [node.address for node in found.nodes] == ["192.0.2.1", "192.0.2.2"]
    assert {node.place for node in found.nodes} == {Place("China", "Guizhou", "China Telecom")}
    assert found.nodes[0].place.area == "China, Guizhou"
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (
            denied("DescribeUserVipsByDomain"),
            (
                f"the service lists no nodes (DescribeUserVipsByDomain: {DENIED} (NoPermission)); "
                "allow these credentials DescribeUserVipsByDomain"
            ),
        ),
        (
            UnreachableError("no connection", ApiFault("DescribeUserVipsByDomain")),
            "the service lists no nodes (DescribeUserVipsByDomain: no connection)",
        ),
        ([], "the service lists no healthy node"),
    ],
    ids=["no right", "no connection", "empty list"],
)
def test_without_a_list_the_edges_are_those_that_dns_names_here(texts: Sequence[str] | ApiError, sentence: str) -> None:
    found = listed(ScriptedService(texts))

    assert found.nodes == ()
    assert found.warnings == (
        f"the edges of {DOMAIN} are those that DNS names, seen from this runner only: {sentence}",
    )


def test_half_of_the_rights_gives_nodes_without_places() -> None:
    found = listed(ScriptedService(["192.0.2.1", "192.0.2.2"], denied("BatchDescribeCdnIpInfo")))

    assert found.nodes == (Node("192.0.2.1"), Node("192.0.2.2"))
    assert found.warnings == (
        (
            f"the places of 2 nodes of {DOMAIN} are not known: the service does not name them (BatchDescribeCdnIpInfo: "
            f"{DENIED} (NoPermission)); allow these credentials BatchDescribeCdnIpInfo"
        ),
    )


def test_addresses_that_are_no_nodes_are_left_out() -> None:
    def label(text: str) -> Label:
        return Label(Node(text), is_node=text.endswith(".1"))

    found = listed(ScriptedService([f"192.0.2.{n}" for n in range(1, 7)], label))

    assert found.nodes == (Node("192.0.2.1"),)
    assert found.warnings == (
        (
            f"5 addresses that the service lists for {DOMAIN} are no nodes of the network, and were left out "
            "('192.0.2.2', '192.0.2.3', '192.0.2.4' and 2 more)"
        ),
    )


def test_a_list_without_any_node_is_as_good_as_none() -> None:
    found = listed(ScriptedService(["192.0.2.1"], lambda text: Label(Node(text), is_node=False)))

    assert found.nodes == ()
    assert found.warnings == (
        f"1 address that the service lists for {DOMAIN} is no node of the network, and was left out ('192.0.2.1')",
        (
            f"the edges of {DOMAIN} are those that DNS names, seen from this runner only: "
            "the service lists no node that can be asked"
        ),
    )


def test_nodes_with_ipv6_are_left_out_where_this_machine_has_none() -> None:
    texts = ["192.0.2.1", "2001:db8::1", "2001:DB8:0::2"]

    assert [node.address for node in listed(ScriptedService(texts)).nodes] == [
        "192.0.2.1",
        "2001:db8::1",
        "2001:db8::2",
    ]
    found = listed(ScriptedService(texts, in_guizhou), ipv6=False)
    assert [node.address for node in found.nodes] == ["192.0.2.1"]
    assert found.warnings == (f"2 nodes of {DOMAIN} with IPv6 were left out: this machine has no IPv6",)


def test_labels_are_found_in_whatever_form_the_service_repeats_an_address() -> None:
    service = ScriptedService(["2001:DB8:0::1"], lambda _: in_guizhou("2001:0db8::0001"))

    (node,) = listed(service).nodes

    assert (node.address, node.province) == ("2001:db8::1", "Guizhou")


@pytest.mark.parametrize("text", ["node.example.com", "192.0.2.256", "", "0.0.0.0", "224.0.0.1", "192.0.2.1:80"])  # noqa: S104
def test_what_is_no_address_of_a_node_is_left_out_with_a_warning(text: str) -> None:
    found = listed(ScriptedService(["192.0.2.1", text]))

    assert found.nodes == (Node("192.0.2.1"),)
    assert found.warnings == (f"1 address that the service lists for {DOMAIN} cannot be read ({text!r})",)


def test_five_thousand_addresses_are_labelled_twenty_at_a_time_and_twenty_times_a_second() -> None:
    service = ScriptedService([f"10.0.{n // 250}.{n % 250 + 1}" for n in range(5000)], in_guizhou)

    found = listed(service)

    assert len(found.nodes) == 5000
    assert all(node.province for node in found.nodes)
    assert set(service.batches) == {20}
    assert len(service.batches) == 250
    within_a_second = [sum(at <= one < at + 0.999 for one in service.asked_at) for at in service.asked_at]
    assert max(within_a_second) <= 20


def test_labels_that_take_too_long_leave_the_other_nodes_without_a_place() -> None:
    service = ScriptedService([f"10.0.0.{n}" for n in range(1, 101)])

    def slow(call: Callable[[], T], until: float) -> T:
        del until
        service.clock.now_s += 0.9 * ASKED_S if service.batches else 0.0
        return call()

    found = network_of(service, slow, service.clock, DOMAIN, ipv6=True)

    assert len(found.nodes) == 100
    assert found.warnings == (
        f"the places of 100 nodes of {DOMAIN} are not known: the service had not named all of them after 60 s",
    )
