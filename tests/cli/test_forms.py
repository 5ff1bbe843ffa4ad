"""The forms of a result: csv that reads back as it was, colours on a terminal and none in a pipe."""

from __future__ import annotations

import pytest

from cli.command_line import DOMAIN, Begin, Run, Submit, on_terminal
from pulumi_alicdn.emulator.running import Emulator

ODD = "/a,\"b\",'c';d\\e.js"
REASON = 'Origin said "no",\r\nand \x1b[31mno more'


@pytest.fixture
def failed(emulator: Emulator, submitted: Submit, environment: dict[str, str]) -> str:
    """A failed row with everything in it that needs care; the environment of a terminal with colours."""
    environment |= {"TERM": "xterm-256color", "COLUMNS": "200"}
    emulator.admin("faults", {"faults": [{"kind": "fail", "paths": [DOMAIN + ODD], "description": REASON}]})
    task_id = submitted(ODD, "/a.js")
    emulator.advance(9)
    return task_id


def test_csv_reads_back_as_it_was(run: Run, failed: str) -> None:
    table, plain = run("tasks", "--output", "csv"), run("tasks", "--output", "json")
    header, _, _ = table.out.partition("\r\n")
    assert header == "object_path,object_type,status,process,description,creation_time,task_id"
    assert table.records == plain.objects
    (odd,) = [one for one in table.records if one["status"] == "Failed"]
    shown = REASON.replace("\r\n", r"\r\n").replace("\x1b", r"\x1b")
    assert (odd["object_path"], odd["task_id"], odd["description"]) == (DOMAIN + ODD, failed, shown)
    assert '/a,""b"",' in table.out


def test_csv_of_nothing_is_a_header(run: Run) -> None:
    ended = run("tasks", "--output", "csv")
    assert ended.out == "object_path,object_type,status,process,description,creation_time,task_id\r\n"
    assert ended.err.startswith("No tasks: ")


def test_csv_is_a_form_of_what_a_wait_tells_too(run: Run, failed: str) -> None:
    ended = run("wait", failed, "--object-path", f"{DOMAIN}/a.js", "--output", "csv")
    assert (ended.code, [one["status"] for one in ended.records]) == (0, ["Complete"])


@pytest.mark.usefixtures("failed")
def test_colours_on_a_terminal_and_none_in_a_pipe(begin: Begin, run: Run, environment: dict[str, str]) -> None:
    code, shown = on_terminal(begin, "tasks")
    assert code == 0
    assert "\x1b[1;31mFailed\x1b[0m" in shown
    assert "\x1b[32mComplete\x1b[0m" in shown
    assert "\x1b[31mno more" not in shown  # colours are ours alone
    piped = run("tasks")
    assert "Failed" in piped.out
    assert "\x1b" not in piped.out + piped.err
    environment["NO_COLOR"] = "1"
    _, plain = on_terminal(begin, "tasks")
    assert "\x1b[32m" not in plain
    assert "[31m" not in plain.replace("\\x1b[31mno more", "")


@pytest.mark.usefixtures("failed")
@pytest.mark.parametrize("output", ["csv", "json"])
def test_what_programs_read_has_no_colours_and_steers_no_terminal(begin: Begin, output: str) -> None:
    code, shown = on_terminal(begin, "tasks", "--output", output)
    assert code == 0
    assert "no more" in shown
    assert "\x1b" not in shown
