"""The admin calls: clock, account, limits, log, reset, and their refusals."""

from __future__ import annotations

import http.client
import json
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from alibabacloud_cdn20180510 import models as cdn_models
from alibabacloud_cdn20180510.client import Client as CdnClient
from alibabacloud_vod20170321 import models
from alibabacloud_vod20170321.client import Client as VodClient

from emulator.plain import ask
from emulator.refused import code_of
from pulumi_alicdn.emulator.running import Emulator, EmulatorError
from pulumi_alicdn.emulator.values import JsonObject


def refresh(vod: VodClient) -> None:
    vod.refresh_vod_object_caches(models.RefreshVodObjectCachesRequest(object_path="https://a.example.com/1"))


def quota(vod: VodClient) -> object:
    return vod.describe_vod_refresh_quota(models.DescribeVodRefreshQuotaRequest())


def test_clock(emulator: Emulator) -> None:
    frozen = emulator.admin("clock")
    assert emulator.admin("clock") == frozen
    assert frozen["frozen"] is True
    emulator.advance(86400)
    later = emulator.admin("clock")["now"]
    assert isinstance(later, str)
    assert later > str(frozen["now"])
    assert emulator.admin("clock", {"speed": 20})["speed"] == 20
    assert emulator.admin("clock")["now"] == later
    emulator.admin("clock", {"speed": 1})


@pytest.mark.parametrize(
    ("state", "expected"), [("not-open", "OperationDenied"), ("suspended", "OperationDenied.Suspended")]
)
def test_account_states(vod: VodClient, cdn: CdnClient, emulator: Emulator, state: str, expected: str) -> None:
    assert emulator.admin("account", {"state": state})["state"] == state
    assert code_of(lambda: quota(vod)) == (expected, 403)
    assert code_of(lambda: cdn.describe_refresh_tasks(cdn_models.DescribeRefreshTasksRequest())) == (expected, 403)
    assert code_of(lambda: refresh(vod)) == (expected, 403)
    emulator.admin("account", {"state": "active"})
    assert quota(vod)


def test_a_policy_for_one_domain(emulator: Emulator) -> None:
    submit, describe, denied = "RefreshObjectCaches", "DescribeRefreshTasks", (403, "Forbidden.RAM")
    emulator.admin("account", {"policy_domain": "A.example.com"})
    ours: dict[str, str | int] = {"DomainName": "a.example.com", "ObjectType": "file"}
    assert ask(emulator, describe, **ours).rows == []
    assert ask(emulator, describe).refused == denied
    assert ask(emulator, describe, DomainName="b.example.com", ObjectType="file").refused == denied
    assert ask(emulator, submit, ObjectPath="https://a.example.com/1").status == 200
    assert ask(emulator, submit, ObjectPath="https://a.example.com/1\nhttps://b.example.com/1").refused == denied
    assert len(emulator.tasks()) == 1
    emulator.admin("account", {"policy_domain": None})
    assert ask(emulator, describe).status == 200
    emulator.admin("account", {"policy_domain": "a.example.com"})
    emulator.admin("reset", {})
    assert ask(emulator, describe).status == 200


def test_request_limit(vod: VodClient, cdn: CdnClient, emulator: Emulator) -> None:
    emulator.admin("limits", {"per_s": 1, "burst": 2})
    quota(vod)
    quota(vod)
    assert code_of(lambda: quota(vod)) == ("Throttling", 503)
    assert cdn.describe_refresh_quota(cdn_models.DescribeRefreshQuotaRequest())
    emulator.advance(1)
    quota(vod)
    assert code_of(lambda: quota(vod)) == ("Throttling", 503)
    emulator.admin("limits", {"per_s": None})
    quota(vod)


def test_the_log_holds_every_call_and_no_secrets(vod: VodClient, emulator: Emulator) -> None:
    refresh(vod)
    code_of(lambda: vod.refresh_vod_object_caches(models.RefreshVodObjectCachesRequest(object_path="x")))
    quota(vod)
    calls = emulator.calls()
    assert [(call["action"], call["service"], call["http_status"], call["code"]) for call in calls] == [
        ("RefreshVodObjectCaches", "vod", 200, ""),
        ("RefreshVodObjectCaches", "vod", 400, "InvalidObjectPath.Malformed"),
        ("DescribeVodRefreshQuota", "vod", 200, ""),
    ]
    assert set(calls[0]) == {"at", "action", "service", "params", "http_status", "code", "request_id"}
    assert calls[0]["params"] == {"ObjectPath": "https://a.example.com/1"}
    assert len(emulator.calls("DescribeVodRefreshQuota")) == 1
    shown = json.dumps(calls)
    assert emulator.access_key_id not in shown
    assert emulator.access_key_secret not in shown
    emulator.admin("calls", method="DELETE")
    assert emulator.calls() == []


