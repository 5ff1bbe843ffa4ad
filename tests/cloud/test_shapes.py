"""Every shape in which a page of tasks can come, and every other soup of bytes: read right, or refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulumi_alicdn.api.rows import Row, RowStatus
from pulumi_alicdn.api.spec import parse_object_type
from pulumi_alicdn.cloud import codec
from pulumi_alicdn.errors import UnexpectedAnswerError

HEADERS = {"Date": "Sun, 01 Mar 2026 10:11:12 GMT"}


def now() -> datetime:
    """This machine's clock, which no answer here needs."""
    return datetime(2026, 3, 1, tzinfo=UTC)


MANY = settings(max_examples=5 * settings().max_examples)
"""1,000 examples in CI; the nightly profile takes 25 times as many."""

# XML 1.0 cannot hold other control letters, nor lone surrogates; white space at the ends is not part of a value.
TEXT = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=12)
INSTANTS = st.datetimes(datetime(2014, 1, 1), datetime(2036, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ROWS = st.builds(
    Row,
    task_id=st.integers(1, 10**12).map(str),
    object_path=TEXT.map(lambda name: f"http://example.com/{name}"),
    object_type=st.sampled_from(["file", "directory", "path", "regex", "preload"]).map(parse_object_type),
    status=st.sampled_from(RowStatus),
    percent=st.integers(0, 100).map(float),
    created=INSTANTS.map(lambda at: at.replace(microsecond=0)),
    description=st.just(""),
)
PAGES = st.lists(ROWS, max_size=5, unique_by=lambda row: (row.task_id, row.object_path))


def fields(row: Row, *, odd: bool) -> dict[str, str]:
    """A row as the documents write it; odd: as their samples do."""
    assert row.created is not None
    time = row.created.strftime("%Y-%m-%dT%H: %M: %SZ" if odd else "%Y-%m-%dT%H:%M:%SZ")
    return {
        "TaskId": row.task_id,
        "Objectpath" if odd else "ObjectPath": row.object_path,
        "ObjectType": str(row.object_type).capitalize() if odd else str(row.object_type),
        "Status": str(row.status),
        "Process": f"{row.percent:.0f}" if odd else f"{row.percent:.0f}%",
        "CreationTime": time,
        **({"Description": "Internal Error", "Unheard": "of"} if odd and row.status is RowStatus.COMPLETE else {}),
    }


def as_json(rows: list[Row], container: str | None, *, odd: bool) -> str:
    entries: Any = [fields(row, odd=odd) for row in rows]
    if odd and len(entries) == 1:
        (entries,) = entries
    tasks = entries if container is None else {container: entries}
    names = ("Pagenumber", "TotalCount") if odd else ("PageNumber", "TotalCount")
    return json.dumps({names[0]: 1, names[1]: len(rows), "RequestId": "R-1", "Tasks": tasks})


def as_xml(rows: list[Row], container: str, *, odd: bool) -> str:
    entries = "".join(
        f"<{container}>"
        + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields(row, odd=odd).items())
        + f"</{container}>"
        for row in rows
    )
    total = f"<TotalCount>{len(rows)}</TotalCount><RequestId>R-1</RequestId>"
    return f'<?xml version="1.0" encoding="utf-8"?>\n<Response><Tasks>{entries}</Tasks>{total}</Response>'


@MANY
@given(PAGES, st.sampled_from(["Task", "CDNTask", None]), st.booleans())
def test_any_page_survives_json(rows: list[Row], container: str | None, odd: bool) -> None:
    page = codec.decode_page("X", as_json(rows, container, odd=odd), HEADERS, now)
    assert (list(page.rows), page.total, page.request_id) == (rows, len(rows), "R-1")


@MANY
@given(PAGES, st.sampled_from(["Task", "CDNTask"]), st.booleans())
def test_any_page_survives_xml(rows: list[Row], container: str, odd: bool) -> None:
    page = codec.decode_page("X", as_xml(rows, container, odd=odd), HEADERS, now)
    assert (list(page.rows), page.total, page.request_id) == (rows, len(rows), "R-1")


def refused_or_read(body: str | bytes) -> bool:
    for decode in (codec.decode_page, codec.decode_receipt):
        try:
            decode("X", body, HEADERS, now)
        except UnexpectedAnswerError:
            continue
    try:
        codec.decode_job("X", "J", body, HEADERS, now)
        codec.decode_quota("X", body, HEADERS)
    except UnexpectedAnswerError:
        return True
    return True


TAGS = st.sampled_from(["Tasks", "Task", "TaskId", "Status", "Process", "CreationTime", "a:b", "é"])
XML_SOUP = st.recursive(
    st.text(max_size=5).map(escape)
    | st.sampled_from(["Complete", "62%", "<![CDATA[x]]>", "<!-- c -->", "&amp;", "&x;"]),
    lambda inner: st.builds(lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", TAGS, st.lists(inner, max_size=4)),
    max_leaves=20,
)


@MANY
@given(
    st.binary(max_size=200)
    | st.text(max_size=200)
    | XML_SOUP.map(lambda text: f"<R>{text}</R>")
    | st.binary(max_size=40).map(lambda soup: b"<R>" + soup + b"</R>")
)
def test_any_soup_is_a_value_or_a_refusal(body: str | bytes) -> None:
    assert refused_or_read(body)


BOMB = '<!DOCTYPE a [<!ENTITY b "boom"><!ENTITY c "&b;&b;&b;&b;">]><R><RequestId>&c;</RequestId></R>'
FILE = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><R><RequestId>&b;</RequestId></R>'


@pytest.mark.parametrize("body", [BOMB, FILE, BOMB.encode(), "<R>" * 5000 + "</R>" * 5000, "<R/>", "<R>text</R>"])
def test_xml_that_is_not_harmless_is_refused(body: str | bytes) -> None:
    with pytest.raises(UnexpectedAnswerError):
        codec.decode_page("X", body, HEADERS, now)


def test_xml_that_nests_too_deeply_is_refused_while_it_is_read() -> None:
    # It ends in the middle of an element: a parser that reads it to its end refuses it.
    with pytest.raises(UnexpectedAnswerError, match="'<R><R>"):
        codec.decode_page("X", "<R>" * 100, HEADERS, now)


@pytest.mark.parametrize("doctype", ["<!DOCTYPE R>", '<!DOCTYPE R SYSTEM "http://127.0.0.1:9/x.dtd">'])
def test_a_document_type_is_refused_even_without_entities(doctype: str) -> None:
    with pytest.raises(UnexpectedAnswerError, match="'<!DOCTYPE R"):
        codec.decode_page("X", f"{doctype}<R><RequestId>R-1</RequestId></R>", HEADERS, now)


def test_a_body_beyond_all_measure_is_not_even_parsed() -> None:
    with pytest.raises(UnexpectedAnswerError, match=f"more than the {codec.MAX_BODY} that are read"):
        codec.decode_page("X", b"[" * (codec.MAX_BODY + 1), HEADERS, now)


@pytest.mark.parametrize(
    "body",
    [
        '{"Tasks": [' + "[]," * codec.MAX_VALUES + "0]}",
        '{"Tasks": [' + '{"":0},' * (codec.MAX_VALUES // 2) + "0]}",
        "[" * (codec.MAX_VALUES + 1),
        "<R>" + "<a/>" * codec.MAX_VALUES + "</R>",
        '<R><a b="c"/>' * (codec.MAX_VALUES // 2 + 1),
    ],
    ids=["lists", "objects", "nested", "elements", "attributes"],
)
def test_a_short_body_of_countless_values_is_not_even_parsed(body: str) -> None:
    assert len(body) < codec.MAX_BODY
    for one in (body, body.encode()):
        with pytest.raises(UnexpectedAnswerError, match=f"more than the {codec.MAX_VALUES} values that are read"):
            codec.decode_page("X", one, HEADERS, now)


def test_more_rows_than_any_task_has_are_not_decoded() -> None:
    with pytest.raises(UnexpectedAnswerError, match=f"more than the {codec.MAX_ROWS} rows that are read"):
        codec.decode_page("X", '{"Tasks": [' + "0," * codec.MAX_ROWS + "0]}", HEADERS, now)
