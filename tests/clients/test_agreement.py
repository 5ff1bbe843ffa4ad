"""Every client, unmodified, submits to the emulator and reads the right values from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar
from xml.etree import ElementTree as ET

import pytest

from clients.callers import Account, Caller, PythonCore, RefusedError
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import JsonObject

_Test = TypeVar("_Test", bound="Callable[..., None]")
URL = "https://a.example.com/a.js"
AWKWARD = 'https://a.example.com/ä(1)!*\'~+%20%25&=;,@$.js?q=%E4%B8%AD+b&c=d/e&f="g"'
"""Characters whose encoding clients and servers have got wrong before."""


@dataclass(frozen=True)
class Words:
    """One service's names of the things that both have."""

    refresh: str
    preload: str
    describe: str
    quota: str
    preload_id: str
    container: str
    urls: str


WORDS = {
    "vod": Words(
        "RefreshVodObjectCaches",
        "PreloadVodObjectCaches",
        "DescribeVodRefreshTasks",
        "DescribeVodRefreshQuota",
        "PreloadTaskId",
        "Task",
        "2000",
    ),
    "cdn": Words(
        "RefreshObjectCaches",
        "PushObjectCache",
        "DescribeRefreshTasks",
        "DescribeRefreshQuota",
        "PushTaskId",
        "CDNTask",
        "10000",
    ),
}


@dataclass(frozen=True)
class Session:
    """One client and one service."""

    caller: Caller
    account: Account
    service: str

    @property
    def words(self) -> Words:
        return WORDS[self.service]

    def call(self, action: str, **params: object) -> dict[str, Any]:
        return self.caller.call(self.account, self.service, action, params)

    def refused(self, action: str, **params: object) -> RefusedError:
        with pytest.raises(RefusedError) as caught:
            self.call(action, **params)
        return caught.value

    def rows(self, **params: object) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.call(self.words.describe, **params)["Tasks"][self.words.container]
        return rows


def only(service: str) -> Callable[[_Test], _Test]:
    """Limit a test to one service."""

    def mark(test: _Test) -> _Test:
        test.only_service = service  # type: ignore[attr-defined]
        return test

    return mark


@pytest.fixture
def session(caller: Caller, service: str, account: Account) -> Session:
    return Session(caller, account, service)


def test_a_refresh_from_submission_to_the_edges(session: Session, emulator: Emulator, origin: Path) -> None:
    emulator.get_everywhere(URL)
    (origin / "a.js").write_text("new")
    answer = session.call(session.words.refresh, ObjectPath=f"{URL}\n{AWKWARD}", ObjectType="File")
    task_id = answer["RefreshTaskId"]
    assert emulator.calls()[-1]["request_id"] == answer["RequestId"]
    assert [row["ObjectPath"] for row in emulator.tasks()] == [URL, AWKWARD]
    (row,) = session.rows(ObjectPath=URL)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row.pop("CreationTime"))
    assert row == {"TaskId": task_id, "ObjectPath": URL, "ObjectType": "file", "Status": "Pending", "Process": "0%"}
    emulator.advance(4)
    assert {row["Status"] for row in session.rows(TaskId=task_id)} == {"Refreshing"}
    assert [edge.body for edge in emulator.get_everywhere(URL)] == [b"new", b"old"]
    emulator.advance(2)
    rows = session.rows(TaskId=task_id, PageSize=50, PageNumber=1)
    assert {(row["ObjectPath"], row["Status"], row["Process"]) for row in rows} == {
        (URL, "Complete", "100%"),
        (AWKWARD, "Complete", "100%"),
    }
    assert [edge.body for edge in emulator.get_everywhere(URL)] == [b"new", b"new"]


def test_a_prefetch_that_fails(session: Session, emulator: Emulator) -> None:
    emulator.admin("origin", {"rules": [{"path": "/b.js", "status": 503}]})
    bad = "https://a.example.com/b.js"
    answer = session.call(session.words.preload, ObjectPath=f"{URL}\r\n{bad}", Area="domestic")
    emulator.advance(6)
    rows = {row["ObjectPath"]: row for row in session.rows(TaskId=answer[session.words.preload_id])}
    assert (rows[URL]["Status"], rows[URL]["ObjectType"]) == ("Complete", "preload")
    assert (rows[bad]["Status"], rows[bad]["Description"]) == ("Failed", "Origin Return StatusCode 5XX")
    failed = session.rows(Status="Failed", ObjectType="preload", DomainName="a.example.com")
    assert [row["ObjectPath"] for row in failed] == [bad]


