"""The service's answers as values: every documented shape, and nothing else taken for one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pulumi_alicdn.api.rows import Allowance, Page, Row, RowStatus, RowWords, listed
from pulumi_alicdn.api.spec import ObjectType
from pulumi_alicdn.cloud.codec import decode_job, decode_page, decode_quota, decode_receipt, server_time
from pulumi_alicdn.errors import RefusedError, UnexpectedAnswerError

HEADERS = {"date": "Sun, 01 Mar 2026 10:11:12 GMT"}
SERVER = datetime(2026, 3, 1, 10, 11, 12, tzinfo=UTC)
OURS = datetime(2026, 3, 1, 10, 11, 20, tzinfo=UTC)
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


def now() -> datetime:
    """This machine's clock, which is not quite right."""
    return OURS


def page(body: object) -> Page:
    return decode_page("DescribeRefreshTasks", json.dumps(body), HEADERS, now)


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
    assert page({"Tasks": nothing, "RequestId": "R-9"}).rows == ()
    assert page({"TotalCount": 0, "RequestId": "R-9"}).rows == ()


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
    ("process", "shown"), [("N/A", "N/A"), ("abc", "abc"), ([50], "[50]"), ("nan", "nan"), ("", "0%")]
)
def test_an_unreadable_progress_is_shown_as_it_came_and_decides_nothing(process: object, shown: str) -> None:
    row = only(tasks({**OPEN, "Process": process}))
    assert (row.percent, row.status, listed(row)["process"]) == (0.0, RowStatus.REFRESHING, shown)
    assert only(tasks({**ROW, "Process": process})).status is RowStatus.COMPLETE


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-28T23:59:58Z",
        "2026-02-28T23: 59: 58Z",
        " 2026-02-28T23:59:58Z",
        "2026-02-28T23:59:58.987Z",
        "2026-02-28T23:59:58.123456789Z",
        "2026-02-28T23:59:58+00:00",
        "2026-03-01T07:59:58+08:00",
        "2026-03-01 07:59:58 +0800",
        "2026-02-28T23:59:58",
        "2026-02-28 23:59:58",
        "2026-02-28 23:59:58.5",
        "2026-02-28 23:59:58 UTC",
        "2026-02-28t23:59:58z",
    ],
)
def test_times_may_have_blanks_fractions_and_zones(text: str) -> None:
    row = only(tasks({**ROW, "CreationTime": text}))
    assert (row.created, listed(row)["creation_time"]) == (MADE, "2026-02-28T23:59:58Z")


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
    ("word", "status", "reason"),
    [
        ("PreloadPending", RowStatus.PENDING, ""),
        ("Preloading", RowStatus.REFRESHING, ""),
        ("Preloadpending", RowStatus.PENDING, ""),
        ("Timeout", RowStatus.FAILED, "Timeout"),
        ("Canceled", RowStatus.FAILED, "Canceled"),
        ("CANCELLED", RowStatus.FAILED, "CANCELLED"),
    ],
)
def test_a_status_that_was_seen_beside_the_documented_ones_has_its_meaning(
    word: str, status: RowStatus, reason: str
) -> None:
    row = only(tasks({**OPEN, "Status": word}))
    assert (row.status, row.description, row.unknown_status) == (status, reason, None)
    assert listed(row)["status"] == word


def test_a_failure_without_that_word_keeps_its_reason_beside_it() -> None:
    assert only(tasks({**OPEN, "Status": "Timeout", "Description": "Origin Timeout"})).description == (
        "Timeout: Origin Timeout"
    )


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("Done", "Done"),
        ("", ""),
        (None, ""),
        (1, "1"),
        (True, "true"),
        (["Complete"], '["Complete"]'),
        ("成功", "成功"),
    ],
)
def test_an_unknown_status_is_under_way_and_shown_as_it_came(status: object, word: str) -> None:
    row = only(tasks({**ROW, "Status": status}))
    assert (row.status, row.unknown_status) == (RowStatus.REFRESHING, word)
    assert listed(row)["status"] == word


@pytest.mark.parametrize(
    "time", ["yesterday", None, "", 5, ["2026"], "0001-01-01T00:00:00+08:00", "2026-13-40 99:99:99"]
)
def test_an_unreadable_time_is_no_instant_and_shown_as_it_came(time: object) -> None:
    row = only(tasks({**ROW, "CreationTime": time}))
    assert (row.created, row.status) == (None, RowStatus.COMPLETE)
    assert listed(row)["creation_time"] == ("" if time is None else time if isinstance(time, str) else json.dumps(time))


