"""`alicdn wait`: the gate for tasks of somebody else."""

from __future__ import annotations

import re
import time

from cli.command_line import DOMAIN, Begin, Run, Submit, until
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import Json


def test_it_ends_once_every_object_is_complete(begin: Begin, emulator: Emulator, submitted: Submit) -> None:
    ids = submitted("/a.js", "/b.js")
    began = time.monotonic()
    child = begin("wait", ids)
    until(lambda: len(emulator.calls("DescribeVodRefreshTasks")) > 3, "no polls came")
    assert child.poll() is None

    emulator.advance(9)

    out, err = child.communicate(timeout=120)
    assert child.returncode == 0
    assert [line.split()[0] for line in out.splitlines()] == ["STATUS", "Complete", "Complete"]
    # The log of a wait grows seldom, and only by what is new.
    lines = err.splitlines()
    assert lines[0].endswith("0% · 0/2 URLs · Pending")
    assert len(lines) <= 1 + (time.monotonic() - began) / 3
    assert len(set(lines)) == len(lines)
    assert "\x1b" not in err


def test_several_ids_joined_and_apart_are_waited_for_together(run: Run, emulator: Emulator, submitted: Submit) -> None:
    first, second, third = submitted("/a.js"), submitted("/b.js"), submitted("/c.js")
    emulator.advance(9)
    ended = run("wait", f"{first},{second}", third, "--output", "json")
    assert ended.code == 0
    assert {one["task_id"] for one in ended.objects} == set(f"{first},{second},{third}".split(","))


def test_a_task_without_rows_is_no_success_beside_a_complete_one(
    begin: Begin, emulator: Emulator, submitted: Submit
) -> None:
    first = submitted("/a.js")
    emulator.advance(9)
    emulator.admin("faults", {"faults": [{"kind": "hide", "action": "RefreshVodObjectCaches", "seconds": 20}]})
    second = submitted("/b.js")
    child = begin("wait", first, second)
    until(lambda: len(emulator.calls("DescribeVodRefreshTasks")) > 2, "the hidden task is not asked for again")
    assert child.poll() is None

    emulator.advance(20)

    out, _ = child.communicate(timeout=120)
    assert child.returncode == 0
    assert out.count("Complete") == 2


def test_only_the_named_objects_count(run: Run, emulator: Emulator, submitted: Submit) -> None:
    emulator.admin("faults", {"faults": [{"kind": "fail", "paths": [f"{DOMAIN}/b.js"]}]})
    ids = submitted("/a.js", "/b.js")
    emulator.advance(9)
    whole = run("wait", ids)
    part = run("wait", ids, "--object-path", f"{DOMAIN}/a.js", "--output", "json")
    assert whole.code == 1
    assert (part.code, [one["object_path"] for one in part.objects]) == (0, [f"{DOMAIN}/a.js"])


def test_a_failure_is_reported_and_all_objects_are_written(run: Run, emulator: Emulator, submitted: Submit) -> None:
    fault = {"kind": "fail", "paths": [f"{DOMAIN}/b.js"], "description": "Origin Timeout"}
    emulator.admin("faults", {"faults": [fault]})
    ids = submitted("/a.js", "/b.js", object_type="preload")
    emulator.advance(9)

    ended = run("wait", ids, "--output", "json")

    assert ended.code == 1
    assert f"alicdn: prefetch of 1 of 2 URLs failed on vod:\n  {DOMAIN}/b.js: Failed, Origin Timeout" in ended.err
    assert {one["object_path"]: one["description"] for one in ended.objects} == {
        f"{DOMAIN}/a.js": "",
        f"{DOMAIN}/b.js": "Origin Timeout",
    }


def test_a_timeout_says_how_to_go_on(run: Run, submitted: Submit) -> None:
    ids = submitted("/a.js", service="cdn")
    ended = run("wait", ids, "--service", "cdn", "--timeout", "1.4")
    assert ended.code == 3
    assert "Refreshing" in ended.out or "Pending" in ended.out
    # The limit is of the command: of a slow start, less is left for the wait.
    assert re.search(r"is not effective after [01] s", ended.err), ended.err
    assert ended.err.endswith(f"alicdn: run `alicdn wait {ids} --service cdn` to go on waiting\n")


def test_a_timeout_can_be_passed_over(run: Run, submitted: Submit) -> None:
    ids = submitted("/a.js")
    ended = run("wait", ids, "--timeout", "0.6", "--on-timeout", "continue", "--output", "json")
    assert (ended.code, len(ended.objects)) == (0, 1)
    assert f"run `alicdn wait {ids}` to go on waiting" in ended.err


def test_what_the_service_refuses_for_good_is_not_to_be_waited_for(run: Run, emulator: Emulator) -> None:
    ended = run("wait", "abc", "--service", "cdn")
    assert ended.code == 1
    assert len(emulator.calls()) == 1
    assert "go on waiting" not in ended.err


def test_a_task_of_the_other_service_is_named_with_the_command_to_copy(
    run: Run, emulator: Emulator, submitted: Submit
) -> None:
    ids = submitted("/a.js", service="cdn")
    ended = run("wait", ids)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        f"alicdn: vod lists no task {ids}, but cdn does: run `alicdn wait {ids} --service cdn` to go on waiting\n"
    )
    assert len(emulator.calls("DescribeVodRefreshTasks")) == 1


def test_a_service_without_rights_is_not_asked_twice_about_a_task(
    run: Run, emulator: Emulator, submitted: Submit
) -> None:
    ids = submitted("/a.js", service="cdn")
    denied: dict[str, Json] = {"kind": "error", "code": "Forbidden.RAM", "http_status": 403, "times": -1}
    emulator.admin("faults", {"faults": [{**denied, "action": "DescribeRefreshTasks"}]})
    ended = run("wait", ids, "--timeout", "1")
    assert ended.code != 0
    assert "cdn does" not in ended.err
    assert len(emulator.calls("DescribeRefreshTasks")) == 1


def test_a_wrong_id_costs_seconds_and_one_line(run: Run, emulator: Emulator) -> None:
    ended = run("wait", "15799999999")
    assert ended.code == 1
    assert ended.err.splitlines()[-1].startswith("alicdn: vod lists no task 15799999999: it was never submitted")
    assert ended.err.endswith("cdn lists no such task either.\n")
    assert len(emulator.calls()) <= 8


def test_an_object_that_no_task_has_costs_seconds_and_one_line(run: Run, emulator: Emulator, submitted: Submit) -> None:
    ids = submitted("/a.js")
    ended = run("wait", ids, "--object-path", f"{DOMAIN}/b.js")
    assert ended.code == 1
    assert f"alicdn: vod lists none of 1 URLs in task {ids}: the task has other objects" in ended.err
    assert len(emulator.calls()) <= 8


def test_50_complete_rows_of_60_are_no_success(run: Run, emulator: Emulator, submitted: Submit) -> None:
    ids = submitted(*[f"/{number}.js" for number in range(60)])
    emulator.advance(9)
    for how in ("empty", "repeat"):
        fault = {"kind": "pages", "action": "DescribeVodRefreshTasks", "how": how, "times": -1}
        emulator.admin("faults", {"faults": [fault]})
        ended = run("wait", ids, "--timeout", "2")
        assert ended.code == 3
        assert f"\n  task {ids}: 50 of 60 rows were seen\n" in ended.err
    emulator.admin("faults", {"faults": []})
    assert run("wait", ids, "--output", "json").code == 0
