"""Nodes: which there are and where, what they serve, and what happens to them."""

from __future__ import annotations

import http.client
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_cdn20180510 import models as cdn_models
from alibabacloud_cdn20180510.client import Client as CdnClient
from alibabacloud_vod20170321 import models as vod_models
from alibabacloud_vod20170321.client import Client as VodClient

from emulator.conftest import config
from emulator.plain import ask, refresh
from emulator.refused import code_of
from pulumi_alicdn.emulator.running import Emulator, EmulatorError
from pulumi_alicdn.emulator.values import JsonObject
from support.emulators import start

DOMAIN = "cdn.example.com"
URL = f"https://{DOMAIN}/a.js"
NODES, EFFECT_S = 24, 6.0


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="module")
def _running(site: Path) -> Iterator[Emulator]:
    with start(origin=site, edges=3, nodes=NODES, effect_s=EFFECT_S) as running:
        yield running


@pytest.fixture
def world(_running: Emulator, site: Path) -> Emulator:
    """A network of 24 nodes, reset, whose clock only the test moves; the origin serves an old a.js."""
    (site / "a.js").write_text("old")
    _running.admin("reset", {})
    _running.admin("clock", {"frozen": True})
    return _running


@pytest.fixture
def cdn(world: Emulator) -> CdnClient:
    return CdnClient(config(world))


@pytest.fixture
def vod(world: Emulator) -> VodClient:
    return VodClient(config(world))


def addresses(world: Emulator, **place: str) -> list[str]:
    """The addresses of the nodes at that place, in order."""
    return [str(node["address"]) for node in world.nodes if place.items() <= node.items()]


def listed(cdn: CdnClient, available: str | None = "on", domain: str = DOMAIN) -> list[str]:
    """What the official client reads from DescribeUserVipsByDomain."""
    request = cdn_models.DescribeUserVipsByDomainRequest(available=available, domain_name=domain)
    found: list[str] = cdn.describe_user_vips_by_domain(request).body.vips.vip
    return found


def labels(cdn: CdnClient, *asked: str, language: str | None = "en") -> list[tuple[str, ...]]:
    """What the official client reads from BatchDescribeCdnIpInfo."""
    request = cdn_models.BatchDescribeCdnIpInfoRequest(ip_addr_list=",".join(asked), language=language)
    return [
        (item.ip_address, item.cdn_ip, item.country, item.province, item.city, item.isp_name)
        for item in cdn.batch_describe_cdn_ip_info(request).body.ip_info_list
    ]


def bodies(world: Emulator, asked: list[str]) -> set[bytes]:
    return {world.at_node(address, URL).body for address in asked}


def answer_on(connection: http.client.HTTPConnection) -> bytes:
    """The body of a.js, on a connection that stays open."""
    connection.request("GET", "/a.js", headers={"Host": DOMAIN})
    return connection.getresponse().read()


def warmed(world: Emulator, site: Path) -> None:
    """Every node has the old file, the origin a new one."""
    world.admin("world", {"fill": [URL]})
    (site / "a.js").write_text("new")


def test_the_nodes_of_a_small_network_are_at_eight_places_with_three_providers(world: Emulator) -> None:
    nodes = world.nodes
    assert len({node["address"] for node in nodes}) == len(nodes) == NODES
    assert set(Counter(node["province"] for node in nodes)) == {
        *("Zhejiang", "Beijing", "Guangdong", "Singapore", "Sichuan", "Hubei", "Germany", "Shandong"),
    }
    assert {node["provider"] for node in nodes if node["country"] == "China"} == {
        *("China Telecom", "China Unicom", "China Mobile"),
    }


def test_both_services_list_every_node_as_their_official_clients_read_it(
    world: Emulator, cdn: CdnClient, vod: VodClient
) -> None:
    everywhere = addresses(world)
    assert listed(cdn) == listed(cdn, "off") == listed(cdn, None) == everywhere
    request = vod_models.DescribeVodUserVipsByDomainRequest(available="on", domain_name=DOMAIN)
    body = vod.describe_vod_user_vips_by_domain(request).body
    assert (body.domain_name, body.vips.vip) == (DOMAIN, everywhere)
    assert body.request_id == world.calls()[-1]["request_id"]