@pytest.mark.parametrize("name", ["TaskId", "ObjectPath"])
@pytest.mark.parametrize("value", [None, "", ["https://a.example.com/"], {"a": 1}])
def test_a_row_without_id_or_path_is_read_and_belongs_to_nobody(name: str, value: object) -> None:
    row = only(tasks({**ROW, name: value}))
    assert (row.task_id if name == "TaskId" else row.object_path) not in (ROW["TaskId"], ROW["ObjectPath"])


@pytest.mark.parametrize("junk", ["busy", None, 5, True, [], [1], {}, {"Status": {}}, {"TaskId": []}])
def test_a_row_that_is_none_hides_no_other(junk: object) -> None:
    answer = page(tasks(ROW, junk, OPEN))
    assert [answer.rows[0], answer.rows[2]] == list(page(tasks(ROW, OPEN)).rows)
    assert answer.rows[1].status is RowStatus.REFRESHING
    assert listed(answer.rows[1])["status"] == ("busy" if junk == "busy" else listed(answer.rows[1])["status"])


def test_a_row_as_documented_has_no_words_of_its_own() -> None:
    assert only(tasks(ROW)).words == RowWords()
    assert listed(only(tasks({**ROW, "ObjectType": "block"})))["object_type"] == "block"
    assert (
        listed(only(tasks({name: value for name, value in ROW.items() if name != "ObjectType"})))["object_type"]
        == "file"
    )


@pytest.mark.parametrize("shape", ["rows", 5, True, {"Task": "x"}, {"Rows": [ROW]}])
def test_rows_that_are_no_list_are_no_answer(shape: object) -> None:
    with pytest.raises(UnexpectedAnswerError):
        page({"Tasks": shape, "RequestId": "R-9"})


FOREIGN = {
    "": "an empty body",
    "  ": "an empty body",
    "<html><head><title>Sign\n in &amp; go</title></head><body/></html>": "a page titled 'Sign in & go'",
    "<!DOCTYPE html><title>Portal</title><p>": "a page titled 'Portal'",
    "<html>busy</html>": "'<html>busy</html>'",
    "<R><RequestId>5</RequestId></R>": "'<R><RequestId>5</RequestId></R>'",
    '{"message": "no Route matched with those values"}': "no Route matched",
    '{"message": "no Route matched", "request_id": "5", "RequestId": "5"}': "no Route matched",
    '{"code": "401", "message": "log in", "RequestId": "5"}': "log in",
    '{"code": 401, "message": "log in"}': "log in",
    '{"code": "Unauthorized", "message": "log in"}': "log in",
    '{"Code": "Success", "Message": "success", "RequestId": "5"}': "success",
    '{"RequestId": "R-1"}': "R-1",
    "[]": "'[]'",
    "null": "'null'",
    "3": "'3'",
    '"x"': "x",
    "{": "'{'",
    "{}{}": "'{}{}'",
    "{}": "'{}'",
    "\ufeff{}": "{}",
    '{"Tasks": {"Task": [{"TaskId": "5100", "Obje': "Tasks",
}


@pytest.mark.parametrize("text", FOREIGN)
def test_an_answer_of_something_else_is_no_answer_and_is_quoted(text: str) -> None:
    headers = {**HEADERS, "Content-Type": "text/html; charset=utf-8"}
    for decode in DECODERS:
        with pytest.raises(UnexpectedAnswerError, match="something else than the service answered: ") as caught:
            decode(text, headers)
        assert FOREIGN[text] in str(caught.value)
        assert " (text/html); " in str(caught.value)
        assert caught.value.retryable


def test_a_foreign_page_is_quoted_in_one_short_line_without_secrets() -> None:
    text = f"bad request: AccessKeyId=AK-1&SecurityToken=canary&Signature=s3cr3t\n{'x' * 500}"
    with pytest.raises(UnexpectedAnswerError) as caught:
        _page(text)
    said = str(caught.value)
    assert "\n" not in said
    assert len(said) < 250
    assert not any(secret in said for secret in ("AK-1", "canary", "s3cr3t"))


