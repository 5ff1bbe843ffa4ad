"""Queries through the official clients: filters, paging, the three days, both containers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from alibabacloud_cdn20180510 import models as cdn_models
from alibabacloud_cdn20180510.client import Client as CdnClient
from alibabacloud_vod20170321 import models as vod_models
from alibabacloud_vod20170321.client import Client as VodClient

from emulator.refused import code_of
from pulumi_alicdn.emulator.running import Emulator


def refresh(vod: VodClient, *paths: str, object_type: str = "File") -> str:
    request = vod_models.RefreshVodObjectCachesRequest(object_path="\n".join(paths), object_type=object_type)
    return str(vod.refresh_vod_object_caches(request).body.refresh_task_id)


def describe(vod: VodClient, **asked: str | int) -> Any:  # noqa: ANN401  the clients have no types
    return vod.describe_vod_refresh_tasks(vod_models.DescribeVodRefreshTasksRequest(**asked)).body


def paths(body: Any) -> list[str]:  # noqa: ANN401
    return [row.object_path for row in body.tasks.task]


def stamp(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_nothing_is_an_empty_page(vod: VodClient) -> None:
    body = describe(vod)
    assert (paths(body), body.total_count, body.page_number, body.page_size) == ([], 0, 1, 20)
    assert describe(vod, task_id="704225667").total_count == 0


def test_newest_first_and_paged(vod: VodClient, emulator: Emulator) -> None:
    for number in range(7):
        refresh(vod, *(f"https://a.example.com/{number}-{n}" for n in range(10)))
        emulator.advance(1)
    assert len(paths(describe(vod))) == 20
    seen = [path for page in (1, 2) for path in paths(describe(vod, page_number=page, page_size=50))]
    assert len(seen) == len(set(seen)) == 70
    assert [path.split("/")[3][0] for path in seen] == [digit for digit in "6543210" for _ in range(10)]
    body = describe(vod, page_number=2, page_size=50)
    assert (len(paths(body)), body.total_count, body.page_number, body.page_size) == (20, 70, 2, 50)
    assert paths(describe(vod, page_number=100000)) == []


def test_filters(vod: VodClient, emulator: Emulator) -> None:
    first = refresh(vod, "https://a.example.com/1", "https://a.example.com/2")
    refresh(vod, "https://a.example.com/d/", object_type="Directory")
    emulator.advance(6)
    second = refresh(vod, "https://a.example.com/1", "https://b.example.com/1")
    assert sorted(paths(describe(vod, task_id=first))) == ["https://a.example.com/1", "https://a.example.com/2"]
    assert len(paths(describe(vod, object_path="https://a.example.com/1"))) == 2
    both = describe(vod, object_path="https://a.example.com/1", task_id=first)
    assert [row.task_id for row in both.tasks.task] == [first]
    assert paths(describe(vod, object_path="https://b.example.com/1", task_id=first)) == []
    assert paths(describe(vod, domain_name="b.example.com", object_type="file")) == ["https://b.example.com/1"]
    assert paths(describe(vod, object_type="directory")) == ["https://a.example.com/d/"]
    assert paths(describe(vod, object_type="directory", status="Complete")) == ["https://a.example.com/d/"]
    assert paths(describe(vod, object_type="preload")) == []
    emulator.advance(2)
    assert len(paths(describe(vod, object_type="file", status="Refreshing"))) == len(second.split(","))
    assert len(paths(describe(vod, object_type="file", status="complete"))) == 2


def test_times_and_the_three_days(vod: VodClient, emulator: Emulator) -> None:
    refresh(vod, "https://a.example.com/old")
    now = datetime.strptime(str(emulator.admin("clock")["now"]), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert describe(vod).tasks.task[0].creation_time == stamp(now)
    second = timedelta(seconds=1)
    emulator.advance(1)
    assert paths(describe(vod, start_time=stamp(now), end_time=stamp(now + second))) == ["https://a.example.com/old"]
    assert paths(describe(vod, start_time=stamp(now - second), end_time=stamp(now))) == ["https://a.example.com/old"]
    assert paths(describe(vod, start_time=stamp(now + second), end_time=stamp(now + 2 * second))) == []
    assert paths(describe(vod, start_time=stamp(now - 2 * second), end_time=stamp(now - second))) == []
    emulator.advance(3 * 86400 - 2)
    assert describe(vod).total_count == 1
    emulator.advance(2)
    assert describe(vod).total_count == 0


def test_one_end_of_a_range_in_the_lenient_mode(vod: VodClient, emulator: Emulator) -> None:
    emulator.admin("modes", {"strict": False})
    refresh(vod, "https://a.example.com/old")
    now = datetime.strptime(str(emulator.admin("clock")["now"]), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert paths(describe(vod, start_time=stamp(now), end_time=stamp(now))) == ["https://a.example.com/old"]
    assert paths(describe(vod, start_time=stamp(now + timedelta(seconds=1)))) == []
    assert paths(describe(vod, end_time=stamp(now - timedelta(seconds=1)))) == []
    emulator.advance(3 * 86400 + 1)
    assert describe(vod, start_time=stamp(now)).total_count == 0


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"domain_name": "a.example.com"}, "MissingParameter.ObjectType"),
        ({"status": "Complete"}, "MissingParameter.ObjectType"),
        ({"status": "Pending", "object_type": "file"}, "InvalidStatus.ValueNotSupported"),
        ({"object_type": "everything"}, "InvalidObjectType.ValueNotSupported"),
        ({"task_id": "x"}, "InvalidTaskId.Malformed"),
        ({"task_id": "1,2"}, "InvalidTaskId.Malformed"),
        ({"page_size": 51}, "InvalidPageSize.Malformed"),
        ({"page_size": 0}, "InvalidPageSize.Malformed"),
        ({"page_number": 0}, "InvalidPageNumber.Malformed"),
        ({"page_number": 100001}, "InvalidPageNumber.Malformed"),
        ({"start_time": "2026-01-02 03:04:05"}, "InvalidStartTime.Malformed"),
        ({"end_time": "soon"}, "InvalidEndTime.Malformed"),
        ({"start_time": "2026-01-02T00:00:01Z", "end_time": "2026-01-02T00:00:00Z"}, "InvalidEndTime.Mismatch"),
    ],
)
def test_refusals(vod: VodClient, asked: dict[str, str | int], expected: str) -> None:
    assert code_of(lambda: describe(vod, **asked)) == (expected, 400)


def test_states_and_progress(vod: VodClient, emulator: Emulator) -> None:
    refresh(vod, "https://a.example.com/1")

    def state() -> tuple[str, str]:
        row = describe(vod).tasks.task[0]
        return row.status, row.process

    seen = [state()]
    for _ in range(12):
        emulator.advance(0.5)
        seen.append(state())
    assert seen[0] == ("Pending", "0%")
    assert seen[-1] == ("Complete", "100%")
    assert {status for status, _ in seen[3:-1]} == {"Refreshing"}
    percents = [int(process.rstrip("%")) for _, process in seen]
    assert percents == sorted(percents)
    assert percents[-2] < 100


def test_cdn_container_and_page_size(cdn: CdnClient, emulator: Emulator) -> None:
    for number in range(3):
        cdn.refresh_object_caches(
            cdn_models.RefreshObjectCachesRequest(
                object_path="\n".join(f"http://a.example.com/{number}-{n}" for n in range(40)), object_type="File"
            )
        )
        emulator.advance(1)
    body = cdn.describe_refresh_tasks(cdn_models.DescribeRefreshTasksRequest(page_size=100)).body
    assert (len(body.tasks.cdntask), body.total_count) == (100, 120)
    ids = list(dict.fromkeys(row.task_id for row in body.tasks.cdntask))
    assert len(ids) == 3
    flat = cdn.describe_refresh_task_by_id(cdn_models.DescribeRefreshTaskByIdRequest(task_id=",".join(ids[:2]))).body
    assert (len(flat.tasks), flat.total_count) == (80, 80)
    assert {row.task_id for row in flat.tasks} == set(ids[:2])


def test_cdn_by_id_refusals(cdn: CdnClient) -> None:
    def by_id(task_id: str) -> object:
        return cdn.describe_refresh_task_by_id(cdn_models.DescribeRefreshTaskByIdRequest(task_id=task_id))

    assert code_of(lambda: by_id(",".join(str(n) for n in range(11)))) == ("InvalidTaskId.Malformed", 400)
    assert code_of(lambda: by_id("1,x")) == ("InvalidTaskId.Malformed", 400)
    assert code_of(lambda: by_id("")) == ("MissingParameter", 400)
    assert by_id("1,2,3")


def test_cdn_quota(cdn: CdnClient) -> None:
    body = cdn.describe_refresh_quota(cdn_models.DescribeRefreshQuotaRequest()).body
    assert (body.url_quota, body.dir_quota, body.regex_quota, body.preload_quota) == ("10000", "100", "20", "1000")


def test_each_service_sees_its_own(vod: VodClient, cdn: CdnClient) -> None:
    task_id = refresh(vod, "https://a.example.com/1")
    assert cdn.describe_refresh_tasks(cdn_models.DescribeRefreshTasksRequest(task_id=task_id)).body.total_count == 0


def test_answers_carry_the_request_id_and_the_virtual_date(vod: VodClient, emulator: Emulator) -> None:
    emulator.advance(86400)
    response = vod.describe_vod_refresh_tasks(vod_models.DescribeVodRefreshTasksRequest())
    request_id = response.body.request_id
    assert response.headers["x-acs-request-id"] == request_id == request_id.upper()
    date = parsedate_to_datetime(response.headers["date"])
    assert stamp(date) == emulator.admin("clock")["now"]
