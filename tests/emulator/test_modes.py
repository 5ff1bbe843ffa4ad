"""The modes of the service: asynchronous status, statuses of prefetches, merged ids."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator.plain import ask, refresh
from pulumi_alicdn.emulator.running import Emulator
from support.emulators import start

VOD, CDN, BY_ID = "DescribeVodRefreshTasks", "DescribeRefreshTasks", "DescribeRefreshTaskById"
URL = "https://a.example.com/a.js"


def prefetch(emulator: Emulator, *urls: str) -> str:
    return str(ask(emulator, "PreloadVodObjectCaches", ObjectPath="\n".join(urls)).json["PreloadTaskId"])


def shown(emulator: Emulator, action: str = VOD, **asked: str) -> list[tuple[str, str]]:
    return [(row["Status"], row["Process"]) for row in ask(emulator, action, **asked).rows]


def true(emulator: Emulator) -> list[object]:
    return [row["Status"] for row in emulator.tasks()]


@pytest.mark.parametrize(("submit", "describe"), [("RefreshVodObjectCaches", VOD), ("RefreshObjectCaches", BY_ID)])
def test_an_asynchronous_status_is_as_old_as_the_call_before(emulator: Emulator, submit: str, describe: str) -> None:
    emulator.admin("modes", {"status": "asynchronous"})
    task_id = refresh(emulator, URL, action=submit)
    emulator.advance(6)
    assert true(emulator) == ["Complete"]
    assert shown(emulator, describe, TaskId=task_id) == [("Pending", "0%")]
    emulator.advance(0.9)
    assert shown(emulator, describe, TaskId=task_id) == [("Pending", "0%")]
    emulator.advance(0.1)
    assert shown(emulator, describe, TaskId=task_id) == [("Complete", "100%")]


def test_an_asynchronous_status_shows_the_progress_of_the_time_of_the_call(emulator: Emulator) -> None:
    emulator.admin("modes", {"status": "asynchronous"})
    refresh(emulator, URL)
    emulator.advance(3)
    shown(emulator)
    emulator.advance(2)
    (three_s_old,) = shown(emulator)
    emulator.admin("modes", {"status": "live"})
    (five_s_old,) = shown(emulator)
    assert three_s_old[0] == five_s_old[0] == "Refreshing"
    assert int(three_s_old[1].rstrip("%")) == 50 < int(five_s_old[1].rstrip("%"))


def test_counting_by_status_triggers_an_update_of_all_rows_of_the_task(emulator: Emulator) -> None:
    emulator.admin("modes", {"status": "asynchronous"})
    task_id = refresh(emulator, URL, URL + "?2")
    emulator.advance(6)
    counting: dict[str, str | int] = {"TaskId": task_id, "ObjectType": "file", "Status": "Complete", "PageSize": 1}
    assert ask(emulator, VOD, **counting).json["TotalCount"] == 0
    emulator.advance(1)
    assert ask(emulator, VOD, **counting).json["TotalCount"] == 2


def test_a_call_about_another_task_triggers_no_update(emulator: Emulator) -> None:
    emulator.admin("modes", {"status": "asynchronous"})
    task_id = refresh(emulator, URL)
    emulator.advance(6)
    shown(emulator, TaskId="1")
    emulator.advance(1)
    assert shown(emulator, TaskId=task_id) == [("Pending", "0%")]


def test_a_failure_is_shown_by_the_second_call_as_well(emulator: Emulator) -> None:
    emulator.admin("modes", {"status": "asynchronous"})
    emulator.admin("faults", {"faults": [{"kind": "fail", "action": "RefreshVodObjectCaches"}]})
    refresh(emulator, URL)
    emulator.advance(6)
    assert "Description" not in ask(emulator, VOD).rows[0]
    emulator.advance(1)
    assert ask(emulator, VOD).rows[0]["Description"] == "Internal Error"


def test_the_statuses_of_prefetches_that_no_document_has(emulator: Emulator) -> None:
    emulator.admin("modes", {"preload_statuses": True})
    task_id = prefetch(emulator, URL)
    assert shown(emulator, TaskId=task_id)[0][0] == "PreloadPending"
    refresh(emulator, URL)
    emulator.advance(3)
    assert [status for status, _ in shown(emulator)] == ["Refreshing", "Preloading"]
    emulator.advance(3)
    assert [status for status, _ in shown(emulator)] == ["Complete", "Complete"]


def test_a_prefetch_that_is_complete_before_the_last_edge(emulator: Emulator) -> None:
    emulator.admin("modes", {"preload_done_percent": 60})
    prefetch(emulator, URL)
    emulator.advance(3.9)
    assert shown(emulator)[0][0] == "Refreshing"
    emulator.advance(0.1)
    assert shown(emulator) == [("Complete", "100%")]
    assert [answer.cache for answer in emulator.get_everywhere(URL)] == ["HIT", "HIT", "MISS"]
    refresh(emulator, URL)
    emulator.advance(4)
    assert shown(emulator, ObjectType="file")[0][0] == "Refreshing"


def test_a_complete_prefetch_stays_complete_when_a_further_edge_fails(emulator: Emulator) -> None:
    emulator.admin("modes", {"preload_done_percent": 60})
    prefetch(emulator, URL)
    emulator.advance(4)
    emulator.admin("origin", {"rules": [{"path": "/a.js", "status": 503}]})
    emulator.advance(2)
    assert shown(emulator) == [("Complete", "100%")]


def test_ids_that_tasks_of_different_types_share(emulator: Emulator) -> None:
    def all_types() -> list[str]:
        return [
            refresh(emulator, URL),
            refresh(emulator, "https://a.example.com/", "https://a.example.com/d/", object_type="Directory"),
            prefetch(emulator, URL),
        ]

    assert len({task_id for ids in all_types() for task_id in ids.split(",")}) == 4
    emulator.admin("modes", {"merge_types": True})
    emulator.advance(1)
    (merged,) = set(all_types())
    types = sorted(row["ObjectType"] for row in ask(emulator, VOD, TaskId=merged).rows)
    assert types == ["directory", "directory", "file", "preload"]
    assert refresh(emulator, "https://b.example.com/") != merged


@pytest.fixture(scope="module")
def started() -> Iterator[Emulator]:
    with start(edges=1, status="asynchronous", strict=False) as running:
        yield running


def test_modes_are_chosen_at_the_start_and_a_reset_returns_to_them(started: Emulator) -> None:
    chosen = {**started.admin("modes"), "status": "asynchronous", "strict": False}
    assert started.admin("modes") == chosen
    started.admin("modes", {"strict": True, "status": "live"})
    started.admin("reset", {})
    assert started.admin("modes") == chosen
