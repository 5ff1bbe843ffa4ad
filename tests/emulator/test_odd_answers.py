"""Faults that change an answer: pages of something else, odd dates, odd rows, and rows of somebody else."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as ET

import pytest

from emulator.plain import ask, refresh
from pulumi_alicdn.emulator.running import Emulator, EmulatorError
from pulumi_alicdn.emulator.values import Json

SUBMIT, DESCRIBE = "RefreshVodObjectCaches", "DescribeVodRefreshTasks"
CDN_SUBMIT, BY_ID = "RefreshObjectCaches", "DescribeRefreshTaskById"
URL = "https://a.example.com/a.js"
THEIRS: dict[str, Json] = {
    "TaskId": "999",
    "ObjectPath": URL,
    "ObjectType": "file",
    "Status": "Preloading",
    "Process": "N/A",
    "CreationTime": "2026-01-02 03:04:05",
}


def fault(emulator: Emulator, kind: str, action: str, **more: Json) -> None:
    emulator.admin("faults", {"faults": [{"kind": kind, "action": action, **more}]})


def test_a_login_page_instead_of_the_call(emulator: Emulator) -> None:
    fault(emulator, "page", SUBMIT)
    answer = ask(emulator, SUBMIT, ObjectPath=URL, ObjectType="File")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert ET.fromstring(answer.text).findtext("head/title") == "Sign in"  # noqa: S314  from our own server
    assert emulator.tasks() == []
    assert [(call["http_status"], call["fault"]) for call in emulator.calls(SUBMIT)] == [(200, "page")]
    assert refresh(emulator, URL)


def test_a_page_instead_of_the_answer_of_a_call_that_took_effect(emulator: Emulator) -> None:
    gateway: Json = '{"message": "no Route matched with those values"}'
    fault(emulator, "page", SUBMIT, when="after", body=gateway, content_type="application/json", http_status=404)
    answer = ask(emulator, SUBMIT, ObjectPath=URL, ObjectType="File")
    assert (answer.status, answer.text) == (404, gateway)
    assert answer.headers["content-type"].startswith("application/json")
    assert len(emulator.tasks()) == 1


def test_an_empty_body(emulator: Emulator) -> None:
    fault(emulator, "page", "*", body="", nth=2)
    assert ask(emulator, DESCRIBE).json["TotalCount"] == 0
    assert (ask(emulator, DESCRIBE).status, ask(emulator, DESCRIBE).status) == (200, 200)
    fault(emulator, "page", "*", body="")
    assert ask(emulator, DESCRIBE).text == ""


def test_an_answer_without_a_date(emulator: Emulator) -> None:
    fault(emulator, "date", DESCRIBE)
    assert "date" not in ask(emulator, DESCRIBE).headers
    assert "date" in ask(emulator, DESCRIBE).headers


@pytest.mark.parametrize("shift_s", [5, -90.0])
def test_a_date_that_is_ahead_of_creation_times_or_behind(emulator: Emulator, shift_s: float) -> None:
    true = parsedate_to_datetime(ask(emulator, DESCRIBE).headers["date"])
    fault(emulator, "date", DESCRIBE, shift_s=shift_s)
    shifted = parsedate_to_datetime(ask(emulator, DESCRIBE).headers["date"])
    assert shifted - true == timedelta(seconds=shift_s)


def test_odd_values_in_rows(emulator: Emulator) -> None:
    task_id = refresh(emulator, URL, URL + "?2")
    fault(emulator, "row", DESCRIBE, match="?2", set={"Status": "Preloading", "Process": "N/A", "ObjectType": None})
    odd, good = ask(emulator, DESCRIBE, TaskId=task_id).rows
    assert (odd["ObjectPath"], odd["Status"], odd["Process"]) == (URL + "?2", "Preloading", "N/A")
    assert "ObjectType" not in odd
    assert (good["Status"], good["Process"], good["ObjectType"]) == ("Pending", "0%", "file")
    fault(emulator, "row", DESCRIBE, match=task_id, set={"CreationTime": "2026-01-02 03:04:05", "Level": [1]})
    assert [(row["CreationTime"], row["Level"]) for row in ask(emulator, DESCRIBE).rows] == [
        ("2026-01-02 03:04:05", [1])
    ] * 2


def test_an_odd_row_is_found_by_what_it_shows(emulator: Emulator) -> None:
    task_id = refresh(emulator, URL, URL + "?2")
    fault(emulator, "row", "*", times=-1, match="?2", set={"ObjectPath": "a.example.com/a.js?2", "Status": "Canceled"})
    assert len(ask(emulator, DESCRIBE, TaskId=task_id).rows) == 2
    assert ask(emulator, DESCRIBE, ObjectPath=URL + "?2").rows == []
    assert len(ask(emulator, DESCRIBE, ObjectPath="a.example.com/a.js?2").rows) == 1
    emulator.advance(6)
    complete = ask(emulator, DESCRIBE, TaskId=task_id, ObjectType="file", Status="Complete", PageSize=1).json
    assert complete["TotalCount"] == 1


def test_rows_of_somebody_else(emulator: Emulator) -> None:
    task_id = refresh(emulator, URL)
    fault(emulator, "foreign", DESCRIBE, times=-1, rows=[THEIRS, {}, "junk", None])
    everything = ask(emulator, DESCRIBE).json
    assert everything["Tasks"]["Task"][:4] == [THEIRS, {}, "junk", None]
    assert everything["TotalCount"] == 5
    assert [row for row in ask(emulator, DESCRIBE, TaskId=task_id).rows if row is not None and row != "junk"] == [
        everything["Tasks"]["Task"][4]
    ]
    assert ask(emulator, DESCRIBE, TaskId="999").rows[0] == THEIRS
    second = ask(emulator, DESCRIBE, PageSize=2, PageNumber=2).json
    assert (second["Tasks"]["Task"], second["TotalCount"]) == (["junk", None], 5)


def test_rows_of_somebody_else_under_our_id(emulator: Emulator) -> None:
    task_id = refresh(emulator, URL)
    fault(emulator, "foreign", DESCRIBE, times=-1, rows=[THEIRS], own_id=True)
    for asked in ({"TaskId": task_id}, {}, {"ObjectPath": URL}):
        assert [row["TaskId"] for row in ask(emulator, DESCRIBE, **asked).rows] == [task_id, task_id]


def test_odd_rows_in_answers_about_several_ids(emulator: Emulator) -> None:
    ids = [refresh(emulator, f"https://{host}.example.com/", action=CDN_SUBMIT) for host in "ab"]
    both: list[Json] = [
        {"kind": "foreign", "action": BY_ID, "rows": [THEIRS]},
        {"kind": "foreign", "action": BY_ID, "rows": [THEIRS], "own_id": True},
        {"kind": "row", "action": BY_ID, "match": "https://b.", "set": {"Status": "Timeout"}},
    ]
    emulator.admin("faults", {"faults": both})
    answer = ask(emulator, BY_ID, TaskId=",".join(ids)).json
    assert answer["TotalCount"] == 3
    assert {(row["TaskId"], row["Status"]) for row in answer["Tasks"]} == {
        (ids[0], "Preloading"),
        (ids[0], "Pending"),
        (ids[1], "Timeout"),
    }


def test_odd_rows_in_xml(emulator: Emulator) -> None:
    fault(emulator, "foreign", DESCRIBE, rows=[THEIRS])
    root = ET.fromstring(ask(emulator, DESCRIBE, Format="XML").text)  # noqa: S314  from our own server
    assert root.findtext("Tasks/Task/Process") == "N/A"


def test_creation_times_in_whole_minutes(emulator: Emulator) -> None:
    emulator.admin("quirks", {"minute_times": True})
    refresh(emulator, URL)
    (row,) = ask(emulator, DESCRIBE).rows
    created = str(row["CreationTime"])
    assert created.endswith(":00Z")
    later = created.replace(":00Z", ":59Z")
    assert len(ask(emulator, DESCRIBE, StartTime=created, EndTime=later).rows) == 1
    assert ask(emulator, DESCRIBE, StartTime=created.replace(":00Z", ":01Z"), EndTime=later).rows == []


def test_the_faults_of_answers_can_be_read(emulator: Emulator) -> None:
    fault(emulator, "foreign", DESCRIBE, rows=[THEIRS, None], own_id=True)
    listed = emulator.admin("faults")["faults"]
    assert isinstance(listed, list)
    (only,) = listed
    assert isinstance(only, dict)
    assert (only["rows"], only["own_id"], only["paths"]) == ([THEIRS, None], True, None)
    with pytest.raises(EmulatorError, match=r"faults\.0\.when: Input should be 'before' or 'after'"):
        fault(emulator, "page", DESCRIBE, when="later")


def listed(emulator: Emulator, page: int, size: int = 4) -> list[str]:
    rows = ask(emulator, DESCRIBE, PageNumber=page, PageSize=size).rows
    return [str(row["ObjectPath"]).removeprefix(f"{URL}?") for row in rows]


@pytest.mark.parametrize(
    ("how", "page", "pages"),
    [
        ("empty", 2, ["6543", "", ""]),
        ("short", 2, ["6543", "2", ""]),
        ("short", 1, ["65", "2", ""]),
        ("long", 1, ["654321", "21", ""]),
        ("repeat", 2, ["6543", "6543", "21"]),
        ("repeat", 1, ["6666", "6543", "21"]),
    ],
)
def test_pages_that_lack_rows_or_have_them_again(emulator: Emulator, how: str, page: int, pages: list[str]) -> None:
    refresh(emulator, *(f"{URL}?{number}" for number in range(1, 7)))
    fault(emulator, "pages", DESCRIBE, how=how, page=page, times=-1)
    assert ["".join(listed(emulator, number)) for number in (1, 2, 3)] == pages
    assert ask(emulator, DESCRIBE, PageSize=4).json["TotalCount"] == 6


def test_pages_in_another_order_have_some_rows_twice_and_lack_others(emulator: Emulator) -> None:
    refresh(emulator, *(f"{URL}?{number}" for number in range(1, 7)))
    fault(emulator, "pages", DESCRIBE, how="reorder", times=-1)
    first, second = listed(emulator, 1), listed(emulator, 2)
    assert first == ["6", "5", "4", "3"]
    assert len(second) == 2
    assert set(second) != {"2", "1"}


def test_an_answer_without_pages_has_one(emulator: Emulator) -> None:
    task_id = refresh(emulator, "https://a.example.com/1", "https://a.example.com/2", action=CDN_SUBMIT)
    fault(emulator, "pages", BY_ID, how="short", page=1)
    answer = ask(emulator, BY_ID, TaskId=task_id).json
    assert (len(answer["Tasks"]), answer["TotalCount"]) == (1, 2)


def test_odd_counts_and_page_numbers(emulator: Emulator) -> None:
    refresh(emulator, URL)
    fault(emulator, "count", DESCRIBE, off_by=-1)
    assert ask(emulator, DESCRIBE).json["TotalCount"] == 0
    fault(emulator, "count", DESCRIBE, set={"TotalCount": None, "PageNumber": 7})
    answer = ask(emulator, DESCRIBE).json
    assert "TotalCount" not in answer
    assert (answer["PageNumber"], answer["PageSize"]) == (7, 20)
