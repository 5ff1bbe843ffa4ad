"""Checks of answers: the client reads the documents' shapes, and the emulator writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

import pulumi_alicdn as alicdn
from conformance.documents import Document
from conformance.harness import EFFECT_S, KEY_ID, KEY_SECRET, Reply, configured
from conformance.questions import SITE, urls
from conformance.sides import ClientSide, EmulatorSide, Side, failing
from conformance.statements import AnyCheck, ClientCheck, EmulatorCheck
from pulumi_alicdn.api.rows import Query
from pulumi_alicdn.emulator.values import Json
from pulumi_alicdn.errors import UnexpectedAnswerError
from pulumi_alicdn.tasks.verdict import Outcome, judge
from support.signed_request import send, signed

REQUEST_ID = "174F6032-AA26-470D-B90E-36F0EB205BEE"
FIRST = {
    "TaskId": "704225667",
    "ObjectPath": "http://aaa.com/1.txt",
    "ObjectType": "file",
    "Status": "Complete",
    "Process": "100%",
    "CreationTime": "2014-11-27T08:23:22Z",
}
SECOND = FIRST | {
    "TaskId": "704222904",
    "ObjectPath": "http://bbb.com/1.txt",
    "CreationTime": "2014-11-27T08:18:38Z",
}
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
UUID = r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"


def sample(doc: Document, *rows: Mapping[str, str], **over: object) -> dict[str, object]:
    """An answer of the document's shape."""
    numbers: dict[str, object] = {"PageNumber": 1, "PageSize": 10, "TotalCount": len(rows), "RequestId": REQUEST_ID}
    return {**numbers, "Tasks": {doc.container: list(rows)}, **over}


# Rows.


def client_reads(field: str, text: str, expected: str | None = None) -> ClientCheck:
    """The client reads *text* in that field of a row, as *expected* if that differs."""

    def check(side: ClientSide) -> None:
        found = side.read(sample(side.doc, {**FIRST, field: text}))
        assert found.row[field] == (text if expected is None else expected)

    return check


def emulator_writes(field: str, pattern: str) -> EmulatorCheck:
    """The emulator writes a text of that form in every row."""

    def check(side: EmulatorSide) -> None:
        side.harness.submit(side.doc, *urls(2))
        for _ in range(2):
            for row in side.ask().rows:
                assert isinstance(row[field], str)
                assert re.fullmatch(pattern, row[field]), row[field]
            side.harness.emulator.advance(EFFECT_S)

    return check


def emulator_names_ids_of_submits(side: EmulatorSide) -> None:
    ids = side.harness.submit(side.doc, f"{SITE}/a.txt")
    assert [side.ask().row["TaskId"]] == ids


def emulator_repeats_paths(side: EmulatorSide) -> None:
    path = f"{SITE}/Dir/a%20b.txt?x=%e4&Y=1"
    side.harness.submit(side.doc, path)
    assert side.ask().paths == [path]


def emulator_dates_rows(side: EmulatorSide) -> None:
    side.harness.emulator.advance(5000)
    side.harness.submit(side.doc, f"{SITE}/a.txt")
    created = side.harness.now()
    side.harness.emulator.advance(60)
    assert side.ask().row["CreationTime"] == created
    assert re.fullmatch(TIME, created)


def client_reads_times_as_utc(side: ClientSide) -> None:
    side.reply_with(sample(side.doc, FIRST))
    (row,) = side.api(side.harness.samples.url).describe(Query()).rows
    assert row.created == datetime(2014, 11, 27, 8, 23, 22, tzinfo=UTC)


def type_defaults_to_file(side: Side) -> None:
    """A refresh without a type is one of files, and so is a row without one."""
    if isinstance(side, EmulatorSide):
        doc = side.doc
        url = f"{SITE}/a.txt"
        params = {"Action": "RefreshVodObjectCaches", "Version": doc.version, "Format": "JSON", "ObjectPath": url}
        assert side.harness.raw(params).status == 200
        assert side.ask().row["ObjectType"] == "file"
    elif isinstance(side, ClientSide):
        untyped = {name: text for name, text in FIRST.items() if name != "ObjectType"}
        assert side.read(sample(side.doc, untyped)).row.get("ObjectType") == "file"


