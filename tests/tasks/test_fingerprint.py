"""The identity of a task: what changes it, and what does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_alicdn.api.spec import CacheTags, Kind, Media, ObjectType, Service, TaskSpec
from pulumi_alicdn.tasks.fingerprint import fingerprint, has_fingerprint

SPEC = TaskSpec(
    Service.CDN,
    Kind.PREFETCH,
    ObjectType.PRELOAD,
    ("https://a.example.com/1", "https://a.example.com/2"),
    area="domestic",
    l2_preload=False,
    headers=(("X-A", "1"), ("X-B", "2")),
)
TRIGGERS = ["v1", {"size": 2}]


def test_the_order_of_paths_and_headers_does_not_count() -> None:
    turned = replace(SPEC, object_paths=SPEC.object_paths[::-1], headers=SPEC.headers[::-1])
    assert fingerprint(turned, TRIGGERS) == fingerprint(SPEC, TRIGGERS)


MEDIA = replace(SPEC, object_paths=(), media=Media(("m2", "m1"), ("ts", "mp4"), ("SD", "HD")))
TAGS = replace(SPEC, object_paths=(), tags=CacheTags("a.example.com", ("b", "a")))


@pytest.mark.parametrize(
    ("spec", "turned"),
    [
        (MEDIA, replace(MEDIA, media=Media(("m1", "m2"), ("mp4", "ts"), ("HD", "SD")))),
        (TAGS, replace(TAGS, tags=CacheTags("a.example.com", ("a", "b")))),
    ],
    ids=["media", "tags"],
)
def test_the_order_of_media_and_tags_does_not_count(spec: TaskSpec, turned: TaskSpec) -> None:
    assert fingerprint(turned, TRIGGERS) == fingerprint(spec, TRIGGERS)


@pytest.mark.parametrize(
    ("spec", "known"),
    [
        (MEDIA, "0fe84ec06e314c19faecbdfbe5ed90cf11d3ad2faddb6d2bbc2f0db80f657c0c"),
        (TAGS, "9531c7a6a957cbe37628ed93a5b373c8591d7ff38eee13e8b12b84b2427f842e"),
    ],
    ids=["media", "tags"],
)
def test_a_fingerprint_in_the_state_of_an_earlier_version_is_that_of_the_same_task(spec: TaskSpec, known: str) -> None:
    assert has_fingerprint(spec, TRIGGERS, known)
    assert not has_fingerprint(spec, ["v2"], known)


@pytest.mark.parametrize(
    "change",
    [
        {"service": Service.VOD},
        {"kind": Kind.REFRESH},
        {"object_type": ObjectType.FILE},
        {"object_paths": ("https://a.example.com/1",)},
        {"object_paths": ("https://a.example.com/1", "https://a.example.com/3")},
        {"force": True},
        {"area": "overseas"},
        {"area": None},
        {"l2_preload": True},
        {"l2_preload": None},
        {"headers": ()},
        {"headers": (("X-A", "1"), ("X-B", "3"))},
        {"headers": (("X-A", "2"), ("X-B", "1"))},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_field_counts(change: dict[str, Any]) -> None:
    assert fingerprint(replace(SPEC, **change), TRIGGERS) != fingerprint(SPEC, TRIGGERS)


@pytest.mark.parametrize(
    "triggers", [None, [], ["v1"], ["v2", {"size": 2}], [{"size": 2}, "v1"], ["v1", {"size": 3}], ["v1", {"size": "2"}]]
)
def test_every_part_of_the_triggers_counts(triggers: object) -> None:
    assert fingerprint(SPEC, triggers) != fingerprint(SPEC, TRIGGERS)


def test_a_whole_number_is_the_same_however_it_travelled_and_a_boolean_is_none() -> None:
    assert fingerprint(SPEC, ["v1", {"size": 2.0}]) == fingerprint(SPEC, TRIGGERS)
    assert fingerprint(SPEC, [True]) != fingerprint(SPEC, [1])
    assert fingerprint(SPEC, [2.5]) != fingerprint(SPEC, [2])


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(values)
def test_any_json_value_can_be_a_trigger_and_is_not_shown(triggers: object) -> None:
    digest = fingerprint(SPEC, triggers)
    assert len(digest) == 64
    assert set(digest) <= set("0123456789abcdef")
    assert fingerprint(SPEC, triggers) == digest


@given(st.dictionaries(st.text(), st.integers(), min_size=2))
def test_the_order_of_keys_does_not_count(triggers: dict[str, int]) -> None:
    assert fingerprint(SPEC, dict(reversed(triggers.items()))) == fingerprint(SPEC, triggers)
