"""Every query of a task: both ends of a time range or none, no begin in the future, and the domain if it is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pulumi_alicdn.api.rows import Query
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.tasks.retry_policy import Caller
from pulumi_alicdn.tasks.row_reader import iter_rows, with_both_ends
from pulumi_alicdn.tasks.submit import GRACE_S, Submitter, declare
from pulumi_alicdn.tasks.waiting.awaited import AwaitedTasks
from pulumi_alicdn.tasks.waiting.poll_method import CreationWindow
from support.concurrent_waits import Process
from support.virtual_clock import Listener, VirtualClock

BOTH = pytest.mark.parametrize("service", ["vod", "cdn"])
DAYS_3 = timedelta(days=3)


def spec(service: str, object_type: ObjectType = ObjectType.FILE, count: int = 1) -> TaskSpec:
    end = "/" if object_type is ObjectType.DIRECTORY else ".js"
    urls = tuple(f"https://media.example.com/{number}{end}" for number in range(count))
    return TaskSpec(Service(service), Kind.REFRESH, object_type, urls)


def queries(cloud: Emulator) -> list[dict[str, Any]]:
    """The parameters of all Describe calls that are answered page by page, with the service's time as `at`."""
    calls: list[dict[str, Any]] = cloud.calls()
    return [{**one["params"], "at": one["at"]} for one in calls if "PageNumber" in one["params"]]


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def all_accepted(cloud: Emulator) -> bool:
    """Whether the strictest documents of the API accept the range of every query."""
    for one in queries(cloud):
        assert ("StartTime" in one) == ("EndTime" in one)
        assert "ObjectType" in one or not {"DomainName", "Status"} & one.keys()
        if "StartTime" in one:
            start, end, now = (moment(one[name]) for name in ("StartTime", "EndTime", "at"))
            assert now - DAYS_3 <= start <= now
            assert start < end
    return True


@BOTH
@pytest.mark.parametrize("kind", ["reset-before", "reset-after"])
def test_a_refresh_whose_answer_is_lost_asks_for_accepted_ranges_only(
    cloud: Emulator, caller: Caller, apis: dict[str, AlibabaCloud], service: str, kind: str
) -> None:
    action = {"vod": "RefreshVodObjectCaches", "cdn": "RefreshObjectCaches"}[service]
    cloud.admin("faults", {"faults": [{"action": action, "kind": kind, "nth": 1}]})
    intent = declare(apis[service], caller, spec(service))
    found = Submitter(apis[service], caller).run(spec(service), intent, attempted_before=False)
    assert len({str(row["TaskId"]) for row in cloud.tasks()}) == len(found.task_ids) == 1
    assert sum("StartTime" in one for one in queries(cloud)) >= 2
    assert all_accepted(cloud)


@BOTH
def test_a_range_that_ended_before_the_row_was_created_is_asked_for_again(
    cloud: Emulator, caller: Caller, apis: dict[str, AlibabaCloud], service: str
) -> None:
    # The next run, an hour later, knows only the time of the intent.
    intent = declare(apis[service], caller, spec(service))
    cloud.advance(3600)
    (task_id,) = apis[service].submit(spec(service)).task_ids
    found = Submitter(apis[service], caller).run(spec(service), intent, attempted_before=True)
    assert found.task_ids == [task_id]
    assert all_accepted(cloud)


@BOTH
def test_a_wait_for_many_objects_asks_for_accepted_ranges_and_for_their_domain(
    cloud: Emulator, clock: VirtualClock, apis: dict[str, AlibabaCloud], service: str
) -> None:
    task, caller = spec(service, count=120), Caller(clock, lambda: 0.5)
    intent = declare(apis[service], caller, task)
    done = Submitter(apis[service], caller).run(task, intent, attempted_before=False)
    window = CreationWindow.of_submit(intent.not_before, done.submitted_until)
    awaited = AwaitedTasks(task, done.task_ids, intent, window=window)
    ended = Process(clock).wait(apis[service], awaited, 900.0, 0, Listener())
    assert ended.error is None
    counts = [one for one in queries(cloud) if "Status" in one]
    assert counts
    assert {one["DomainName"] for one in counts} == {"media.example.com"}
    assert all_accepted(cloud)


@BOTH
def test_the_domain_of_a_directory_is_named_so_that_a_policy_for_one_domain_allows_it(
    cloud: Emulator, caller: Caller, apis: dict[str, AlibabaCloud], service: str
) -> None:
    task = spec(service, ObjectType.DIRECTORY)
    intent = declare(apis[service], caller, task)
    Submitter(apis[service], caller).run(task, intent, attempted_before=False)
    assert {one["DomainName"] for one in queries(cloud)} == {"media.example.com"}
    assert {one["ObjectType"] for one in queries(cloud)} == {"directory"}


@pytest.mark.parametrize("dialect", ["cdn-path", "intl-2020"])
def test_where_a_directory_is_called_path_it_is_asked_for_by_that_word(
    cloud: Emulator, caller: Caller, apis: dict[str, AlibabaCloud], dialect: str
) -> None:
    cloud.admin("dialect", {"describe": dialect})
    task = spec("cdn", ObjectType.DIRECTORY)
    intent = declare(apis["cdn"], caller, task)
    found = Submitter(apis["cdn"], caller).run(task, intent, attempted_before=False)
    again = Submitter(apis["cdn"], caller).run(task, intent, attempted_before=True)
    assert again.task_ids == found.task_ids
    assert {one["ObjectType"] for one in queries(cloud)} == {"directory", "path"}


@BOTH
def test_all_pages_of_a_listing_have_both_ends_or_none(
    cloud: Emulator, caller: Caller, apis: dict[str, AlibabaCloud], service: str
) -> None:
    apis[service].submit(spec(service, count=50))
    rows = list(iter_rows(apis[service], caller, Query(page_size=20)))
    assert len({row.object_path for row in rows}) == 50
    assert all_accepted(cloud)


@BOTH
@pytest.mark.parametrize("end", ["start", "end"])
def test_one_end_of_a_range_gets_the_other_from_the_clock_of_the_service(
    cloud: Emulator, caller: Caller, apis: dict[str, AlibabaCloud], service: str, end: str
) -> None:
    cloud.advance(5 * 24 * 3600)
    apis[service].submit(spec(service, count=50))
    created = moment(str(cloud.tasks()[0]["CreationTime"]))
    query = Query(page_size=20, start=created) if end == "start" else Query(page_size=20, end=created)
    rows = list(iter_rows(apis[service], caller, with_both_ends(apis[service], caller, query)))
    assert len(rows) == 50
    assert all_accepted(cloud)


@BOTH
def test_the_last_three_days_are_asked_for_without_a_refusal(
    caller: Caller, cloud: Emulator, apis: dict[str, AlibabaCloud], service: str
) -> None:
    query = with_both_ends(apis[service], caller, Query(), DAYS_3)
    cloud.advance(GRACE_S)
    apis[service].describe(query)
    assert all_accepted(cloud)
