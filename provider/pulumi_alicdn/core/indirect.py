"""Refreshing without naming URLs: by media id (VOD), by cache tag (CDN); what is asked, and the rules for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pulumi_alicdn.core.problems import UNKNOWN, Problem, show

MEDIA_FORMATS: Final = ("mp4", "m3u8", "mp3", "flv", "webm", "ts")
STREAM_TYPES: Final = ("video", "audio")
MAX_MEDIA_PER_CALL: Final = 20
MAX_SLICES: Final = 20
"""Formats, stream types, media of one call and slices of a stream: RefreshMediaPlayUrls (VOD 2017-03-21)."""

MEDIA_OPTIONS: Final = ("formats", "definitions", "stream_type", "slices")
TAG_OPTIONS: Final = ("domain_name",)


@dataclass(frozen=True, slots=True)
class Media:
    """Audio or video by id. Empty: all formats, all definitions; None: all stream types, no slices.

    ``slices``: of each m3u8 stream, the first so many ts files, 1 to 20, are meant as well.
    """

    ids: tuple[str, ...]
    formats: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()
    stream_type: str | None = None
    slices: int | None = None


@dataclass(frozen=True, slots=True)
class CacheTags:
    """Objects of one domain whose `Cache-Tag` header holds any of the tags."""

    domain: str
    tags: tuple[str, ...]


def check_sources(inputs: Mapping[str, object], *, prefetch: bool) -> list[Problem]:
    """The broken rules of which source is given, and of those that are no URLs."""
    sources = ("object_paths", "media_ids") if prefetch else ("object_paths", "media_ids", "cache_tags")
    given = [name for name in sources if inputs.get(name) is not None]
    if not given:
        return [Problem(sources[0], f"{sources[0]} is missing; give one of: {', '.join(sources)}")]
    if len(given) > 1:
        sentence = f"{given[1]} cannot be combined with {given[0]}; make a resource of its own for each"
        return [Problem(given[1], sentence)]
    return [*_misplaced(inputs, given[0]), *_media(inputs), *_tags(inputs)]


def _misplaced(inputs: Mapping[str, object], source: str) -> Iterator[Problem]:
    """Options that belong to another source, and services that have not this one."""
    belongs = {
        "media_ids": MEDIA_OPTIONS,
        "cache_tags": TAG_OPTIONS,
        "object_paths": ("object_type", "area", "l2_preload", "headers"),
    }
    for other, names in belongs.items():
        for name in names:
            if other != source and inputs.get(name) is not None:
                yield Problem(name, f"{name} goes with {other}, not with {source}; leave it out")
    if source == "media_ids" and inputs.get("force") is not None:
        yield Problem("force", "force does not go with media_ids, which has no such option; leave it out")
    service = {"media_ids": "vod", "cache_tags": "cdn"}.get(source)
    if service and inputs.get("service") is not UNKNOWN and inputs.get("service") != service:
        yield Problem("service", f"service is {show(inputs.get('service'))}, but {source} is for {service} only")


def _words(inputs: Mapping[str, object], name: str, allowed: tuple[str, ...] | None = None) -> Iterator[Problem]:
    """The rules for a list of words: not empty, each one text without comma or white space, each once."""
    value = inputs.get(name)
    if value is None or value is UNKNOWN:
        return
    if not isinstance(value, list | tuple) or not value:
        yield Problem(name, f"{name} is {show(value)}, but must be a list with at least one element")
        return
    for index, word in enumerate(value):
        place = f"{name}[{index}]"
        if word is UNKNOWN:
            continue
        if not isinstance(word, str) or not word or any(letter.isspace() or letter == "," for letter in word):
            yield Problem(place, f"{place} is {show(word)}, but must be text without commas or white space")
        elif allowed is not None and word not in allowed:
            yield Problem(place, f"{place} is {show(word)}, but must be one of: {', '.join(allowed)}")
        elif word in value[:index]:
            yield Problem(place, f"{place} is {show(word)}, which is named already; name each once")


def _media(inputs: Mapping[str, object]) -> Iterator[Problem]:
    yield from _words(inputs, "media_ids")
    yield from _words(inputs, "formats", MEDIA_FORMATS)
    yield from _words(inputs, "definitions")
    stream_type, slices = inputs.get("stream_type"), inputs.get("slices")
    if stream_type is not None and stream_type is not UNKNOWN and stream_type not in STREAM_TYPES:
        allowed = ", ".join(STREAM_TYPES)
        yield Problem("stream_type", f"stream_type is {show(stream_type)}, but must be one of: {allowed}")
    if slices is None or slices is UNKNOWN:
        return
    number = slices if isinstance(slices, int | float) and not isinstance(slices, bool) else 0
    if not 1 <= number <= MAX_SLICES or number % 1:
        yield Problem("slices", f"slices is {show(slices)}, but must be a whole number from 1 to {MAX_SLICES}")


def _tags(inputs: Mapping[str, object]) -> Iterator[Problem]:
    yield from _words(inputs, "cache_tags")
    domain = inputs.get("domain_name")
    if inputs.get("cache_tags") is None or domain is UNKNOWN:
        return
    if not isinstance(domain, str) or "." not in domain or any(letter in domain for letter in "/:*, \t\r\n"):
        sentence = f"domain_name is {show(domain)}, but cache_tags needs one, such as 'cdn.example.com'"
        yield Problem("domain_name", sentence)


def _tuple(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else ()


def parse_media(inputs: Mapping[str, object]) -> Media | None:
    """Checked inputs as media, None where other objects are meant."""
    if inputs.get("media_ids") is None:
        return None
    stream_type, slices = inputs.get("stream_type"), inputs.get("slices")
    return Media(
        ids=_tuple(inputs["media_ids"]),
        formats=_tuple(inputs.get("formats")),
        definitions=_tuple(inputs.get("definitions")),
        stream_type=str(stream_type) if stream_type is not None else None,
        slices=int(slices) if isinstance(slices, int | float) else None,
    )


def parse_tags(inputs: Mapping[str, object]) -> CacheTags | None:
    """Checked inputs as cache tags, None where other objects are meant."""
    if inputs.get("cache_tags") is None:
        return None
    return CacheTags(domain=str(inputs["domain_name"]), tags=_tuple(inputs["cache_tags"]))
