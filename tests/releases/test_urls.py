"""URLs: escaped as they are requested, under each base URL, also for a folder's index."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.paths.path_checks import path_problem
from pulumi_alicdn.api.spec import ObjectType
from pulumi_alicdn.releases.urls import check_base_urls, file_url, folder_url, urls
from pulumi_alicdn.validation import UNKNOWN

BASE = "https://media.example.com/"
names = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1, max_size=12).filter(
    lambda name: name not in (".", "..")
)
some_paths = st.lists(names, min_size=1, max_size=3).map("/".join)


@given(some_paths)
def test_a_url_leads_back_to_the_bytes_of_the_name(path: str) -> None:
    parts = urlsplit(file_url(BASE, path))
    assert unquote_to_bytes(parts.path) == b"/" + path.encode()
    assert (parts.query, parts.fragment) == ("", "")


@given(some_paths)
def test_a_url_can_be_submitted(path: str) -> None:
    assert path_problem(file_url(BASE, path), ObjectType.FILE) == ""
    assert path_problem(folder_url(BASE, path), ObjectType.DIRECTORY) == ""


@given(some_paths, some_paths)
def test_two_paths_have_two_urls(one: str, two: str) -> None:
    assert (file_url(BASE, one) == file_url(BASE, two)) == (one == two)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a b.ts", "a%20b.ts"),
        ("100%.ts", "100%25.ts"),
        ("a%20b.ts", "a%2520b.ts"),
        ("c#/d?.ts", "c%23/d%3F.ts"),
        ("été.ts", "%C3%A9t%C3%A9.ts"),
        ("e\u0301.ts", "e%CC%81.ts"),
        ("你好/世界.ts", "%E4%BD%A0%E5%A5%BD/%E4%B8%96%E7%95%8C.ts"),
        ("a\\b.ts", "a%5Cb.ts"),
        ('"<>[]{}|^`', "%22%3C%3E%5B%5D%7B%7D%7C%5E%60"),
        ("~a-b._c!$&'()+,;=:@", "~a-b._c!$&'()+,;=:@"),
        # A reader of a URL takes a * for a pattern, and a comma at its end for one between two URLs.
        ("a*b.ts", "a%2Ab.ts"),
        ("a,b,", "a,b%2C"),
        ("a;/b;", "a;/b%3B"),
    ],
)
def test_what_must_be_escaped_is_and_nothing_else(path: str, expected: str) -> None:
    assert file_url(BASE, path) == BASE + expected


@pytest.mark.parametrize(
    "base",
    [
        "https://media.example.com/assets/v%201",
        "https://media.example.com/assets/v%201/",
        "https://media.example.com:443/assets/v%201",
    ],
)
def test_a_base_url_may_have_a_path_and_a_default_port_and_leave_out_its_last_slash(base: str) -> None:
    assert file_url(base, "a/b.ts") == "https://media.example.com/assets/v%201/a/b.ts"
    assert folder_url(base, "") == "https://media.example.com/assets/v%201/"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("docs/index.html", ("docs/index.html", "docs/")),
        ("index.html", ("index.html", "")),
        ("a b/index.html", ("a%20b/index.html", "a%20b/")),
        ("docs/index.htm", ("docs/index.htm",)),
        ("docs/my-index.html", ("docs/my-index.html",)),
    ],
)
def test_an_index_file_is_served_at_its_folders_url_too(path: str, expected: tuple[str, ...]) -> None:
    assert urls(BASE, path, ("index.html",)) == tuple(BASE + one for one in expected)


def test_without_index_files_every_file_has_one_url() -> None:
    assert urls(BASE, "docs/index.html", ()) == (f"{BASE}docs/index.html",)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://media.example.com/", "must begin with http:// or https://"),
        ("media.example.com", "must begin with http:// or https://"),
        ("https:///a", "names no domain"),
        ("https://*.example.com/", "wildcard"),
        ("https://media.example.com/?v=1", "neither a query nor a fragment"),
        ("https://media.example.com/#top", "neither a query nor a fragment"),
        ("https://media.example.com?v=1", "neither a query nor a fragment"),
        ("https://media.example.com/été/", "outside ASCII"),
        ("https://media.example.com/a b/", "white space"),
        ("https://media.example.com/100%/", "begins no escape"),
        ("https://media.example.com/a/../b/", "write 'https://media.example.com/b/'"),
        ("https://media.example.com/a/%2E%2e/b", "write 'https://media.example.com/b'"),
        ("https://例子.cn/图", "write 'https://xn--fsqu00a.cn/%E5%9B%BE'"),
        ("https://media.example.com/img/*", "a * is a letter here; name each object by itself"),
        ("https://media.example.com/{version}/", "fill in the placeholder"),
        ("https://a.example.com/,https://b.example.com/", "write them separately: 'https://a.example.com/'"),
        ("https:\\\\media.example.com\\a", "write 'https://media.example.com/a'"),
        (" https://media.example.com/ ", "write 'https://media.example.com/'"),
        ("https://user:secret@media.example.com/", "user name or password"),
        (7, "must be a URL"),
    ],
)
def test_a_bad_base_url_is_reported_in_one_sentence(url: object, says: str) -> None:
    problems = list(check_base_urls("base_urls", [BASE, url]))

    assert [str(problem.subject) for problem in problems] == ["base_urls[1]"]
    assert says in problems[0].sentence
    assert "secret" not in problems[0].sentence


@pytest.mark.parametrize("value", ["https://media.example.com/", [], 7])
def test_base_urls_are_a_list_of_at_least_one(value: object) -> None:
    assert [str(problem.subject) for problem in check_base_urls("base_urls", value)] == ["base_urls"]


def test_a_base_url_that_is_named_twice_is_reported_whatever_its_spelling() -> None:
    problems = list(check_base_urls("base_urls", ["https://Media.example.com/a", "https://media.example.com/a/"]))
    assert [str(problem.subject) for problem in problems] == ["base_urls[1]"]


def test_more_base_urls_than_one_call_takes_directories_are_reported() -> None:
    many = [f"https://host-{number}.example.com/" for number in range(101)]
    assert list(check_base_urls("base_urls", many[:100])) == []
    assert "100 at most" in next(check_base_urls("base_urls", many)).sentence


@pytest.mark.parametrize("value", [None, UNKNOWN, [UNKNOWN], [BASE, UNKNOWN], ["http://localhost:8080/a"]])
def test_what_is_right_or_not_known_yet_breaks_no_rule(value: object) -> None:
    assert list(check_base_urls("base_urls", value)) == []
