"""The domains of a release are asked for at the real API, before anything is submitted for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.connection import connect_domains
from pulumi_alicdn.cloud.network.domain_client import DomainClient
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.domains.before_submit import check_domains, check_refresh
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import Json
from pulumi_alicdn.validation import UNKNOWN
from support.emulators import start

DOMAIN: Final = "media.example.com"


@pytest.fixture(scope="module")
def _running() -> Iterator[Emulator]:
    with start(edges=1) as running:
        yield running


@pytest.fixture
def cloud(_running: Emulator) -> Emulator:
    _running.admin("reset", {})
    return _running


def said(cloud: Emulator, **options: object) -> tuple[list[str], list[str]]:
    """The problems of a release, or of a refresh with *object_paths*, and the warnings."""
    settings = Settings(
        endpoint=cloud.endpoint, access_key_id=cloud.access_key_id, access_key_secret=cloud.access_key_secret
    )

    def connect(service: Service) -> DomainClient:
        return connect_domains(settings, service)

    warned: list[str] = []
    usual = {"base_urls": [f"https://{DOMAIN}/"], "service": "vod", "edges": None, "resolve": None, "verify": "all"}
    check = check_refresh if "object_paths" in options else check_domains
    found = check({**usual, **options}, connect, lambda problem: warned.append(problem.sentence))
    return [problem.sentence for problem in found], warned


def configured(cloud: Emulator, **settings: Json) -> None:
    cloud.admin("domain-settings", {"settings": {DOMAIN: {"service": "vod", "https": True, **settings}}})


def test_an_ordinary_domain_passes_with_two_calls(cloud: Emulator) -> None:
    configured(cloud)
    assert said(cloud) == ([], [])
    assert [call["action"] for call in cloud.calls()] == ["DescribeVodDomainDetail", "DescribeVodDomainConfigs"]


def test_the_other_service_is_named(cloud: Emulator) -> None:
    configured(cloud)
    problems, _ = said(cloud, service="cdn")
    assert problems == ["media.example.com is a domain of vod and not of cdn: set service to vod"]


def test_what_makes_a_proof_impossible_is_a_problem_and_the_rest_a_warning(cloud: Emulator) -> None:
    configured(
        cloud,
        configs=[
            {"function": "aliauth", "args": {"auth_type": "type_a"}},
            {"function": "tesla", "args": {"enable": "on"}},
        ],
    )
    problems, warned = said(cloud)
    assert problems == [
        "media.example.com answers signed URLs only (URL authentication, type A): name its type and key with url_auth"
    ]
    assert len(warned) == 1
    assert warned[0].startswith("media.example.com has page optimisation on")
    assert said(cloud, url_auth={"type": "A", "key": "canary"})[0] == []


@pytest.mark.parametrize("more", [{"parent_id": "222"}, {"status": "failed"}, {"status": "testing"}], ids=str)
def test_a_setting_of_some_requests_or_of_none_stops_no_release(cloud: Emulator, more: dict[str, Json]) -> None:
    configured(cloud, configs=[{"function": "aliauth", "args": {"auth_type": "type_a"}, **more}])
    assert said(cloud) == ([], [])


def test_a_domain_that_is_offline_and_one_without_a_certificate(cloud: Emulator) -> None:
    configured(cloud, https=False)
    assert said(cloud)[0][0].startswith("media.example.com has no certificate, and is asked with https: add")
    assert said(cloud, base_urls=[f"http://{DOMAIN}/"]) == ([], [])
    cloud.admin("domains", {"domains": {DOMAIN: "offline"}})
    assert said(cloud, base_urls=[f"http://{DOMAIN}/"])[0][0].startswith("media.example.com is offline: start it")


@pytest.mark.parametrize(
    "trouble",
    [
        ("account", {"denied_actions": ["DescribeVodDomainDetail", "DescribeVodDomainConfigs"]}),
        ("account", {"denied_actions": ["DescribeVodDomainConfigs"]}),
        ("faults", {"faults": [{"kind": "page", "action": "DescribeVodDomainDetail", "times": -1}]}),
        ("faults", {"faults": [{"kind": "http-500", "action": "DescribeVodDomainDetail", "times": -1}]}),
    ],
    ids=["no right", "half of the rights", "a page", "500"],
)
def test_a_service_that_does_not_say_it_stops_nothing(cloud: Emulator, trouble: tuple[str, dict[str, Json]]) -> None:
    configured(cloud, configs=[{"function": "aliauth", "args": {"auth_type": "type_a"}}])
    cloud.admin(*trouble)
    assert said(cloud) == ([], [])


@pytest.mark.parametrize(
    "options",
    [{"edges": ["127.0.0.1:1"]}, {"verify": "off"}, {"resolve": {"Media.example.com": ["127.0.0.1:1"]}}],
    ids=["edges", "off", "resolve"],
)
def test_where_the_edges_are_named_or_not_asked_the_service_is_not_asked_either(
    cloud: Emulator, options: dict[str, Any]
) -> None:
    configured(cloud, https=False)
    assert said(cloud, **options) == ([], [])
    assert cloud.calls() == []


def test_sentences_about_a_verified_refresh_name_the_options_of_a_refresh(cloud: Emulator) -> None:
    configs: list[Json] = [
        {"function": "http_force", "args": {"enable": "on"}},
        {"function": "referer_white_list_set", "args": {"refer_domain_allow_list": "example.com"}},
        {"function": "tesla", "args": {"enable": "on"}},
    ]
    configured(cloud, configs=configs)
    paths = [f"https://{DOMAIN}/a", f"https://{DOMAIN}/b", UNKNOWN]
    problems, warned = said(cloud, object_paths=paths)
    assert problems == [
        "media.example.com sends every https request to http: write object_paths with http://",
        "media.example.com answers requests with a listed Referer only: name an allowed one with request_headers",
    ]
    assert len(warned) == 1
    assert warned[0].endswith("switch it off for the domain, or leave HTML out of object_paths")
    assert len(cloud.calls()) == 2
    assert said(cloud, object_paths=UNKNOWN) == ([], [])


@pytest.mark.parametrize("named", [{"object_paths": [f"http://{DOMAIN}/a"]}, {"base_urls": [f"http://{DOMAIN}/"]}])
def test_headers_that_are_not_known_yet_are_no_obstacle(cloud: Emulator, named: dict[str, Any]) -> None:
    configured(cloud, configs=[{"function": "referer_white_list_set", "args": {"refer_domain_allow_list": "a.com"}}])
    assert len(said(cloud, **named)[0]) == 1
    assert said(cloud, **named, request_headers=UNKNOWN) == ([], [])


def test_many_domains_do_not_wait_for_the_same_silence(cloud: Emulator) -> None:
    trouble: Json = {"kind": "reset-before", "action": "DescribeVodDomainDetail", "times": -1}
    cloud.admin("faults", {"faults": [trouble]})
    found = said(cloud, object_paths=[f"https://{name}.example.com/" for name in ("a", "b", "c")])
    assert found == ([], [])
    assert len(cloud.calls()) <= 1
