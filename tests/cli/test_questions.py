"""Questions that break a rule: every one is reported in the words of the command line, and costs no request."""

from __future__ import annotations

import pytest

from cli.command_line import Run
from pulumi_alicdn.emulator.running import Emulator

TYPES = "file, directory, preload"
STATUSES = "Complete, Refreshing, Failed"
ALONE = f"which goes together with --object-type only; set --object-type to one of: {TYPES}"
OLD, LATER = "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"

WRONG: list[tuple[list[str], list[str]]] = [
    (
        ["--service", "dcdn"],
        ["Invalid value for '--service' (env var: 'ALICDN_SERVICE'): 'dcdn' is not one of 'vod', 'cdn', 'intl-2020'."],
    ),
    (["--task-id", "1,2"], ["--task-id is '1,2', but must be one id; ask for each id by itself"]),
    (["--task-id", ""], ["--task-id is '', but must be text without white space"]),
    (["--object-path", "a b"], ["--object-path is 'a b', but must be text without white space"]),
    (
        ["--object-type", "regex"],
        [f"--object-type is 'regex', but vod can be asked for: {TYPES}"],
    ),
    (
        ["--object-type", "File", "--service", "cdn"],
        ["--object-type is 'File', but cdn can be asked for: file, directory, path, regex, preload, block, unblock"],
    ),
    (
        ["--domain", "media.example.com"],
        [f"--domain is 'media.example.com', {ALONE}"],
    ),
    (
        ["--status", "Failed"],
        [f"--status is 'Failed', {ALONE}"],
    ),
    (
        ["--status", "Pending", "--object-type", "file"],
        [f"--status is 'Pending', but must be one of: {STATUSES} (Pending is answered, but cannot be asked for)"],
    ),
    (
        ["--domain", "https://media.example.com/", "--object-type", "file"],
        ["--domain is 'https://media.example.com/', but must be a domain; write 'media.example.com'"],
    ),
    (["--start", "yesterday"], ["--start is 'yesterday', but must be UTC text such as '2026-01-02T03:04:05Z'"]),
    (["--start", OLD], [f"--start is '{OLD}', but only tasks of the last 3 days can be asked for"]),
    (
        ["--start", LATER, "--end", "2998-12-31T23:59:59Z"],
        ["--end is '2998-12-31T23:59:59Z', which is not after --start"],
    ),
    (
        ["--service", "cdn", "--start", LATER, "--end", LATER],
        [f"--end is '{LATER}', which is not after --start"],
    ),
    (["--since", "soon"], ["--since is 'soon', but must be a number with s, m, h or d, such as 30m, 2h or 3d"]),
    (["--since", "0h"], ["--since is '0h', but must be a number with s, m, h or d, such as 30m, 2h or 3d"]),
    (["--since", "4d"], ["--since is '4d', but the service remembers tasks for 3 days only"]),
    (
        ["--since", "2h", "--end", LATER],
        [f"--end is '{LATER}', but --since stands for both ends; leave one of them out"],
    ),
    (["--page-size", "51"], ["--page-size is 51, but must be a whole number from 1 to 50 for vod"]),
    (["--all", "--page-size", "0"], ["--page-size is 0, but must be a whole number from 1 to 50 for vod"]),
    (
        ["--service", "cdn", "--page-size", "101"],
        ["--page-size is 101, but must be a whole number from 1 to 100 for cdn"],
    ),
    (["--page", "two"], ["Invalid value for '--page': 'two' is not a valid whole number."]),
    (["--all", "--page", "2"], ["--page is 2, but --all lists every page; leave one of them out"]),
    (["--failed", "--page", "2"], ["--page is 2, but --failed lists every page; leave one of them out"]),
    (
        ["--failed", "--status", "Complete", "--object-type", "file"],
        ["--status is 'Complete', but --failed stands for a status; leave one of them out"],
    ),
    (
        ["--service", "intl-2020", "--failed", "--resource-group", "rg-1"],
        [
            "--resource-group is no parameter of intl-2020; leave it out",
            "--domain is missing, but intl-2020 requires it in every query",
            "--object-type is missing, but intl-2020 requires it in every query",
        ],
    ),
    # What the user wrote is quoted as it is, also where it holds the name of a parameter.
    (["--object-type", "page_size"], [f"--object-type is 'page_size', but vod can be asked for: {TYPES}"]),
    (["--output", "xml"], ["Invalid value for '--output': 'xml' is not one of 'table', 'json', 'csv'."]),
]


@pytest.mark.parametrize(("options", "sentences"), WRONG, ids=[" ".join(options) for options, _ in WRONG])
def test_a_broken_rule_is_reported_and_costs_no_request(
    run: Run, emulator: Emulator, options: list[str], sentences: list[str]
) -> None:
    ended = run("tasks", *options)
    said = [line for line in ended.err.splitlines() if line != "`alicdn tasks --help` shows the usage."]
    assert (ended.code, ended.out) == (2, "")
    assert said == [f"alicdn: {sentence}" for sentence in sentences]
    assert emulator.calls() == []


@pytest.mark.parametrize(("page", "right"), [("0", False), ("100000", True), ("100001", False)])
def test_the_bounds_of_the_page_number(run: Run, emulator: Emulator, page: str, right: bool) -> None:
    ended = run("tasks", "--page", page)
    assert ended.code == (0 if right else 2)
    assert ended.err.startswith(f"alicdn: --page is {page}, but must be a whole number from 1 to 100000 ") is not right
    assert len(emulator.calls()) == int(right)


@pytest.mark.parametrize("option", [("--service", "dcdn"), ("--output", "xml")])
def test_a_wrong_quota_question_costs_no_request(run: Run, emulator: Emulator, option: tuple[str, str]) -> None:
    ended = run("quota", *option)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"alicdn: Invalid value for '{option[0]}'")
    assert f": '{option[1]}' is not one of " in ended.err
    assert emulator.calls() == []
