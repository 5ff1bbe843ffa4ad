"""Signatures: the published examples, and every way to sign a request wrongly."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

import pytest
from alibabacloud_tea_openapi.utils_models import Config
from alibabacloud_vod20170321 import models
from alibabacloud_vod20170321.client import Client as VodClient

from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.service.signature import SignedRequest, acs3_signature, v1_signature
from pulumi_alicdn.emulator.values import JsonObject

EMPTY_HASH = hashlib.sha256(b"").hexdigest()


def encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def xml(content: bytes) -> ET.Element:
    return ET.fromstring(content)  # noqa: S314  from our own server


@dataclass(frozen=True)
class Signer:
    """Signs by the published rules, independently of the emulator; its fields can make the signature wrong."""

    emulator: Emulator
    params: Mapping[str, str] = field(default_factory=lambda: {"TaskId": "1"})
    key_id: str = ""
    secret: str = ""
    token: str = ""
    date: datetime = field(default_factory=lambda: datetime.now(UTC))
    nonce: str = field(default_factory=lambda: uuid.uuid4().hex)
    body: bytes = b""
    stated_hash: str = ""
    tamper: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()

    def send(self) -> tuple[int, str]:
        """Status and code of the answer; the code is empty without a refusal."""
        address = urlsplit(self.emulator.endpoint)
        host = f"{address.hostname}:{address.port}"
        headers = {
            "host": host,
            "x-acs-action": "DescribeVodRefreshTasks",
            "x-acs-version": "2017-03-21",
            "x-acs-date": self.date.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": self.nonce,
            "x-acs-content-sha256": self.stated_hash or hashlib.sha256(self.body).hexdigest(),
        }
        if self.token:
            headers["x-acs-security-token"] = self.token
        for name in self.drop:
            headers.pop(name, None)
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        query = "&".join(f"{encoded(k)}={encoded(v)}" for k, v in sorted(self.params.items()))
        stated = headers["x-acs-content-sha256"]
        canonical = f"POST\n/\n{query}\n{lines}\n{names}\n{stated}"
        text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        secret = self.secret or self.emulator.access_key_secret
        signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        credential = self.key_id or self.emulator.access_key_id
        if "authorization" not in self.drop:
            headers["Authorization"] = (
                f"ACS3-HMAC-SHA256 Credential={credential},SignedHeaders={names},Signature={signature}"
            )
        sent = "&".join(f"{encoded(k)}={encoded(v)}" for k, v in {**self.params, **self.tamper}.items())
        connection = http.client.HTTPConnection(host, timeout=10)
        connection.request("POST", f"/?{sent}", self.body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        code = xml(content).findtext("Code") if content[:1] == b"<" else json.loads(content).get("Code")
        return answer.status, code or ""


def test_published_example_of_version_3() -> None:
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": EMPTY_HASH,
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = (("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"), ("RegionId", "cn-shanghai"))
    signature = acs3_signature(SignedRequest("POST", "/", query, (), headers, b""), [*headers], "YourAccessKeySecret")
    assert signature == "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"


def test_published_example_of_version_1() -> None:
    query = {
        "Timestamp": "2016-02-23T12:46:24Z",
        "Format": "XML",
        "AccessKeyId": "testid",
        "Action": "DescribeRegions",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
        "Version": "2014-05-26",
        "SignatureVersion": "1.0",
    }
    assert v1_signature(SignedRequest("GET", "/", (*query.items(),), (), {}, b""), "testsecret") == (
        "OLeaidS1JvxuMvnyHOwuJ+uX5qY="
    )


def test_a_good_signature_is_accepted(emulator: Emulator) -> None:
    assert Signer(emulator).send() == (200, "")
    assert Signer(emulator, params={"ObjectPath": "https://a.example.com/ä +%&=~*'"}).send() == (200, "")


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda s: replace(s, secret="another"), (400, "SignatureDoesNotMatch")),
        (lambda s: replace(s, key_id="unknown"), (404, "InvalidAccessKeyId.NotFound")),
        (lambda s: replace(s, tamper={"TaskId": "2"}), (400, "SignatureDoesNotMatch")),
        (lambda s: replace(s, tamper={"PageSize": "2"}), (400, "SignatureDoesNotMatch")),
        (lambda s: replace(s, date=s.date - timedelta(minutes=16)), (400, "InvalidTimeStamp.Expired")),
        (lambda s: replace(s, date=s.date + timedelta(minutes=16)), (400, "InvalidTimeStamp.Expired")),
        (lambda s: replace(s, body=b"x", stated_hash=EMPTY_HASH), (400, "SignatureDoesNotMatch")),
        (lambda s: replace(s, drop=("authorization",)), (400, "MissingAuthorization")),
        (lambda s: replace(s, drop=("x-acs-signature-nonce",)), (400, "SignatureDoesNotMatch")),
        (lambda s: replace(s, drop=("x-acs-date",)), (400, "InvalidTimeStamp.Format")),
        (lambda s: replace(s, token="stray"), (400, "InvalidSecurityToken.MismatchWithAccessKey")),
        (lambda s: replace(s, drop=("x-acs-action",)), (400, "MissingAction")),
    ],
)
def test_a_wrong_signature_is_refused(
    emulator: Emulator, spoil: Callable[[Signer], Signer], expected: tuple[int, str]
) -> None:
    assert spoil(Signer(emulator)).send() == expected
    assert [(call["http_status"], call["code"]) for call in emulator.calls()] == [expected]


def test_a_nonce_counts_once(emulator: Emulator) -> None:
    signer = Signer(emulator)
    assert signer.send() == (200, "")
    assert signer.send() == (400, "SignatureNonceUsed")


def test_dates_are_compared_with_real_time(emulator: Emulator) -> None:
    emulator.advance(3 * 86400)
    assert Signer(emulator).send() == (200, "")


def test_temporary_keys(emulator: Emulator) -> None:
    key: JsonObject = {"access_key_id": "STS.x", "access_key_secret": "s", "security_token": "t", "expires_in_s": 60}
    emulator.admin("account", {"sts": key})
    signer = Signer(emulator, key_id="STS.x", secret="s", token="t")
    assert signer.send() == (200, "")
    assert replace(signer, token="u", nonce="1").send() == (400, "InvalidSecurityToken.MismatchWithAccessKey")
    client = VodClient(
        Config(
            access_key_id="STS.x",
            access_key_secret="s",
            security_token="t",
            endpoint=emulator.endpoint.removeprefix("http://"),
            protocol="http",
        )
    )
    assert client.describe_vod_refresh_quota(models.DescribeVodRefreshQuotaRequest()).body.url_quota == "2000"
    emulator.advance(60)
    assert replace(signer, nonce="2").send() == (400, "InvalidSecurityToken.Expired")


def send_v1(emulator: Emulator, secret: str = "", method: str = "GET", **more: str) -> tuple[int, str, bytes]:
    """Sign by version 1, in the query or, for POST, in a form; an empty value leaves a parameter out."""
    given = {
        "Action": "DescribeVodRefreshQuota",
        "Version": "2017-03-21",
        "AccessKeyId": emulator.access_key_id,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": uuid.uuid4().hex,
        "Timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        **more,
    }
    params = {name: value for name, value in given.items() if value}
    query = "&".join(f"{encoded(k)}={encoded(v)}" for k, v in sorted(params.items()))
    text = f"{method}&%2F&{encoded(query)}"
    digest = hmac.new(f"{secret or emulator.access_key_secret}&".encode(), text.encode(), hashlib.sha1).digest()
    signed = f"{query}&Signature={encoded(base64.b64encode(digest).decode())}"
    address = urlsplit(emulator.endpoint)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    if method == "POST":
        connection.request("POST", "/", signed, {"Content-Type": "application/x-www-form-urlencoded"})
    else:
        connection.request("GET", f"/?{signed}")
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.getheader("content-type", ""), content


def test_version_1_with_xml_by_default_and_json_on_request(emulator: Emulator) -> None:
    status, media_type, content = send_v1(emulator)
    root = xml(content)
    assert (status, media_type, root.tag) == (200, "text/xml;charset=utf-8", "DescribeVodRefreshQuotaResponse")
    assert root.findtext("UrlRemain") == "2000"
    status, media_type, content = send_v1(emulator, Format="JSON")
    assert (status, media_type) == (200, "application/json;charset=utf-8")
    assert json.loads(content)["UrlRemain"] == "2000"
    status, _, content = send_v1(emulator, method="POST", Format="JSON")
    assert (status, json.loads(content)["UrlRemain"]) == (200, "2000")
    status, _, content = send_v1(emulator, "wrong")
    assert (status, xml(content).findtext("Code")) == (400, "SignatureDoesNotMatch")
    assert {element.tag for element in xml(content)} == {"RequestId", "HostId", "Code", "Message", "Recommend"}


def late(minutes: float) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda: {"Timestamp": late(-16)}, (400, "InvalidTimeStamp.Expired")),
        (lambda: {"Timestamp": late(16)}, (400, "InvalidTimeStamp.Expired")),
        (lambda: {"Timestamp": late(-14)}, (200, None)),
        (lambda: {"Timestamp": "today"}, (400, "InvalidTimeStamp.Format")),
        (lambda: {"Timestamp": ""}, (400, "InvalidTimeStamp.Format")),
        (lambda: {"AccessKeyId": "unknown"}, (404, "InvalidAccessKeyId.NotFound")),
        (lambda: {"SignatureMethod": "HMAC-MD5"}, (400, "SignatureDoesNotMatch")),
        (lambda: {"SignatureVersion": "2.0"}, (400, "SignatureDoesNotMatch")),
        (lambda: {"SignatureNonce": ""}, (400, "SignatureDoesNotMatch")),
        (lambda: {"SecurityToken": "stray"}, (400, "InvalidSecurityToken.MismatchWithAccessKey")),
        (lambda: {"Action": ""}, (400, "MissingAction")),
        (lambda: {"Version": ""}, (400, "InvalidVersion")),
    ],
)
def test_a_wrong_signature_of_version_1_is_refused(
    emulator: Emulator, spoil: Callable[[], dict[str, str]], expected: tuple[int, str | None]
) -> None:
    status, _, content = send_v1(emulator, Format="JSON", **spoil())
    assert (status, json.loads(content).get("Code")) == expected


def test_version_1_nonces_count_once(emulator: Emulator) -> None:
    again = {"SignatureNonce": uuid.uuid4().hex, "Format": "JSON"}
    assert send_v1(emulator, **again)[0] == 200
    status, _, content = send_v1(emulator, **again)
    assert (status, json.loads(content)["Code"]) == (400, "SignatureNonceUsed")


def test_version_1_with_temporary_keys(emulator: Emulator) -> None:
    key: JsonObject = {"access_key_id": "STS.y", "access_key_secret": "s", "security_token": "t", "expires_in_s": 60}
    emulator.admin("account", {"sts": key})

    def code(**more: str) -> str | None:
        content = send_v1(emulator, "s", AccessKeyId="STS.y", Format="JSON", **more)[2]
        found: str | None = json.loads(content).get("Code")
        return found

    assert code(SecurityToken="t") is None
    assert code(SecurityToken="u") == "InvalidSecurityToken.MismatchWithAccessKey"
    assert code() == "MissingSecurityToken"
    emulator.advance(60)
    assert code(SecurityToken="t") == "InvalidSecurityToken.Expired"