def test_pages_and_the_quota(session: Session) -> None:
    paths = [f"https://a.example.com/{number}" for number in range(60)]
    session.call(session.words.refresh, ObjectPath="\n".join(paths))
    seen = [session.call(session.words.describe, PageNumber=page, PageSize=25) for page in (1, 2, 3)]
    rows = [row["ObjectPath"] for page in seen for row in page["Tasks"][session.words.container]]
    assert sorted(rows) == sorted(paths)
    assert [(page["PageNumber"], page["PageSize"], page["TotalCount"]) for page in seen] == [
        (number, 25, 60) for number in (1, 2, 3)
    ]
    quota = session.call(session.words.quota)
    assert (quota["UrlQuota"], int(quota["UrlRemain"])) == (session.words.urls, int(session.words.urls) - 60)
    assert ("blockRemain" in quota) is (session.service == "vod")


def test_refusals_have_code_status_and_request_id(session: Session, emulator: Emulator) -> None:
    def refusal(action: str, **params: object) -> tuple[str, int | None]:
        error = session.refused(action, **params)
        assert error.request_id == emulator.calls()[-1]["request_id"]
        return error.code, error.status

    words = session.words
    assert refusal(words.describe, TaskId="x") == ("InvalidTaskId.Malformed", 400)
    assert refusal(words.describe, DomainName="a.example.com") == ("MissingParameter.ObjectType", 400)
    wildcard = refusal(words.refresh, ObjectPath="https://*.example.com/")
    assert wildcard == ("InvalidExtensiveDomain.ValueNotSupported", 400)
    emulator.admin("domains", {"domains": {"a.example.com": "offline"}})
    assert refusal(words.refresh, ObjectPath=URL) == ("InvalidDomain.Offline", 404)
    emulator.admin("account", {"state": "suspended"})
    assert refusal(words.describe) == ("OperationDenied.Suspended", 403)
    emulator.admin("account", {"state": "active"})
    emulator.admin("limits", {"per_s": 1})
    assert session.rows() == []
    error = session.refused(words.describe)
    assert (error.code, error.status) == ("Throttling", 503)


def test_temporary_keys(session: Session, emulator: Emulator) -> None:
    emulator.admin(
        "account",
        {"sts": {"access_key_id": "STS.x", "access_key_secret": "s", "security_token": "t+/=", "expires_in_s": 60}},
    )
    temporary = replace(session, account=Account(emulator.endpoint, "STS.x", "s", "t+/="))
    assert temporary.rows() == []
    wrong = replace(session, account=replace(temporary.account, secret="wrong"))
    assert wrong.refused(session.words.describe).code == "SignatureDoesNotMatch"
    stray = replace(session, account=replace(temporary.account, token="another"))
    assert stray.refused(session.words.describe).code == "InvalidSecurityToken.MismatchWithAccessKey"
    emulator.advance(60)
    assert temporary.refused(session.words.describe).code == "InvalidSecurityToken.Expired"
    assert session.rows() == []


@only("vod")
def test_media(session: Session, emulator: Emulator) -> None:
    urls = ["https://a.example.com/m-sd.mp4", "https://a.example.com/m-hd.mp4"]
    streams = [{"url": url, "format": "mp4", "definition": name} for url, name in zip(urls, ("SD", "HD"), strict=True)]
    emulator.admin("media", {"media": [{"media_id": "m1", "urls": streams}]})
    answer = session.call("RefreshMediaPlayUrls", MediaIds="m1,m2", TaskType="Refresh", SliceFlag=True, SliceCount=5)
    assert answer["NonExistMediaIds"] == "m2"
    (job,) = session.call("GetMediaRefreshJobs", MediaRefreshJobId=answer["MediaRefreshJobId"])["MediaRefreshJobs"]
    assert (job["MediaId"], job["Status"], job["SuccessPlayUrls"]) == ("m1", "success", ",".join(urls))
    emulator.advance(6)
    for task_id, url in zip(job["TaskIds"].split(","), urls, strict=True):
        (row,) = session.rows(TaskId=task_id)
        assert (row["ObjectPath"], row["Status"]) == (url, "Complete")