def test_the_log_keeps_the_names_of_headers_and_no_value(emulator: Emulator) -> None:
    secrets = {"Authorization": "Bearer canary-1", "X-Key": ["canary-2", "canary-3"], "X": {"y": "canary-4"}}
    for text in (json.dumps(secrets), "canary-5", '["canary-6"]', '"canary-7"', '{"a": "canary-8"', "[" * 100_000):
        for name in ("WithHeader", "withHeader"):
            ask(emulator, "PushObjectCache", ObjectPath="https://a.example.com/1", **{name: text})
    odd = {"SecurityToken": "canary-9", "Security-Token": "canary-10", "x-acs-security-token": "canary-11"}
    ask(emulator, "PushObjectCache", ObjectPath="https://me:canary-12@a.example.com/1", **odd)
    ask(emulator, "PushObjectCache", ObjectPath="https://a.example.com/@1//b@c", Signature2="canary-13")

    calls = emulator.calls()
    shown = json.dumps(calls)
    assert "canary" not in shown
    params = [call["params"] for call in calls]
    assert {"ObjectPath": "https://a.example.com/1", "WithHeader": '["Authorization", "X-Key", "X"]'} in params
    assert {"ObjectPath": "https://a.example.com/@1//b@c"} in params
    assert emulator.access_key_id not in shown


def listed(emulator: Emulator) -> dict[str, dict[str, Any]]:
    """What ``GET /_emulator/`` says of each call."""
    return cast("dict[str, dict[str, Any]]", emulator.admin("")["calls"])


def test_the_list_names_every_call_with_one_line_and_the_shape_of_each_body(emulator: Emulator) -> None:
    found = listed(emulator)
    assert {"/_emulator/", "/_emulator/calls", "/_emulator/clock", "/_emulator/reset"} <= set(found)
    assert set(found["/_emulator/calls"]) == {"GET", "DELETE"}
    for path, methods in found.items():
        for method, said in methods.items():
            assert said["does"].endswith("."), (path, method)
            assert ("body" in said) == (method == "POST"), (path, method)
    clock = found["/_emulator/clock"]["POST"]
    assert clock["does"].startswith("Move, stop or accelerate the clock")
    assert set(clock["body"]["properties"]) == {"advance_s", "speed", "frozen"}
    assert clock["body"]["additionalProperties"] is False


def test_every_listed_example_is_accepted_and_every_listed_shape_refuses_other_fields(emulator: Emulator) -> None:
    posts = {path: methods["POST"] for path, methods in listed(emulator).items() if "POST" in methods}
    for path, said in posts.items():
        name = path.removeprefix("/_emulator/")
        emulator.admin(name, said["example"])
        with pytest.raises(EmulatorError, match="not permitted"):
            emulator.admin(name, {**said["example"], "no_such_field": 1})
    emulator.admin("reset", {})


def filled(shape: dict[str, Any], definitions: dict[str, Any]) -> Any:  # noqa: ANN401  whatever the shape says
    """A value of that shape, with all fields; names of things that exist come from :data:`KNOWN`."""
    if "$ref" in shape:
        return filled(definitions[shape["$ref"].rpartition("/")[2]], definitions)
    for options in (shape.get("anyOf"), shape.get("enum"), [shape["const"]] if "const" in shape else None):
        if options is not None:
            return filled(options[0], definitions) if isinstance(options[0], dict) else options[0]
    kind = shape.get("type")
    if kind == "object":
        names = {name: KNOWN.get(name) or filled(one, definitions) for name, one in shape.get("properties", {}).items()}
        more = shape.get("additionalProperties")
        return {**names, **({"/x": filled(more, definitions)} if isinstance(more, dict) and not names else {})}
    if kind == "array":
        return [filled(shape["items"], definitions)] if shape.get("items") else []
    return {"string": "/x", "integer": max(1, shape.get("minimum", 1)), "number": 1.0, "boolean": False}.get(kind or "")


KNOWN: dict[str, Any] = {
    "edge": "edge-0",
    "url": "https://cdn.example.com/a.js",
    "urls": [{"url": "https://media.example.com/m1.m3u8", "format": "m3u8", "definition": "HD"}],
    "policy_domain": "cdn.example.com",
    "domains": {"cdn.example.com": "online"},
    "url_auth": {"cdn.example.com": {"type": "A", "key": "aliyuncdnexp1234", "secondary_key": "aliyuncdnexp5678"}},
    "media_id": "m1",
    "settings": {"cdn.example.com": {"service": "vod"}},
    "addresses": ["127.0.1.1"],
    "strangers": ["192.0.2.1"],
    "dns": ["127.0.1.1"],
    "fill": ["https://cdn.example.com/a.js"],
}
"""Values of fields for which no other would do."""


