"""The older dialects of DescribeRefreshTasks, and the oddities of published answers, as a plain client reads them."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from alibabacloud_cdn20180510 import models
from alibabacloud_cdn20180510.client import Client as CdnClient
from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params
from alibabacloud_vod20170321 import models as vod_models
from alibabacloud_vod20170321.client import Client as VodClient
from darabonba.runtime import RuntimeOptions

from emulator.refused import code_of
from pulumi_alicdn.emulator.running import Emulator, EmulatorError
from pulumi_alicdn.emulator.values import JsonObject

VOD = "DescribeVodRefreshTasks"
CDN = "DescribeRefreshTasks"
INTL: dict[str, str] = {"DomainName": "a.example.com", "ObjectType": "file"}


def ask(client: CdnClient | VodClient, action: str = CDN, body_type: str = "json", **asked: str) -> Any:  # noqa: ANN401
    """Call without models: those would drop and rename fields."""
    params = Params(
        action=action,
        version="2017-03-21" if "Vod" in action else "2018-05-10",
        protocol="HTTP",
        pathname="/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="formData",
        body_type=body_type,
    )
    return client.call_api(params, OpenApiRequest(query=asked), RuntimeOptions())["body"]


def refresh(client: CdnClient | VodClient, *paths: str, object_type: str = "File") -> None:
    action = "RefreshVodObjectCaches" if "vod" in type(client).__module__ else "RefreshObjectCaches"
    ask(client, action, ObjectPath="\n".join(paths), ObjectType=object_type)


@pytest.fixture
def filled(cdn: CdnClient, emulator: Emulator) -> Emulator:
    """An emulator with a file and a directory on CDN."""
    refresh(cdn, "https://a.example.com/1")
    emulator.advance(1)
    refresh(cdn, "https://a.example.com/d/", object_type="Directory")
    return emulator


def test_the_dialect_is_chosen_and_reset(emulator: Emulator) -> None:
    assert emulator.admin("dialect") == {"describe": "cdn"}
    assert emulator.admin("dialect", {"describe": "intl-2020"}) == {"describe": "intl-2020"}
    with pytest.raises(EmulatorError, match="Input should be"):
        emulator.admin("dialect", {"describe": "klingon"})
    emulator.admin("reset", {})
    assert emulator.admin("dialect") == {"describe": "cdn"}


def test_the_present_dialect(cdn: CdnClient, filled: Emulator) -> None:
    assert filled.admin("dialect") == {"describe": "cdn"}
    assert [row["ObjectType"] for row in ask(cdn)["Tasks"]["CDNTask"]] == ["directory", "file"]
    for name in ("path", "directory"):
        (row,) = ask(cdn, ObjectType=name)["Tasks"]["CDNTask"]
        assert row["ObjectPath"].endswith("/d/")


def test_a_directory_called_path(cdn: CdnClient, filled: Emulator) -> None:
    filled.admin("dialect", {"describe": "cdn-path"})
    assert [row["ObjectType"] for row in ask(cdn)["Tasks"]["CDNTask"]] == ["path", "file"]
    assert ask(cdn, ObjectType="path", DomainName="a.example.com")["TotalCount"] == 1
    assert code_of(lambda: ask(cdn, ObjectType="directory")) == ("InvalidObjectType.ValueNotSupported", 400)
    assert code_of(lambda: ask(cdn, PageSize="51")) == ("InvalidPageSize.Malformed", 400)
    assert ask(cdn, PageSize="50")["PageSize"] == 50


def test_the_international_dialect_of_2020(cdn: CdnClient, vod: VodClient, filled: Emulator) -> None:
    filled.admin("dialect", {"describe": "intl-2020"})
    assert code_of(lambda: ask(cdn)) == ("MissingParameter", 400)
    assert code_of(lambda: ask(cdn, TaskId="1", ObjectType="file")) == ("MissingParameter", 400)
    assert code_of(lambda: ask(cdn, TaskId="1", DomainName="a.example.com")) == ("MissingParameter", 400)
    answer = ask(cdn, **INTL)
    assert set(answer["Tasks"]) == {"Task"}
    (row,) = answer["Tasks"]["Task"]
    assert row["ObjectPath"] == "https://a.example.com/1"
    both = {**INTL, "TaskId": row["TaskId"]}
    assert ask(cdn, **both, ObjectPath="https://a.example.com/1")["TotalCount"] == 1
    assert ask(cdn, **both, ObjectPath="https://a.example.com/2")["TotalCount"] == 0
    (row,) = ask(cdn, **{**INTL, "ObjectType": "path"})["Tasks"]["Task"]
    assert row["ObjectType"] == "path"
    assert code_of(lambda: ask(cdn, **INTL, PageSize="51")) == ("InvalidPageSize.Malformed", 400)
    assert ask(vod, VOD)["TotalCount"] == 0


def test_its_refusals_name_vod(cdn: CdnClient, emulator: Emulator) -> None:
    def sentence() -> str:
        with pytest.raises(Exception, match="OperationDenied") as caught:
            ask(cdn, **INTL)
        return str(caught.value)

    emulator.admin("account", {"state": "not-open"})
    assert "CDN service" in sentence()
    emulator.admin("dialect", {"describe": "intl-2020"})
    assert "VOD service" in sentence()


def test_its_xml(cdn: CdnClient, filled: Emulator) -> None:
    filled.admin("dialect", {"describe": "intl-2020"})
    root = ET.fromstring(ask(cdn, body_type="string", Format="XML", **INTL))  # noqa: S314  from our own server
    assert root.tag == "DescribeRefreshTasksResponse"
    (task,) = root.iterfind("Tasks/Task")
    names = {"TaskId", "ObjectPath", "ObjectType", "Status", "Process", "CreationTime"}
    assert {element.tag for element in task} == names
    assert {element.tag for element in root} == {"Tasks", "PageNumber", "PageSize", "TotalCount", "RequestId"}


def test_quirks_are_off_unless_set(cdn: CdnClient, filled: Emulator) -> None:
    plain = ask(cdn)
    assert filled.admin("quirks", {"odd_casing": True})["odd_casing"] is True
    assert ask(cdn).keys() != plain.keys()
    assert filled.admin("quirks", {})["odd_casing"] is False
    assert {**ask(cdn), "RequestId": ""} == {**plain, "RequestId": ""}
    with pytest.raises(EmulatorError, match="Extra inputs"):
        filled.admin("quirks", {"odd": True})


@pytest.mark.parametrize("action", [CDN, VOD, "DescribeRefreshTaskById"])
def test_quirks(cdn: CdnClient, vod: VodClient, emulator: Emulator, action: str) -> None:
    client: CdnClient | VodClient = vod if action == VOD else cdn
    refresh(client, "https://a.example.com/1")
    asked = {"TaskId": str(emulator.tasks()[0]["TaskId"])}
    container = {CDN: "CDNTask", VOD: "Task"}.get(action)

    def answer_with(quirks: JsonObject) -> tuple[Any, Any]:
        emulator.admin("quirks", quirks)
        answer = ask(client, action, **asked)
        tasks = answer["Tasks"][container] if container else answer["Tasks"]
        return answer, tasks[0] if isinstance(tasks, list) else tasks

    answer, row = answer_with({"odd_casing": True})
    assert (row["Objectpath"], row["ObjectType"], "ObjectPath" in row) == ("https://a.example.com/1", "File", False)
    assert ("Pagenumber" in answer, "PageNumber" in answer) == (container is not None, False)
    _, row = answer_with({"spaced_times": True})
    assert row["CreationTime"].count(": ") == 2
    answer, row = answer_with({"single_as_object": True})
    assert (answer["Tasks"][container] if container else answer["Tasks"]) == row
    assert answer_with({"total_count_off_by": 1})[0]["TotalCount"] == 2
    assert answer_with({"total_count_off_by": -9})[0]["TotalCount"] == 0
    answer, row = answer_with({"extra_fields": True})
    assert "Extension" in answer
    assert "Extension" in row
    assert answer_with({"process_without_percent": True})[1]["Process"] == "0"
    emulator.advance(2)
    assert answer_with({"unknown_status": "Verifying"})[1]["Status"] == "Verifying"
    assert "Description" not in answer_with({"description_beside_complete": "Internal Error"})[1]
    emulator.advance(4)
    assert answer_with({"unknown_status": "Verifying"})[1]["Status"] == "Complete"
    _, row = answer_with({"description_beside_complete": "Internal Error"})
    assert (row["Status"], row["Description"]) == ("Complete", "Internal Error")


def test_several_rows_stay_a_list(cdn: CdnClient, filled: Emulator) -> None:
    filled.admin("quirks", {"single_as_object": True})
    assert len(ask(cdn)["Tasks"]["CDNTask"]) == 2
    assert ask(cdn, ObjectPath="https://a.example.com/none")["Tasks"]["CDNTask"] == []


def test_an_end_that_is_not_later_in_the_lenient_mode(cdn: CdnClient, vod: VodClient, emulator: Emulator) -> None:
    # Only the CDN document requires an end that is later than the start.
    emulator.admin("modes", {"strict": False})
    instant = "2026-01-02T03:04:05Z"
    equal = models.DescribeRefreshTasksRequest(start_time=instant, end_time=instant)
    assert code_of(lambda: cdn.describe_refresh_tasks(equal)) == ("InvalidEndTime.Mismatch", 400)
    both = vod_models.DescribeVodRefreshTasksRequest(start_time=instant, end_time=instant)
    assert vod.describe_vod_refresh_tasks(both).body.total_count == 0


def test_a_resource_group_is_accepted(cdn: CdnClient, filled: Emulator) -> None:
    assert filled.tasks()
    asked = models.DescribeRefreshTasksRequest(resource_group_id="rg-1")
    assert cdn.describe_refresh_tasks(asked).body.total_count == 2
