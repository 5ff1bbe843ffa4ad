"""Text that a service, an edge or the name of a file fills, on the real engine: it is shown, and it does nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest

from pulumi_alicdn.emulator.running import Emulator
from support.hostile import BROKEN, HOSTILE, MARK, NAMES, obeyed, unseen
from support.hostile_servers import edge, refusing_service, together
from support.stack import Ended, Stack
from support.tampering_proxy import TamperingProxy

Emulators = Callable[..., Emulator]
Stacks = Callable[..., Stack]

ASKED: Any = ("up", "--yes", "--skip-preview", "--continue-on-error")
COLOURS = pytest.mark.parametrize("colour", ["always", "never"])

LISTED = """
page = alicdn.describe_refresh_tasks("vod")
pulumi.export("tasks", page["tasks"])
pulumi.export("request_id", page["request_id"])
pulumi.export("quoted", [f"{one['task_id']} {one['description']}" for one in page["tasks"]])
"""

WAITING = """
for number, paths in enumerate(json.loads(config.require("groups"))):
    alicdn.RefreshTask(f"failed-{number}", service="vod", object_paths=paths, retry_failed=int(number == 0), timeout=30)
for number, paths in enumerate(json.loads(config.require("late"))):
    alicdn.RefreshTask(f"late-{number}", service="vod", object_paths=paths, timeout=2)
"""

SITE = "https://media.example.com"


def shown(ended: Ended) -> str:
    """What a command printed, without Pulumi's own colours; the engine neither panicked nor obeyed a foreign text."""
    text = re.sub(r"\x1b\[[\d;]*m", "", ended.output)
    assert "panic" not in text
    assert "goroutine" not in text
    assert (unseen(text), obeyed(text)) == ([], [])
    return text


def locked(stack: Stack) -> bool:
    """Whether the lock of the stack is still there."""
    return any((stack.folder / ".pulumi" / "locks").rglob("*.json"))


def through(
    cloud: Emulator, lie: Callable[[dict[str, str], dict[str, Any]], None]
) -> tuple[TamperingProxy, dict[str, str]]:
    proxy = TamperingProxy(cloud, lie)
    return proxy, cloud.environment() | {"ALICDN_ENDPOINT": proxy.endpoint, "ALIBABA_CLOUD_ENDPOINT": proxy.endpoint}


@COLOURS
def test_every_text_of_every_row_is_an_output_that_the_engine_shows(
    emulators: Emulators, stacks: Stacks, colour: str
) -> None:
    def lie(_: object, answer: dict[str, Any]) -> None:
        if "Tasks" in answer:
            fields = ("Status", "Process", "Description", "CreationTime", "TaskId", "ObjectPath", "ObjectType")
            rows = [dict.fromkeys(fields, text) | {"Extra": text} for text in HOSTILE]
            answer["Tasks"] = {"Task": rows + [{**row, "Status": "Failed"} for row in rows]}
            answer["RequestId"] = "<{%boo%}>\x1b[31m\u202e"

    proxy, environment = through(emulators(), lie)
    with proxy:
        stack = stacks(LISTED, None, **environment)
        ended = stack.run(*ASKED, "--color", colour)
    shown(ended)
    ended.expect_ok()
    assert not locked(stack)
    assert len(stack.outputs()["tasks"]) == 2 * len(HOSTILE)


def grouped(paths: list[str]) -> str:
    """Lists of ten, which is what a message shows."""
    return json.dumps([paths[start : start + 10] for start in range(0, len(paths), 10)])