def test_places_and_providers_in_both_languages(world: Emulator, cdn: CdnClient) -> None:
    here, abroad = addresses(world, province="Zhejiang")[0], addresses(world, country="Singapore")[0]
    assert labels(cdn, here, abroad, "192.0.2.1") == [
        (here, "true", "China", "Zhejiang", "Hangzhou", "China Telecom"),
        (abroad, "true", "Singapore", "Singapore", "Singapore", "Singtel"),
        ("192.0.2.1", "false", "", "", "", ""),
    ]
    assert labels(cdn, here, language=None) == [(here, "true", "中国", "浙江省", "杭州市", "电信")]


def test_one_address_as_the_older_action_describes_it(world: Emulator, cdn: CdnClient) -> None:
    body = cdn.describe_ip_info(cdn_models.DescribeIpInfoRequest(ip=addresses(world)[0])).body
    assert (body.cdn_ip, body.region_ename, body.isp_ename) == ("True", "China-Zhejiang-hangzhou", "telecom")
    assert (body.region, body.isp) == ("中国-浙江省-杭州市", "电信")
    stranger = cdn.describe_ip_info(cdn_models.DescribeIpInfoRequest(ip="192.0.2.1")).body
    assert (stranger.cdn_ip, stranger.region_ename, stranger.isp) == ("False", "", "")


def test_nodes_of_the_second_level_are_ranges(cdn: CdnClient) -> None:
    request = cdn_models.DescribeL2VipsByDomainRequest(domain_name=DOMAIN)
    assert cdn.describe_l2vips_by_domain(request).body.vips.vip == ["192.0.2.0/25", "198.51.100.0/25"]


@pytest.mark.parametrize(
    ("action", "params", "refusal"),
    [
        ("DescribeUserVipsByDomain", {}, (400, "MissingParameter")),
        ("DescribeVodUserVipsByDomain", {}, (400, "MissingParameter")),
        ("DescribeUserVipsByDomain", {"DomainName": "a.example.com,b.example.com"}, (400, "InvalidDomain.NotFound")),
        ("DescribeUserVipsByDomain", {"DomainName": DOMAIN, "Available": "yes"}, (400, "InvalidParameter")),
        ("DescribeL2VipsByDomain", {"DomainName": "a.example.com,b.example.com"}, (400, "SingleRequest.OverLimit")),
        ("BatchDescribeCdnIpInfo", {}, (400, "MissingParameter")),
        ("BatchDescribeCdnIpInfo", {"IpAddrList": ",".join(["127.0.1.1"] * 21)}, (400, "InvaildBatchIp.LengthTooLong")),
        ("BatchDescribeCdnIpInfo", {"IpAddrList": "127.0.1.1,nothing"}, (403, "InvaildParameter")),
        ("BatchDescribeCdnIpInfo", {"IpAddrList": "127.0.1.1", "Language": "de"}, (403, "InvaildParameter")),
        ("DescribeIpInfo", {}, (400, "MissingParameter")),
        ("DescribeIpInfo", {"IP": "127.0.1.1,127.0.2.1"}, (400, "InvalidIP.ValueNotSupported")),
    ],
)
def test_a_wrong_question_about_nodes_is_refused(
    world: Emulator, action: str, params: dict[str, str], refusal: tuple[int, str]
) -> None:
    answer = ask(world, action, **params)
    assert answer.refused == refusal


@pytest.mark.parametrize(("state", "code"), [("offline", "InvalidDomain.NotFound"), ("illegal", "IllegalOperation")])
def test_a_domain_that_no_node_serves_has_none(world: Emulator, state: str, code: str) -> None:
    world.admin("domains", {"domains": {DOMAIN: state}})
    for action in ("DescribeUserVipsByDomain", "DescribeVodUserVipsByDomain", "DescribeL2VipsByDomain"):
        answer = ask(world, action, DomainName=DOMAIN)
        assert answer.refused == (400, code)


def test_twenty_addresses_of_one_call_are_answered_in_their_order(world: Emulator, cdn: CdnClient) -> None:
    asked = list(reversed(addresses(world)))[:20]
    assert [label[0] for label in labels(cdn, *asked)] == asked


