"""Rows as the service really lists them: a listing shows what it does not understand as it came."""

from __future__ import annotations

from typing import Any

from cli.command_line import DOMAIN, Run, Submit
from pulumi_alicdn.emulator.running import Emulator
from support.tampering_proxy import TamperingProxy

ODD: tuple[Any, ...] = (
    {"Status": "Preloading", "Process": "N/A", "CreationTime": "soon", "ObjectType": "block"},
    {"Status": "Timeout", "CreationTime": "2026-03-01 12:00:00", "Description": None},
    {"Status": "Feng\ud800"},
    {"TaskId": None, "ObjectPath": ["x"]},
)


def odd(_: object, answer: dict[str, Any]) -> None:
    rows = answer["Tasks"]["Task"]
    answer["Tasks"]["Task"] = [*({**rows[0], **change} for change in ODD), *rows, "busy", None]


def test_a_listing_shows_odd_rows_as_they_came(run: Run, emulator: Emulator, submitted: Submit) -> None:
    task_id = submitted("/a.js")
    with TamperingProxy(emulator, odd) as proxy:
        env = {"ALIBABA_CLOUD_ENDPOINT": proxy.endpoint, "ALICDN_ENDPOINT": proxy.endpoint}
        ended = run("tasks", "--output", "json", env=env)
        table = run("tasks", env=env)
        failed = run("tasks", "--failed", "--output", "json", env=env)
    assert (ended.code, ended.err) == (0, "")
    shown = ended.objects
    assert [one["status"] for one in shown] == [
        "Preloading",
        "Timeout",
        r"Feng\ud800",
        "Pending",
        "Pending",
        "busy",
        "",
    ]
    assert (shown[0]["process"], shown[0]["creation_time"], shown[0]["object_type"]) == ("N/A", "soon", "block")
    assert (shown[1]["creation_time"], shown[1]["description"]) == ("2026-03-01T12:00:00Z", "Timeout")
    assert (shown[3]["task_id"], shown[3]["object_path"]) == ("", '["x"]')
    assert (shown[4]["task_id"], shown[4]["object_path"], shown[4]["object_type"]) == (
        task_id,
        f"{DOMAIN}/a.js",
        "file",
    )
    assert table.code == 0
    assert [line.split()[0] for line in table.out.splitlines()[1:3]] == ["Preloading", "Timeout"]
    assert [one["status"] for one in failed.objects] == ["Timeout"]


def test_odd_rows_of_others_keep_nobody_from_refreshing(run: Run, emulator: Emulator) -> None:
    emulator.admin("clock", {"frozen": False, "speed": 50})

    def lie(_: object, answer: dict[str, Any]) -> None:
        if isinstance(answer.get("Tasks"), dict):
            answer["Tasks"]["Task"] = [*answer["Tasks"]["Task"], {"Status": "Preloading"}, "busy"]

    with TamperingProxy(emulator, lie) as proxy:
        env = {"ALIBABA_CLOUD_ENDPOINT": proxy.endpoint, "ALICDN_ENDPOINT": proxy.endpoint}
        ended = run("refresh", f"{DOMAIN}/a.js", "--output", "json", env=env)
    assert ended.code == 0
    assert [one["status"] for one in ended.objects] == ["Complete"]