def test_a_body_with_every_field_of_its_shape_is_accepted(emulator: Emulator) -> None:
    for path, methods in listed(emulator).items():
        if "POST" in methods:
            shape = methods["POST"]["body"]
            emulator.admin(path.removeprefix("/_emulator/"), filled(shape, shape.get("$defs", {})))
    emulator.admin("reset", {})


def test_reset(vod: VodClient, emulator: Emulator) -> None:
    emulator.get(0, "https://a.example.com/a.js")
    refresh(vod)
    emulator.admin("account", {"state": "suspended"})
    emulator.admin("faults", {"faults": [{"kind": "http-500", "times": -1}]})
    emulator.admin("reset", {})
    assert emulator.tasks() == []
    assert emulator.calls() == []
    assert emulator.admin("edges") == {"edges": []}
    assert emulator.admin("faults") == {"faults": []}
    quota(vod)


@pytest.mark.parametrize(
    ("name", "body", "sentence"),
    [
        ("faults", {"faults": [{"kind": "meteor"}]}, "/_emulator/faults: faults.0.kind: Input should be"),
        (
            "faults",
            {"faults": [{"kind": "fail", "odd": 1}]},
            "/_emulator/faults: faults.0.odd: Extra inputs are not permitted.",
        ),
        ("faults", {"fault": []}, "/_emulator/faults: faults: Field required."),
        ("clock", {"advance_s": -1}, "/_emulator/clock: advance_s: Input should be greater than or equal to 0."),
        ("quota", {"UrlRemains": 1}, "/_emulator/quota: UrlRemains: Extra inputs are not permitted."),
        (
            "account",
            {},
            "/_emulator/account: the body: Value error, give state, sts, policy_domain or denied_actions.",
        ),
        ("account", {"state": "rich"}, "/_emulator/account: state: Input should be"),
        ("limits", {"per_s": 0}, "/_emulator/limits: per_s: Input should be greater than 0."),
        ("origin", {"rules": [{"path": "x"}]}, "/_emulator/origin: rules.0.path: String should match"),
        (
            "edges",
            {"copies": [{"edge": "edge-9", "url": "https://a.example.com/", "body": ""}]},
            "There is no edge 'edge-9'; there are edge-0, edge-1, edge-2.",
        ),
        (
            "edges",
            {"copies": [{"edge": "edge-0", "url": "a.js", "body": ""}]},
            "/_emulator/edges: copies.0.url: String",
        ),
        ("nothing", {}, "There is no /_emulator/nothing."),
        ("tasks", {}, "/_emulator/tasks takes GET."),
        ("calls", {}, "/_emulator/calls takes GET, DELETE."),
    ],
)
def test_a_wrong_request_gets_one_sentence(emulator: Emulator, name: str, body: JsonObject, sentence: str) -> None:
    with pytest.raises(EmulatorError) as caught:
        emulator.admin(name, body)
    assert str(caught.value).startswith(sentence)


def test_other_host_names_are_refused(emulator: Emulator) -> None:
    connection = http.client.HTTPConnection(urlsplit(emulator.endpoint).netloc, timeout=10)
    connection.request("GET", "/_emulator/calls", headers={"Host": "attacker.example"})
    assert connection.getresponse().status == 403
    connection.close()


def test_unknown_actions_and_versions(cdn: CdnClient, vod: VodClient) -> None:
    def with_version(client: CdnClient | VodClient, version: str, action: str) -> object:
        from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params  # noqa: PLC0415
        from darabonba.runtime import RuntimeOptions  # noqa: PLC0415

        params = Params(
            action=action,
            version=version,
            protocol="HTTP",
            pathname="/",
            method="POST",
            auth_type="AK",
            style="RPC",
            req_body_type="formData",
            body_type="json",
        )
        return client.call_api(params, OpenApiRequest(query={}), RuntimeOptions())

    assert code_of(lambda: with_version(vod, "2017-03-21", "MakeCoffee")) == ("InvalidAction.NotFound", 404)
    assert code_of(lambda: with_version(cdn, "2018-05-10", "DescribeVodRefreshTasks")) == ("InvalidVersion", 400)
    assert with_version(cdn, "2018-05-10", "DescribeRefreshQuota")
