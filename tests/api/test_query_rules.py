"""The rules for a question, as a Pulumi program meets them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Final

import pytest

from pulumi_alicdn.api.query_rules import check_query, dialect_named, parse_query
from pulumi_alicdn.errors import InputError

NOW: Final = datetime(2026, 1, 2, 12, tzinfo=UTC)
LOCAL: Final = NOW.replace(tzinfo=None)
VOD: Final = dialect_named("vod")


def test_times_are_aware_or_text_in_utc() -> None:
    start = datetime(2026, 1, 2, 9, tzinfo=timezone(timedelta(hours=8)))
    query = parse_query(VOD, {"start_time": start, "end_time": "2026-01-02T03:04:05Z"}, NOW)
    assert (query.start, query.end) == (datetime(2026, 1, 2, 1, tzinfo=UTC), datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"end_time": LOCAL}, f"end_time is {LOCAL!r}, but must have a time zone"),
        ({"start_time": 5}, "start_time is 5, but must be UTC text such as '2026-01-02T03:04:05Z'"),
        ({"domain_name": "a.b"}, "domain_name is 'a.b', which goes together with object_type only; set object_type to"),
        ({"object_path": "user:canary@a b"}, "object_path is '***@a b', but must be text without white space"),
        (
            {"object_path": "https://a.example.com/x,https://a.example.com/y"},
            (
                "object_path is 'https://a.example.com/x,https://a.example.com/y', which holds several URLs; "
                "ask for each by itself"
            ),
        ),
        (
            {"object_path": "https://a.example.com/x "},
            (
                "object_path is 'https://a.example.com/x ', but must be text without white space; "
                "write 'https://a.example.com/x'"
            ),
        ),
        (
            {"domain_name": "a.example.com,b.example.com", "object_type": "file"},
            "domain_name is 'a.example.com,b.example.com', but must be one domain",
        ),
        (
            {"domain_name": "https://a.example.com:443/x", "object_type": "file"},
            "domain_name is 'https://a.example.com:443/x', but must be a domain; write 'a.example.com'",
        ),
        (
            {"domain_name": "例子.cn", "object_type": "file"},
            "domain_name is '例子.cn', but must be a domain; write 'xn--fsqu00a.cn'",
        ),
        (
            {"domain_name": "*.example.com", "object_type": "file"},
            "domain_name is '*.example.com', but must be a domain such as 'media.example.com'",
        ),
        (
            {"domain_name": "me:canary@a.example.com", "object_type": "file"},
            "domain_name is '***@a.example.com', but must be a domain such as 'media.example.com'",
        ),
    ],
)
def test_every_broken_rule_is_a_sentence(asked: dict[str, object], sentence: str) -> None:
    (problem,) = check_query(VOD, asked, NOW)
    assert problem.sentence.startswith(sentence)
    with pytest.raises(InputError):
        parse_query(VOD, asked, NOW)


def test_a_service_that_there_is_not_is_refused() -> None:
    with pytest.raises(InputError, match=r"^service is 'oss', but must be one of: vod, cdn, intl-2020$"):
        dialect_named("oss")


@pytest.mark.parametrize(
    "path", ["https://a.example.com/*", "a.example.com/x", "https://例子.cn/中", "https://a.b/x/../y"]
)
def test_rows_of_others_are_listed_whatever_they_hold(path: str) -> None:
    assert check_query(VOD, {"object_path": path}, NOW) == []