def percent_of_progress(side: Side) -> None:
    """It never falls, and is 100% if and only if the task is Complete."""
    side.harness.submit(side.doc, *urls(1))
    seen = []
    for _ in range(int(2 * EFFECT_S) + 1):
        row = side.ask().row
        assert re.fullmatch(r"[0-9]{1,3}%", row["Process"])
        assert (row["Process"] == "100%") is (row["Status"] == "Complete")
        seen.append(int(row["Process"].rstrip("%")))
        side.harness.emulator.advance(0.5)
    assert seen == sorted(seen)
    assert seen[-1] == 100
    assert any(0 < percent < 100 for percent in seen)


def shows_status(word: str) -> AnyCheck:
    """A task in this state is shown in it."""

    def check(side: Side) -> None:
        if word == "Failed":
            side.harness.fail_next(side.doc, "Internal Error")
        side.harness.submit(side.doc, *urls(1))
        side.harness.emulator.advance({"Pending": 0, "Refreshing": EFFECT_S / 2}.get(word, EFFECT_S))
        row = side.ask().row
        assert row["Status"] == word
        if word != "Complete":
            assert row["Process"] != "100%"

    return check


def no_other_status(side: Side) -> None:
    """For the client an unknown state is under way, and shown as it came; the emulator never has any but these four."""
    if isinstance(side, ClientSide):
        warming = sample(side.doc, FIRST | {"Status": "Warming"})
        side.reply_with(warming)
        (row,) = side.api(side.harness.samples.url).describe(Query()).rows
        assert not row.status.final
        assert side.read(warming).row["Status"] == "Warming"
        return
    side.harness.submit(side.doc, *urls(1))
    for _ in range(int(4 * EFFECT_S) + 1):
        assert side.ask().row["Status"] in ("Pending", "Refreshing", "Complete")
        side.harness.emulator.advance(0.25)


def fails_with(description: str) -> AnyCheck:
    """The cause is real: an origin that answers 503, one that resets the connection, and one that does not answer."""
    rules: Mapping[str, Mapping[str, Json]] = {
        "Origin Return StatusCode 5XX": {"path": "/a.txt", "status": 503},
        "Internal Error": {"path": "/a.txt", "reset": True},
    }

    def check(side: Side) -> None:
        rule = rules.get(description)
        if rule is not None:
            side.harness.emulator.admin("origin", {"files": {"/a.txt": "x"}, "rules": [rule]})
        else:
            if isinstance(side, EmulatorSide):
                assert side.harness.slow_origin_description.lower() == description.lower()
                side.harness.reset(side.doc)
            side.harness.fail_next(side.doc, description)
        side.harness.submit(side.doc, f"{SITE}/a.txt", object_type="Preload")
        side.harness.emulator.advance(EFFECT_S)
        row = side.ask(ObjectType="preload").row
        assert (row["Status"], row["Description"]) == ("Failed", description)

    return check


def only_failures_are_described(side: Side) -> None:
    side.harness.submit(side.doc, *urls(1))
    for _ in range(3):
        assert side.ask().row.get("Description", "") == ""
        side.harness.emulator.advance(EFFECT_S / 2)


def complete_beside_a_description(side: Side) -> None:
    """The state decides: the task is effective, and the description is no failure."""
    row = FIRST | {"Description": "Internal Error"}
    if isinstance(side, ClientSide):
        assert side.read(sample(side.doc, row)).row["Status"] == "Complete"
        assert not side.read(sample(side.doc, row)).row["Description"]
        side.reply_with(sample(side.doc, row))
        rows = side.api(side.harness.samples.url).describe(Query()).rows
        assert judge([FIRST["ObjectPath"]], rows).outcome is Outcome.COMPLETE
        return
    side.harness.emulator.admin("quirks", {"description_beside_complete": "Internal Error"})
    side.harness.submit(side.doc, *urls(1))
    side.harness.emulator.advance(EFFECT_S)
    shown = side.ask().row
    assert (shown["Status"], shown["Description"]) == ("Complete", "Internal Error")


# The answer around the rows.


