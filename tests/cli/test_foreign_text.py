"""Hostile text in everything that a service, an edge, a file's name or a variable fills, through the real command."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from cli.command_line import COMMAND, DEADLINE_S, DOMAIN, Begin, Run, Submit, on_terminal, rest_of
from pulumi_alicdn.cli.app import main
from pulumi_alicdn.emulator.running import Emulator
from support.hostile import BROKEN, HOSTILE, MARK, NAMES, obeyed, unseen
from support.hostile_servers import edge, gateway, refusing_service, together
from support.tampering_proxy import TamperingProxy

FIELDS = ("Status", "Process", "Description", "CreationTime", "TaskId", "ObjectPath", "ObjectType")
FORMULA = re.compile("\\s*[=+\\-@\uff1d\uff0b\uff0d\uff20]")


def rows(_: object, answer: dict[str, Any]) -> None:
    """One row for each hostile text, which is in all its fields; and one that failed for it."""
    if "Tasks" in answer:
        found = [dict.fromkeys(FIELDS, text) for text in HOSTILE]
        answer["Tasks"] = {"Task": [*found, *({**row, "Status": "Failed"} for row in found)]}
        answer["RequestId"] = "".join(together(HOSTILE))


def at(endpoint: str) -> dict[str, str]:
    return {"ALIBABA_CLOUD_ENDPOINT": endpoint, "ALICDN_ENDPOINT": endpoint}


def harmless(text: str, *, lines: int | None = None) -> None:
    """Check that nobody obeys *text*, and that it has as many lines as it should."""
    assert (unseen(text.replace("\r\n", "\n")), obeyed(text)) == ([], [])
    if lines is not None:
        assert len(text.splitlines()) == lines


def without_styles(shown: str) -> str:
    """What a terminal was sent, without what rich and a pseudo-terminal add to it."""
    return re.sub(r"\x1b\[[\d;]*m|\x1b\[\?25[hl]|\x1b\[2K|\x1b\[1A|\r", "", shown)


@pytest.mark.parametrize("output", ["table", "csv", "json"])
def test_rows_fill_one_line_or_record_each(run: Run, emulator: Emulator, output: str) -> None:
    with TamperingProxy(emulator, rows) as proxy:
        ended = run("tasks", "--all", "--output", output, env=at(proxy.endpoint))
    assert ended.code == 0
    harmless(ended.err)
    if output == "json":
        harmless(ended.out)
        assert [one["status"] for one in ended.objects[: len(HOSTILE)]].count("") == 0
        assert len(ended.objects) == 2 * len(HOSTILE)
        return
    harmless(ended.out, lines=2 * len(HOSTILE) + 1)
    assert ended.out.count(MARK) >= 2 * len(HOSTILE)
    if output == "csv":
        assert len(ended.records) == 2 * len(HOSTILE)
        assert [cell for record in ended.records for cell in record.values() if FORMULA.match(cell)] == []


@pytest.mark.parametrize("output", ["table", "csv", "json"])
def test_a_terminal_is_sent_no_escape_of_others(
    begin: Begin, emulator: Emulator, environment: dict[str, str], output: str
) -> None:
    environment |= {"TERM": "xterm-256color", "COLUMNS": "200"}
    with TamperingProxy(emulator, rows) as proxy:
        environment |= at(proxy.endpoint)
        code, shown = on_terminal(begin, "tasks", "--all", "--output", output)
    assert code == 0
    assert MARK in shown
    assert unseen(without_styles(shown)) == []


def test_a_bar_and_warnings_show_codes_as_they_are(
    begin: Begin, emulator: Emulator, environment: dict[str, str]
) -> None:
    codes = (":smile: boo :warning:", "[bold red]boo[/]", "\u202eboo\u202c")
    texts = together((*codes, *HOSTILE))
    emulator.admin("clock", {"frozen": False, "speed": 1})

    def lie(_: object, answer: dict[str, Any]) -> None:
        for row in answer["Tasks"]["Task"] if "Tasks" in answer else ():
            row["Status"] = texts[int(row["ObjectPath"].rsplit("/", 1)[1])]
        answer["RequestId"] = texts[0]

    environment |= {"TERM": "xterm-256color", "COLUMNS": "1000"}
    with TamperingProxy(emulator, lie) as proxy:
        environment |= at(proxy.endpoint)
        ours, theirs = pty.openpty()
        urls = [f"{DOMAIN}/{number}" for number in range(len(texts))]
        child = begin("refresh", *urls, "--timeout", "2", stderr=theirs)
        os.close(theirs)
        shown = rest_of(ours)
        out = child.stdout.read() if child.stdout else ""
        assert child.wait(DEADLINE_S) == 3
    text = without_styles(shown.decode())
    assert unseen(text) == []
    assert "which no document names" in text
    for code in (*codes[:2], r"\u202eboo"):
        assert text.count(code) >= 2
    harmless(out)


def test_a_failed_wait_and_a_refusal_are_our_sentences(run: Run, emulator: Emulator, submitted: Submit) -> None:
    texts = together(HOSTILE)[:10]
    ids = submitted(*(f"/{number}" for number in range(10)))

    def lie(_: object, answer: dict[str, Any]) -> None:
        for row in answer["Tasks"]["Task"]:
            row |= {"Status": "Failed", "Description": texts[int(row["ObjectPath"].rsplit("/", 1)[1])]}

    with TamperingProxy(emulator, lie) as proxy:
        ended = run("wait", ids, env=at(proxy.endpoint))
    assert ended.code == 1
    harmless(ended.out)
    harmless(ended.err, lines=12)
    assert ended.err.startswith("alicdn: refresh of 10 of 10 URLs failed on vod:")
    assert ended.err.count(MARK) >= 10


@pytest.mark.parametrize("text", together([text for text in HOSTILE if text not in BROKEN], 150))
def test_what_a_service_or_a_gateway_says_is_one_line_on_stderr(run: Run, text: str) -> None:
    with ExitStack() as running:
        ended = run("tasks", env=at(refusing_service(running, [text])))
    assert (ended.code, ended.out) == (4, "")
    harmless(ended.err, lines=1)
    assert MARK in ended.err


def test_a_page_in_place_of_an_answer_is_one_line_on_stderr(run: Run) -> None:
    with ExitStack() as running:
        endpoint = gateway(running, together(HOSTILE, 40))
        for _ in range(3):
            ended = run("wait", "1", "--timeout", "1", env=at(endpoint))
            assert (ended.code, ended.out) == (5, "")
            harmless(ended.err, lines=2)


@pytest.mark.parametrize("output", ["table", "csv", "json"])
def test_what_an_edge_says_stays_in_its_cells(run: Run, tmp_path: Path, output: str) -> None:
    folder = tmp_path / "dist"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_text("new")
    with ExitStack() as running:
        there = ["--directory", str(folder), "--base-url", DOMAIN, "--edge", edge(running, b"old"), "--patience", "0"]
        ended = run("verify", *there, "--output", output)
    assert ended.code == 1
    harmless(ended.err)
    assert "is stale" in ended.err or "the origin was not asked" in ended.err
    harmless(ended.out, lines=None if output == "json" else len(set(NAMES)) + 1)
    assert MARK in ended.out
    if output == "csv":
        assert [cell for record in ended.records for cell in record.values() if FORMULA.match(cell)] == []


def test_names_of_files_reach_plan_result_and_reports_as_text(run: Run, emulator: Emulator, tmp_path: Path) -> None:
    folder = tmp_path / "dist"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_text("new")
    emulator.admin("clock", {"frozen": False, "speed": 50})
    summary, page = tmp_path / "summary.md", tmp_path / "release.html"
    with ExitStack() as running:
        there = edge(running, b"new", refused=False)
        release = ["release", "--manifest", str(tmp_path / "site.json"), "--service", "cdn", "--directory", str(folder)]
        release += ["--base-url", DOMAIN, "--edge", there, "--no-check-origin", "--proof-patience", "0"]
        release += ["--summary-file", str(summary), "--report-file", str(page)]
        planned = run(*release, "--plan")
        ended = run(*release, "--output", "json")
    assert (planned.code, ended.code) == (0, 0)
    for text in (planned.out, planned.err, ended.out, ended.err):
        harmless(text)
    shown: Any = ended.objects
    assert set(shown["changed"]) == set(NAMES)
    for report in (summary.read_text(), page.read_text()):
        assert unseen(report) == []


@pytest.mark.parametrize("name", ["boo\x1b[31m\n::error::x", "boo\udcff"])
def test_a_name_that_no_release_can_have_is_named_on_one_line(run: Run, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "dist"
    folder.mkdir()
    (folder / name).write_text("new")
    manifest = str(tmp_path / "site.json")
    ended = run("release", "--manifest", manifest, "--service", "cdn", "--directory", str(folder), "--base-url", DOMAIN)
    assert ended.code != 0
    harmless(ended.err)
    assert MARK in ended.err


@pytest.mark.parametrize("text", [text for text in HOSTILE if "\x00" not in text])
def test_options_are_echoed_as_text(capsys: pytest.CaptureFixture[str], text: str) -> None:
    for arguments in (
        ["refresh", text, f"{DOMAIN}/{text}", "--origin", text],
        ["prefetch", "--header", text, f"{DOMAIN}/a"],
        ["tasks", "--task-id", text, "--object-path", text, "--status", text, "--domain", text, "--start", text],
        ["wait", f"{text} ,"],
        ["verify", text, "--sha256", text],
        ["verify", f"{DOMAIN}/a", "--removed", "--edge", text, "--resolve", text, "--timeout", "1"],
        ["release", "--manifest", text, "--service", "cdn", "--directory", text, "--base-url", text],
        [text],
        [f"--{text}"],
        ["wait", "1", "--timeout", text],
        ["--endpoint", text, "tasks"],
        ["--region", text, "tasks"],
    ):
        assert main(arguments) in {1, 2, 3, 4, 5}
        shown = capsys.readouterr()
        harmless(shown.err + shown.out)


@pytest.mark.parametrize(
    "name",
    [
        "ALICDN_ENDPOINT",
        "ALIBABA_CLOUD_REGION_ID",
        "ALIBABA_CLOUD_PROFILE",
        "ALIBABA_CLOUD_ACCESS_KEY_ID",
        "ALIBABA_CLOUD_CREDENTIALS_URI",
        "HTTPS_PROXY",
        "REQUESTS_CA_BUNDLE",
        "ALICDN_SERVICE",
    ],
)
def test_variables_are_echoed_as_text(run: Run, name: str) -> None:
    where = ["--endpoint", "https://vod.example.com"] if name == "HTTPS_PROXY" else []
    for text in together([text for text in HOSTILE if "\x00" not in text], 400):
        ended = run(*where, "wait", "1", "--timeout", "1", env={name: text.encode(errors="replace").decode()})
        harmless(ended.err + ended.out)


def test_a_program_for_credentials_is_quoted_on_one_line(
    environment: dict[str, str], tmp_path: Path, emulator: Emulator
) -> None:
    said = together([text for text in HOSTILE if text not in BROKEN and "\x00" not in text], 100)[::4]
    (tmp_path / ".aliyun").mkdir()
    command = tmp_path / "credentials.sh"
    keys = {"ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"}
    without = {name: value for name, value in environment.items() if name not in keys}
    profile = f'{{"name": "p", "mode": "External", "process_command": "sh {command}"}}'
    (tmp_path / ".aliyun" / "config.json").write_text(f'{{"current": "p", "profiles": [{profile}]}}')
    for text in said:
        (tmp_path / "said").write_text(text)
        command.write_text(f"cat {tmp_path / 'said'} >&2\nexit 3\n")
        done = subprocess.run(
            [*COMMAND, "--profile", "p", "--endpoint", emulator.endpoint, "tasks"],
            env=without,
            capture_output=True,
            check=False,
            timeout=DEADLINE_S,
        )
        assert done.returncode == 4
        harmless(done.stdout.decode())
        harmless(done.stderr.decode(), lines=1)
