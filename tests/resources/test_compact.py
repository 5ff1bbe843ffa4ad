"""Long lists in the state: one line each, the same list again when a step reads it, and never a secret one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.errors import AlicdnError
from pulumi_alicdn.releases.packed import DamagedTextError, pack
from pulumi_alicdn.resources.compact import MANY, compacted, expanded
from pulumi_alicdn.resources.provider_process import Process, plain
from pulumi_alicdn.validation import UNKNOWN

URLS = [f"https://media.example.com/{number}.ts" for number in range(1000)]


@given(st.lists(st.text(max_size=5), max_size=3).map(lambda few: few * MANY))
def test_a_list_comes_back_as_it_was(paths: list[str]) -> None:
    assert expanded(compacted({"object_paths": paths, "wait": True})) == {"object_paths": paths, "wait": True}


def test_a_long_list_takes_a_tenth_and_a_short_one_is_readable() -> None:
    line = compacted({"object_paths": URLS})["object_paths"]
    assert isinstance(line, str)
    assert len(line) < sum(map(len, URLS)) / 5
    assert compacted({"object_paths": URLS[: MANY - 1]}) == {"object_paths": URLS[: MANY - 1]}
    assert plain({"object_paths": line, "__provider": "x"}) == {"object_paths": URLS}


@pytest.mark.parametrize(
    "odd", [pulumi.Output.secret, lambda _: 1, lambda _: None], ids=["output", "number", "nothing"]
)
def test_a_list_that_holds_more_than_text_is_left_to_pulumi(odd: Callable[[str], object]) -> None:
    async def left() -> bool:  # an output belongs to the event loop that runs
        paths = [*URLS, odd("https://media.example.com/x")]
        return compacted({"object_paths": paths})["object_paths"] is paths

    assert asyncio.run(left())


def test_a_damaged_line_is_refused_and_a_url_that_looks_like_one_of_another_option_is_not() -> None:
    line = compacted({"object_paths": URLS})["object_paths"]
    with pytest.raises(DamagedTextError, match="restore it from a backup"):
        expanded({"object_paths": line[:-8]})
    assert expanded({"triggers": line}) == {"triggers": line}


def test_inputs_name_long_texts_of_a_release_and_the_process_that_checked_them_knows_them() -> None:
    text, short_text = pack([f"{number}.ts" for number in range(1000)]), pack(["a"])
    inputs = {"manifest": text, "plan": short_text, "removed_pending": None, "name": "a:b:c" * 200}
    process = Process()
    named = process.shortened(inputs)
    assert named == {**inputs, "manifest": text.rpartition(":")[0]}
    assert len(named["manifest"]) < 100
    assert process.whole(named) == inputs
    assert process.whole(inputs) == inputs
    with pytest.raises(AlicdnError, match="manifest of the release is not known to this process"):
        Process().whole(named)


def test_what_a_preview_does_not_know_yet_stays_unknown() -> None:
    unknown = {"manifest": "a", "plan": pulumi.runtime.rpc.UNKNOWN}
    assert Process().shortened(unknown) == unknown
    assert Process().whole(unknown)["plan"] is UNKNOWN
