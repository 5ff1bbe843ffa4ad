"""Where requests go: regions, addresses of one's own, and which configuration counts."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.endpoints import Endpoint, parse_endpoint, regional_host
from pulumi_alicdn.cloud.settings import Settings, resolve
from pulumi_alicdn.errors import InputError

CENTRAL, ABROAD = "cdn.aliyuncs.com", "cdn.ap-southeast-1.aliyuncs.com"


@pytest.mark.parametrize(
    ("service", "region", "host"),
    [
        ("vod", None, "vod.cn-shanghai.aliyuncs.com"),
        ("vod", "cn-shanghai", "vod.cn-shanghai.aliyuncs.com"),
        ("vod", "cn-hangzhou", "vod.cn-shanghai.aliyuncs.com"),
        ("vod", "cn-beijing", "vod.cn-beijing.aliyuncs.com"),
        ("vod", "cn-shenzhen", "vod.cn-shenzhen.aliyuncs.com"),
        ("vod", "cn-hongkong", "vod.cn-hongkong.aliyuncs.com"),
        ("vod", "ap-southeast-1", "vod.ap-southeast-1.aliyuncs.com"),
        ("vod", "ap-southeast-5", "vod.ap-southeast-5.aliyuncs.com"),
        ("vod", "ap-northeast-1", "vod.ap-northeast-1.aliyuncs.com"),
        ("vod", "eu-central-1", "vod.eu-central-1.aliyuncs.com"),
        ("vod", "us-west-1", "vod.us-west-1.aliyuncs.com"),
        ("vod", "me-central-1", "vod.me-central-1.aliyuncs.com"),
        ("cdn", None, CENTRAL),
        ("cdn", "cn-hangzhou", CENTRAL),
        ("cdn", "cn-shanghai", CENTRAL),
        ("cdn", "cn-qingdao", CENTRAL),
        ("cdn", "ap-southeast-1", ABROAD),
        ("cdn", "ap-northeast-1", ABROAD),
        ("cdn", "eu-west-1", ABROAD),
        ("cdn", "me-east-1", ABROAD),
        ("cdn", "us-east-1", ABROAD),
    ],
)
def test_every_region_has_its_host(service: str, region: str | None, host: str) -> None:
    assert regional_host(Service(service), region) == host
    assert Settings(region=region).endpoint_for(Service(service)) == Endpoint("https", host)


@pytest.mark.parametrize("service", list(Service))
def test_an_unknown_region_is_reported_with_those_that_there_are(service: Service) -> None:
    with pytest.raises(InputError, match=f"^alicdn:region is 'mars-1', but {service} has: ap-.*, cn-hangzhou, .*us-"):
        regional_host(service, "mars-1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cdn.example.com", Endpoint("https", "cdn.example.com")),
        ("https://cdn.example.com", Endpoint("https", "cdn.example.com")),
        ("https://cdn.example.com:8443/", Endpoint("https", "cdn.example.com:8443")),
        ("http://localhost:9000", Endpoint("http", "localhost:9000")),
        ("http://127.0.0.1:9000", Endpoint("http", "127.0.0.1:9000")),
        ("http://127.8.9.10", Endpoint("http", "127.8.9.10")),
        ("http://[::1]:9000", Endpoint("http", "[::1]:9000")),
        ("HTTP://LOCALHOST:1", Endpoint("http", "LOCALHOST:1")),
        ("https://[2001:db8::1]:443", Endpoint("https", "[2001:db8::1]:443")),
    ],
)
def test_an_address_of_ones_own(text: str, expected: Endpoint) -> None:
    assert parse_endpoint(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "http://cdn.example.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "http://[::ffff:8.8.8.8]",
        "http://8.8.8.8",
        "http://0.0.0.0:80",
        "http://[::]:80",
        "http://10.0.0.1",
        "http://128.0.0.1",
        "http://xn--localhost",
        "http://127.0.0.1@8.8.8.8",
    ],
)
def test_plain_http_goes_to_this_machine_only(text: str) -> None:
    with pytest.raises(InputError, match=r"plain http is for this machine only; write https://|must be a host"):
        parse_endpoint(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://",
        "https://user:x@cdn.example.com",
        "https://cdn.example.com/path",
        "https://cdn.example.com?x=1",
        "https://cdn.example.com#x",
        "https://cdn.example.com:port",
        "https://cdn.example.com:99999",
    ],
)
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"^alicdn:endpoint is .*, but must be a host or https://HOST, with a port"):
        parse_endpoint(text)


def test_another_scheme_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"^alicdn:endpoint is 'ftp://cdn\.example\.com', but must begin with https://$"
    ):
        parse_endpoint("ftp://cdn.example.com")


@pytest.mark.parametrize("text", ["https://[::1", "http://[", "https://[x]"])
def test_a_broken_bracket_is_refused_like_any_other_host(text: str) -> None:
    with pytest.raises(InputError):
        parse_endpoint(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://me:canary@cdn.example.com",
        "https://canary@cdn.example.com",
        "https://me:1/canary@cdn.example.com",
        "cdn.example.com?token=canary",
        "https://cdn.example.com/?x=canary",
        "https://cdn.example.com/canary",
        "https://cdn.example.com#canary",
        "https://cdn.example.com%3Fx=canary",
        "https://cdn.example.com;x=canary",
        "http://cdn.example.com?canary",
        "ftp://cdn.example.com/?canary",
        "cdn.example.com:443:canary?x",
        "https://cdn.example.com\\canary",
        '{"endpoint": "https://cdn.example.com?canary"}',
    ],
)
def test_nothing_but_a_server_is_shown_of_an_address(text: str) -> None:
    for read in (parse_endpoint, lambda endpoint: resolve({"alicdn:endpoint": endpoint}.get, {}), _of_the_environment):
        with pytest.raises(InputError) as caught:
            read(text)
        assert "canary" not in f"{caught.value!r}"


def _of_the_environment(endpoint: str) -> Settings:
    return resolve(dict[str, str]().get, {"ALICDN_ENDPOINT": f"{endpoint} "})


def settings(config: dict[str, Any], **environment: str) -> Settings:
    return resolve(config.get, environment)


def test_our_own_configuration_comes_before_pulumi_alicloud_and_both_before_the_environment() -> None:
    environment = {"ALIBABA_CLOUD_REGION_ID": "cn-beijing", "ALICDN_ENDPOINT": "env.example.com"}
    theirs = {"alicloud:region": "cn-qingdao", "alicloud:profile": "theirs"}
    ours = {"alicdn:region": "us-west-1", "alicdn:profile": "ours", "alicdn:endpoint": "ours.example.com"}

    assert settings({}) == Settings()
    assert settings({}, **environment) == Settings("cn-beijing", "env.example.com")
    assert settings(theirs, **environment) == Settings("cn-qingdao", "env.example.com", "theirs")
    assert settings({**theirs, **ours}, **environment) == Settings("us-west-1", "ours.example.com", "ours")


def test_an_endpoint_comes_before_a_region_even_an_unknown_one() -> None:
    chosen = settings({"alicdn:endpoint": "http://127.0.0.1:1", "alicdn:region": "mars-1"})
    assert chosen.endpoint_for(Service.CDN) == Endpoint("http", "127.0.0.1:1")


def test_keys_of_pulumi_alicloud_are_taken() -> None:
    keys = {"alicloud:accessKey": "id", "alicloud:secretKey": "sec", "alicloud:securityToken": "tok"}
    chosen = settings(keys)
    assert (chosen.access_key_id, chosen.access_key_secret, chosen.security_token) == ("id", "sec", "tok")


@pytest.mark.parametrize(
    ("given", "missing"),
    [("alicloud:accessKey", "alicloud:secretKey"), ("alicloud:secretKey", "alicloud:accessKey")],
)
def test_half_a_key_pair_is_refused_without_showing_the_half(given: str, missing: str) -> None:
    with pytest.raises(InputError) as caught:
        settings({given: "canary-half"})
    assert str(caught.value) == (f"{missing} is not set, but alicloud:accessKey and alicloud:secretKey go together")


def test_settings_show_no_secret() -> None:
    chosen = Settings("cn-shanghai", None, "p", "canary-id", "canary-secret", "canary-token")
    assert "canary" not in f"{chosen!r} {chosen}"
    assert "cn-shanghai" in repr(chosen)