def test_answers_in_xml(world: Emulator) -> None:
    vips = ask(world, "DescribeUserVipsByDomain", DomainName=DOMAIN, Format="XML").text
    assert "<DescribeUserVipsByDomainResponse>" in vips
    assert f"<Vips><Vip>{addresses(world)[0]}</Vip><Vip>" in vips
    infos = ask(world, "BatchDescribeCdnIpInfo", IpAddrList="127.0.1.1", Language="en", Format="XML").text
    assert "<Province>Zhejiang</Province>" in infos


def test_a_scope_leaves_out_the_nodes_outside_it(world: Emulator, cdn: CdnClient) -> None:
    abroad = addresses(world, country="Singapore") + addresses(world, country="Germany")
    world.admin("domain-settings", {"settings": {DOMAIN: {"scope": "overseas"}}})
    assert sorted(listed(cdn)) == sorted(abroad)
    world.admin("domain-settings", {"settings": {DOMAIN: {"scope": "domestic"}}})
    assert sorted(listed(cdn)) == sorted(set(addresses(world)) - set(abroad))


def test_what_is_no_node_is_listed_and_known_as_such(world: Emulator, cdn: CdnClient) -> None:
    world.admin("world", {"strangers": ["192.0.2.1", "2001:db8::99", "122.72.xxx.xxx"]})
    assert listed(cdn)[NODES:] == ["192.0.2.1", "2001:db8::99", "122.72.xxx.xxx"]
    assert [label[:2] for label in labels(cdn, "192.0.2.1", "2001:db8::99")] == [
        ("192.0.2.1", "false"),
        ("2001:db8::99", "false"),
    ]


def test_five_thousand_nodes_and_some_with_ipv6(world: Emulator, cdn: CdnClient) -> None:
    world.admin("world", {"more_ipv4": 5000, "more_ipv6": 3})
    found = listed(cdn)
    assert len(set(found)) == len(found) == NODES + 5000 + 3
    assert found[-3:] == ["2001:db8::1", "2001:db8::2", "2001:db8::3"]
    assert {label[1] for label in labels(cdn, *found[-20:])} == {"true"}
    assert {label[2] for label in labels(cdn, *found[-20:])} >= {"China"}
    with pytest.raises(ConnectionRefusedError):
        world.at_node(found[NODES], URL)


def test_an_empty_list(world: Emulator, cdn: CdnClient) -> None:
    world.admin("world", {"empty_list": True})
    assert listed(cdn) == []
    assert "<Vip>" not in ask(world, "DescribeUserVipsByDomain", DomainName=DOMAIN, Format="XML").text


def test_nodes_whose_place_the_service_does_not_know(world: Emulator, cdn: CdnClient) -> None:
    world.admin("world", {"unlabelled": [{"province": "Beijing"}]})
    unknown, known = addresses(world, province="Beijing")[0], addresses(world, province="Hubei")[0]
    assert labels(cdn, unknown, known)[0] == (unknown, "true", "", "", "", "")
    assert labels(cdn, unknown, known)[1][3] == "Hubei"
    assert cdn.describe_ip_info(cdn_models.DescribeIpInfoRequest(ip=unknown)).body.region == ""


def test_odd_forms_of_the_answer(world: Emulator, cdn: CdnClient) -> None:
    world.admin("world", {"padded_names": True})
    assert labels(cdn, "127.0.1.1")[0][2:] == ("China\n", "Zhejiang\n", "Hangzhou\n", "China Telecom\n")
    world.admin("world", {"padded_names": False, "nested_items": True})
    answer = ask(world, "BatchDescribeCdnIpInfo", IpAddrList="127.0.1.1", Language="en").json
    assert answer["IpInfoList"]["IpInfoItem"][0]["Country"] == "China"


