"""The options of a task: each broken rule becomes one sentence, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, get_args

from pulumi_alicdn.api.hosts import check_origin
from pulumi_alicdn.api.limits import DEFAULT_TIMEOUT_S, MAX_SLICES, MEDIA_FORMATS, PREFETCH_AREAS, STREAM_TYPES
from pulumi_alicdn.api.literals import OnTimeout
from pulumi_alicdn.api.object_paths import without_default_port
from pulumi_alicdn.api.paths.path_checks import check_object_paths, domain_problem
from pulumi_alicdn.api.spec import REFRESH_TYPES, CacheTags, Kind, Media, ObjectType, Service, TaskSpec
from pulumi_alicdn.errors import InputError
from pulumi_alicdn.phrases import kind_of, show
from pulumi_alicdn.state import TASK_OPTIONS
from pulumi_alicdn.validation import (
    UNKNOWN,
    Problem,
    Subject,
    boolean,
    elements,
    list_of,
    number,
    one_of,
    refuse,
    whole,
)

MEDIA_OPTIONS: Final = ("formats", "definitions", "stream_type", "slices")
"""Options that only ``media_ids`` have (VOD 2017-03-21 RefreshMediaPlayUrls documentation)."""

TAG_OPTIONS: Final = ("domain_name",)
"""Options that only ``cache_tags`` have (CDN 2018-05-10 RefreshObjectCacheByCacheTag documentation)."""

ON_TIMEOUT: Final[tuple[str, ...]] = get_args(OnTimeout)
"""The values of ``on_timeout``."""

MAX_TIMEOUT_S: Final = 24 * 3600.0
"""Seconds; a day. [chosen: far longer than the service's own estimate for any task]"""

MAX_RETRY_FAILED: Final = 10
"""How often failed objects are submitted again at most. [chosen: what fails so often has a lasting reason, and each
submit takes from the quota]"""


@dataclass(frozen=True, slots=True)
class WaitOptions:
    """The options of a wait. ``timeout_s``: seconds from the start of the wait."""

    wait: bool
    timeout_s: float
    on_timeout: str
    retry_failed: int


def _headers(value: object) -> Iterator[Problem]:
    if value is UNKNOWN or value is None:
        return
    if not isinstance(value, Mapping):
        yield Problem("headers", f"is {kind_of(value)}, but must be a mapping of header names to values")
        return
    for index, (name, content) in enumerate(value.items()):
        if content is UNKNOWN:
            continue
        # Never show a value: a header may contain a token. What is no name can be a value in the wrong place.
        sound = isinstance(name, str) and name.isascii() and name.replace("-", "").isalnum()
        if not isinstance(content, str) or any(ord(letter) < 32 for letter in content):  # noqa: PLR2004  controls
            yield Problem("headers", "must be text on one line", (name if sound else index,))
        if not sound:
            yield Problem("headers", f"has a wrong name in header {index + 1}: a name is letters, digits and -")


def _object_type(inputs: Mapping[str, object], kind: Kind) -> ObjectType | None:
    """Return the object type if it is known and valid."""
    if kind is Kind.PREFETCH:
        return ObjectType.PRELOAD
    value = inputs.get("object_type")
    return ObjectType(value) if isinstance(value, str) and value in REFRESH_TYPES else None


def check_service(inputs: Mapping[str, object]) -> None:
    """Raise InputError for an unknown service."""
    refuse(one_of("service", inputs.get("service"), Service, required=True))


def check_task(inputs: Mapping[str, object], kind: Kind) -> list[Problem]:
    """Return all broken rules of the task's options, in the order of the options."""
    found = [*one_of("service", inputs.get("service"), Service, required=True)]
    wrong_source = check_sources(inputs, prefetch=kind is Kind.PREFETCH)
    found += wrong_source
    if kind is Kind.REFRESH:
        if inputs.get("object_paths") is not None and not wrong_source:
            found += one_of("object_type", inputs.get("object_type"), REFRESH_TYPES, required=True)
        found += boolean("force", inputs.get("force"))
    else:
        found += one_of("area", inputs.get("area"), PREFETCH_AREAS)
        found += boolean("l2_preload", inputs.get("l2_preload"))
        found += _headers(inputs.get("headers"))
    found += check_object_paths("object_paths", inputs.get("object_paths"), _object_type(inputs, kind))
    return found


def check_resubmit(inputs: Mapping[str, object]) -> list[Problem]:
    """Return the broken rules of the option that a submission has of its own."""
    wrong = [*boolean("resubmit", inputs.get("resubmit"))]
    if not wrong and inputs.get("resubmit") is not None and inputs.get("object_paths") is not None:
        says = (Subject("resubmit"), " goes with media_ids and cache_tags, not with ", Subject("object_paths"))
        return [Problem("resubmit", (*says, ", which the service lists; leave it out"))]
    return wrong


def check_wait(inputs: Mapping[str, object]) -> list[Problem]:
    """Return all broken rules of the waiting options."""
    return [
        *boolean("wait", inputs.get("wait")),
        *number(
            "timeout",
            inputs.get("timeout"),
            f"a number of seconds above 0 and up to {MAX_TIMEOUT_S:.0f} (24 hours)",
            lambda seconds: 0 < seconds <= MAX_TIMEOUT_S,
        ),
        *one_of("on_timeout", inputs.get("on_timeout", "fail"), ON_TIMEOUT, required=True),
        *whole("retry_failed", inputs.get("retry_failed"), 0, MAX_RETRY_FAILED),
        *check_origin("origin", inputs.get("origin")),
    ]


def check_task_completion(inputs: Mapping[str, object]) -> list[Problem]:
    """Return all broken rules of the options of a wait for somebody else's tasks."""
    return [
        *one_of("service", inputs.get("service"), Service, required=True),
        *list_of(
            "task_ids", inputs.get("task_ids"), "a list with at least one id of the service", _id_problem, filled=True
        ),
        *check_object_paths("object_paths", inputs.get("object_paths"), None),
        *check_wait(inputs),
    ]


def is_id(value: object) -> bool:
    """Whether *value* has the form of a task's id."""
    return isinstance(value, str) and value.isascii() and value.isalnum()


def _id_problem(value: object) -> str:
    if is_id(value):
        return ""
    return f"is {show(value)}, but must be one id of the service"


def holds_unknown(value: object) -> bool:
    """Whether *value* is unknown during a preview, or contains an unknown value."""
    if isinstance(value, Mapping):
        return any(holds_unknown(part) for part in value.values())
    if isinstance(value, list | tuple):
        return any(holds_unknown(part) for part in value)
    return value is UNKNOWN


def parse_task(inputs: Mapping[str, object], kind: Kind) -> TaskSpec:
    """Read the task from its inputs. Raises InputError with the broken rules, and for unknown values."""
    refuse(check_task(inputs, kind))
    for name in TASK_OPTIONS:
        if holds_unknown(inputs.get(name)):
            raise InputError(f"{name} is not known yet")
    paths = inputs.get("object_paths")
    headers = inputs.get("headers")
    named = headers.items() if kind is Kind.PREFETCH and isinstance(headers, Mapping) else ()
    area = inputs.get("area")
    l2_preload = inputs.get("l2_preload")
    return TaskSpec(
        service=Service(str(inputs["service"])),
        kind=kind,
        object_type=_object_type(inputs, kind) or ObjectType.FILE,
        object_paths=tuple(map(without_default_port, _tuple(paths))),
        force=bool(inputs.get("force")),
        area=str(area) if area is not None else None,
        l2_preload=bool(l2_preload) if l2_preload is not None else None,
        headers=tuple((str(name), str(value)) for name, value in named),
        media=parse_media(inputs),
        tags=parse_tags(inputs),
    )


def parse_wait(inputs: Mapping[str, object], kind: Kind) -> WaitOptions:
    """Read the waiting options, with the defaults of *kind*. Raises InputError with the broken rules."""
    refuse(check_wait(inputs))
    timeout, retries = inputs.get("timeout"), inputs.get("retry_failed")
    return WaitOptions(
        wait=inputs.get("wait") is not False,
        timeout_s=float(timeout) if isinstance(timeout, int | float) else DEFAULT_TIMEOUT_S[kind],
        on_timeout=str(inputs.get("on_timeout") or "fail"),
        retry_failed=int(retries) if isinstance(retries, int | float) else 0,
    )


def check_sources(inputs: Mapping[str, object], *, prefetch: bool) -> list[Problem]:
    """Return the broken rules of the sources: exactly one is given, and its options are valid."""
    sources = ("object_paths", "media_ids") if prefetch else ("object_paths", "media_ids", "cache_tags")
    given = [name for name in sources if inputs.get(name) is not None]
    if not given:
        return [Problem(sources[0], f"is missing; give one of: {', '.join(sources)}")]
    if len(given) > 1:
        says = (Subject(given[1]), " cannot be combined with ", Subject(given[0]))
        return [Problem(given[1], (*says, "; name one of them only"))]
    return [*_misplaced(inputs, given[0]), *_media(inputs), *_tags(inputs)]


def _misplaced(inputs: Mapping[str, object], source: str) -> Iterator[Problem]:
    """Yield a problem for each option of another source, and for a service that does not have this source."""
    belongs = {
        "media_ids": MEDIA_OPTIONS,
        "cache_tags": TAG_OPTIONS,
        "object_paths": ("object_type", "area", "l2_preload", "headers"),
    }
    for other, names in belongs.items():
        for name in names:
            if other != source and inputs.get(name) is not None:
                says = (Subject(name), " goes with ", Subject(other), ", not with ", Subject(source))
                yield Problem(name, (*says, "; leave it out"))
    if source == "media_ids" and inputs.get("force") is not None:
        without = ", which has no such option; leave it out"
        yield Problem("force", (Subject("force"), " does not go with ", Subject(source), without))
    service = {"media_ids": "vod", "cache_tags": "cdn"}.get(source)
    if service and inputs.get("service") is not UNKNOWN and inputs.get("service") != service:
        is_set = f" is {show(inputs.get('service'))}, but "
        yield Problem("service", (Subject("service"), is_set, Subject(source), f" is for {service} only"))


def _word_problem(word: object, allowed: tuple[str, ...] | None) -> str:
    if not isinstance(word, str) or not word or any(letter.isspace() or letter == "," for letter in word):
        return f"is {show(word)}, but must be text without commas or white space"
    if allowed is not None and word not in allowed:
        return f"is {show(word)}, but must be one of: {', '.join(allowed)}"
    return ""


def _words(inputs: Mapping[str, object], name: str, allowed: tuple[str, ...] | None = None) -> Iterator[Problem]:
    """Check a list of words: it is not empty, no word has a comma or white space, and none is repeated."""
    value = inputs.get(name)
    wanted = "a list with at least one element"
    yield from list_of(name, value, wanted, lambda word: _word_problem(word, allowed), filled=True)
    for index, word in enumerate(elements(value)):
        if word in elements(value)[:index] and word is not UNKNOWN and not _word_problem(word, allowed):
            yield Problem(name, f"is {show(word)}, which is named already; name each once", (index,))


def _media(inputs: Mapping[str, object]) -> Iterator[Problem]:
    yield from _words(inputs, "media_ids")
    yield from _words(inputs, "formats", MEDIA_FORMATS)
    yield from _words(inputs, "definitions")
    yield from one_of("stream_type", inputs.get("stream_type"), STREAM_TYPES)
    yield from whole("slices", inputs.get("slices"), 1, MAX_SLICES)


def _tags(inputs: Mapping[str, object]) -> Iterator[Problem]:
    yield from _words(inputs, "cache_tags")
    domain = inputs.get("domain_name")
    if inputs.get("cache_tags") is None or domain is UNKNOWN:
        return
    if domain is None:
        needs = (
            Subject("domain_name"),
            " is missing, but ",
            Subject("cache_tags"),
            " needs one: the domain of the tags",
        )
        yield Problem("domain_name", needs)
    elif domain_problem(domain):
        yield Problem("domain_name", domain_problem(domain))


def _tuple(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else ()


def parse_media(inputs: Mapping[str, object]) -> Media | None:
    """Read the media from checked inputs; None if the objects come from another source."""
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
    """Read the cache tags from checked inputs; None if the objects come from another source."""
    if inputs.get("cache_tags") is None:
        return None
    return CacheTags(domain=str(inputs["domain_name"]), tags=_tuple(inputs["cache_tags"]))
