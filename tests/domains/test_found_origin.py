"""The origin that the service names is found for a release, or a sentence says why it is not asked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.connection import connect_domains
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.domains.asked_once import AskedOnce
from pulumi_alicdn.domains.before_submit import check_domains, names_no_origin, origin_of_release
from pulumi_alicdn.domains.origin_choice import NamedOrigin
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import Json
from pulumi_alicdn.releases.manifest import Asset, Manifest
from pulumi_alicdn.releases.origin.found_origin import FoundOrigin, found_origin, trial_of, tried_files
from pulumi_alicdn.system.clock import SystemClock
from pulumi_alicdn.system.edges import EdgeFetcher
from support.emulators import start

DOMAIN: Final = "media.example.com"
OPTIONS: Final = {
    "service": "vod",
    "base_urls": [f"https://{DOMAIN}/"],
    "edges": None,
    "resolve": None,
    "verify": "all",
    "origin": None,
    "origin_host": "",
    "proof_timeout": 20.0,
    "user_agent": None,
}
RELEASED: Final = "released"


@pytest.fixture(scope="module")
def _running() -> Iterator[Emulator]:
    with start(edges=1) as running:
        yield running


@pytest.fixture
def cloud(_running: Emulator) -> Emulator:
    _running.admin("reset", {})
    _running.admin("origin", {"files": {"/app.js": RELEASED, "/b.js": "b"}})
    return _running


def folder(**files: str) -> Manifest:
    named = {f"{name}.js": text.encode() for name, text in files.items()}
    return {path: Asset(path, len(body), hashlib.sha256(body).digest()) for path, body in named.items()}


def domains(cloud: Emulator) -> Any:  # noqa: ANN401  a connection for each service
    settings = Settings(
        endpoint=cloud.endpoint, access_key_id=cloud.access_key_id, access_key_secret=cloud.access_key_secret
    )
    made = {service: AskedOnce(connect_domains(settings, service)) for service in Service}
    return made.__getitem__


def found(
    cloud: Emulator, files: Manifest | None = None, before: Manifest | None = None, **options: object
) -> FoundOrigin:
    given = {**OPTIONS, **options}
    named = origin_of_release(given, domains(cloud))
    plain = (named.url, named.host) if isinstance(named, NamedOrigin) else named.reason
    files = folder(app=RELEASED) if files is None else files
    trial = trial_of(files, before, [f"https://{DOMAIN}/"])
    return found_origin(plain, given, EdgeFetcher, SystemClock(), trial, "`origin`")


def configured(cloud: Emulator, **settings: Json) -> None:
    cloud.admin("domain-settings", {"settings": {DOMAIN: {"service": "vod", **settings}}})


def source(content: str, **more: Json) -> list[Json]:
    return [{"content": content, **more}]


def test_it_is_the_source_that_the_service_names_with_the_host_that_nodes_name(cloud: Emulator) -> None:
    assert found(cloud).url == cloud.origin
    assert found(cloud).host == ""
    host: Json = [{"function": "set_req_host_header", "args": {"domain_name": "own.example.com"}}]
    configured(cloud, configs=host)
    assert (found(cloud).host, found(cloud, origin_host="given.example.com").host) == ("own.example.com",) * 2
    given = {**OPTIONS, "origin_host": "given.example.com"}
    assert found(cloud).options(given)["origin_host"] == "given.example.com"


def test_one_question_serves_the_check_of_the_domain_and_the_origin(cloud: Emulator) -> None:
    connect = domains(cloud)
    assert list(check_domains({**OPTIONS, "base_urls": [f"http://{DOMAIN}/"]}, connect, print)) == []
    assert isinstance(origin_of_release(OPTIONS, connect), NamedOrigin)
    assert [call["action"] for call in cloud.calls()] == ["DescribeVodDomainDetail", "DescribeVodDomainConfigs"]


CANNOT: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "a private bucket": (
        {"configs": [{"function": "l2_oss_key", "args": {"private_oss_auth": "on"}}]},
        "its bucket is private",
    ),
    "a function": ({"sources": source("f.cn-shanghai.fc.aliyuncs.com", type="fc_domain")}, "is a function"),
    "no source": ({"sources": []}, "the service names no source"),
    "all are off": ({"sources": source("o.example.com", enabled="offline")}, "the service names no source"),
    "metadata": ({"sources": source("100.100.100.200", type="ipaddr")}, "'100.100.100.200', which cannot be asked"),
    "link-local": ({"sources": source("169.254.169.254", type="ipaddr")}, "which cannot be asked"),
    "private network": ({"sources": source("10.0.0.7", type="ipaddr")}, "which cannot be asked"),
    "in another form": ({"sources": source("0xa9fea9fe")}, "which cannot be asked"),
    "mapped": ({"sources": source("::ffff:169.254.169.254", type="ipaddr")}, "which cannot be asked"),
    "no address": ({"sources": source("nobody.invalid")}, "it does not answer this machine (its name has no address"),
    "nothing listens": ({"sources": source("127.0.0.1", port=1)}, "it does not answer this machine (no connection"),
}


@pytest.mark.parametrize("name", CANNOT)
def test_an_origin_that_cannot_be_asked_is_said_in_one_sentence(cloud: Emulator, name: str) -> None:
    settings, reason = CANNOT[name]
    configured(cloud, **settings)
    one = found(cloud)
    left_alone = "is not asked" in one.said or "is not used" in one.said
    assert (one.url, reason in one.said, left_alone, "`origin`" in one.said) == ("", True, True, True), one


@pytest.mark.parametrize("action", ["DescribeVodDomainDetail", "DescribeVodDomainConfigs"])
def test_without_the_rights_or_with_half_of_them_it_is_not_asked(cloud: Emulator, action: str) -> None:
    cloud.admin("account", {"denied_actions": [action]})
    one = found(cloud)
    assert one.url == ""
    assert "vod does not say which one media.example.com has (the RAM policy" in one.said


def test_of_several_sources_the_heaviest_main_one_is_asked(cloud: Emulator) -> None:
    port = urlsplit(cloud.origin).port
    several: Json = [
        {"content": "127.0.0.1", "port": 1, "priority": "30", "weight": "100"},
        {"content": "127.0.0.1", "port": 2, "priority": "20", "weight": "90", "enabled": "offline"},
        {"content": "f.fc.aliyuncs.com", "type": "fc_domain", "priority": "20", "weight": "80"},
        {"content": "127.0.0.1", "port": 3, "priority": "20", "weight": "5"},
        {"content": "127.0.0.1", "port": port or 80, "priority": "20", "weight": "15"},
    ]
    configured(cloud, sources=several)
    assert found(cloud).url == cloud.origin


def test_an_origin_that_serves_no_file_of_the_release_is_asked_otherwise_than_nodes_do_and_does_not_count(
    cloud: Emulator,
) -> None:
    first = found(cloud, folder(app="another text", missing="x"))
    assert (first.url, "it does not serve this release yet (HTTP 200, 404)" in first.said) == ("", True)
    other = found(cloud, folder(app="another text"), folder(app="an older text"))
    assert (other.url, "none of the files that it was asked for" in other.said) == ("", True)
    # One that serves the last release is the right one, and so is one that has only some of the files.
    assert found(cloud, folder(app="another text"), folder(app=RELEASED)).url == cloud.origin
    assert found(cloud, folder(app="another text", b="b")).url == cloud.origin
    assert found(cloud, {}).url == ""


def test_domains_with_other_origins_have_none_in_common(cloud: Emulator) -> None:
    cloud.admin("domain-settings", {"settings": {"www.example.com": {"sources": source("o.example.com")}}})
    two = found(cloud, base_urls=[f"https://{DOMAIN}/", "https://www.example.com/"])
    assert "the domains of this release have different origins" in two.said


@pytest.mark.parametrize(
    "options",
    [
        {"origin": "https://o.example.com"},
        {"verify": "off"},
        {"edges": ["127.0.0.1:1"]},
        {"resolve": {DOMAIN: ["127.0.0.1:1"]}},
    ],
    ids=["origin", "off", "edges", "resolve"],
)
def test_an_origin_that_is_named_wins_and_so_do_edges_that_are(options: dict[str, Any]) -> None:
    assert names_no_origin(OPTIONS)
    assert not names_no_origin({**OPTIONS, **options})


def test_files_that_did_not_change_show_first_whether_an_origin_can_be_asked() -> None:
    files = folder(a="1", b="22", c="333", d="4444", e="new!!", empty="")
    before = folder(c="333", d="4444", e="old!!", empty="")
    assert list(tried_files(files, before)) == ["c.js", "d.js", "a.js", "b.js"]
    assert list(tried_files({}, before)) == ["c.js", "d.js"]