def test_answers_that_leave_nodes_out_or_name_them_in_another_order(world: Emulator, cdn: CdnClient) -> None:
    everywhere = addresses(world)
    world.admin("world", {"omitted": [{"province": "Beijing"}]})
    left = [address for address in everywhere[:6] if address not in addresses(world, province="Beijing")]
    assert [label[0] for label in labels(cdn, *everywhere[:6])] == left
    world.admin("faults", {"faults": [{"action": "*", "kind": "shuffle", "times": -1}]})
    mixed = [label[0] for label in labels(cdn, *left)]
    assert mixed != left
    assert sorted(mixed) == sorted(left)
    assert listed(cdn) != everywhere
    assert sorted(listed(cdn)) == sorted(everywhere)


def test_every_node_serves_at_its_own_address_and_the_first_ones_are_the_edges(world: Emulator) -> None:
    for node in world.nodes:
        answer = world.at_node(str(node["address"]), URL)
        assert (answer.status, answer.body, answer.headers["x-edge"]) == (200, b"old", node["name"])
        assert answer.cache == "MISS"
    assert [edge.headers["x-edge"] for edge in world.get_everywhere(URL)] == ["edge-0", "edge-1", "edge-2"]
    assert {edge.cache for edge in world.get_everywhere(URL)} == {"HIT"}
    with pytest.raises(ConnectionRefusedError):
        world.at_node("127.0.99.99", URL)


def test_dns_names_the_nodes_of_one_province_and_provider(world: Emulator) -> None:
    assert list(world.dns) == addresses(world, province="Zhejiang", provider="China Telecom")
    assert world.admin("world", {"dns": ["127.0.2.1"]})["dns"] == ["127.0.2.1"]


def test_a_refresh_reaches_every_node_one_after_the_other(world: Emulator, site: Path) -> None:
    everywhere = addresses(world)
    warmed(world, site)
    refresh(world, URL)
    world.advance(EFFECT_S / 2)
    assert [world.at_node(address, URL).body for address in everywhere] == [b"new"] * 12 + [b"old"] * 12
    assert world.tasks()[0]["Status"] == "Refreshing"
    world.advance(EFFECT_S / 2)
    assert bodies(world, everywhere) == {b"new"}
    assert world.tasks()[0]["Status"] == "Complete"


def test_the_nodes_of_one_province_lag_behind_a_complete_task(world: Emulator, site: Path) -> None:
    late = addresses(world, province="Guangdong")
    world.admin("world", {"lag": [{"province": "Guangdong", "seconds": 600}]})
    warmed(world, site)
    refresh(world, URL)
    world.advance(EFFECT_S)
    assert world.tasks()[0]["Status"] == "Complete"
    assert bodies(world, late) == {b"old"}
    assert bodies(world, [address for address in addresses(world) if address not in late]) == {b"new"}
    world.advance(600)
    assert bodies(world, late) == {b"new"}


def test_a_prefetch_does_not_wait_for_nodes_that_lag(world: Emulator, site: Path) -> None:
    (late,) = addresses(world, province="Guangdong")[:1]
    world.admin("world", {"lag": [{"addresses": [late], "seconds": 600}]})
    warmed(world, site)
    ask(world, "PreloadVodObjectCaches", ObjectPath=URL)
    world.advance(EFFECT_S)
    assert world.tasks()[0]["Status"] == "Complete"
    assert [world.at_node(address, URL).body for address in (late, "127.0.1.1")] == [b"old", b"new"]
    (site / "a.js").unlink()
    world.advance(600)
    assert world.tasks()[0]["Status"] == "Complete"


def test_a_task_waits_for_nodes_that_lag_if_no_other_is_left(world: Emulator, site: Path) -> None:
    world.admin("world", {"lag": [{"seconds": 60}]})
    warmed(world, site)
    refresh(world, URL)
    world.advance(EFFECT_S)
    assert world.tasks()[0]["Status"] == "Refreshing"
    world.advance(60)
    assert world.tasks()[0]["Status"] == "Complete"
    assert bodies(world, addresses(world)) == {b"new"}


