"""The service's answers as values: every documented shape, and nothing else taken for one."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pulumi_alicdn.api.rows import Allowance, Page, Row, RowStatus
from pulumi_alicdn.api.spec import ObjectType
from pulumi_alicdn.cloud.codec import decode_page, decode_quota, decode_receipt, server_time
from pulumi_alicdn.errors import UnexpectedAnswerError

HEADERS = {"date": "Sun, 01 Mar 2026 10:11:12 GMT"}
SERVER = datetime(2026, 3, 1, 10, 11, 12, tzinfo=UTC)
MADE = datetime(2026, 2, 28, 23, 59, 58, tzinfo=UTC)
ROW: dict[str, Any] = {
    "TaskId": "5100",
    "ObjectPath": "https://cdn.example.com/a.js",
    "ObjectType": "file",
    "Status": "Complete",
    "Process": "100%",
    "CreationTime": "2026-02-28T23:59:58Z",
}
OPEN = {**ROW, "TaskId": "5101", "ObjectPath": "https://cdn.example.com/b.js", "Status": "Refreshing", "Process": "40%"}


def page(body: object) -> Page:
    return decode_page("DescribeRefreshTasks", json.dumps(body), HEADERS)


def only(body: object) -> Row:
    (row,) = page(body).rows
    return row


def tasks(*rows: object, container: str = "Task", **others: object) -> dict[str, object]:
    return {"Tasks": {container: list(rows)}, "TotalCount": len(rows), "RequestId": "R-9", **others}


@pytest.mark.parametrize(
    "body",
    [
        # VOD 2017, and CDN 2020 international.
        {"PageNumber": 1, "TotalCount": 2, "PageSize": 10, "RequestId": "R-9", "Tasks": {"Task": [ROW, OPEN]}},
        # CDN.
        {"PageNumber": 1, "PageSize": 10, "RequestId": "R-9", "Tasks": {"CDNTask": [ROW, OPEN]}, "TotalCount": 2},
        # CDN in English, with its casing.
        {
            "Pagenumber": 1,
            "requestId": "R-9",
            "TASKS": {"cdntask": [{key.capitalize(): value for key, value in row.items()} for row in (ROW, OPEN)]},
            "Totalcount": "2",
        },
        # By id: a flat list.
        {"RequestId": "R-9", "Tasks": [ROW, OPEN], "TotalCount": 2},
        {"RequestId": "R-9", "Tasks": [ROW, OPEN]},
    ],
)
def test_every_documented_shape_holds_the_same_rows(body: object) -> None:
    assert page(body) == Page(
        (
            Row("5100", "https://cdn.example.com/a.js", ObjectType.FILE, RowStatus.COMPLETE, 100.0, MADE),
            Row("5101", "https://cdn.example.com/b.js", ObjectType.FILE, RowStatus.REFRESHING, 40.0, MADE),
        ),
        2,
        "R-9",
        SERVER,
    )


def test_a_total_that_contradicts_the_rows_is_never_less_than_they_are() -> None:
    # The sample of VOD 2024: two are counted and one is listed.
    assert page(tasks(ROW, TotalCount=2)).total == 2
    assert page(tasks(ROW, OPEN, TotalCount=1)).total == 2
    assert page(tasks(ROW, TotalCount=None)).total == 1


def test_a_description_counts_only_for_a_failure() -> None:
    # The same sample shows a reason for failing beside Complete.
    assert only(tasks({**ROW, "Description": "Internal Error"})).description == ""
    failed = {**ROW, "Status": "Failed", "Description": "Origin Timeout"}
    assert only(tasks(failed)).description == "Origin Timeout"
    assert only(tasks({**failed, "Description": None})).description == ""


@pytest.mark.parametrize("nothing", [{}, {"Task": []}, {"CDNTask": []}, {"Task": None}, {"Task": ""}, [], None, ""])
def test_no_rows_are_an_empty_page(nothing: object) -> None:
    answer = page({"Tasks": nothing, "TotalCount": 0, "RequestId": "R-9"})
    assert (answer.rows, answer.total) == ((), 0)
    assert page({"RequestId": "R-9"}).rows == ()


@pytest.mark.parametrize("shape", [ROW, {"Task": ROW}, {"CDNTask": ROW}, [ROW]])
def test_one_row_may_come_as_an_object(shape: object) -> None:
    assert only({"Tasks": shape, "RequestId": "R-9"}).task_id == "5100"


@pytest.mark.parametrize(
    ("process", "expected"),
    [("62%", 62.0), ("62", 62.0), (62, 62.0), (" 7.5% ", 7.5), ("", 0.0), (None, 0.0), ("250%", 100.0), (-3, 0.0)],
)
def test_progress_is_a_percentage_however_it_is_written(process: object, expected: float) -> None:
    assert only(tasks({**OPEN, "Process": process})).percent == expected
    assert 0.0 <= only(tasks({**OPEN, "Process": "nan"})).percent <= 100.0


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-28T23:59:58Z",
        "2026-02-28T23: 59: 58Z",
        " 2026-02-28T23:59:58Z",
        "2026-02-28T23:59:58.987Z",
        "2026-02-28T23:59:58+00:00",
        "2026-03-01T07:59:58+08:00",
        "2026-02-28T23:59:58",
    ],
)
def test_times_may_have_spaces_fractions_and_zones(text: str) -> None:
    assert only(tasks({**ROW, "CreationTime": text})).created == MADE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("File", ObjectType.FILE),
        ("path", ObjectType.DIRECTORY),
        ("Directory", ObjectType.DIRECTORY),
        ("preload", ObjectType.PRELOAD),
        ("ExQuery", ObjectType.IGNORE_PARAMS),
        ("ignore_params", ObjectType.IGNORE_PARAMS),
        ("block", None),
        ("", None),
    ],
)
def test_object_types_in_every_spelling(text: str, expected: ObjectType | None) -> None:
    assert only(tasks({**ROW, "ObjectType": text})).object_type is expected


def test_numbers_may_be_ids_and_fields_that_no_document_names_are_passed_over() -> None:
    row = only(tasks({**ROW, "TaskId": 5100, "Colour": {"deep": [1]}}, Extra=True))
    assert row.task_id == "5100"


@pytest.mark.parametrize("status", ["Complete", "complete", " COMPLETE "])
def test_a_status_counts_in_any_case(status: str) -> None:
    assert only(tasks({**ROW, "Status": status})).status is RowStatus.COMPLETE


@pytest.mark.parametrize(
    "broken",
    [
        {"Status": "Done"},
        {"Status": ""},
        {"Status": None},
        {"Status": 1},
        {"TaskId": None},
        {"ObjectPath": None},
        {"ObjectPath": ["https://a.example.com/"]},
        {"CreationTime": "yesterday"},
        {"CreationTime": None},
        {"Process": "half"},
        {"Process": [50]},
    ],
    ids=str,
)
def test_a_row_that_no_document_describes_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(UnexpectedAnswerError, match=r"DescribeRefreshTasks answered an unexpected tasks\.0\."):
        page(tasks({**ROW, **broken}))


@pytest.mark.parametrize("missing", ["TaskId", "ObjectPath", "Status", "CreationTime"])
def test_a_row_that_lacks_what_matters_is_refused(missing: str) -> None:
    with pytest.raises(UnexpectedAnswerError, match=missing.lower()):
        page(tasks({name: value for name, value in ROW.items() if name != missing}))


@pytest.mark.parametrize("shape", ["rows", 5, True, [1], {"Task": "x"}, {"Task": [[]]}])
def test_rows_that_are_none_are_refused(shape: object) -> None:
    with pytest.raises(UnexpectedAnswerError):
        page({"Tasks": shape, "RequestId": "R-9"})


@pytest.mark.parametrize("text", ["", "<html>busy</html>", "[]", "null", "3", '"x"', "{", "{}{}", "\ufeff{}"])
def test_what_is_no_json_object_is_refused_and_its_beginning_shown(text: str) -> None:
    for decode in DECODERS:
        with pytest.raises(UnexpectedAnswerError, match="the service answered"):
            decode(text)


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ({"RefreshTaskId": "11,12, 13", "RequestId": "R"}, ("11", "12", "13")),
        ({"PreloadTaskId": "21"}, ("21",)),
        ({"PushTaskId": "31,31,32,"}, ("31", "32")),
        ({"refreshtaskid": 41}, ("41",)),
        ({"RefreshTaskId": "", "PushTaskId": "51"}, ("51",)),
    ],
)
def test_a_receipt_holds_its_ids_once_and_in_order(body: object, ids: tuple[str, ...]) -> None:
    receipt = decode_receipt("PushObjectCache", json.dumps(body), HEADERS)
    assert receipt.task_ids == ids
    assert receipt.server_time == SERVER


@pytest.mark.parametrize("body", [{"RequestId": "R-4"}, {"RefreshTaskId": None, "RequestId": "R-4"}])
def test_a_receipt_without_an_id_is_refused_with_its_request(body: object) -> None:
    with pytest.raises(UnexpectedAnswerError, match=r"PushObjectCache answered no task id \(request id R-4\)"):
        decode_receipt("PushObjectCache", json.dumps(body), HEADERS)


def test_an_id_that_is_no_text_is_refused() -> None:
    with pytest.raises(UnexpectedAnswerError):
        decode_receipt("PushObjectCache", '{"PushTaskId": ["1"]}', HEADERS)


def test_a_quota_is_read_by_its_prefix() -> None:
    body = {"UrlQuota": "2000", "UrlRemain": "1996", "BlockQuota": "50", "blockRemain": 49, "DirQuota": "7"}
    assert decode_quota("DescribeVodRefreshQuota", json.dumps({**body, "RequestId": "R"})) == {
        "Url": Allowance(2000, 1996),
        "Block": Allowance(50, 49),
    }
    with pytest.raises(UnexpectedAnswerError, match="DescribeRefreshQuota answered a Url quota of 'many' and '1'"):
        decode_quota("DescribeRefreshQuota", '{"UrlQuota": "many", "UrlRemain": "1"}')


def test_the_servers_time_is_read_from_any_casing_and_zone() -> None:
    assert server_time({"Date": "Sun, 01 Mar 2026 10:11:12 GMT"}) == SERVER
    assert server_time({"DATE": "Sun, 01 Mar 2026 18:11:12 +0800"}) == SERVER
    assert server_time({"date": "Sun, 01 Mar 2026 10:11:12 -0000"}) == SERVER


@pytest.mark.parametrize("headers", [{}, {"date": ""}, {"date": "soon"}, {"date": "Sun, 99 Mar 2026 10:11:12 GMT"}])
def test_a_missing_or_wrong_date_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(UnexpectedAnswerError, match="which is no date"):
        server_time(headers)


def _page(body: str | bytes) -> object:
    return decode_page("DescribeRefreshTasks", body, HEADERS)


def _receipt(body: str | bytes) -> object:
    return decode_receipt("PushObjectCache", body, HEADERS)


def _quota(body: str | bytes) -> object:
    return decode_quota("DescribeRefreshQuota", body)


Decoder = Callable[[str | bytes], object]
DECODERS: list[Decoder] = [_page, _receipt, _quota]


def value_or_refusal(decode: Decoder, body: str | bytes) -> object:
    """What *decode* makes of *body*; any other exception than the one for it fails the test."""
    try:
        return decode(body)
    except UnexpectedAnswerError as error:
        return str(error)


@given(st.binary(max_size=200) | st.text(max_size=200), st.sampled_from(DECODERS))
@example(b"\xff\xfe{}", _page)
@example("9" * 5000, _page)
@example('{"UrlQuota": ' + "9" * 5000 + "}", _quota)
def test_any_bytes_are_a_value_or_a_refusal(body: bytes | str, decode: Decoder) -> None:
    assert value_or_refusal(decode, body) is not None


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=8)
    | st.sampled_from(["Complete", "5100", "62%", "2026-02-28T23:59:58Z", "\ud800", "NaN", "Infinity", "0001-01-01"])
)
names = st.sampled_from(
    [
        "Tasks",
        "Task",
        "CDNTask",
        "TotalCount",
        "RequestId",
        *ROW,
        "Description",
        "RefreshTaskId",
        "PushTaskId",
        "UrlQuota",
        "UrlRemain",
        "DirQuota",
        "DirRemain",
        "blockRemain",
        "BlockQuota",
    ]
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | st.text(max_size=3), inner, max_size=8),
    max_leaves=12,
)
near_misses = st.dictionaries(st.sampled_from([*ROW, "Description"]), scalars, max_size=2).map(
    lambda changes: tasks({**ROW, **changes})
)


@given(json_values, st.sampled_from(DECODERS[:2]))
def test_any_json_is_a_value_or_a_refusal(value: object, decode: Decoder) -> None:
    assert value_or_refusal(decode, json.dumps(value)) is not None


@given(near_misses)
def test_any_near_miss_of_a_row_is_a_value_or_a_refusal(body: object) -> None:
    assert value_or_refusal(_page, json.dumps(body)) is not None


@given(st.dictionaries(names, scalars.filter(lambda value: value not in (float("inf"), float("-inf")))))
def test_any_finite_quota_is_a_value_or_a_refusal(body: object) -> None:
    assert value_or_refusal(_quota, json.dumps(body)) is not None


def test_an_infinite_quota_is_refused() -> None:
    with pytest.raises(UnexpectedAnswerError):
        decode_quota("DescribeRefreshQuota", '{"UrlQuota": Infinity, "UrlRemain": 5}')


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00"])
def test_a_time_that_utc_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(UnexpectedAnswerError):
        page(tasks({**ROW, "CreationTime": text}))


@pytest.mark.parametrize("text", ["Sun, 01 Mar 99999999999999999999 10:11:12 GMT", "Fri, 31 Dec 9999 23:59:59 -0800"])
def test_a_date_beyond_all_calendars_is_refused(text: str) -> None:
    with pytest.raises(UnexpectedAnswerError):
        server_time({"date": text})


@given(
    st.text(st.characters(exclude_categories=()))
    | st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d{1,5} .{0,12}")
)
def test_any_date_header_is_an_instant_or_a_refusal(text: str) -> None:
    try:
        assert server_time({"date": text}).tzinfo is UTC
    except UnexpectedAnswerError as error:
        assert "which is no date" in str(error)  # noqa: PT017  either end is right


@pytest.mark.parametrize("depth", [50, 500, 900, 940, 960, 980, 1000, 5000, 100_000])
@pytest.mark.parametrize(
    "frame",
    ["{}", '{{"Tasks": {}}}', '{{"Tasks": [{}]}}', '{{"RefreshTaskId": {}}}', '{{"UrlQuota": {0}, "UrlRemain": {0}}}'],
)
def test_any_depth_of_nesting_is_a_value_or_a_refusal(depth: int, frame: str) -> None:
    for decode in DECODERS:
        assert value_or_refusal(decode, frame.format("[" * depth + "]" * depth)) is not None
