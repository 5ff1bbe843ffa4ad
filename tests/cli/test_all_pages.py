"""`alicdn tasks --all` and `--failed`: every page, in the largest size, lazily."""

from __future__ import annotations

import os
from typing import Any

import pytest

from cli.command_line import DOMAIN, Begin, Run, Submit
from pulumi_alicdn.emulator.running import Emulator

MANY = 5000


def pages(emulator: Emulator, action: str = "DescribeVodRefreshTasks") -> list[Any]:
    return [call["params"] for call in emulator.calls(action)]


@pytest.fixture
def many(emulator: Emulator, submitted: Submit) -> list[str]:
    """5,000 objects that were submitted, oldest first; the log of calls is empty again."""
    emulator.admin("quota", {"UrlQuota": 2 * MANY, "UrlRemain": 2 * MANY})
    emulator.admin("limits", {"urls_per_minute": 2 * MANY})
    names = [f"/{number}.js" for number in range(MANY)]
    for first in range(0, MANY, 1000):
        submitted(*names[first : first + 1000])
    emulator.admin("calls", method="DELETE")
    return [DOMAIN + name for name in names]


def test_five_thousand_rows_in_the_largest_pages(run: Run, emulator: Emulator, many: list[str]) -> None:
    ended = run("tasks", "--all", "--output", "csv")
    assert (ended.code, ended.err) == (0, "")
    assert len(ended.out.split("\r\n")) == 1 + MANY + 1
    assert [one["object_path"] for one in ended.records] == many[::-1]
    asked = pages(emulator)
    assert {page["PageSize"] for page in asked} == {"50"}
    assert [page["PageNumber"] for page in asked[:100]] == [str(number) for number in range(1, 101)]
    assert len(asked) <= 101  # one more, where the service had to be asked whether there is more


def test_a_reader_that_has_enough_ends_the_questions(begin: Begin, emulator: Emulator, many: list[str]) -> None:
    reading, writing = os.pipe()
    child = begin("tasks", "--all", "--output", "csv", stdout=writing)
    os.close(writing)
    with os.fdopen(reading, newline="") as lines:
        header, first = lines.readline(), lines.readline()
    _, err = child.communicate(timeout=120)
    assert (child.returncode, err) == (0, "")
    assert header.startswith("object_path,object_type,")
    assert first.startswith(f"{many[-1]},file,")
    assert len(pages(emulator)) < 100


def test_failed_rows_of_every_type_are_distinguished_from_the_others_here(
    run: Run, emulator: Emulator, submitted: Submit
) -> None:
    bad = ["/7.js", "/58.js", "/bad/"]
    emulator.admin("faults", {"faults": [{"kind": "fail", "paths": [DOMAIN + path for path in bad], "times": -1}]})
    submitted("/bad/", object_type="directory")
    submitted(*[f"/{number}.js" for number in range(60)])
    emulator.advance(9)
    emulator.admin("calls", method="DELETE")

    ended = run("tasks", "--failed", "--output", "csv")
    table = run("tasks", "--failed", "--object-type", "directory")

    assert ended.code == 0
    assert {one["object_path"] for one in ended.records} == {DOMAIN + path for path in bad}
    assert {(one["status"], one["description"]) for one in ended.records} == {("Failed", "Internal Error")}
    assert [line.split()[0] for line in table.out.splitlines()] == ["STATUS", "Failed"]
    assert [page["PageNumber"] for page in pages(emulator)[:2]] == ["1", "2"]
    assert not any("Status" in page for page in pages(emulator))


def test_nothing_failed_is_said(run: Run, submitted: Submit) -> None:
    submitted("/a.js")
    ended = run("tasks", "--failed")
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == "No tasks: vod lists none that match, and remembers them for 3 days.\n"


def test_a_smaller_page_can_be_asked_for_where_the_service_allows_no_larger(
    run: Run, emulator: Emulator, submitted: Submit
) -> None:
    submitted(*[f"/{number}.js" for number in range(120)], service="cdn")
    largest = run("tasks", "--service", "cdn", "--all", "--output", "json")
    emulator.admin("dialect", {"describe": "cdn-path"})
    smaller = run("tasks", "--service", "cdn", "--all", "--page-size", "50", "--output", "json")
    assert largest.objects == smaller.objects
    assert len(largest.objects) == 120
    asked = [page["PageSize"] for page in pages(emulator, "DescribeRefreshTasks")]
    assert (asked[:2], set(asked[3:])) == (["100", "100"], {"50"})


@pytest.mark.parametrize(("output", "written"), [("csv", 1 + 50), ("json", 0), ("table", 0)])
def test_a_refusal_on_the_way_leaves_lines_or_nothing(
    run: Run, emulator: Emulator, submitted: Submit, output: str, written: int
) -> None:
    submitted(*[f"/{number}.js" for number in range(60)])
    refused: dict[str, Any] = {"kind": "error", "nth": 2, "code": "Forbidden.RAM", "http_status": 403}
    emulator.admin("faults", {"faults": [{**refused, "action": "DescribeVodRefreshTasks"}]})
    ended = run("tasks", "--all", "--output", output)
    assert ended.code == 4
    assert len(ended.out.splitlines()) == written
    assert "the RAM policy of these credentials does not allow it" in ended.err


def odd_pages(emulator: Emulator, how: str, times: int) -> None:
    fault: dict[str, Any] = {"kind": "pages", "action": "DescribeVodRefreshTasks", "how": how, "times": times}
    emulator.admin("faults", {"faults": [fault]})


@pytest.mark.parametrize("how", ["empty", "short", "repeat", "reorder"])
def test_rows_that_a_page_lacks_are_listed_again(run: Run, emulator: Emulator, submitted: Submit, how: str) -> None:
    submitted(*[f"/{number}.js" for number in range(120)])
    odd_pages(emulator, how, 2)
    ended = run("tasks", "--all", "--output", "csv")
    assert (ended.code, ended.err) == (0, "")
    found = [one["object_path"] for one in ended.records]
    assert sorted(found) == sorted(f"{DOMAIN}/{number}.js" for number in range(120))


@pytest.mark.parametrize("output", ["csv", "json", "table"])
def test_rows_that_stay_missing_are_an_error_after_those_that_came(
    run: Run, emulator: Emulator, submitted: Submit, output: str
) -> None:
    submitted(*[f"/{number}.js" for number in range(60)])
    odd_pages(emulator, "empty", -1)
    ended = run("tasks", "--all", "--output", output)
    assert ended.code == 5
    assert ended.out.count(DOMAIN) == 50
    assert "not all rows are listed: 50 of 60 rows were seen; list them again" in ended.err
