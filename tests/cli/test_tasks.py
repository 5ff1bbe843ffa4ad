"""`alicdn tasks`: filters, pages, and the forms of the answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cli.command_line import DOMAIN, Run, Submit
from pulumi_alicdn.api.rows import instant, instant_text
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import Json

KEYS = ["object_path", "object_type", "status", "process", "description", "creation_time", "task_id"]


def described(emulator: Emulator, action: str = "DescribeVodRefreshTasks") -> list[Any]:
    return [call["params"] for call in emulator.calls(action)]


def test_json_is_a_list_of_objects_newest_first(run: Run, emulator: Emulator, submitted: Submit) -> None:
    first = submitted("/a.js", "/b.js")
    emulator.advance(9)
    second = submitted("/dir/", object_type="directory")

    ended = run("tasks", "--output", "json")

    assert ended.code == 0
    assert all(list(one) == KEYS for one in ended.objects)
    assert ended.objects[0] == {
        "object_path": f"{DOMAIN}/dir/",
        "object_type": "directory",
        "status": ended.objects[0]["status"],
        "process": "0%",
        "description": "",
        "creation_time": ended.objects[0]["creation_time"],
        "task_id": second,
    }
    assert [(one["task_id"], one["status"], one["process"]) for one in ended.objects[1:]] == [
        (first, "Complete", "100%"),
        (first, "Complete", "100%"),
    ]


def test_the_filters_reach_the_service(run: Run, emulator: Emulator, submitted: Submit) -> None:
    submitted("/a.js")
    emulator.advance(9)
    submitted("/b.js")

    options = ("--object-type", "file", "--domain", "media.example.com", "--status", "Complete", "--output", "json")
    ended = run("tasks", *options)

    assert [one["object_path"] for one in ended.objects] == [f"{DOMAIN}/a.js"]
    (asked,) = described(emulator)
    assert (asked["ObjectType"], asked["DomainName"], asked["Status"]) == ("file", "media.example.com", "Complete")


def test_since_counts_back_from_the_clock_of_the_service(run: Run, emulator: Emulator, submitted: Submit) -> None:
    submitted("/a.js")
    emulator.advance(2 * 3600)
    recent = submitted("/b.js")

    ended = run("tasks", "--since", "30m", "--output", "json")

    assert [one["task_id"] for one in ended.objects] == [recent]
    assert {"StartTime", "EndTime"} <= set(described(emulator)[-1])


def test_a_span_between_two_instants(run: Run, emulator: Emulator, submitted: Submit) -> None:
    ids = []
    for path in ("/a.js", "/b.js", "/c.js"):
        ids.append(submitted(path))
        emulator.advance(3600)
    times = [str(row["CreationTime"]) for row in emulator.tasks()]

    end = instant_text(instant(times[1]) + timedelta(seconds=1))  # the service refuses a range of zero seconds
    ended = run("tasks", "--start", times[1], "--end", end, "--output", "json")
    later = run("tasks", "--start", times[1], "--output", "json")

    assert [one["task_id"] for one in ended.objects] == [ids[1]]
    assert [one["task_id"] for one in later.objects] == [ids[2], ids[1]]
    assert described(emulator)[0] | {"StartTime": times[1], "EndTime": end} == described(emulator)[0]


def test_cdn_takes_a_resource_group_and_types_of_its_own(run: Run, emulator: Emulator, submitted: Submit) -> None:
    submitted("/a.js", service="cdn")
    directory = submitted("/dir/", service="cdn", object_type="directory")
    group = ("--service", "cdn", "--resource-group", "rg-acfm2pz25js")

    path = run("tasks", *group, "--object-type", "path", "--output", "json")
    regex = run("tasks", *group, "--object-type", "regex", "--output", "json")

    assert ([one["task_id"] for one in path.objects], regex.objects) == ([directory], [])
    asked = described(emulator, "DescribeRefreshTasks")
    assert [(one["ResourceGroupId"], one["ObjectType"]) for one in asked] == [
        ("rg-acfm2pz25js", "path"),
        ("rg-acfm2pz25js", "regex"),
    ]


def test_the_international_cdn_of_2020(run: Run, emulator: Emulator, submitted: Submit) -> None:
    emulator.admin("dialect", {"describe": "intl-2020"})
    directory = submitted("/dir/", service="cdn", object_type="directory")
    question = ("--service", "intl-2020", "--domain", "media.example.com", "--object-type", "directory")

    everything = run("tasks", *question, "--since", "1h", "--all", "--output", "json")

    assert [(one["task_id"], one["object_type"]) for one in everything.objects] == [(directory, "directory")]
    asked = described(emulator, "DescribeRefreshTasks")
    assert {(one["DomainName"], one["ObjectType"]) for one in asked} == {("media.example.com", "path")}
    assert asked[-1]["PageSize"] == "50"


def test_task_and_object_are_asked_for_by_name(run: Run, submitted: Submit) -> None:
    task_id = submitted("/a.js", "/b.js")
    ended = run("tasks", "--task-id", task_id, "--object-path", f"{DOMAIN}/b.js", "--output", "json")
    assert [one["object_path"] for one in ended.objects] == [f"{DOMAIN}/b.js"]


def test_a_page_says_that_there_are_more_and_all_lists_them(run: Run, emulator: Emulator, submitted: Submit) -> None:
    submitted(*[f"/{number}.js" for number in range(60)])

    page = run("tasks", "--page", "2", "--page-size", "25")
    everything = run("tasks", "--all", "--output", "json")

    assert len(page.out.splitlines()) == 1 + 25
    assert "Rows 26 to 50 of 60" in page.err
    assert len({one["object_path"] for one in everything.objects}) == 60
    assert [asked["PageNumber"] for asked in described(emulator)][:3] == ["2", "1", "2"]


def test_a_page_past_the_last_is_distinguished_from_nothing_found(run: Run, submitted: Submit) -> None:
    submitted("/a.js")
    ended = run("tasks", "--page", "2")
    assert (ended.code, ended.out) == (0, "")
    assert ended.err == "No rows on page 2: 1 match, in pages of 20.\n"


def test_a_table_in_a_pipe_is_plain_and_cuts_nothing(run: Run, submitted: Submit) -> None:
    long = "/" + "x" * 300 + "[red].js"
    submitted(long)
    ended = run("tasks", env={"COLUMNS": "40"})
    assert f"{DOMAIN}{long}" in ended.out
    assert "\x1b" not in ended.out
    assert len(ended.out.splitlines()) == 2


def test_nothing_found_is_said_and_is_no_failure(run: Run) -> None:
    table, plain = run("tasks"), run("tasks", "--output", "json")
    assert (table.code, table.out, plain.code, plain.objects) == (0, "", 0, [])
    assert "No tasks: vod lists none" in table.err


def test_the_service_can_come_from_the_environment(run: Run, emulator: Emulator, submitted: Submit) -> None:
    task_id = submitted("/a.js", service="cdn")
    ended = run("tasks", "--output", "json", env={"ALICDN_SERVICE": "cdn"})
    assert [one["task_id"] for one in ended.objects] == [task_id]
    assert emulator.calls("DescribeRefreshTasks")


def test_a_task_of_the_other_service_is_named_with_the_command_to_copy(
    run: Run, emulator: Emulator, submitted: Submit
) -> None:
    task_id = submitted("/a.js")
    ended = run("tasks", "--task-id", task_id, "--service", "cdn")
    assert ended.code == 0
    command = f"`alicdn tasks --task-id {task_id} --service vod`"
    assert ended.err == f"cdn lists no task {task_id}, but vod does: {command}\n"
    nowhere = run("tasks", "--task-id", "99999999", "--service", "cdn", "--all")
    assert nowhere.err.endswith("for 3 days. vod lists no such task either.\n")
    denied: dict[str, Json] = {"kind": "error", "code": "Forbidden.RAM", "http_status": 403, "times": -1}
    emulator.admin("faults", {"faults": [{**denied, "action": "DescribeVodRefreshTasks"}]})
    unknown = run("tasks", "--task-id", task_id, "--service", "cdn")
    assert unknown.err == "No tasks: cdn lists none that match, and remembers them for 3 days.\n"
