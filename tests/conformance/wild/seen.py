"""How a case becomes a line, and what the emulator's side of many lines checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.sides import EmulatorSide, Side
from conformance.statements import Checks, ClientCheck, EmulatorCheck, Statement
from conformance.wild.scene import LOGIN_PAGE, URL, Fault, fresh

SAME = "the same as the line before"
OWN_AFFAIR = "it concerns the user's machine only"


def wild(name: str, text: str, seen: str, client: ClientCheck, emulator: EmulatorCheck | str) -> Statement:
    """A case as a line."""
    return Statement(name, text, Checks(client, emulator), seen)


def set_faults(side: Side, *faults: Fault) -> None:
    """Set these faults and no others."""
    side.harness.emulator.admin("faults", {"faults": list(faults)})


def shows(**values: Any) -> EmulatorCheck:  # noqa: ANN401  any JSON value
    """The fault `row` lists a row with these values."""

    def check(side: EmulatorSide) -> None:
        fresh(side)
        side.harness.submit(side.doc, URL)
        set_faults(side, {"kind": "row", "action": "*", "times": -1, "set": values})
        (row,) = side.ask().rows
        assert {name: row.get(name) for name in values} == values

    return check


def lists_beside(**values: Any) -> EmulatorCheck:  # noqa: ANN401  any JSON value
    """The fault `foreign` lists a row with these values beside ours."""

    def check(side: EmulatorSide) -> None:
        fresh(side)
        side.harness.submit(side.doc, URL)
        set_faults(side, {"kind": "foreign", "action": "*", "times": -1, "rows": [values]})
        rows = side.ask().rows
        assert [dict(row) for row in rows if row["ObjectPath"] != URL or row["TaskId"] == values.get("TaskId")] == [
            values
        ]

    return check


def answers(body: str = LOGIN_PAGE, status: int = 200, media_type: str = "text/html") -> EmulatorCheck:
    """The fault `page` answers *body* in place of the service."""

    def check(side: EmulatorSide) -> None:
        fresh(side)
        set_faults(
            side, {"kind": "page", "action": "*", "body": body, "http_status": status, "content_type": media_type}
        )
        answer = side.request()
        assert (answer.status, answer.body.decode()) == (status, body)
        assert answer.headers["content-type"].startswith(media_type)
        side.ask()

    return check


def refuses(code: str, status: int, message: str = "") -> EmulatorCheck:
    """The fault `error` refuses with any code."""

    def check(side: EmulatorSide) -> None:
        fresh(side)
        set_faults(side, error(code, status, message))
        answer = side.request()
        assert (answer.status, answer.json["Code"]) == (status, code)
        side.ask()

    return check


def error(code: str, status: int, message: str = "", action: str = "*", times: int = 1) -> Fault:
    """The fault that refuses with *code*."""
    return {
        "kind": "error",
        "action": action,
        "code": code,
        "http_status": status,
        "message": message or "The service says no.",
        "times": times,
    }


def row_of(side: Side, **values: Any) -> Mapping[str, Any]:  # noqa: ANN401  any JSON value
    """A row of somebody else, created now."""
    return {
        "TaskId": "987654321",
        "ObjectPath": "https://media.example.com/theirs.js",
        "ObjectType": "file",
        "Status": "Complete",
        "Process": "100%",
        "CreationTime": side.harness.now(),
        **values,
    }