@COLOURS
def test_what_the_service_says_of_failed_and_late_rows_is_part_of_our_sentences(
    emulators: Emulators, stacks: Stacks, colour: str
) -> None:
    texts = dict(enumerate(together(HOSTILE)))

    def lie(_: object, answer: dict[str, Any]) -> None:
        for row in answer["Tasks"]["Task"] if "Tasks" in answer else ():
            group, number = re.findall(r"(failed|late)/(\d+)", row["ObjectPath"])[0]
            text = texts[int(number)]
            row.update({"Status": "Failed", "Description": text} if group == "failed" else {"Status": text})
        answer["RequestId"] += "<{%boo%}>\x1b[31m\u202e\n"

    proxy, environment = through(emulators(effect_s=600), lie)
    with proxy:
        stack = stacks(WAITING, None, **environment)
        stack.configure(
            groups=grouped([f"{SITE}/failed/{number}" for number in texts]),
            late=grouped([f"{SITE}/late/{number}" for number in texts]),
        )
        ended = stack.run(*ASKED, "--color", colour)
    text = shown(ended)
    assert not locked(stack)
    assert not ended.ok
    for number in texts:
        assert re.search(rf"failed/{number}: Failed, [^\n]*{MARK}[^\n]* \(task \d+\)", text), number
        assert re.search(rf"late/{number}: Refreshing \d+% \(listed as [^\n]*{MARK}[^\n]* \(task \d+\)", text), number
    assert "Fix the cause and run `pulumi up` again" in text
    assert "is not effective after 2 s" in text


REFUSALS = """
for number in range(config.require_int("count")):
    alicdn.RefreshTask(f"refused-{number}", service="vod", object_paths=[f"https://media.example.com/{number}"])
"""


@COLOURS
def test_what_the_service_says_of_a_refusal_is_part_of_our_sentence(stacks: Stacks, colour: str) -> None:
    texts = together(HOSTILE, 120)
    with ExitStack() as running:
        endpoint = refusing_service(running, texts)
        keys = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAIboo", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "canary"}
        stack = stacks(REFUSALS, None, ALICDN_ENDPOINT=endpoint, **keys)
        stack.configure(count=str(len(texts)))
        ended = stack.run(*ASKED, "--color", colour)
    text = shown(ended)
    assert not locked(stack)
    assert len(
        re.findall(rf"DeniedError: DescribeVodRefreshTasks: [^\n]*{MARK}[^\n]*HTTP 403, request id ", text)
    ) >= len(texts)


RELEASE = """
site = alicdn.AssetRelease(
    "site", service="cdn", directory="dist", base_url="https://www.example.com/", check_origin=False,
    edges=[config.require("edge")], proof_patience=0, summary_file="summary.md", report_file="report.html",
)
for name in ("status", "changed", "refreshed", "evidence", "evidence_summary"):
    pulumi.export(name, getattr(site, name))
"""


@COLOURS
def test_headers_of_edges_and_names_of_files_reach_messages_outputs_and_reports_as_text(
    emulators: Emulators, stacks: Stacks, colour: str
) -> None:
    stack = stacks(RELEASE, emulators(effect_s=0.2))
    folder = stack.folder / "dist"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_text("new")
    with ExitStack() as running:
        stack.configure(edge=edge(running, b"old"))
        stale = stack.run(*ASKED, "--color", colour)
        stack.configure(edge=edge(running, b"new", refused=False))
        live = stack.run(*ASKED, "--color", colour)
    for ended in (stale, live):
        shown(ended)
        assert not locked(stack)
    assert not stale.ok
    assert "NotProvenError: the release is not proven" in stale.output
    assert re.search(rf"X-Cache [^\n]*{MARK}", stale.output)
    live.expect_ok()
    outputs = stack.outputs()
    assert len(outputs["evidence"]) == len(outputs["changed"]) == len(set(NAMES))
    for report in ("summary.md", "report.html"):
        text = (stack.folder / report).read_text()
        assert MARK in text
        assert unseen(text) == []


ECHOED = """
texts = json.loads(config.require("texts"))
paths = [path for text in texts for path in (text, f"https://media.example.com/{text}")]
alicdn.RefreshTask("echoed", service=texts[0], object_type=texts[1], object_paths=paths, origin=texts[2])
"""


@COLOURS
def test_options_that_are_echoed_are_text(emulators: Emulators, stacks: Stacks, colour: str) -> None:
    stack = stacks(ECHOED, emulators())
    stack.configure(texts=json.dumps([text for text in HOSTILE if text not in BROKEN]))
    ended = stack.run("preview", "--color", colour)
    text = shown(ended)
    assert not locked(stack)
    assert not ended.ok
    for rule in ("object_paths[0] is", f"object_paths[{2 * len(HOSTILE) - 20}] is", "object_type is", "service is"):
        assert re.search(rf"{re.escape(rule)} [^\n]*{MARK}", text), rule
