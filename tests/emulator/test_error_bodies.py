"""Bodies of errors: the members and the words that users of the real service have published."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator.plain import ask
from pulumi_alicdn.emulator.running import Emulator
from support.emulators import start
from support.signed_request import Answer

LISTED = "listed.example.com"
SUBMIT = {"vod": "RefreshVodObjectCaches", "cdn": "RefreshObjectCaches"}


@pytest.fixture(scope="module")
def cloud() -> Iterator[Emulator]:
    with start(domains=[LISTED], edges=1) as running:
        yield running


def refused(cloud: Emulator, service: str, path: str = f"https://{LISTED}/a.js", **more: str) -> Answer:
    return ask(cloud, SUBMIT[service], **{"ObjectPath": path, "ObjectType": "File", **more})


@pytest.mark.parametrize(
    ("service", "host", "product"),
    [("vod", "vod.cn-shanghai.aliyuncs.com", "vod"), ("cdn", "cdn.aliyuncs.com", "Cdn")],
)
def test_an_error_names_the_service_and_a_page_about_it(cloud: Emulator, service: str, host: str, product: str) -> None:
    answer = refused(cloud, service, "https://broken-path")
    body = answer.json
    assert answer.status == 400
    assert set(body) == {"Code", "Message", "HostId", "RequestId", "Recommend"}
    assert (body["HostId"], body["RequestId"]) == (host, answer.headers["x-acs-request-id"])
    about = f"q=InvalidObjectPath.Malformed&product={product}&requestId={body['RequestId']}"
    assert body["Recommend"] == f"https://api.aliyun.com/troubleshoot?{about}"


@pytest.mark.parametrize("service", ["vod", "cdn"])
@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("https://github.com/x", "The domain [github.com] does not belong to you."),
        ("https://broken-path", "The specified ObjectPath is invalid."),
        ("https://*.example.com/x", "Extensive domain not supported."),
        ("", 'The input parameter "ObjectPath" that is mandatory for processing this request is not supplied.'),
    ],
)
def test_the_words_of_refused_submissions(cloud: Emulator, service: str, path: str, sentence: str) -> None:
    assert refused(cloud, service, path).json["Message"] == sentence


def test_the_words_of_the_gateway_and_of_the_account(cloud: Emulator) -> None:
    assert ask(cloud, "MakeCoffee").json["Message"] == "Specified api is not found, please check your url and method."
    cloud.admin("faults", {"faults": [{"kind": "throttle"}]})
    assert refused(cloud, "cdn").json["Message"] == "Request was denied due to request throttling."
    cloud.admin("account", {"state": "not-open"})
    assert refused(cloud, "vod").json["Message"] == "Your account does not open VOD service yet."
    cloud.admin("account", {"state": "active"})
    cloud.admin("quota", {"UrlRemain": 0})
    assert refused(cloud, "vod").json["Message"] == "You've exceeded the prescribed refresh limits."


def test_an_error_of_no_service_names_the_host_that_was_asked(cloud: Emulator) -> None:
    body = ask(cloud, "MakeCoffee", Version="2000-01-01").json
    assert body["HostId"] == cloud.endpoint.removeprefix("http://")
    assert "product" not in body["Recommend"]
