"""`alicdn doctor` and `alicdn edges` against the local cloud: broken set-ups, and what nodes serve."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from cli.command_line import Ended, Run
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import Json
from support.emulators import start

DOMAIN: Final = "cdn.example.com"
URL: Final = f"http://{DOMAIN}/a.js"


@pytest.fixture(scope="module")
def _world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    origin = tmp_path_factory.mktemp("origin")
    (origin / "a.js").write_text("a")
    with start(origin=origin, edges=3, nodes=24) as running:
        yield running


@pytest.fixture
def emulator(_world: Emulator) -> Emulator:
    """A cloud with nodes in several places, in which the domain is one of CDN."""
    _world.admin("reset", {})
    _world.admin("domain-settings", {"settings": {DOMAIN: {"service": "cdn"}}})
    return _world


def doctor(run: Run, emulator: Emulator, *more: str, url: str = URL, **variables: str) -> Ended:
    return run("doctor", url, "--port", str(emulator.node_port), *more, env=variables)


def configured(emulator: Emulator, **settings: Json) -> None:
    emulator.admin("domain-settings", {"settings": {DOMAIN: {"service": "cdn", **settings}}})


def test_a_domain_that_is_well_is_ready_and_each_point_is_listed(run: Run, emulator: Emulator) -> None:
    ended = doctor(run, emulator)
    assert ended.code == 0, ended.out
    first, *lines = ended.out.splitlines()
    assert first == "cdn.example.com: ready; nothing stands in the way of a release"
    assert "24 nodes: China" in ended.out
    names = [line.split()[1] for line in lines[1:] if line.strip()]
    assert names == [
        "credentials",
        "clock",
        "domain",
        "rights",
        "quota",
        "DNS",
        "settings",
        "origin",
        "nodes",
        "answers",
    ]
    assert {"RefreshObjectCaches", "PushObjectCache"}.isdisjoint(call["action"] for call in emulator.calls())


BROKEN: Final[dict[str, tuple[str, dict[str, Any], int, str]]] = {
    "offline": ("domains", {"domains": {DOMAIN: "offline"}}, 1, "StartCdnDomain"),
    "configuring": ("domains", {"domains": {DOMAIN: "configuring"}}, 0, "wait until its state is online"),
    "review": ("domains", {"domains": {DOMAIN: "checking"}}, 1, "reviewed"),
    "rights": ("account", {"denied_actions": ["DescribeUserVipsByDomain"]}, 4, "allow it in the RAM policy"),
    "no right at all": (
        "account",
        {"denied_actions": ["DescribeCdnDomainDetail", "DescribeVodDomainDetail"]},
        4,
        "allow them in the RAM policy",
    ),
    "places": ("account", {"denied_actions": ["BatchDescribeCdnIpInfo"]}, 0, "BatchDescribeCdnIpInfo"),
    "quota": ("quota", {"UrlRemain": 0}, 1, "midnight in China"),
    # Without nodes, DNS alone leads to the domain.
    "empty list": ("world", {"empty_list": True}, 1, "add a CNAME record"),
    "silent nodes": ("world", {"sick": [{"how": "refuse"}]}, 1, "ports 80 and 443"),
    "failing nodes": ("world", {"sick": [{"how": "error", "status": 503}]}, 1, "the origin answers its nodes"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_set_up_names_its_cure(run: Run, emulator: Emulator, name: str) -> None:
    where, changed, code, cure = BROKEN[name]
    emulator.admin(where, changed)
    ended = doctor(run, emulator)
    assert (ended.code, cure in ended.out.splitlines()[0]) == (code, True), ended.out


def test_settings_of_the_domain_that_get_in_the_way(run: Run, emulator: Emulator) -> None:
    configs: Json = [
        {"function": "https_force", "args": {"enable": "on"}},
        {"function": "aliauth", "args": {"auth_type": "type_b", "auth_key1": "canary-0123456789"}},
        {"function": "tesla", "args": {"enable": "on"}},
    ]
    configured(
        emulator, configs=configs, sources=[{"content": "b.oss-cn-shanghai.aliyuncs.com", "type": "oss", "port": 80}]
    )
    found = doctor(run, emulator, "--output", "json").objects[0]
    said = {check["check"]: (check["verdict"], check["cure"]) for check in found["checks"]}
    assert said["redirect"] == ("problem", "write base_urls with https://")
    assert said["authentication"] == ("problem", "name its type and key with url_auth")
    assert said["page optimisation"][0] == "warning"
    assert "canary" not in str(found)


def test_whose_the_credentials_are_is_shown_and_no_secret_is(run: Run, emulator: Emulator) -> None:
    found = doctor(run, emulator, "--output", "json").objects[0]
    known = found["credentials"]
    assert (known["kind"], known["name"], known["temporary"], known["expires"]) == ("RAM user", "emulator", False, None)
    assert len(known["account"]) == 16
    assert known["access_key_id_end"] == emulator.access_key_id[-4:]
    first = found["checks"][0]
    assert f"of the RAM user emulator of the account {known['account']}" in first["said"]
    emulator.admin("account", {"denied_actions": ["GetCallerIdentity"]})
    denied = doctor(run, emulator)
    assert denied.code == 0
    assert "STS does not say whose" in denied.out
    assert denied.out.splitlines()[0] == "cdn.example.com: ready; nothing stands in the way of a release"


def test_wrong_credentials_and_a_domain_of_nobody(run: Run, emulator: Emulator) -> None:
    wrong = doctor(run, emulator, ALIBABA_CLOUD_ACCESS_KEY_SECRET="wrong-wrong-wrong")
    assert (wrong.code, "the secret that belongs to the access key" in wrong.out.splitlines()[0]) == (1, True), (
        wrong.out
    )
    configured(emulator, service="vod")
    other = doctor(run, emulator, "--service", "cdn")
    assert (other.code, "check its spelling" in other.out.splitlines()[0]) == (1, True), other.out
    assert doctor(run, emulator).out.splitlines()[0].endswith("in the way of a release")


def test_nodes_are_listed_by_place_and_the_one_that_differs_comes_first(run: Run, emulator: Emulator) -> None:
    listed = run("edges", DOMAIN, "--output", "json")
    assert listed.code == 0
    assert len(listed.objects) == 24
    assert [one["country"] for one in listed.objects] == sorted(one["country"] for one in listed.objects)

    stale = listed.objects[17]["node"]
    emulator.admin("edges", {"copies": [{"edge": stale, "url": URL, "body": "old"}]})
    ended = run("edges", DOMAIN, URL, "--port", str(emulator.node_port), "--output", "json")
    first, *others = ended.objects
    assert (ended.code, first["node"], first["differs"]) == (1, stale, True)
    assert [one["differs"] for one in others] == [False] * 23
    assert len({one["sha256"] for one in others}) == 1
    assert "24 nodes in" in ended.err
    assert ended.err.rstrip().endswith("1 answer differs")


def test_a_domain_that_dns_does_not_know_is_said_with_its_cname_where_the_service_may_be_asked(
    run: Run, emulator: Emulator
) -> None:
    configured(emulator, cname=f"{DOMAIN}.w.kunlunsl.com")
    asked = ("verify", URL, "--sha256", "0" * 64, "--patience", "0")

    ended = run(*asked)
    assert ended.code == 5
    assert f"{DOMAIN}: {URL}: its name has no address in DNS" in ended.err
    assert "Add the CNAME record of the domain to its DNS, or correct the URL" in ended.err
    assert f"alicdn: {DOMAIN} needs a CNAME record to {DOMAIN}.w.kunlunsl.com, as cdn says\n" in ended.err

    alone = run(*asked, env={"ALIBABA_CLOUD_ACCESS_KEY_ID": "", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": ""})
    assert (alone.code, "Add the CNAME record" in alone.err, "as cdn says" in alone.err) == (5, True, False), alone.err
    named = run(*asked, "--edge", "node.nowhere.invalid")
    assert (named.code, "CNAME" in named.err) == (5, False), named.err


def test_edges_of_a_domain_of_both_products_are_those_of_the_one_that_is_named(run: Run, emulator: Emulator) -> None:
    configured(emulator, service=None)
    ended = run("edges", DOMAIN)
    assert ended.code == 2
    assert f"{DOMAIN} is a domain of vod and of cdn: name one of them with --service" in ended.err
    assert run("edges", DOMAIN, "--service", "cdn").code == 0


@pytest.mark.usefixtures("emulator")
def test_a_domain_without_nodes_is_no_success(run: Run) -> None:
    ended = run("edges", DOMAIN, "--service", "vod")
    assert (ended.code, "the service lists no nodes" in ended.err) == (1, True)


def test_wrong_words_are_refused_before_anything_is_asked(run: Run, emulator: Emulator) -> None:
    assert run("edges", DOMAIN, "https://other.example.com/a.js").code == 2
    assert run("edges", DOMAIN, "a.js").code == 2
    assert run("doctor", "ftp://x").code == 2
    with_password = run("doctor", "https://user:canary@cdn.example.com/")
    assert (with_password.code, "canary" in with_password.err) == (2, False)
    assert emulator.calls() == []