@pytest.mark.parametrize("code", ["Success", "success", "200", "OK"])
def test_a_word_of_success_beside_a_proper_answer_changes_nothing(code: str) -> None:
    beside = {"Code": code, "Message": "success"}
    assert len(page(tasks(ROW, **beside)).rows) == 1
    assert page({"TotalCount": 0, "Tasks": {}, "RequestId": "R", **beside}).rows == ()
    assert decode_receipt("X", json.dumps({"PushTaskId": "5", "RequestId": "R", **beside}), HEADERS, now).task_ids
    assert decode_quota("X", json.dumps({"UrlQuota": 5, "UrlRemain": 5, "RequestId": "R", **beside}), HEADERS)


def test_a_refusal_with_200_is_a_refusal() -> None:
    refusal = {"Code": "InvalidTaskId.Malformed", "Message": "The task id is malformed.", "RequestId": "R-3"}
    for decode in DECODERS:
        with pytest.raises(RefusedError, match=r"\(InvalidTaskId.Malformed, HTTP 200, request id R-3\)"):
            decode(json.dumps(refusal), HEADERS)


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
    receipt = decode_receipt("PushObjectCache", json.dumps(body), HEADERS, now)
    assert receipt.task_ids == ids
    assert receipt.server_time == SERVER


@pytest.mark.parametrize("body", [{"RefreshTaskId": "", "RequestId": "R-4"}, {"PushTaskId": None, "RequestId": "R-4"}])
def test_a_receipt_without_an_id_is_refused_with_its_request(body: object) -> None:
    with pytest.raises(UnexpectedAnswerError, match=r"PushObjectCache: the answer holds no task id \(request id R-4\)"):
        decode_receipt("PushObjectCache", json.dumps(body), HEADERS, now)


@pytest.mark.parametrize("request_id", [None, 5, ["R"]])
def test_a_receipt_with_an_odd_request_id_is_a_receipt(request_id: object) -> None:
    body = json.dumps({"PushTaskId": "5", "RequestId": request_id})
    assert decode_receipt("PushObjectCache", body, HEADERS, now).task_ids == ("5",)


def test_an_id_that_is_no_text_is_refused() -> None:
    with pytest.raises(UnexpectedAnswerError):
        decode_receipt("PushObjectCache", '{"PushTaskId": ["1"]}', HEADERS, now)


def test_a_quota_is_read_by_its_prefix() -> None:
    body = {"UrlQuota": "2000", "UrlRemain": "1996", "BlockQuota": "50", "blockRemain": 49, "DirQuota": "7"}
    assert decode_quota("DescribeVodRefreshQuota", json.dumps({**body, "RequestId": "R"}), HEADERS) == {
        "Url": Allowance(2000, 1996),
        "Block": Allowance(50, 49),
    }
    with pytest.raises(UnexpectedAnswerError, match="the answer holds a Url quota of 'many' and '1'"):
        decode_quota("DescribeRefreshQuota", '{"UrlQuota": "many", "UrlRemain": "1"}', HEADERS)


def test_the_servers_time_is_read_from_any_casing_and_zone() -> None:
    assert server_time({"Date": "Sun, 01 Mar 2026 10:11:12 GMT"}, now) == SERVER
    assert server_time({"DATE": "Sun, 01 Mar 2026 18:11:12 +0800"}, now) == SERVER
    assert server_time({"date": "Sun, 01 Mar 2026 10:11:12 -0000"}, now) == SERVER


@pytest.mark.parametrize("headers", [{}, {"date": ""}, {"date": "soon"}, {"date": "Sun, 99 Mar 2026 10:11:12 GMT"}])
def test_without_a_date_this_machines_clock_will_do(headers: dict[str, str]) -> None:
    assert server_time(headers, now) == OURS


def _page(body: str | bytes, headers: Mapping[str, str] = HEADERS) -> object:
    return decode_page("DescribeRefreshTasks", body, headers, now)


def _receipt(body: str | bytes, headers: Mapping[str, str] = HEADERS) -> object:
    return decode_receipt("PushObjectCache", body, headers, now)


def _quota(body: str | bytes, headers: Mapping[str, str] = HEADERS) -> object:
    return decode_quota("DescribeRefreshQuota", body, headers)


