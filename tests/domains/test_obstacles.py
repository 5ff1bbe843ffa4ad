"""The obstacles of a proof, from what the service says of a domain."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.domains.facts import DomainFacts, Source
from pulumi_alicdn.domains.obstacles import Asking, obstacles
from pulumi_alicdn.domains.origin_choice import NamedOrigin, NoOrigin, named_origin

FACTS: Final = DomainFacts(
    name="media.example.com", service=Service.CDN, https=True, sources=(Source(content="origin.example.com", port=80),)
)
HTTPS: Final = Asking("https")
ON: Final = {"enable": "on"}


def met(facts: DomainFacts, asking: Asking = HTTPS) -> list[tuple[str, bool]]:
    return [(one.name, one.hopeless) for one in obstacles(facts, asking)]


def test_an_ordinary_domain_has_none() -> None:
    usual = {
        "gzip": ON,
        "forward_scheme": {"enable": "on", "scheme_origin": "follow"},
        "aliauth": {"auth_type": "no_auth"},
    }
    assert met(replace(FACTS, settings=usual)) == []


@pytest.mark.parametrize("state", ["offline", "stopping", "deleting", "checking", "check_failed", "configure_failed"])
def test_a_domain_that_is_not_online_can_prove_nothing(state: str) -> None:
    (one,) = obstacles(replace(FACTS, status=state), HTTPS)
    assert (one.name, one.hopeless) == ("state", True)
    assert one.cure


def test_another_configuration_under_way_is_a_warning_and_an_unknown_state_is_none() -> None:
    assert met(replace(FACTS, status="configuring")) == [("state", False)]
    assert met(replace(FACTS, status="napping")) == []


@pytest.mark.parametrize(
    ("settings", "asking", "expected"),
    [
        ({"https_force": ON}, Asking("http"), [("redirect", True)]),
        ({"https_force": ON}, HTTPS, []),
        ({"https_force": {"enable": "off"}}, Asking("http"), []),
        ({"http_force": ON}, HTTPS, [("redirect", True)]),
        ({"aliauth": {"auth_type": "type_b"}}, HTTPS, [("authentication", True)]),
        ({"aliauth": {"auth_type": "type_b"}}, Asking("https", signs=True), []),
        ({"referer_white_list_set": {"refer_domain_allow_list": "a.example"}}, HTTPS, [("referer", True)]),
        ({"referer_white_list_set": {"allow_empty": "on"}}, HTTPS, []),
        ({"referer_white_list_set": {}}, Asking("https", headers=frozenset({"referer"})), []),
        ({"ip_allow_list_set": {"ip_list": "192.0.2.1"}}, HTTPS, [("addresses", False)]),
        ({"ali_ua": {"ua": "*curl*", "type": "black"}}, HTTPS, [("user agent", False)]),
        ({"tesla": ON}, HTTPS, [("page optimisation", False)]),
    ],
    ids=range(12),
)
def test_settings_that_get_in_the_way(
    settings: dict[str, dict[str, str]], asking: Asking, expected: list[tuple[str, bool]]
) -> None:
    assert met(replace(FACTS, settings=settings), asking) == expected


def test_without_a_certificate_https_is_hopeless_and_what_is_not_stated_is_no_obstacle() -> None:
    assert met(replace(FACTS, https=False)) == [("certificate", True)]
    assert met(replace(FACTS, https=False), Asking("http")) == []
    assert met(replace(FACTS, https=None)) == []


def test_hopeless_ones_come_first_and_the_type_of_the_authentication_is_named() -> None:
    found = obstacles(replace(FACTS, settings={"tesla": ON, "aliauth": {"auth_type": "type_c"}}), HTTPS)
    assert [one.name for one in found] == ["authentication", "page optimisation"]
    assert "type C" in found[0].said


def test_an_authentication_that_no_option_signs_for_has_another_way_out_and_an_empty_type_is_none() -> None:
    (one,) = obstacles(replace(FACTS, settings={"aliauth": {"auth_type": "type_f"}}), HTTPS)
    assert (one.hopeless, "type F" in one.said, one.cure) == (
        True,
        True,
        "choose type A, B or C for the domain, or turn the proof off with verify",
    )
    assert met(replace(FACTS, settings={"aliauth": {"auth_type": ""}})) == []


@pytest.mark.parametrize(
    ("source", "settings", "expected"),
    [
        (Source(content="o.example.com", port=80), {}, NamedOrigin("http://o.example.com", "media.example.com")),
        (Source(content="o.example.com", port=443), {}, NamedOrigin("https://o.example.com", "media.example.com")),
        (
            Source(content="o.example.com", port=8080),
            {"set_req_host_header": {"domain_name": "www.example.com"}},
            NamedOrigin("http://o.example.com:8080", "www.example.com"),
        ),
        (
            Source(content="b.oss-cn-shanghai.aliyuncs.com", kind="oss", port=80),
            {"forward_scheme": {"enable": "on", "scheme_origin": "follow"}},
            NamedOrigin("https://b.oss-cn-shanghai.aliyuncs.com", "b.oss-cn-shanghai.aliyuncs.com"),
        ),
        (
            Source(content="192.0.2.7", kind="ipaddr", port=443),
            {"forward_scheme": {"enable": "on", "scheme_origin": "http"}},
            NamedOrigin("http://192.0.2.7", "media.example.com"),
        ),
    ],
    ids=range(5),
)
def test_the_origin_that_the_service_names(
    source: Source, settings: dict[str, dict[str, str]], expected: NamedOrigin
) -> None:
    assert named_origin(replace(FACTS, sources=(source,), settings=settings), "https") == expected


def test_the_main_source_is_asked_and_one_that_is_off_is_not() -> None:
    sources = (
        Source(content="spare.example.com", priority=30),
        Source(content="off.example.com", priority=10, enabled=False),
        Source(content="main.example.com", priority=20),
    )
    found = named_origin(replace(FACTS, sources=sources), "http")
    assert isinstance(found, NamedOrigin)
    assert found.url == "http://main.example.com"


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (replace(FACTS, settings={"l2_oss_key": {"private_oss_auth": "on"}}), "private"),
        (replace(FACTS, sources=()), "no source"),
        (replace(FACTS, settings_known=False), "settings"),
        (replace(FACTS, sources=(Source(content="no host/at all"),)), "no host"),
    ],
    ids=["private", "none", "unknown", "odd"],
)
def test_an_origin_that_cannot_be_asked_has_a_reason(facts: DomainFacts, reason: str) -> None:
    found = named_origin(facts, "https")
    assert isinstance(found, NoOrigin)
    assert reason in found.reason
