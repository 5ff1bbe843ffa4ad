"""Domains: their sources, states and configurations, as both official clients read them."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_cdn20180510 import models as cdn_models
from alibabacloud_cdn20180510.client import Client as CdnClient
from alibabacloud_vod20170321 import models as vod_models
from alibabacloud_vod20170321.client import Client as VodClient

from emulator.plain import ask
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.service.domains import DomainState
from pulumi_alicdn.emulator.values import Json, JsonObject

DOMAIN = "cdn.example.com"
URL = f"https://{DOMAIN}/a.js"


def cdn_detail(cdn: CdnClient) -> dict[str, Any]:
    body = cdn.describe_cdn_domain_detail(cdn_models.DescribeCdnDomainDetailRequest(domain_name=DOMAIN)).body
    found: dict[str, Any] = body.get_domain_detail_model.to_map()
    return found


def vod_detail(vod: VodClient) -> dict[str, Any]:
    body = vod.describe_vod_domain_detail(vod_models.DescribeVodDomainDetailRequest(domain_name=DOMAIN)).body
    found: dict[str, Any] = body.domain_detail.to_map()
    return found


def arguments(configs: Any) -> dict[str, dict[str, str]]:  # noqa: ANN401  a model of either client
    """The arguments of each function."""
    return {
        config.function_name: {one.arg_name: one.arg_value for one in config.function_args.function_arg}
        for config in configs.domain_config
    }


def cdn_configs(cdn: CdnClient, functions: str | None = None) -> dict[str, dict[str, str]]:
    request = cdn_models.DescribeCdnDomainConfigsRequest(domain_name=DOMAIN, function_names=functions)
    return arguments(cdn.describe_cdn_domain_configs(request).body.domain_configs)


def vod_configs(vod: VodClient, functions: str) -> dict[str, dict[str, str]]:
    request = vod_models.DescribeVodDomainConfigsRequest(domain_name=DOMAIN, function_names=functions)
    return arguments(vod.describe_vod_domain_configs(request).body.domain_configs)


def configured(emulator: Emulator, **settings: Json) -> None:
    emulator.admin("domain-settings", {"settings": {DOMAIN: settings}})


def test_by_default_the_source_of_a_domain_is_the_origin(emulator: Emulator, cdn: CdnClient, vod: VodClient) -> None:
    port = int(emulator.origin.rpartition(":")[2])
    source = {"Content": "127.0.0.1", "Type": "ipaddr", "Port": port, "Priority": "20", "Weight": "10"}
    of_cdn, of_vod = cdn_detail(cdn), vod_detail(vod)
    assert of_cdn["SourceModels"]["SourceModel"] == of_vod["Sources"]["Source"] == [{**source, "Enabled": "online"}]
    expected = {"DomainName": DOMAIN, "DomainStatus": "online", "Cname": f"{DOMAIN}.w.kunlunaq.com", "Scope": "global"}
    assert expected.items() <= of_cdn.items()
    assert expected.items() <= of_vod.items()
    assert (of_cdn["ServerCertificateStatus"], of_vod["SSLProtocol"], of_cdn["CdnType"]) == ("off", "off", "web")
    assert cdn_configs(cdn) == vod_configs(vod, "aliauth") == {}


def test_the_settings_of_a_domain(emulator: Emulator, cdn: CdnClient, vod: VodClient) -> None:
    bucket: JsonObject = {"content": "bucket.oss-cn-shanghai.aliyuncs.com", "type": "oss", "port": 443}
    spare: JsonObject = {"content": "spare.example.com", "priority": "30", "weight": "5", "enabled": "offline"}
    configured(
        emulator,
        sources=[bucket, spare],
        scope="overseas",
        cname="",
        https=True,
        cdn_type="video",
        description="films",
    )
    of_cdn, of_vod = cdn_detail(cdn), vod_detail(vod)
    first, second = of_cdn["SourceModels"]["SourceModel"]
    assert of_vod["Sources"]["Source"] == [first, second]
    assert (first["Content"], first["Type"], first["Port"]) == (bucket["content"], "oss", 443)
    assert (second["Type"], second["Priority"], second["Weight"], second["Enabled"]) == ("domain", "30", "5", "offline")
    for shown in (of_cdn, of_vod):
        assert (shown["Scope"], shown["Cname"], shown["Description"]) == ("overseas", "", "films")
    assert (of_cdn["ServerCertificateStatus"], of_cdn["CdnType"], of_vod["SSLProtocol"]) == ("on", "video", "on")
    assert of_vod["CertName"] == f"cert-{DOMAIN}"
    listed: Any = emulator.admin("domain-settings")["settings"]
    assert listed[DOMAIN]["scope"] == "overseas"
    emulator.admin("reset", {})
    assert cdn_detail(cdn)["Scope"] == "global"


def test_the_functions_of_a_domain_by_name_and_by_id(emulator: Emulator, cdn: CdnClient, vod: VodClient) -> None:
    host: JsonObject = {"function": "set_req_host_header", "args": {"domain_name": "origin.example.com"}}
    scheme: JsonObject = {
        "function": "forward_scheme",
        "args": {"enable": "on", "scheme_origin": "https"},
        "status": "configuring",
        "parent_id": "7",
    }
    configured(emulator, configs=[host, scheme])
    assert cdn_configs(cdn) == {host["function"]: host["args"], scheme["function"]: scheme["args"]}
    assert vod_configs(vod, "forward_scheme,aliauth") == {scheme["function"]: scheme["args"]}
    request = cdn_models.DescribeCdnDomainConfigsRequest(domain_name=DOMAIN, function_names="forward_scheme")
    (found,) = cdn.describe_cdn_domain_configs(request).body.domain_configs.domain_config
    assert (found.status, found.parent_id) == ("configuring", "7")
    request = cdn_models.DescribeCdnDomainConfigsRequest(domain_name=DOMAIN, config_id=found.config_id)
    assert set(arguments(cdn.describe_cdn_domain_configs(request).body.domain_configs)) == {"forward_scheme"}


def test_what_edges_do_is_in_the_configuration_of_the_domain(emulator: Emulator, cdn: CdnClient) -> None:
    emulator.admin("url-auth", {"url_auth": {DOMAIN: {"type": "C", "key": "aliyuncdnexp1234", "validity_s": 60}}})
    emulator.admin(
        "rules", {"redirect_https": True, "page_optimization": True, "force_gzip": True, "browsers_only": True}
    )
    assert cdn_configs(cdn) == {
        "https_force": {"enable": "on", "https_rewrite": "301"},
        "tesla": {"enable": "on"},
        "gzip": {"enable": "on"},
        "ali_ua": {"type": "white", "ua": "Mozilla/*"},
        "aliauth": {
            "auth_type": "type_c",
            "auth_key1": "aliyuncdnexp1234",
            "ali_auth_delta": "60",
            "sign_param": "KEY1",
            "time_param": "KEY2",
        },
    }
    configured(emulator, configs=[{"function": "aliauth", "args": {"auth_type": "no_auth"}}])
    assert cdn_configs(cdn, "aliauth") == {"aliauth": {"auth_type": "no_auth"}}


@pytest.mark.parametrize("state", DomainState)
def test_every_state_has_a_documented_word(
    emulator: Emulator, cdn: CdnClient, vod: VodClient, state: DomainState
) -> None:
    emulator.admin("domains", {"domains": {DOMAIN: state.value}})
    word = {"failed": "configure_failed", "illegal": "check_failed"}.get(state.value, state.value)
    assert (cdn_detail(cdn)["DomainStatus"], vod_detail(vod)["DomainStatus"]) == (word, word)
    submitted = ask(emulator, "RefreshObjectCaches", ObjectPath=URL)
    assert (submitted.status == 200) == (state is DomainState.ONLINE)


def test_a_domain_of_one_service_is_unknown_to_the_other(emulator: Emulator, vod: VodClient) -> None:
    configured(emulator, service="vod")
    for action in ("DescribeCdnDomainDetail", "DescribeCdnDomainConfigs"):
        assert ask(emulator, action, DomainName=DOMAIN).refused == (404, "InvalidDomain.NotFound")
    assert ask(emulator, "DescribeUserVipsByDomain", DomainName=DOMAIN).refused == (400, "InvalidDomain.NotFound")
    assert ask(emulator, "RefreshObjectCaches", ObjectPath=URL).refused == (404, "InvalidDomain.NotFound")
    assert ask(emulator, "PushObjectCache", ObjectPath=URL).refused == (404, "InvalidDomain.NotFound")
    assert vod_detail(vod)["DomainName"] == DOMAIN
    assert ask(emulator, "RefreshVodObjectCaches", ObjectPath=URL).status == 200
    configured(emulator, service="cdn")
    assert ask(emulator, "DescribeVodDomainDetail", DomainName=DOMAIN).refused == (404, "InvalidDomain.NotFound")
    assert ask(emulator, "RefreshVodObjectCaches", ObjectPath=URL).refused == (404, "InvalidDomain.NotFound")
    assert ask(emulator, "RefreshObjectCaches", ObjectPath=URL).status == 200


@pytest.mark.parametrize(
    ("action", "params", "refusal"),
    [
        ("DescribeCdnDomainDetail", {}, (400, "MissingParameter")),
        ("DescribeVodDomainDetail", {}, (400, "MissingParameter")),
        ("DescribeCdnDomainConfigs", {}, (400, "MissingParameter")),
        ("DescribeVodDomainConfigs", {"DomainName": DOMAIN}, (400, "MissingParameter")),
        ("DescribeCdnDomainDetail", {"DomainName": "a.example.com,b.example.com"}, (404, "InvalidDomain.NotFound")),
        (
            "DescribeCdnDomainConfigs",
            {"DomainName": DOMAIN, "FunctionNames": "aliauth,nothing"},
            (400, "InvalidFunctionName.ValueNotSupported"),
        ),
    ],
)
def test_a_wrong_question_about_a_domain_is_refused(
    emulator: Emulator, action: str, params: dict[str, str], refusal: tuple[int, str]
) -> None:
    assert ask(emulator, action, **params).refused == refusal


def test_details_in_xml(emulator: Emulator) -> None:
    detail = ask(emulator, "DescribeVodDomainDetail", DomainName=DOMAIN, Format="XML").text
    assert "<Sources><Source><Content>127.0.0.1</Content>" in detail
    configured(emulator, configs=[{"function": "gzip", "args": {"enable": "on"}}])
    configs = ask(emulator, "DescribeCdnDomainConfigs", DomainName=DOMAIN, Format="XML").text
    assert "<FunctionArg><ArgName>enable</ArgName><ArgValue>on</ArgValue></FunctionArg>" in configs