def _job(body: str | bytes, headers: Mapping[str, str] = HEADERS) -> object:
    return decode_job("GetMediaRefreshJobs", "J", body, headers, now)


class Decoder(Protocol):
    """What makes a value of an answer."""

    def __call__(self, body: str | bytes, headers: Mapping[str, str] = HEADERS) -> object:
        """Decode *body*."""


DECODERS: list[Decoder] = [_page, _receipt, _quota, _job]


def value_or_refusal(decode: Decoder, body: str | bytes) -> object:
    """What *decode* makes of *body*; any other exception than the one for it fails the test."""
    try:
        return decode(body)
    except UnexpectedAnswerError as error:
        return str(error)
    except RefusedError as error:
        assert error.fault.request_id  # noqa: PT017  a refusal of the service is an answer, too
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
        decode_quota("DescribeRefreshQuota", '{"UrlQuota": Infinity, "UrlRemain": 5}', HEADERS)


@pytest.mark.parametrize("text", ["Sun, 01 Mar 99999999999999999999 10:11:12 GMT", "Fri, 31 Dec 9999 23:59:59 -0800"])
def test_a_date_beyond_all_calendars_is_none(text: str) -> None:
    assert server_time({"date": text}, now) == OURS


@given(
    st.text(st.characters(exclude_categories=()))
    | st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d{1,5} .{0,12}")
)
def test_any_date_header_is_an_instant(text: str) -> None:
    assert server_time({"date": text}, now).tzinfo is UTC


@pytest.mark.parametrize("depth", [50, 500, 900, 940, 960, 980, 1000, 5000, 100_000])
@pytest.mark.parametrize(
    "frame",
    ["{}", '{{"Tasks": {}}}', '{{"Tasks": [{}]}}', '{{"RefreshTaskId": {}}}', '{{"UrlQuota": {0}, "UrlRemain": {0}}}'],
)
def test_any_depth_of_nesting_is_a_value_or_a_refusal(depth: int, frame: str) -> None:
    for decode in DECODERS:
        assert value_or_refusal(decode, frame.format("[" * depth + "]" * depth)) is not None


MEDIA_JOBS = [
    {"MediaRefreshJobId": "J", "MediaId": "m1", "Status": "success", "TaskIds": "1,2"},
    {"MediaRefreshJobId": "J", "MediaId": "m2", "Status": "success", "TaskIds": "3"},
]


@pytest.mark.parametrize(
    ("jobs", "named", "ready", "done"),
    [
        (MEDIA_JOBS, {"m1", "m2"}, {"m1", "m2"}, True),
        (MEDIA_JOBS[:1], {"m1"}, {"m1"}, True),
        ([MEDIA_JOBS[0], {**MEDIA_JOBS[1], "TaskIds": ""}], {"m1", "m2"}, {"m1"}, False),
        ([MEDIA_JOBS[0], {**MEDIA_JOBS[1], "Status": "processing"}], {"m1", "m2"}, {"m1"}, False),
        ([MEDIA_JOBS[0], {**MEDIA_JOBS[1], "MediaRefreshJobId": "K"}], {"m1"}, {"m1"}, True),
        ([], set(), set(), False),
    ],
)
def test_a_job_names_its_media_and_those_that_have_ids(
    jobs: list[dict[str, str]], named: set[str], ready: set[str], done: bool
) -> None:
    body = json.dumps({"RequestId": "R", "MediaRefreshJobs": jobs})
    found = decode_job("GetMediaRefreshJobs", "J", body, HEADERS, now)
    assert (set(found.named), set(found.ready), found.done) == (named, ready, done)


@pytest.mark.parametrize("total", [None, "", -1, "many", 59.5, [60], {}, True, "1_0", 0, float("nan"), float("inf")])
def test_a_count_that_is_none_or_smaller_than_its_rows_is_not_taken_for_one(total: object) -> None:
    found = page(tasks(ROW, TotalCount=total))
    assert (found.counted, found.total) == (False, 1)


@pytest.mark.parametrize("total", [60, "60", " 60 ", 60.0])
def test_a_count_is_read_as_a_number_or_as_text(total: object) -> None:
    found = page(tasks(ROW, TotalCount=total, PageNumber="2", pagesize=50))
    assert (found.counted, found.total, found.number, found.size) == (True, 60, 2, 50)
