"""The options of a refresh that is verified: one sentence for what has no URL to fetch."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_alicdn.freshness.verify_options import check_verify, check_waits
from pulumi_alicdn.validation import UNKNOWN

KEY = {"type": "A", "key": "0123456789abcdef"}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"object_type": "directory"}, "object_type is 'directory', whose files are not known here"),
        ({"object_type": "regex"}, "object_type is 'regex', which stands for URLs that are not known here"),
        ({"object_type": "ignore-params"}, "object_type is 'ignore-params', which stands for URLs with any parameters"),
        ({"media_ids": ["1"]}, "media_ids name no URLs"),
        ({"cache_tags": ["t"], "domain_name": "a.b"}, "cache_tags name no URLs"),
    ],
)
@pytest.mark.parametrize("verify", ["network", "dns"])
def test_what_has_no_url_is_refused_by_name(verify: str, options: dict[str, Any], reason: str) -> None:
    (problem,) = check_verify({"verify": verify, **options})
    assert problem.sentence == (
        f"verify is '{verify}', which fetches each URL, but {reason}; refresh the files by their URLs, "
        "or leave verify out"
    )
    assert check_verify({"verify": "off", **options}) == []


@pytest.mark.parametrize(
    "inputs",
    [
        {},
        {"verify": "off"},
        {"verify": UNKNOWN, "url_auth": KEY},
        {"verify": "network", "object_type": "file", "url_auth": KEY, "user_agent": "browser"},
        {"verify": "dns", "object_type": UNKNOWN, "request_headers": {"X-Token": "a"}},
    ],
)
def test_what_is_allowed(inputs: dict[str, Any]) -> None:
    assert check_verify(inputs) == []
    assert check_waits(inputs) == []


def test_a_word_that_is_none_is_named_with_those_that_are() -> None:
    (problem,) = check_verify({"verify": "all"})
    assert problem.sentence == "verify is 'all', but must be one of: network, dns, off"


@pytest.mark.parametrize("name", ["url_auth", "request_headers", "user_agent"])
def test_an_option_of_the_requests_without_requests_is_refused(name: str) -> None:
    (problem,) = check_verify({name: "x"})
    assert problem.sentence == f"{name} goes with verify only; leave it out"


def test_a_refresh_that_is_not_waited_for_cannot_be_verified() -> None:
    (problem,) = check_waits({"verify": "dns", "wait": False})
    assert problem.sentence == ("verify needs the end of the task: leave wait out, or set verify to 'off'")
    assert check_waits({"verify": "dns", "wait": None}) == check_waits({"wait": False}) == []