@only("cdn")
def test_cache_tags_and_many_ids(session: Session, emulator: Emulator) -> None:
    emulator.admin("origin", {"headers": {"/a.js": {"Cache-Tag": "one, two"}}})
    emulator.get_everywhere(URL)
    first = session.call("RefreshObjectCacheByCacheTag", DomainName="a.example.com", CacheTag="two", Force=True)
    second = session.call("RefreshObjectCaches", ObjectPath=URL)
    ids = {first["RefreshTaskId"], second["RefreshTaskId"]}
    emulator.advance(6)
    answer = session.call("DescribeRefreshTaskById", TaskId=",".join(sorted(ids)))
    assert answer["TotalCount"] == 2
    assert {(row["TaskId"], row["Status"]) for row in answer["Tasks"]} == {(task_id, "Complete") for task_id in ids}
    assert {edge.cache for edge in emulator.get_everywhere(URL)} == {"MISS"}


def test_xml(account: Account, emulator: Emulator) -> None:
    core = PythonCore()
    core.call(account, "vod", "RefreshVodObjectCaches", {"ObjectPath": f"{URL}\n{AWKWARD}"})
    root = ET.fromstring(core.xml(account, "vod", "DescribeVodRefreshTasks"))  # noqa: S314  from our own server
    assert root.tag == "DescribeVodRefreshTasksResponse"
    assert sorted(row.findtext("ObjectPath", "") for row in root.iterfind("Tasks/Task")) == sorted([URL, AWKWARD])
    assert (root.findtext("TotalCount"), root.findtext("PageNumber")) == ("2", "1")
    assert root.findtext("RequestId") == emulator.calls()[-1]["request_id"]


def test_both_sides_sign_the_same_text(account: Account) -> None:
    # This client compares the server's string to sign with its own. Both are equal, so it reports a wrong secret.
    with pytest.raises(RefusedError) as caught:
        PythonCore().rpc(replace(account, secret="wrong"), "vod", "DescribeVodRefreshTasks")
    assert (caught.value.code, caught.value.status) == ("InvalidAccessKeySecret", 400)


def test_nodes_their_places_and_the_domain(session: Session, emulator: Emulator) -> None:
    domain = "a.example.com"
    vod = session.service == "vod"
    vips = session.call(f"Describe{'Vod' if vod else ''}UserVipsByDomain", DomainName=domain, Available="on")
    assert vips["Vips"]["Vip"] == [node["address"] for node in emulator.nodes]
    configs: JsonObject = {"configs": [{"function": "https_force", "args": {"enable": "on"}}]}
    emulator.admin("domain-settings", {"settings": {domain: configs}})
    answer = session.call(
        f"Describe{'Vod' if vod else 'Cdn'}DomainConfigs", DomainName=domain, FunctionNames="https_force"
    )
    (config,) = answer["DomainConfigs"]["DomainConfig"]
    assert (config["FunctionName"], config["Status"]) == ("https_force", "success")
    assert config["FunctionArgs"]["FunctionArg"] == [{"ArgName": "enable", "ArgValue": "on"}]
    detail = session.call(f"Describe{'Vod' if vod else 'Cdn'}DomainDetail", DomainName=domain)
    (source,) = (
        detail["DomainDetail"]["Sources"]["Source"]
        if vod
        else detail["GetDomainDetailModel"]["SourceModels"]["SourceModel"]
    )
    assert f"http://{source['Content']}:{source['Port']}" == emulator.origin


@only("cdn")
def test_the_places_of_addresses(session: Session, emulator: Emulator) -> None:
    first, second = (str(node["address"]) for node in emulator.nodes)
    answer = session.call("BatchDescribeCdnIpInfo", IpAddrList=f"{second},192.0.2.1,{first}", Language="en")
    found = [(item["IpAddress"], item["CdnIp"], item["Province"]) for item in answer["IpInfoList"]]
    assert found == [(second, "true", "Beijing"), ("192.0.2.1", "false", ""), (first, "true", "Zhejiang")]
    assert session.refused("BatchDescribeCdnIpInfo", IpAddrList="nothing").code == "InvaildParameter"
