"""Large values as one text for the state."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.releases.packed import PREFIX, DamagedTextError, pack, unpack

some_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc/é"), inner, max_size=4),
    max_leaves=12,
)


@given(some_json)
def test_what_is_packed_comes_back(value: object) -> None:
    assert unpack(pack(value)) == value


def test_the_order_of_keys_does_not_show() -> None:
    assert pack({"a": 1, "b": [2]}) == pack({"b": [2], "a": 1})


def test_a_list_of_urls_takes_a_tenth_of_its_json_and_no_letter_that_json_escapes() -> None:
    value = [f"https://www.example.com/season-{number // 100}/segment-{number:05}.ts" for number in range(10_000)]
    text = pack(value)
    assert len(text) < len(json.dumps(value)) / 10
    assert json.dumps(text) == f'"{text}"'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "does not begin with alicdn-packed-1:"),
        ("alicdn-packed-2:eJw=", "does not begin with alicdn-packed-1:"),
        (f"{PREFIX}***", "damaged: restore the state from a backup"),
        (f"{PREFIX}eJw=", "damaged: restore the state from a backup"),
        (pack([1, 2, 3])[:-4], "damaged: restore the state from a backup"),
    ],
)
def test_any_other_text_is_told(text: str, sentence: str) -> None:
    with pytest.raises(DamagedTextError, match=sentence):
        unpack(text)
