"""Spellings of object paths: which name one object, and which do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.object_paths import canonical, has_scheme, readable, without_scheme

SAME = [
    ("HTTPS://Media.Example.COM/a", "https://media.example.com/a"),
    ("https://media.example.com/%e4%bd%a0", "https://media.example.com/%E4%BD%A0"),
    ("https://media.example.com/a?q=%2f", "https://media.example.com/a?q=%2F"),
    ("media.example.com/a", "http://media.example.com/a"),
    ("https://media.example.com", "https://media.example.com/"),
]

DIFFERENT = [
    ("https://media.example.com/a%2Fb", "https://media.example.com/a/b"),
    ("https://media.example.com/a", "https://media.example.com/A"),
    ("https://media.example.com/a", "https://media.example.com/a/"),
    ("https://media.example.com/a", "http://media.example.com/a"),
    ("https://media.example.com/a", "https://media.example.com/a?v=1"),
    ("https://media.example.com/a?v=1", "https://media.example.com/a?v=2"),
    ("https://media.example.com/a?v=x", "https://media.example.com/a?v=X"),
    ("https://media.example.com/a%3Fv=1", "https://media.example.com/a?v=1"),
    ("https://media.example.com/a;v=1", "https://media.example.com/a"),
    ("https://media.example.com/a", "https://media.example.com:8443/a"),
    ("https://media.example.com//a", "https://media.example.com/a"),
    ("https://media.example.com/%41", "https://media.example.com/%42"),
    ("https://media.example.com/a", "https://cdn.example.com/a"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_object_are_one(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_objects_stay_different(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


def test_a_path_without_scheme_is_completed_although_its_query_holds_a_url() -> None:
    assert canonical("media.example.com/a?to=http://b.example.com/") == canonical(
        "http://media.example.com/a?to=http://b.example.com/"
    )


@given(st.text() | st.text("htps:/%?#&[]@.aA2fF0é \n\t").map("http://{}".format))
def test_the_one_spelling_of_any_text_is_itself_spelt_so(text: str) -> None:
    once = canonical(text)
    if "://" in once:
        assert canonical(once) == once


@given(st.from_regex(r"https?://[a-c]\.example\.com/([a-z%0-9A-F/]{0,8})(\?[a-z=&]{1,5})?", fullmatch=True))
def test_only_the_case_of_escapes_changes_in_the_path(path: str) -> None:
    assert canonical(path).lower() == path.lower()


OTHERWISE = [
    ("https://media.example.com/%E4%B8%AD%E6%96%87.js", "https://media.example.com/中文.js"),
    ("https://media.example.com/a%20b", "https://media.example.com/a b"),
    ("https://media.example.com/%7Euser", "https://media.example.com/~user"),
    ("https://media.example.com/caf%C3%A9", "https://media.example.com/cafe\u0301"),
    ("https://media.example.com:443/a", "https://media.example.com/a"),
    ("http://media.example.com:80/a", "http://media.example.com/a"),
    ("https://xn--fsqu00a.xn--0zwm56d/a", "https://例子.测试/a"),
    ("https://media.example.com/%ff%fe", "https://media.example.com/%FF%FE"),
]


@pytest.mark.parametrize(("one", "other"), [*SAME, *OTHERWISE])
def test_an_object_that_is_listed_decoded_or_with_its_port_is_the_same(one: str, other: str) -> None:
    assert readable(one) == readable(other)
    assert without_scheme(one) == without_scheme(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *DIFFERENT,
        ("http://media.example.com/a?b=%26c", "http://media.example.com/a?b=&c"),
        ("http://a.b/%25", "http://a.b/%"),
    ],
)
def test_an_escape_that_separates_nothing_is_not_decoded_to_a_separator(one: str, other: str) -> None:
    assert readable(one) != readable(other)


@pytest.mark.parametrize(
    "other",
    ["http://media.example.com/a", "media.example.com/a", "media.example.com:443/a", "HTTP://MEDIA.example.com:80/a"],
)
def test_without_its_scheme_an_object_is_the_same_as_with_another_one(other: str) -> None:
    assert without_scheme("https://media.example.com/a") == without_scheme(other)
    assert canonical("https://media.example.com/a") != canonical(other)


def test_whether_a_path_states_its_scheme() -> None:
    assert has_scheme("https://media.example.com/a")
    assert not has_scheme("media.example.com/a?to=http://b.example.com/")


@given(st.text(st.characters(exclude_categories=())) | st.text("htps:/%?#&[]@.aA2fF0é \n\t").map("http://{}".format))
def test_any_text_has_a_spelling_of_each_kind(text: str) -> None:
    assert readable(text)
    assert isinstance(without_scheme(text), str)