def has_number(field: str, number: int) -> AnyCheck:
    """A whole JSON number: what was asked for, or how many rows match."""

    def check(side: Side) -> None:
        asked = {field: number} if field != "TotalCount" else {}
        if isinstance(side, ClientSide):
            found = side.read(sample(side.doc, FIRST, SECOND, **{field: number}), **asked)
            assert {"PageNumber": found.number, "PageSize": found.size, "TotalCount": found.total}[field] == number
        elif isinstance(side, EmulatorSide):
            side.harness.submit(side.doc, *urls(2))
            answered = side.request(**asked).json[field]
            assert answered == number
            assert type(answered) is int

    return check


def total_counts_all(side: Side) -> None:
    side.harness.submit(side.doc, *urls(5))
    found = side.ask(PageSize=2)
    assert (found.total, len(found.rows)) == (5, 2)


def total_above_rows(side: Side) -> None:
    """TotalCount 2, and one row: the page shows both, and a listing of all rows ends."""
    side.harness.emulator.admin("quirks", {"total_count_off_by": 1})
    side.harness.submit(side.doc, *urls(1))
    found = side.ask()
    assert (len(found.rows), found.total) == (1, 2)
    if isinstance(side, ClientSide):
        assert [row["ObjectPath"] for row in side.listed()] == urls(1)
        again = sample(side.doc, TotalCount=2)
        assert len([*side.read_all(sample(side.doc, FIRST, TotalCount=2), again)]) == 1
        # What is counted and missing is listed again, twice, and then no more.
        assert len(side.harness.samples.received) <= 3 * 2


def total_above_rows_for_ever(side: ClientSide) -> None:
    """Every page is the sample: a listing has its one row, and ends."""
    stop = {"Code": "StopIt", "HostId": "h", "Message": "There is no end to it.", "RequestId": "R-1"}
    same = json.dumps(sample(side.doc, FIRST, TotalCount=2)).encode()
    side.harness.samples.reply_with(*[Reply(same)] * 6, Reply(json.dumps(stop).encode(), 400))
    with configured(side.harness.samples.url):
        entries = list(alicdn.iter_refresh_tasks(side.doc.service))
    assert [entry["task_id"] for entry in entries] == [FIRST["TaskId"]]


def swapped_numbers(side: Side) -> None:
    """Page 10 in pages of 1, of 2 rows in all: the examples of the three lines."""
    if isinstance(side, ClientSide):
        found = side.read(sample(side.doc, PageNumber=10, PageSize=1, TotalCount=2), PageNumber=10, PageSize=1)
    else:
        side.harness.submit(side.doc, *urls(2))
        found = side.ask(PageNumber=10, PageSize=1)
    assert (found.number, found.size, found.total, found.rows) == (10, 1, 2, ())


def client_reads_request_id(text: str = REQUEST_ID) -> ClientCheck:
    def check(side: ClientSide) -> None:
        assert side.read(sample(side.doc, RequestId=text)).request_id == text

    return check


def emulator_sends_request_id(side: EmulatorSide) -> None:
    ids = [side.ask().request_id for _ in range(2)]
    assert ids[0] != ids[1]
    assert all(re.fullmatch(UUID, text) for text in ids)


def client_reads_container(side: ClientSide) -> None:
    assert [row["TaskId"] for row in side.read(sample(side.doc, FIRST, SECOND)).rows] == ["704225667", "704222904"]
    assert side.read(sample(side.doc)).rows == ()


def client_reads_flat_rows(side: ClientSide) -> None:
    """The table says array, the sample says object with an array in it: the client reads both."""
    client_reads_container(side)
    found = side.read(sample(side.doc, Tasks=[FIRST, SECOND]))
    assert [row["TaskId"] for row in found.rows] == ["704225667", "704222904"]


def emulator_writes_container(side: EmulatorSide) -> None:
    side.harness.submit(side.doc, *urls(2))
    tasks = side.request().json["Tasks"]
    assert list(tasks) == [side.doc.container]
    assert [type(row) for row in tasks[side.doc.container]] == [dict, dict]


# The samples.


