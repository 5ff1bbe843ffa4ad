"""Media ids and cache tags: what can be combined, and what each option may be."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_alicdn.api.spec import CacheTags, Kind, Media
from pulumi_alicdn.tasks.fingerprint import fingerprint
from pulumi_alicdn.tasks.options import check_task, parse_task
from pulumi_alicdn.validation import UNKNOWN

MEDIA: dict[str, Any] = {"service": "vod", "media_ids": ["m1", "m2"]}
TAGS: dict[str, Any] = {"service": "cdn", "cache_tags": ["news"], "domain_name": "cdn.example.com"}

WRONG: list[tuple[Kind, dict[str, Any], str]] = [
    (Kind.REFRESH, {"service": "vod"}, "object_paths is missing; give one of: object_paths, media_ids, cache_tags"),
    (Kind.PREFETCH, {"service": "vod"}, "object_paths is missing; give one of: object_paths, media_ids"),
    (
        Kind.REFRESH,
        {**MEDIA, "object_paths": ["https://a.example.com/x"]},
        "media_ids cannot be combined with object_paths; name one of them only",
    ),
    (
        Kind.REFRESH,
        {**TAGS, "media_ids": ["m1"]},
        "cache_tags cannot be combined with media_ids; name one of them only",
    ),
    (Kind.REFRESH, {**MEDIA, "service": "cdn"}, "service is 'cdn', but media_ids is for vod only"),
    (Kind.REFRESH, {**TAGS, "service": "vod"}, "service is 'vod', but cache_tags is for cdn only"),
    (
        Kind.REFRESH,
        {**MEDIA, "force": True},
        "force does not go with media_ids, which has no such option; leave it out",
    ),
    (
        Kind.REFRESH,
        {**MEDIA, "object_type": "file"},
        "object_type goes with object_paths, not with media_ids; leave it out",
    ),
    (Kind.PREFETCH, {**MEDIA, "area": "overseas"}, "area goes with object_paths, not with media_ids; leave it out"),
    (Kind.REFRESH, {**TAGS, "slices": 3}, "slices goes with media_ids, not with cache_tags; leave it out"),
    (
        Kind.REFRESH,
        {**MEDIA, "domain_name": "a.b"},
        "domain_name goes with cache_tags, not with media_ids; leave it out",
    ),
    (Kind.REFRESH, {**MEDIA, "media_ids": []}, "media_ids is [], but must be a list with at least one element"),
    (Kind.REFRESH, {**MEDIA, "media_ids": "m1"}, "media_ids is 'm1', but must be a list with at least one element"),
    (
        Kind.REFRESH,
        {**MEDIA, "media_ids": ["m1,m2"]},
        "media_ids[0] is 'm1,m2', but must be text without commas or white space",
    ),
    (Kind.REFRESH, {**MEDIA, "media_ids": ["m", "m"]}, "media_ids[1] is 'm', which is named already; name each once"),
    (
        Kind.REFRESH,
        {**MEDIA, "formats": ["avi"]},
        "formats[0] is 'avi', but must be one of: mp4, m3u8, mp3, flv, webm, ts",
    ),
    (Kind.REFRESH, {**MEDIA, "stream_type": "text"}, "stream_type is 'text', but must be one of: video, audio"),
    (Kind.REFRESH, {**MEDIA, "slices": 21}, "slices is 21, but must be a whole number from 1 to 20"),
    (Kind.REFRESH, {**MEDIA, "slices": 0}, "slices is 0, but must be a whole number from 1 to 20"),
    (Kind.REFRESH, {**MEDIA, "slices": 1.5}, "slices is 1.5, but must be a whole number from 1 to 20"),
    (Kind.REFRESH, {**MEDIA, "slices": True}, "slices is True, but must be a whole number from 1 to 20"),
    (
        Kind.REFRESH,
        {"service": "cdn", "cache_tags": ["a"]},
        "domain_name is missing, but cache_tags needs one: the domain of the tags",
    ),
    (
        Kind.REFRESH,
        {**TAGS, "domain_name": "https://a.example.com"},
        "domain_name is 'https://a.example.com', but must be a domain; write 'a.example.com'",
    ),
]


@pytest.mark.parametrize(("kind", "inputs", "sentence"), WRONG, ids=[sentence for _, _, sentence in WRONG])
def test_each_broken_rule_is_one_sentence(kind: Kind, inputs: dict[str, Any], sentence: str) -> None:
    assert [problem.sentence for problem in check_task(inputs, kind)] == [sentence]


def test_what_is_right_becomes_a_task() -> None:
    more = {"formats": ["m3u8"], "definitions": ["HD"], "stream_type": "video", "slices": 3.0}
    media = parse_task({**MEDIA, **more}, Kind.PREFETCH)
    assert media.media == Media(("m1", "m2"), ("m3u8",), ("HD",), "video", 3)
    assert (media.by_path, media.object_paths) == (False, ())
    tags = parse_task({**TAGS, "force": True}, Kind.REFRESH)
    assert (tags.tags, tags.force, tags.by_path) == (CacheTags("cdn.example.com", ("news",)), True, False)


def test_what_is_not_known_yet_passes() -> None:
    assert check_task({"service": UNKNOWN, "media_ids": UNKNOWN, "slices": UNKNOWN}, Kind.REFRESH) == []
    assert check_task({**TAGS, "cache_tags": [UNKNOWN], "domain_name": UNKNOWN}, Kind.REFRESH) == []


def test_each_part_counts_for_the_identity() -> None:
    tasks = [
        MEDIA,
        {**MEDIA, "media_ids": ["m1"]},
        {**MEDIA, "slices": 2},
        {**MEDIA, "formats": ["ts"]},
        {**MEDIA, "definitions": ["SD"]},
        {**MEDIA, "stream_type": "audio"},
        TAGS,
        {**TAGS, "cache_tags": ["other"]},
        {**TAGS, "domain_name": "b.example.com"},
        {**TAGS, "force": True},
    ]
    assert len({fingerprint(parse_task(one, Kind.REFRESH), None) for one in tasks}) == len(tasks)
