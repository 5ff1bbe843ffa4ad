"""`alicdn quota`: bars, JSON, csv."""

from __future__ import annotations

import pytest

from cli.command_line import Begin, Run, on_terminal
from pulumi_alicdn.emulator.running import Emulator


def line(table: str, name: str) -> str:
    (found,) = [line for line in table.splitlines() if name in line]
    return found


def test_bars_are_as_long_as_what_is_used(run: Run, emulator: Emulator) -> None:
    emulator.admin("quota", {"UrlRemain": 500, "DirRemain": 0, "PreloadRemain": 1, "BlockQuota": 2000})
    emulator.admin("quota", {"BlockRemain": 1999})
    ended = run("quota", "--service", "vod")
    assert (ended.code, ended.err) == (0, "")
    said = {
        "URLs to refresh": (18, ["75%", "500", "2000"]),
        "directories to refresh": (24, ["100%", "0", "100"]),
        "URLs to prefetch": (23, ["99%", "1", "500"]),  # what is left is never rounded away
        "URLs to block": (0, ["0%", "1999", "2000"]),
    }
    for name, (columns, numbers) in said.items():
        assert (line(ended.out, name).count("━"), line(ended.out, name).split()[-3:]) == (columns, numbers)
    assert "\x1b" not in ended.out


def test_no_quota_at_all_counts_as_used_up(run: Run, emulator: Emulator) -> None:
    emulator.admin("quota", {"DirQuota": 0, "DirRemain": 0})
    directories = line(run("quota").out, "directories")
    assert directories.split()[-3:] == ["100%", "0", "0"]
    assert directories.count("━") == 24


def test_a_terminal_shows_in_colour_how_much_is_left(
    begin: Begin, emulator: Emulator, environment: dict[str, str]
) -> None:
    environment |= {"TERM": "xterm-256color", "COLUMNS": "120"}
    emulator.admin("quota", {"UrlRemain": 1000, "DirRemain": 20, "PreloadRemain": 0})
    code, shown = on_terminal(begin, "quota")
    assert code == 0
    assert "\x1b[32m━" in line(shown, "URLs to refresh")
    assert "\x1b[33m━" in line(shown, "directories")
    assert "\x1b[1;31m━" in line(shown, "URLs to prefetch")


@pytest.mark.parametrize(("service", "total"), [("vod", "2000"), ("cdn", "10000"), ("intl-2020", "10000")])
def test_json_and_csv_tell_the_same_of_each_service(run: Run, emulator: Emulator, service: str, total: str) -> None:
    emulator.admin("quota", {"UrlRemain": 500})
    plain = run("quota", "--service", service, "--output", "json")
    table = run("quota", "--service", service, "--output", "csv")
    assert plain.objects[0] == {"name": "Url", "total": int(total), "remaining": 500}
    assert ("Regex" in {one["name"] for one in plain.objects}) is (service != "vod")
    assert table.out.startswith(f"name,total,remaining\r\nUrl,{total},500\r\n")
    assert table.records == [{name: str(value) for name, value in one.items()} for one in plain.objects]
    action = "DescribeVodRefreshQuota" if service == "vod" else "DescribeRefreshQuota"
    assert [call["action"] for call in emulator.calls()] == [action] * 2