def client_reads_sample(first: Mapping[str, str], second: Mapping[str, str]) -> ClientCheck:
    def check(side: ClientSide) -> None:
        found = side.read(sample(side.doc, first, second), PageSize=10)
        fields = [
            {name: row[name] for name in wanted} for row, wanted in ((found.rows[0], first), (found.rows[1], second))
        ]
        assert fields == [first, second]
        assert (found.total, found.number, found.size, found.request_id) == (2, 1, 10, REQUEST_ID)

    return check


def client_reads_its_sample(side: ClientSide) -> None:
    client_reads_sample(FIRST, SECOND)(side)


def client_reads_pathless_sample(side: ClientSide) -> None:
    """Its rows have empty paths: the client shows them as they are, and they match no object of a task."""
    client_reads_sample(FIRST | {"ObjectPath": ""}, SECOND | {"ObjectPath": ""})(side)
    side.reply_with(sample(side.doc, FIRST | {"ObjectPath": ""}))
    rows = side.api(side.harness.samples.url).describe(Query()).rows
    assert judge([FIRST["ObjectPath"]], rows).outcome is Outcome.PENDING


def _like_sample(side: EmulatorSide, **wire: str | int | None) -> Any:  # noqa: ANN401  bytes, read as JSON or XML
    side.harness.submit(side.doc, f"{SITE}/1.txt", f"{SITE}/2.txt")
    side.harness.emulator.advance(EFFECT_S)
    return side.request(PageNumber=1, PageSize=10, **wire)


def emulator_writes_its_sample(side: EmulatorSide) -> None:
    answer = _like_sample(side)
    body = answer.json
    assert set(body) == {"Tasks", "PageNumber", "PageSize", "TotalCount", "RequestId"}
    assert (body["PageNumber"], body["PageSize"], body["TotalCount"]) == (1, 10, 2)
    rows = body["Tasks"][side.doc.container]
    assert [set(row) for row in rows] == [set(FIRST), set(FIRST)]
    assert {(row["Status"], row["ObjectType"], row["Process"]) for row in rows} == {("Complete", "file", "100%")}
    assert answer.headers["content-type"].startswith("application/json")


def emulator_writes_xml(side: EmulatorSide) -> None:
    answer = _like_sample(side, Format="XML")
    root: ET.Element = answer.xml
    assert answer.headers["content-type"].startswith("text/xml")
    assert answer.body.startswith(b"<?xml")
    assert root.tag == f"{side.doc.action}Response"
    assert {child.tag for child in root} == {"Tasks", "PageNumber", "PageSize", "TotalCount", "RequestId"}
    rows = root.findall(f"Tasks/{side.doc.container}")
    assert len(rows) == 2
    assert [{part.tag for part in row} for row in rows] == [set(FIRST), set(FIRST)]
    assert [root.findtext(name) for name in ("PageNumber", "PageSize", "TotalCount")] == ["1", "10", "2"]
    assert {row.findtext("Status") for row in rows} == {"Complete"}
    assert re.fullmatch(UUID, root.findtext("RequestId") or "")


def client_wants_json(side: ClientSide) -> None:
    """The client asks for JSON; an answer that is neither JSON nor XML is an error, and no empty page."""
    side.harness.samples.reply_with(Reply(b"TotalCount: 0", media_type="text/plain"))
    failing(UnexpectedAnswerError, lambda: side.api(side.harness.samples.url).describe(Query()))
    (asked,) = side.harness.samples.received
    assert asked.params.get("Format", "JSON") == "JSON"
    assert "json" in asked.headers["accept"]


def client_reads_xml(first: Mapping[str, str], second: Mapping[str, str]) -> ClientCheck:
    """The client also reads XML, although it asks for JSON: two rows, one, and none."""

    def check(side: ClientSide) -> None:
        for rows in ((first, second), (first,), ()):
            side.harness.samples.reply_with(Reply(_xml_sample(side.doc, rows), media_type="text/xml;charset=utf-8"))
            page = side.api(side.harness.samples.url).describe(Query())
            shown = [(row.task_id, row.object_path, row.object_type, row.status, row.percent) for row in page.rows]
            assert shown == [(row["TaskId"], row["ObjectPath"], "file", "Complete", 100.0) for row in rows]
            assert (page.total, page.request_id) == (len(rows), REQUEST_ID)

    return check


