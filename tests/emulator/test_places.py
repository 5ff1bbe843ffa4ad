"""The places of nodes, and the limits of single actions; both pure."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.emulator.network.nodes import loopback_nodes
from pulumi_alicdn.emulator.service.places import REGIONS, positions
from pulumi_alicdn.emulator.service.quota import ActionLimits
from pulumi_alicdn.emulator.service.refusals import Refusal
from pulumi_alicdn.emulator.sockets import at_one_port


@given(st.integers(0, 600))
def test_any_number_of_nodes_has_as_many_addresses_and_first_one_of_each_region(count: int) -> None:
    nodes = loopback_nodes(count)
    assert len({node.address for node in nodes}) == len(nodes) == count
    regions = [position.region for position in positions(count)]
    distinct = len(set(regions))
    assert regions[:distinct] == list(range(distinct))
    assert distinct == min(len(REGIONS), max(-(-count // 3), min(count, 3)))


def test_a_large_network_is_in_every_province_and_country_by_weight() -> None:
    nodes = loopback_nodes(500)
    chinese = [node for node in nodes if node.place.domestic]
    assert len({node.place.province for node in chinese}) == 31
    assert len({node.place.country for node in nodes}) == 13
    provinces = Counter(node.place.province.en for node in nodes)
    assert provinces["Guangdong"] > provinces["Beijing"] > provinces["Tibet"] >= 3
    shares = Counter(node.place.provider.name.en for node in chinese)
    assert set(shares) == {"China Telecom", "China Unicom", "China Mobile"}
    assert max(shares.values()) - min(shares.values()) < len(nodes) / 20
    assert len({node.place.city for node in nodes if node.place.province.en == "Guangdong"}) == 4


def test_the_first_nodes_of_a_small_network_stay_where_they_are_in_a_large_one() -> None:
    assert loopback_nodes(3) == loopback_nodes(500)[:3]


def test_an_action_may_be_called_as_often_as_a_second_allows() -> None:
    now = [0.0]
    limits = ActionLimits({"A": 2.0}, lambda: now[0])
    for _ in range(2):
        limits.check("A")
        limits.check("B")
    with pytest.raises(Refusal):
        limits.check("A")
    now[0] = 0.5
    limits.check("A")
    with pytest.raises(Refusal):
        limits.check("A")
    now[0] = 100.0
    for _ in range(2):
        limits.check("A")
    with pytest.raises(Refusal):
        limits.check("A")
    limits.change({"A": None, "B": 1.0})
    assert limits.per_s() == {"B": 1.0}
    limits.check("A")


def test_a_machine_without_the_addresses_of_nodes_has_no_sockets_for_them() -> None:
    assert at_one_port(["127.0.0.1", "192.0.2.1"]) == []
