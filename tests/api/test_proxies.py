"""Which proxy the environment names for an address: NO_PROXY in all its forms, and what never goes through one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.proxies import proxy_for

CDN = "https://cdn.aliyuncs.com"
PROXY = {"HTTPS_PROXY": "http://proxy.example.com:3128"}


@pytest.mark.parametrize(
    "no_proxy",
    [
        "*",
        "aliyuncs.com",
        ".aliyuncs.com",
        "*.aliyuncs.com",
        "cdn.aliyuncs.com",
        "CDN.Aliyuncs.COM",
        "cdn.aliyuncs.com.",
        "cdn.aliyuncs.com:443",
        ".aliyuncs.com:443",
        "localhost, .aliyuncs.com",
        "localhost .aliyuncs.com",
        " ,, cdn.aliyuncs.com ",
        ".com",
    ],
)
@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
def test_what_no_proxy_lists_goes_straight(variable: str, no_proxy: str) -> None:
    assert proxy_for(CDN, {**PROXY, variable: no_proxy}) is None


@pytest.mark.parametrize(
    "no_proxy",
    ["", "example.com", "dn.aliyuncs.com", "cdn.aliyuncs.com:80", "vod.aliyuncs.com", "10.0.0.0/8", "x/y", ".", ":443"],
)
def test_what_no_proxy_does_not_list_goes_through_the_proxy(no_proxy: str) -> None:
    found = proxy_for(CDN, {**PROXY, "NO_PROXY": no_proxy})
    assert found is not None
    assert (found.url, found.shown, found.variable) == (PROXY["HTTPS_PROXY"], "proxy.example.com:3128", "HTTPS_PROXY")


@pytest.mark.parametrize(
    ("host", "no_proxy", "straight"),
    [
        ("10.1.2.3", "10.0.0.0/8", True),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3", "10.1.2.3:8443", True),
        ("10.1.2.3", "10.1.2.3:443", False),
        ("10.1.2.3", "192.168.0.0/16", False),
        ("10.1.2.3", "2.3", False),
        ("10.1.2.3", "10.1.2.3/", True),
        ("10.1.2.3", "10.1.2.3/all", True),
        ("10.1.2.3", "10.1.2.4/all", False),
        ("[2001:db8::1]", "2001:db8::/32", True),
        ("[2001:db8::1]", "2001:db8::1", True),
        ("[2001:db8::1]", "[2001:db8::1]:8443", True),
        ("[2001:db8::1]", "[2001:db8::1]", True),
        ("[2001:db8::1]", "[2001:db8::1]:1", False),
    ],
)
def test_addresses_and_networks_in_no_proxy(host: str, no_proxy: str, straight: bool) -> None:
    assert (proxy_for(f"https://{host}:8443/", {**PROXY, "NO_PROXY": no_proxy}) is None) == straight


@given(
    st.sampled_from(
        [
            *["127.0.0.1:9000", "127.9.8.7", "localhost", "localhost:1", "[::1]:9000", "x.localhost", "localhost.:1"],
            *["127.1", "0.0.0.0:80", "[::]:80", "[::ffff:127.0.0.1]", "2130706433", "LocalHost", "0x7f.1:9000"],
        ]
    ),
    st.dictionaries(
        st.sampled_from(["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]),
        st.just("http://proxy.example.com:3128"),
    ),
    st.sampled_from(["http", "https"]),
)
def test_this_machine_never_goes_through_a_proxy(host: str, environment: dict[str, str], scheme: str) -> None:
    assert proxy_for(f"{scheme}://{host}/", environment) is None


def test_the_metadata_of_an_instance_never_goes_through_a_proxy() -> None:
    assert proxy_for("http://100.100.100.200/latest/meta-data/", {"HTTP_PROXY": "http://p:1"}) is None


@pytest.mark.parametrize(
    ("environment", "variable"),
    [
        ({"HTTP_PROXY": "http://p:1"}, None),
        ({"HTTPS_PROXY": ""}, None),
        ({"ALL_PROXY": "http://p:1"}, "ALL_PROXY"),
        ({"ALL_PROXY": "http://p:1", "HTTPS_PROXY": "http://q:1"}, "HTTPS_PROXY"),
        ({"HTTPS_PROXY": "http://p:1", "https_proxy": "http://q:1"}, "https_proxy"),
    ],
)
def test_the_variable_of_the_scheme_comes_before_the_one_for_all(
    environment: dict[str, str], variable: str | None
) -> None:
    found = proxy_for(CDN, environment)
    assert (None if found is None else found.variable) == variable


@pytest.mark.parametrize(
    ("value", "shown", "usable"),
    [
        ("http://proxy:3128", "proxy:3128", True),
        ("proxy:3128", "proxy:3128", True),
        ("http://me:canary@proxy:3128/", "proxy:3128", True),
        ("http://[2001:db8::1]:3128", "[2001:db8::1]:3128", True),
        ("socks5://me:canary@proxy:1080", "proxy:1080", False),
        ("http://me:canary@proxy:port", "a proxy", False),
        ("http://me:1/canary@proxy:3128", "a proxy", False),
        ("http://me:1?canary@proxy:3128", "a proxy", False),
        ("http://me:1#canary@proxy:3128", "a proxy", False),
        ("http://canary/x@proxy:3128", "a proxy", False),
        ("http://", "a proxy", False),
        ("http://pro xy:1", "a proxy", False),
    ],
)
def test_a_proxy_is_shown_without_its_password(value: str, shown: str, usable: bool) -> None:
    found = proxy_for(CDN, {"HTTPS_PROXY": value})
    assert found is not None
    assert (found.shown, not found.problem) == (shown, usable)
    assert "canary" not in f"{found} {found.problem}"