def test_a_node_that_refuses_connections_keeps_its_port_and_comes_back(world: Emulator) -> None:
    (address, edge) = world.nodes[1]["address"], world.edges[1]
    kept = http.client.HTTPConnection(str(address), world.node_port, timeout=10)
    assert answer_on(kept) == b"old"
    world.admin("world", {"sick": [{"addresses": [str(address)], "how": "refuse"}]})
    with pytest.raises(ConnectionRefusedError):
        world.at_node(str(address), URL)
    with pytest.raises(ConnectionRefusedError):
        world.get(1, URL)
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        answer_on(kept)
    with socket.socket() as taker, pytest.raises(OSError, match="in use"):
        taker.bind((str(address), world.node_port))
    world.admin("reset", {})
    assert world.at_node(str(address), URL).status == 200
    assert edge == world.edges[1]
    assert world.get(1, URL).status == 200
    kept.close()


def test_a_node_that_never_answers(world: Emulator) -> None:
    world.admin("world", {"sick": [{"city": "Beijing", "how": "hang"}]})
    asked = http.client.HTTPConnection(addresses(world, city="Beijing")[0], world.node_port, timeout=0.2)
    with pytest.raises(TimeoutError):
        answer_on(asked)
    asked.close()
    assert [node["sick"] for node in world.nodes if node["city"] == "Beijing"] == [True] * 4
    assert world.at_node("127.0.1.1", URL).status == 200


def test_a_node_that_answers_an_error_or_late(world: Emulator) -> None:
    world.admin(
        "world",
        {
            "sick": [
                {"province": "Hubei", "how": "error", "status": 503},
                {"province": "Sichuan", "how": "slow", "delay_s": 0.05},
            ]
        },
    )
    assert world.at_node(addresses(world, province="Hubei")[0], URL).status == 503
    assert world.at_node(addresses(world, province="Sichuan")[0], URL).body == b"old"


def test_a_sick_node_is_listed_as_healthy_until_the_service_notices(world: Emulator, cdn: CdnClient) -> None:
    sick: JsonObject = {"provider": "Singtel", "how": "error"}
    world.admin("world", {"sick": [sick]})
    assert listed(cdn) == addresses(world)
    world.admin("world", {"sick": [{**sick, "noticed": True}]})
    assert set(addresses(world)) - set(listed(cdn)) == set(addresses(world, country="Singapore"))
    assert listed(cdn, "off") == addresses(world)


def test_parts_of_the_networks_state_change_alone(world: Emulator) -> None:
    world.admin("world", {"lag": [{"seconds": 5}]})
    state: Any = world.admin("world", {"strangers": ["192.0.2.1"]})["state"]
    assert state["lag"][0]["seconds"] == 5
    assert state["strangers"] == ["192.0.2.1"]
    world.admin("reset", {})
    state = world.admin("world")["state"]
    assert (state["lag"], state["strangers"]) == ([], [])


def test_all_nodes_are_filled_with_one_fetch(world: Emulator) -> None:
    world.admin("world", {"fill": [URL]})
    world.admin("origin", {"rules": [{"path": "/a.js", "status": 500}]})
    assert {(answer.body, answer.cache) for answer in (world.at_node(a, URL) for a in addresses(world))} == {
        (b"old", "HIT"),
    }
    with pytest.raises(EmulatorError, match=r"The origin has no /none\.js\."):
        world.admin("world", {"fill": [f"https://{DOMAIN}/none.js"]})


def test_a_visitor_that_has_the_copy_gets_304_without_a_body(world: Emulator) -> None:
    full = world.at_node("127.0.1.1", URL)
    etag, modified = full.headers["etag"], full.headers["last-modified"]
    for asked in ({"If-None-Match": etag}, {"If-None-Match": f'"x", W/{etag}'}, {"If-None-Match": "*"}):
        answer = world.at_node("127.0.1.1", URL, headers=asked)
        assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", etag)
    assert world.at_node("127.0.1.1", URL, headers={"If-Modified-Since": modified}).status == 304
    for asked in ({"If-None-Match": '"x"'}, {"If-None-Match": '"x"', "If-Modified-Since": modified}):
        answer = world.at_node("127.0.1.1", URL, headers=asked)
        assert (answer.status, answer.body) == (200, b"old")
    missing = world.at_node("127.0.1.1", f"https://{DOMAIN}/none.js", headers={"If-None-Match": "*"})
    assert missing.status == 404


