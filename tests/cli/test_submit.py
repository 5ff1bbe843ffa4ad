"""`alicdn refresh` and `alicdn prefetch`: the life of a task in one command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cli.command_line import DEADLINE_S, DOMAIN, Begin, Run
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import JsonObject
from support.call_log import paths, submits

A, B = f"{DOMAIN}/a.js", f"{DOMAIN}/b.js"


def test_a_refresh_is_submitted_once_and_waited_for(begin: Begin, emulator: Emulator) -> None:
    child = begin("refresh", A, B)
    assert child.stderr is not None
    said = child.stderr.readline()
    # The ids are there while the tasks are under way.
    assert {row["Status"] for row in emulator.tasks()} <= {"Pending", "Refreshing"}
    emulator.advance(9)

    out, _ = child.communicate(timeout=120)

    assert child.returncode == 0
    assert said.startswith(f"Submitted task {emulator.tasks()[0]['TaskId']} (request id ")
    assert out.count("Complete") == 2
    (submit,) = submits(emulator)
    assert (submit["action"], paths(submit)) == ("RefreshVodObjectCaches", [A, B])


def test_what_is_asked_for_reaches_the_service(begin: Begin, emulator: Emulator) -> None:
    regex = f"{DOMAIN}/.*js"
    options = ("--area", "overseas", "--l2-preload", "--header", "X-Canary: top-secret", "--header", "Accept: */*")
    refresh = begin("refresh", "--service", "cdn", "--type", "regex", "--force", "--no-wait", regex)
    prefetch = begin("prefetch", A, *options, "--no-wait", "--output", "json")

    out, err = prefetch.communicate(timeout=120)
    refresh.communicate(timeout=120)

    assert (refresh.returncode, prefetch.returncode) == (0, 0)
    sent = {str(call["action"]): call["params"] for call in submits(emulator)}
    wanted = {"ObjectPath": regex, "ObjectType": "Regex", "Force": "true"}
    assert sent["RefreshObjectCaches"] | wanted == sent["RefreshObjectCaches"]
    wanted = {"ObjectPath": A, "Area": "overseas", "L2Preload": "true"}
    assert sent["PreloadVodObjectCaches"] | wanted == sent["PreloadVodObjectCaches"]
    assert "top-secret" not in out + err
    # Without waiting, the result is how things stand right after the submit.
    (one,) = json.loads(out)
    assert (one["status"], one["object_path"]) in (("Pending", A), ("Refreshing", A))
    assert f"Submitted task {one['task_id']} " in err


def test_the_id_of_a_task_that_is_not_listed_yet_is_reported_all_the_same(run: Run, emulator: Emulator) -> None:
    emulator.admin("faults", {"faults": [{"kind": "hide", "seconds": 60, "action": "RefreshVodObjectCaches"}]})
    (one,) = json.loads(run("refresh", A, "--no-wait", "--output", "json").out)
    assert (one["status"], one["task_id"]) == ("Pending", emulator.tasks()[0]["TaskId"])


def test_what_failed_is_submitted_again_as_often_as_asked(run: Run, emulator: Emulator) -> None:
    fault = {"kind": "fail", "action": "RefreshVodObjectCaches", "paths": [B], "description": "Origin Timeout"}
    emulator.admin("faults", {"faults": [fault]})
    emulator.admin("clock", {"frozen": False, "speed": 1000})

    ended = run("refresh", A, B, "--retry-failed", "1")

    assert ended.code == 0
    assert [paths(call) for call in submits(emulator)] == [[A, B], [B]]
    assert "is submitted again:" in ended.err
    assert ended.err.count("Submitted task") == 2


def test_ctrl_c_names_also_the_tasks_that_were_submitted_again(begin: Begin, emulator: Emulator) -> None:
    fault = {"kind": "fail", "action": "RefreshVodObjectCaches", "paths": [B], "description": "Origin Timeout"}
    emulator.admin("faults", {"faults": [fault]})
    child = begin("refresh", A, B, "--retry-failed", "1")
    assert child.stderr is not None
    first = child.stderr.readline().split()[2]
    emulator.advance(9)
    while not (line := child.stderr.readline()).startswith("Submitted task "):
        assert line, "the command ended"
    second = line.split()[2]

    child.send_signal(signal.SIGINT)

    _, err = child.communicate(timeout=120)
    assert second not in first
    assert (child.returncode, len(emulator.tasks())) == (130, 3)
    assert f"run `alicdn wait {first},{second}` to go on waiting" in err


def test_a_failure_names_the_object_and_the_next_step(run: Run, emulator: Emulator) -> None:
    # Failed before the first poll: a row whose failure takes a fetch could still be under way then, and the next poll
    # is half a minute later.
    fault = {"kind": "fail", "action": "PreloadVodObjectCaches", "description": "Internal Error"}
    emulator.admin("faults", {"faults": [fault]})
    # No faster: three days of the emulator pass in minutes of a busy machine, and the service lists no older task.
    emulator.admin("clock", {"frozen": False, "speed": 1_000})
    ended = run("prefetch", f"{DOMAIN}/missing.js")
    assert ended.code == 1
    assert f"{DOMAIN}/missing.js: Failed, Internal Error" in ended.err
    assert "run `alicdn prefetch` for these again; --retry-failed N" in ended.err
    assert "Failed" in ended.out


def test_ids_of_batches_that_went_through_are_reported_when_a_later_one_does_not(run: Run, emulator: Emulator) -> None:
    refused: dict[str, Any] = {
        "kind": "error",
        "action": "RefreshVodObjectCaches",
        "nth": 2,
        "code": "InvalidDomain.Offline",
    }
    emulator.admin("faults", {"faults": [refused]})
    ended = run("refresh", "--type", "regex", f"{DOMAIN}/1.*", f"{DOMAIN}/2.*")
    (row,) = emulator.tasks()
    assert ended.code == 1
    assert "the domain is offline" in ended.err
    assert f"run `alicdn wait {row['TaskId']}` to go on waiting" in ended.err


def test_an_answer_that_was_lost_is_settled_by_looking(begin: Begin, emulator: Emulator) -> None:
    emulator.admin("clock", {"frozen": False})
    emulator.admin("faults", {"faults": [{"kind": "reset-after", "action": "RefreshVodObjectCaches"}]})
    child = begin("refresh", A)
    assert child.stderr is not None
    said = child.stderr.readline()
    emulator.advance(9)
    child.communicate(timeout=120)
    assert child.returncode == 0
    assert said.startswith(f"Found task {emulator.tasks()[0]['TaskId']}")
    assert len(emulator.tasks()) == 1


@pytest.mark.parametrize(("command", "action"), [("refresh", "Refresh"), ("prefetch", "Preload")])
def test_urls_come_from_a_pipe(begin: Begin, emulator: Emulator, command: str, action: str) -> None:
    child = begin(command, A, "--from-file", "-", "--no-wait", stdin=subprocess.PIPE)
    child.communicate(f"\ufeff# changed\r\n\n  {B}  \r\n{DOMAIN}/c.js", timeout=DEADLINE_S)
    assert child.returncode == 0
    (submit,) = submits(emulator)
    assert (submit["action"], paths(submit)) == (f"{action}VodObjectCaches", [A, B, f"{DOMAIN}/c.js"])


def test_urls_come_from_a_file_and_its_wrong_lines_are_reported(run: Run, emulator: Emulator, tmp_path: Path) -> None:
    file = tmp_path / "urls"
    file.write_text(f"{A}\nb.js\n{A}\n")
    wrong, empty = run("refresh", "--from-file", str(file)), run("refresh", "--from-file", os.devnull)
    missing, nothing = run("prefetch", "--from-file", str(tmp_path / "none")), run("prefetch")
    file.write_bytes(b"\xff\xfe")
    binary = run("refresh", "--from-file", str(file))
    assert {ended.code for ended in (wrong, empty, missing, nothing, binary)} == {2}
    assert [line.split(", ")[0] for line in wrong.err.splitlines()] == [
        f"alicdn: 1 line of {file} names a URL again",
        f"alicdn: line 2 of {file} is 'b.js'",
    ]
    assert empty.err == "alicdn: --from-file /dev/null holds no URL\n"
    assert missing.err == f"alicdn: --from-file {tmp_path / 'none'} cannot be read: No such file or directory\n"
    assert nothing.err == "alicdn: there is no URL: name at least one, or read them with --from-file FILE\n"
    assert binary.err == f"alicdn: --from-file {file} is no text in UTF-8\n"
    assert emulator.calls() == []


def test_a_url_twice_in_a_list_counts_once_with_a_note(begin: Begin, emulator: Emulator) -> None:
    child = begin("refresh", A, "--from-file", "-", "--no-wait", stdin=subprocess.PIPE)
    _, err = child.communicate(f"{B}\n{A}\nHTTPS://Media.Example.com/b.js\n{DOMAIN}:443/a.js\n", timeout=DEADLINE_S)
    assert child.returncode == 0
    noted = "alicdn: 3 lines of standard input name a URL again, which counts once: "
    assert err.splitlines()[0] == f"{noted}'{A}', 'HTTPS://Media.Example.com/b.js', '{DOMAIN}:443/a.js'"
    (submit,) = submits(emulator)
    assert paths(submit) == [A, B]


def test_a_url_named_twice_as_an_argument_counts_once_with_a_note(run: Run, emulator: Emulator) -> None:
    ended = run("refresh", A, B, A, "--no-wait")
    assert ended.err.splitlines()[0] == f"alicdn: 1 argument names a URL again, which counts once: '{A}'"
    (submit,) = submits(emulator)
    assert paths(submit) == [A, B]


def test_media_are_refreshed_and_fetched_by_their_ids(
    begin: Begin, emulator: Emulator, environment: dict[str, str]
) -> None:
    del environment["ALICDN_SERVICE"]
    streams: list[JsonObject] = [{"url": A, "format": "mp4", "definition": "HD"}]
    emulator.admin("media", {"media": [{"media_id": "film", "urls": streams}]})
    emulator.admin("clock", {"frozen": False, "speed": 20})
    media = ("--media-id", "film", "--media-id", "film", "--format", "mp4", "--output", "json")
    for command in ("refresh", "prefetch"):
        out, err = begin(command, *media).communicate(timeout=120)
        assert [(one["object_path"], one["status"]) for one in json.loads(out)] == [(A, "Complete")], err
    sent = [call["params"] for call in submits(emulator)]
    assert [one["TaskType"] for one in sent] == ["Refresh", "Preload"]
    assert {(one["MediaIds"], one["Formats"]) for one in sent} == {("film", "mp4")}


def test_objects_are_refreshed_by_their_cache_tags(
    begin: Begin, emulator: Emulator, environment: dict[str, str]
) -> None:
    # Cache tags are those of CDN: nobody has to name it.
    del environment["ALICDN_SERVICE"]
    emulator.admin("clock", {"frozen": False, "speed": 20})
    child = begin("refresh", "--cache-tag", "news", "--domain", "media.example.com", "--output", "json")
    out, err = child.communicate(timeout=120)
    assert [(one["object_path"], one["status"]) for one in json.loads(out)] == [("news", "Complete")], err
    (submit,) = submits(emulator)
    wanted = {"CacheTag": "news", "DomainName": "media.example.com"}
    assert (submit["service"], submit["params"] | wanted) == ("cdn", submit["params"])


def test_a_note_on_many_repeated_urls_names_a_few(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "urls"
    file.write_text(f"{A}\n" * 9)
    ended = run("prefetch", "--from-file", str(file), "--no-wait")
    assert ended.code == 0
    assert f"8 lines of {file} name a URL again, which counts once: '{A}', '{A}', '{A}' and 5 more" in ended.err


def test_a_comment_behind_a_url_of_a_list_is_ignored(begin: Begin, emulator: Emulator) -> None:
    child = begin("refresh", "--from-file", "-", "--no-wait", stdin=subprocess.PIPE)
    child.communicate(f"  # all\n{A}  # the page's script\n{B}\t#and this\n", timeout=DEADLINE_S)
    assert child.returncode == 0
    (submit,) = submits(emulator)
    assert paths(submit) == [A, B]


def test_all_wrong_lines_of_a_list_are_reported_with_their_numbers(
    run: Run, emulator: Emulator, tmp_path: Path
) -> None:
    file = tmp_path / "urls"
    file.write_text(f"# mine\n{A},{B}\n{A}\n{A}\n{DOMAIN}/*\n{DOMAIN}/中 文.js\n")
    ended = run("refresh", "--from-file", str(file))
    assert ended.code == 2
    heads = [line.split(" is ")[0] for line in ended.err.splitlines()[1:]]
    assert heads == [f"alicdn: line {number} of {file}" for number in (2, 5, 6)]
    assert f"which holds 2 URLs; write them separately: '{A}', '{B}'" in ended.err
    assert f"write '{DOMAIN}/' with the type directory" in ended.err
    assert f"write '{DOMAIN}/%E4%B8%AD%20%E6%96%87.js'" in ended.err
    assert emulator.calls() == []


def test_a_default_port_is_dropped_before_the_submit(run: Run, emulator: Emulator) -> None:
    ended = run("refresh", "https://media.example.com:443/a.js", "http://media.example.com:80/b.js", "--no-wait")
    assert ended.code == 0
    (submit,) = submits(emulator)
    assert paths(submit) == [A, "http://media.example.com/b.js"]


def test_a_file_that_the_origin_does_not_have_is_a_warning_before_the_submit(begin: Begin, emulator: Emulator) -> None:
    child = begin("refresh", A, f"{DOMAIN}/typo.js", "--origin", emulator.origin, "--no-wait")
    _, err = child.communicate(timeout=120)
    assert child.returncode == 0
    lines = err.splitlines()
    assert lines[0].startswith(f"alicdn: the origin {emulator.origin} answers 404 or 410 for 1 of 2 URLs, ")
    assert lines[1] == f"  {DOMAIN}/typo.js"
    assert lines[3].startswith("Submitted task ")


def test_an_origin_that_has_every_file_or_is_down_stops_nothing(run: Run, emulator: Emulator) -> None:
    there = run("refresh", A, "--origin", emulator.origin, "--no-wait")
    down = run("refresh", B, "--origin", "http://127.0.0.1:9", "--no-wait")
    wrong = run("refresh", A, "--origin", "bucket.example.com")
    assert (there.code, down.code, wrong.code) == (0, 0, 2)
    assert "origin" not in there.err
    assert "could not be asked whether it has the URLs of this refresh: no connection" in down.err
    assert wrong.err == "alicdn: --origin is 'bucket.example.com', but must begin with https:// or http://\n"
    assert [paths(call) for call in submits(emulator)] == [[A], [B]]
