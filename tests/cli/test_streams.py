"""What goes where: terminals, pipes that close, signals; and the commands that ask for little."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli.command_line import DOMAIN, Begin, Run, Submit, rest_of
from pulumi_alicdn.emulator.running import Emulator

URL = f"{DOMAIN}/a.js"


def test_a_terminal_shows_a_bar_and_the_result_stays_plain(
    begin: Begin, emulator: Emulator, submitted: Submit, environment: dict[str, str]
) -> None:
    environment["TERM"] = "xterm-256color"
    ids = submitted("/a.js")
    ours, theirs = pty.openpty()
    child = begin("wait", ids, stderr=theirs)
    os.close(theirs)
    shown = b""
    while "0/1 URLs" not in shown.decode(errors="replace"):
        shown += os.read(ours, 4096)
    emulator.advance(9)
    shown += rest_of(ours)
    out = child.stdout.read() if child.stdout else ""
    assert child.wait(120) == 0
    assert "━" in shown.decode()
    assert b"\x1b[?25h" in shown  # the cursor is back
    assert "Complete" in out
    assert "\x1b" not in out


def test_signals_end_the_command_and_not_the_tasks(begin: Begin, emulator: Emulator) -> None:
    children = {number: begin("refresh", f"{DOMAIN}/{number}.js") for number in (signal.SIGINT, signal.SIGTERM)}
    ids = {}
    for number, child in children.items():
        assert child.stderr is not None
        ids[number] = child.stderr.readline().split()[2]
        child.send_signal(number)
    for number, child in children.items():
        out, err = child.communicate(timeout=120)
        assert (child.returncode, out) == (128 + number, "")
        assert "the tasks go on in the cloud" in err
        assert f"run `alicdn wait {ids[number]}` to go on waiting" in err
        assert "Traceback" not in err
    assert {row["TaskId"] for row in emulator.tasks()} == set(ids.values())


def test_a_reader_that_has_enough_is_no_error(begin: Begin, emulator: Emulator, submitted: Submit) -> None:
    submitted("/a.js")
    reading, writing = os.pipe()
    os.close(reading)
    child = begin("tasks", stdout=writing)
    os.close(writing)
    _, err = child.communicate(timeout=120)
    assert (child.returncode, err) == (0, "")
    assert emulator.calls("DescribeVodRefreshTasks")


@pytest.mark.parametrize("output", ["table", "json", "csv"])
def test_a_result_that_cannot_be_written_says_why(begin: Begin, submitted: Submit, output: str) -> None:
    submitted("/a.js")
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        child = begin("tasks", "--output", output, stdout=full)
        _, err = child.communicate(timeout=120)
    assert child.returncode == 1
    assert err.startswith("alicdn: the result cannot be written to standard output: No space left on device; what was ")
    closed = begin("tasks", "--output", output, stdout=None, preexec_fn=lambda: os.close(1))
    _, err = closed.communicate(timeout=120)
    assert (closed.returncode, "standard output: it is closed; what was submitted goes on" in err) == (1, True)


def test_a_log_that_takes_no_more_ends_no_command(begin: Begin, emulator: Emulator) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        children = [begin("refresh", URL, "--no-wait", stderr=full)]
        children.append(begin("refresh", URL, "--no-wait", stderr=None, preexec_fn=lambda: os.close(2)))
        said = [child.communicate(timeout=120)[0] for child in children]
    assert [child.returncode for child in children] == [0, 0]
    assert all(URL in out for out in said)
    assert emulator.tasks()


def test_options_that_all_commands_share_come_before_or_after_the_name(
    run: Run, emulator: Emulator, submitted: Submit
) -> None:
    submitted("/a.js")
    elsewhere = {"ALICDN_ENDPOINT": "http://127.0.0.1:9"}
    before = run("--endpoint", emulator.endpoint, "--service", "vod", "--output", "json", "tasks", env=elsewhere)
    after = run("tasks", "--endpoint", emulator.endpoint, "--service", "vod", "--output", "json", env=elsewhere)
    both = run("--output", "csv", "--endpoint", "127.0.0.2", "tasks", "--endpoint", emulator.endpoint, env=elsewhere)
    assert [one.code for one in (before, after, both)] == [0, 0, 0]
    assert [row["object_path"] for row in json.loads(before.out)] == [URL]
    assert before.out == after.out
    assert both.out.startswith("object_path,")


def test_the_shell_completes_names(run: Run) -> None:
    lines = dict(re.findall(r"^ +(bash|zsh|fish): +(.*)$", run("-h").out, re.MULTILINE))
    assert len(lines) == 3
    for shell, line in lines.items():
        assert f"_ALICDN_COMPLETE={shell}_source alicdn" in line
        script = run(env={"_ALICDN_COMPLETE": f"{shell}_source"})
        assert (script.code, f"_ALICDN_COMPLETE={shell}_complete" in script.out) == (0, True)
    asked = {"_ALICDN_COMPLETE": "bash_complete", "COMP_WORDS": "alicdn re", "COMP_CWORD": "1"}
    assert run(env=asked).out.split() == ["plain,refresh", "plain,release"]


def test_help_and_version_are_quick_to_load(run: Run) -> None:
    ended, version = run("--help"), run("--version")
    assert (ended.code, ended.err, version.code) == (0, "", 0)
    assert "Exit codes:" in ended.out
    assert version.out.startswith("alicdn ")
    program = "import sys, pulumi_alicdn.cli.app; print([n for n in sys.modules if n.startswith('alibabacloud')])"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout == "[]\n"


def test_the_emulator_takes_the_place_of_the_command(begin: Begin, run: Run) -> None:
    child = begin("emulator", "--edges", "2")
    assert child.stdout is not None
    said = json.loads(child.stdout.readline())
    assert (said["pid"], len(said["edges"])) == (child.pid, 2)
    assert run("--endpoint", said["endpoint"], "tasks").code == 4  # another account's key
    child.send_signal(signal.SIGTERM)
    assert child.wait(120) == 0


def test_the_emulator_tells_its_own_help_and_usage(run: Run) -> None:
    said, wrong = run("emulator", "--help"), run("emulator", "--edges", "0")
    assert said.code == 0
    assert said.out.startswith("Usage: alicdn emulator [OPTIONS]")
    assert run("emulator", "-h").out == said.out
    assert "--effect-s" in said.out
    assert wrong.code == 2