def _xml_sample(doc: Document, rows: Sequence[Mapping[str, str]]) -> bytes:
    root = ET.Element(f"{doc.action}Response")
    tasks = ET.SubElement(root, "Tasks")
    for row in rows:
        task = ET.SubElement(tasks, doc.container)
        for name, text in row.items():
            ET.SubElement(task, name).text = text
    for name, number in {"PageNumber": 1, "PageSize": 10, "TotalCount": len(rows)}.items():
        ET.SubElement(root, name).text = str(number)
    ET.SubElement(root, "RequestId").text = REQUEST_ID
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def client_refuses_what_is_no_json(side: ClientSide) -> None:
    """The sample as printed, without its braces, is no answer, and must not count as an empty one."""
    printed = json.dumps(sample(side.doc, FIRST, SECOND), indent=1).translate({ord(brace): None for brace in "{}"})
    side.reply_with(printed.encode())
    failing(UnexpectedAnswerError, lambda: side.api(side.harness.samples.url).describe(Query()))


def client_refuses_numbered_lines(side: ClientSide) -> None:
    lines = json.dumps(sample(side.doc, FIRST), indent=1).splitlines()
    side.reply_with("\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1)).encode())
    failing(UnexpectedAnswerError, lambda: side.api(side.harness.samples.url).describe(Query()))


def emulator_writes_json(side: EmulatorSide) -> None:
    assert isinstance(side.request().json, dict)


def odd_page_number(side: Side) -> None:
    if isinstance(side, ClientSide):
        body = sample(side.doc, FIRST, Pagenumber=1)
        del body["PageNumber"]
        found = side.read(body)
        assert (found.number, len(found.rows)) == (1, 1)
    elif isinstance(side, EmulatorSide):
        _oddly(side)
        body = side.request().json
        assert (body["Pagenumber"], "PageNumber" in body) == (1, False)


def odd_object_path(side: Side) -> None:
    """`Objectpath` means `ObjectPath`; the blank at the end of the path stays."""
    if isinstance(side, ClientSide):
        odd = {name: text for name, text in SECOND.items() if name != "ObjectPath"} | {"Objectpath": "maid "}
        assert side.read(sample(side.doc, FIRST, odd)).paths == [FIRST["ObjectPath"], "maid "]
    elif isinstance(side, EmulatorSide):
        _oddly(side)
        (row,) = side.request().json["Tasks"][side.doc.container]
        assert (row["Objectpath"], "ObjectPath" in row) == (urls(1)[0], False)


def odd_object_type(side: Side) -> None:
    if isinstance(side, ClientSide):
        client_reads("ObjectType", "File", "file")(side)
    elif isinstance(side, EmulatorSide):
        _oddly(side)
        (row,) = side.request().json["Tasks"][side.doc.container]
        assert row["ObjectType"] == "File"


def odd_time(side: Side) -> None:
    if isinstance(side, ClientSide):
        client_reads("CreationTime", "2014-11-27T08: 23: 22Z", "2014-11-27T08:23:22Z")(side)
        return
    side.harness.emulator.admin("quirks", {"spaced_times": True})
    side.harness.submit(side.doc, *urls(1))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d: \d\d: \d\dZ", side.ask().row["CreationTime"])


def _oddly(side: Side) -> None:
    side.harness.emulator.admin("quirks", {"odd_casing": True})
    side.harness.submit(side.doc, *urls(1))


def emulator_takes_sample_request(query: str) -> EmulatorCheck:
    """The emulator accepts the request as printed: a stray ampersand first, then the parameters of all requests."""

    def check(side: EmulatorSide) -> None:
        side.harness.submit(side.doc, *urls(11))
        printed = dict(parse_qsl(query, keep_blank_values=True))
        full = {**printed, "Version": side.doc.version, "Format": "JSON"}
        answer = send(side.harness.emulator.endpoint, "GET", "/?&" + signed(full, KEY_ID, KEY_SECRET))
        assert answer.status == 200, answer.body
        body = answer.json
        assert len(body["Tasks"][side.doc.container]) == min(11, int(printed.get("PageSize", "20")))
        assert body["TotalCount"] == 11

    return check