def test_what_visitors_asked_of_a_node_is_counted(world: Emulator) -> None:
    etag = world.at_node("127.0.1.1", URL).headers["etag"]
    world.at_node("127.0.1.1", URL, headers={"If-None-Match": etag})
    world.at_node("127.0.1.1", URL, method="HEAD")
    world.get(0, URL)
    counted = [world.nodes[0][name] for name in ("requests", "bodies", "not_modified", "body_bytes")]
    assert counted == [4, 2, 1, 6]
    with (
        socket.create_connection(("127.0.2.1", world.node_port)) as one,
        socket.create_connection(("127.0.2.1", world.node_port)) as two,
    ):
        for connection in (one, two):
            connection.sendall(b"GET /a.js HTTP/1.1\r\nHost: cdn.example.com\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    assert world.nodes[1]["most_connections"] == 2
    world.admin("world", method="DELETE")
    assert [world.nodes[0][name] for name in ("requests", "bodies", "not_modified", "body_bytes")] == [0, 0, 0, 0]


def test_a_copy_is_planted_at_a_node_by_its_address(world: Emulator) -> None:
    world.admin("edges", {"copies": [{"edge": "127.0.3.2", "url": URL, "body": "planted"}]})
    assert [world.at_node(address, URL).body for address in ("127.0.3.2", "127.0.3.1")] == [b"planted", b"old"]
    with pytest.raises(EmulatorError, match=r"There is no edge '127\.0\.99\.1'; there are edge-0 to edge-23\."):
        world.admin("edges", {"copies": [{"edge": "127.0.99.1", "url": URL, "body": ""}]})


@pytest.fixture
def calls(cdn: CdnClient, vod: VodClient) -> dict[str, Callable[[], object]]:
    """One call of each of the five actions that a proof at all nodes asks, by the official clients."""
    return {
        "DescribeUserVipsByDomain": lambda: listed(cdn),
        "DescribeVodUserVipsByDomain": lambda: vod.describe_vod_user_vips_by_domain(
            vod_models.DescribeVodUserVipsByDomainRequest(domain_name=DOMAIN)
        ),
        "BatchDescribeCdnIpInfo": lambda: labels(cdn, "127.0.1.1"),
        "DescribeCdnDomainDetail": lambda: cdn.describe_cdn_domain_detail(
            cdn_models.DescribeCdnDomainDetailRequest(domain_name=DOMAIN)
        ),
        "DescribeVodDomainConfigs": lambda: vod.describe_vod_domain_configs(
            vod_models.DescribeVodDomainConfigsRequest(domain_name=DOMAIN, function_names="aliauth")
        ),
    }


def test_each_right_can_be_missing_alone(world: Emulator, calls: dict[str, Callable[[], object]]) -> None:
    for denied, call in calls.items():
        assert world.admin("account", {"denied_actions": [denied]})["denied_actions"] == [denied]
        assert code_of(call) == ("Forbidden.RAM", 403)
        assert all(calls[other]() for other in calls if other != denied)
    world.admin("reset", {})
    assert all(call() for call in calls.values())


def test_a_policy_for_one_domain_concerns_questions_about_it(world: Emulator, cdn: CdnClient) -> None:
    world.admin("account", {"policy_domain": DOMAIN})
    assert listed(cdn)
    assert code_of(lambda: listed(cdn, domain="other.example.com")) == ("Forbidden.RAM", 403)
    assert ask(world, "DescribeCdnDomainDetail", DomainName="other.example.com").refused == (403, "Forbidden.RAM")


def test_the_calls_of_an_action_in_a_second_are_limited(world: Emulator, cdn: CdnClient) -> None:
    world.admin("limits", {"actions_per_s": {"BatchDescribeCdnIpInfo": 0.001}})
    assert ask(world, "BatchDescribeCdnIpInfo", IpAddrList="127.0.1.1").status == 200
    answer = ask(world, "BatchDescribeCdnIpInfo", IpAddrList="127.0.1.1")
    assert answer.refused == (503, "Throttling")
    assert listed(cdn)
    world.admin("limits", {"actions_per_s": {"BatchDescribeCdnIpInfo": None}})
    assert ask(world, "BatchDescribeCdnIpInfo", IpAddrList="127.0.1.1").status == 200
