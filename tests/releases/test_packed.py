"""Large values as one text for the state."""

from __future__ import annotations

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.releases.packed import DamagedTextError, Envelope, pack, unpack

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


OTHER = "^a stored value does not begin with alicdn-packed-1: it is damaged, or another version wrote it; restore it"
DAMAGED = "^a stored value is damaged: restore it from a backup$"
SEALED = pack([1, 2, 3])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", OTHER),
        ("alicdn-packed-2:0:eJw=", OTHER),
        ("alicdn-packed-1", DAMAGED),
        ("alicdn-packed-1:0:***", DAMAGED),
        ("alicdn-packed-1:0:eJw=", DAMAGED),
        (SEALED[:-4], DAMAGED),
        (SEALED.replace(":", ":0", 1), DAMAGED),
        (Envelope("alicdn-packed-1", "it").seal("0" * 64, zlib.compress(b"[1,2,3]")), DAMAGED),
    ],
)
def test_any_other_text_is_refused_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(DamagedTextError, match=sentence):
        unpack(text)
