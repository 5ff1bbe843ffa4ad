"""How values read in a sentence; above all, that no password does."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.phrases import (
    MAX_FOREIGN,
    MAX_SHOWN,
    clipped,
    counted,
    foreign,
    kind_of,
    redacted,
    show,
    show_address,
    show_server,
    unsigned,
)

SECRET: Final = "canary"

HIDDEN = [
    ("https://user:canary@host/a", "***@host/a"),
    ("https://canary@host/a", "***@host/a"),
    ("canary@host", "***@host"),
    ("user:canary@host:8080", "***@host:8080"),
    ("//user:canary@host", "***@host"),
    ("HTTPS://user:canary@HOST/a", "***@HOST/a"),
    ("ftp://user:canary@host", "***@host"),
    ("https:/user:canary@host", "***@host"),
    ("https:user:canary@host", "***@host"),
    (" https://user:canary@host", "***@host"),
    ("https://user:can@canary@host/a", "***@host/a"),
    ("https://user@canary:canary@host", "***@host"),
    ("https://user:canary@host/a@b", "***@b"),
    ("https://user%40corp:canary@host", "***@host"),
    ("https://user:canary%40host/a", "***@host/a"),
    ("user:canary%40host", "***@host"),
    ("https://user:p%40canary@host", "***@host"),
    ("https://user:canary%40host/a@b", "***@b"),
    ("https://user:canary/more@host", "***@host"),
    ("https://user:1/canary@host", "***@host"),
    ("https://user:canary?more@host", "***@host"),
    ("https://user:canary#more@host", "***@host"),
    ("https://user:canary\n@host", "***@host"),
    ("https://user:canary\uff20host", "***@host"),
    ("https://user:canary\ufe6bhost", "***@host"),
]

PLAIN = [
    "https://media.example.com/index.html",
    "https://media.example.com/@scope/package.js",
    "HTTP://media.example.com/a%40b",
    "https://media.example.com?mail=a@b",
    "https://media.example.com#a@b",
    "https://media.example.com:8443/a",
    "media.example.com/a",
    "203.0.113.7:443",
    "[::1]:8080",
    "",
]


@pytest.mark.parametrize(("text", "shown"), HIDDEN)
def test_what_may_be_a_password_is_hidden(text: str, shown: str) -> None:
    assert redacted(text) == shown
    assert show_address(text) == repr(shown)


@pytest.mark.parametrize("text", PLAIN)
def test_an_address_without_a_password_stays_as_it_is(text: str) -> None:
    assert redacted(text) == text


words = st.text(st.sampled_from("ab1%/?#:@. "), max_size=6)


@given(
    st.sampled_from(["", "//", "http://", "HTTPS://", "ftp://"]),
    st.text(st.sampled_from("ab1%"), max_size=4),
    words,
    words,
    st.sampled_from(["@", "%40"]),
    st.sampled_from(["host", "host:1", "host/a"]),
)
def test_no_password_with_a_colon_before_it_is_shown(
    scheme: str, user: str, before: str, after: str, at: str, host: str
) -> None:
    assert SECRET not in redacted(f"{scheme}{user}:{before}{SECRET}{after}{at}{host}")


@pytest.mark.parametrize(
    "value",
    [
        ["https://user:canary@host"],
        ("https://user:canary@host",),
        {"https://user:canary@host": 1},
        {"a": [{"b": ("user:canary@host", 1)}]},
    ],
)
def test_no_password_in_a_list_or_a_mapping_is_shown(value: object) -> None:
    assert "***@host" in show_address(value)
    assert SECRET not in show_address(value)


def test_a_long_value_is_cut_after_its_password_was_hidden() -> None:
    text = show_address(f"https://user:{SECRET * 50}@host/" + "a" * 200)
    assert text.startswith("'***@host/aaa")
    assert len(text) == MAX_SHOWN


@given(st.text(max_size=20), st.integers(1, 20))
def test_clipped_text_is_no_longer_than_asked_for_and_says_that_it_was_cut(text: str, most: int) -> None:
    cut = clipped(text, most)
    assert len(cut) <= most
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))


def test_values_are_quoted() -> None:
    assert (show("a'b"), show(1.5), show(None)) == ('"a\'b"', "1.5", "None")
    assert show("é" * 200) == "'" + "é" * 118 + "…"


def test_counts_have_their_noun() -> None:
    assert [counted(count, "URL") for count in (0, 1, 2500)] == ["0 URLs", "1 URL", "2,500 URLs"]
    assert [counted(count, "directory", "directories") for count in (1, 2)] == ["1 directory", "2 directories"]


def test_a_sentence_of_another_program_is_one_printable_line_of_bounded_length() -> None:
    assert foreign("  two\r\n lines\x1b[2J\t") == r"two lines\x1b[2J"
    assert len(foreign("x" * 10_000)) == MAX_FOREIGN


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://h/a?auth_key=17-0-0-canary: Failed", "https://h/a?auth_key=***: Failed"),
        ("'https://h/a?v=1&Signature=canary%2B&x=2'", "'https://h/a?v=1&Signature=***&x=2'"),
        ("https://h/a?x-oss-security-token=canary#f", "https://h/a?x-oss-security-token=***#f"),
        (
            "h/a?X-Amz-Credential=canary;X-Amz-Signature=canary, h/b",
            "h/a?X-Amz-Credential=***;X-Amz-Signature=***, h/b",
        ),
        ("https://h/a?key=canary and ?txSecret=canary.", "https://h/a?key=*** and ?txSecret=***."),
        ("https://h/a?v=1&monkey=2&id=3", "https://h/a?v=1&monkey=2&id=3"),
        ("a=1&b=2 token=3", "a=1&b=2 token=3"),
    ],
)
def test_a_signature_in_the_query_of_a_url_is_not_shown(text: str, said: str) -> None:
    assert unsigned(text) == said
    assert unsigned(said) == said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://cdn.example.com", "'https://cdn.example.com'"),
        ("cdn.example.com:8443/", "'cdn.example.com:8443/'"),
        ("https://[::1]:8080", "'https://[::1]:8080'"),
        ("https://cdn.example.com/path?x", "'https://cdn.example.com…'"),
        ("https://me:canary@cdn.example.com?x", "'***@cdn.example.com…'"),
        ("?canary", "'…'"),
        (["https://me:canary@h"], "['***@h']"),
    ],
)
def test_of_a_server_only_its_address_is_shown(text: object, shown: str) -> None:
    assert show_server(text) == shown


def test_what_must_not_be_shown_is_named_by_its_kind() -> None:
    values: list[object] = ["x", True, 1, 1.5, [1], (1,), {"a": 1}, None, b"x", {1}]
    assert [kind_of(value) for value in values] == [
        *("text", "a boolean", "a number", "a number", "a list", "a list", "a mapping", "None"),
        *("of the type bytes", "of the type set"),
    ]
