"""The rules for what users write: each broken one becomes one sentence, before anything is sent."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pulumi_alicdn.core.errors import InputError
from pulumi_alicdn.core.indirect import MEDIA_OPTIONS, TAG_OPTIONS, check_sources, parse_media, parse_tags
from pulumi_alicdn.core.limits import DEFAULT_TIMEOUT_S, PREFETCH_AREAS
from pulumi_alicdn.core.path_rules import duplicates, path_problem, shown
from pulumi_alicdn.core.problems import UNKNOWN, Problem, show
from pulumi_alicdn.core.tasks import REFRESH_TYPES, Kind, ObjectType, Service, TaskSpec

ON_TIMEOUT: Final = ("fail", "continue")
MAX_TIMEOUT_S: Final = 24 * 3600.0
"""A day. [chosen: every task that is still listed after a day has long been given up by the service's own estimates]"""
MAX_RETRY_FAILED: Final = 10

TASK_OPTIONS: Final = (
    "service",
    "object_type",
    "object_paths",
    "force",
    "area",
    "l2_preload",
    "headers",
    "media_ids",
    *MEDIA_OPTIONS,
    "cache_tags",
    *TAG_OPTIONS,
)
"""What a task is made of; all but these, and the triggers, is about waiting."""


@dataclass(frozen=True, slots=True)
class WaitOptions:
    """How long and how stubbornly to wait. ``timeout_s`` counts from the start of the wait, in seconds."""

    wait: bool
    timeout_s: float
    on_timeout: str
    retry_failed: int


def _one_of(name: str, value: object, allowed: Sequence[str]) -> Iterator[Problem]:
    if value is UNKNOWN or (isinstance(value, str) and value in allowed):
        return
    yield Problem(name, f"{name} is {show(value)}, but must be one of: {', '.join(allowed)}")


def _boolean(name: str, value: object) -> Iterator[Problem]:
    if value is not UNKNOWN and value is not None and not isinstance(value, bool):
        yield Problem(name, f"{name} is {show(value)}, but must be true or false")


def _number(name: str, value: object, allowed: str, accept: Callable[[float], bool]) -> Iterator[Problem]:
    if value is UNKNOWN or value is None:
        return
    finite = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    if isinstance(value, bool) or not isinstance(value, int | float) or not finite or not accept(value):
        yield Problem(name, f"{name} is {show(value)}, but must be {allowed}")


def _object_paths(inputs: Mapping[str, object], object_type: ObjectType | None) -> Iterator[Problem]:
    value = inputs.get("object_paths")
    if value is UNKNOWN or value is None:
        return
    if not isinstance(value, list | tuple):
        yield Problem("object_paths", f"object_paths is {show(value)}, but must be a list of URLs")
        return
    if not value:
        yield Problem("object_paths", "object_paths is empty, but must name at least one URL")
    for index, path in enumerate(value):
        if path is UNKNOWN:
            continue
        reason = path_problem(path, object_type)
        if reason:
            name = f"object_paths[{index}]"
            yield Problem(name, f"{name} {reason}")
    for first, again, path in duplicates(value):
        name = f"object_paths[{again}]"
        sentence = f"{name} is {shown(path)}, which object_paths[{first}] names already; name each object once"
        yield Problem(name, sentence)


def _headers(value: object) -> Iterator[Problem]:
    if value is UNKNOWN or value is None:
        return
    if not isinstance(value, Mapping):
        yield Problem("headers", f"headers is {show(value)}, but must be a mapping of header names to values")
        return
    for name, content in value.items():
        if content is UNKNOWN:
            continue
        # The value stays out of the sentence: a header may carry a token.
        if not isinstance(content, str) or any(ord(letter) < 32 for letter in content):  # noqa: PLR2004  controls
            yield Problem("headers", f"headers[{show(name)}] must be text on one line")
        if not isinstance(name, str) or not name or not name.isascii() or not name.replace("-", "").isalnum():
            yield Problem("headers", f"headers has the name {show(name)}, but a header's name is letters, digits and -")


def _object_type(inputs: Mapping[str, object], kind: Kind) -> ObjectType | None:
    """The object type if it is known and right."""
    if kind is Kind.PREFETCH:
        return ObjectType.PRELOAD
    value = inputs.get("object_type")
    return ObjectType(value) if isinstance(value, str) and value in REFRESH_TYPES else None


def check_service(inputs: Mapping[str, object]) -> None:
    """Raise InputError unless the service is one that there is."""
    _refuse(list(_one_of("service", inputs.get("service"), [str(service) for service in Service])))


def check_task(inputs: Mapping[str, object], kind: Kind) -> list[Problem]:
    """All broken rules of what is refreshed or prefetched, in the order of the options."""
    found = [*_one_of("service", inputs.get("service"), [str(service) for service in Service])]
    wrong_source = check_sources(inputs, prefetch=kind is Kind.PREFETCH)
    found += wrong_source
    if kind is Kind.REFRESH:
        if inputs.get("object_paths") is not None and not wrong_source:
            found += _one_of("object_type", inputs.get("object_type"), [str(name) for name in REFRESH_TYPES])
        found += _boolean("force", inputs.get("force"))
    else:
        if inputs.get("area") is not None:
            found += _one_of("area", inputs.get("area"), PREFETCH_AREAS)
        found += _boolean("l2_preload", inputs.get("l2_preload"))
        found += _headers(inputs.get("headers"))
    found += _object_paths(inputs, _object_type(inputs, kind))
    return found


def check_wait(inputs: Mapping[str, object]) -> list[Problem]:
    """All broken rules of the waiting options."""
    return [
        *_boolean("wait", inputs.get("wait")),
        *_number(
            "timeout",
            inputs.get("timeout"),
            f"a number of seconds above 0 and up to {MAX_TIMEOUT_S:.0f} (24 hours)",
            lambda seconds: 0 < seconds <= MAX_TIMEOUT_S,
        ),
        *_one_of("on_timeout", inputs.get("on_timeout", "fail"), ON_TIMEOUT),
        *_number(
            "retry_failed",
            inputs.get("retry_failed"),
            f"a whole number from 0 to {MAX_RETRY_FAILED}",
            lambda count: 0 <= count <= MAX_RETRY_FAILED and count % 1 == 0,
        ),
    ]


def holds_unknown(value: object) -> bool:
    """Whether *value* is, or has in it, something that preview does not know yet."""
    if isinstance(value, Mapping):
        return any(holds_unknown(part) for part in value.values())
    if isinstance(value, list | tuple):
        return any(holds_unknown(part) for part in value)
    return value is UNKNOWN


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise InputError("; ".join(problem.sentence for problem in problems))


def parse_task(inputs: Mapping[str, object], kind: Kind) -> TaskSpec:
    """Checked inputs as a task. Raises InputError with the broken rules, and for what is not known yet."""
    _refuse(check_task(inputs, kind))
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
        object_paths=tuple(str(path) for path in paths) if isinstance(paths, list | tuple) else (),
        force=bool(inputs.get("force")),
        area=str(area) if area is not None else None,
        l2_preload=bool(l2_preload) if l2_preload is not None else None,
        headers=tuple((str(name), str(value)) for name, value in named),
        media=parse_media(inputs),
        tags=parse_tags(inputs),
    )


def parse_wait(inputs: Mapping[str, object], kind: Kind) -> WaitOptions:
    """Checked waiting options, with the defaults of *kind*. Raises InputError with the broken rules."""
    _refuse(check_wait(inputs))
    timeout, retries = inputs.get("timeout"), inputs.get("retry_failed")
    return WaitOptions(
        wait=inputs.get("wait") is not False,
        timeout_s=float(timeout) if isinstance(timeout, int | float) else DEFAULT_TIMEOUT_S[kind],
        on_timeout=str(inputs.get("on_timeout") or "fail"),
        retry_failed=int(retries) if isinstance(retries, int | float) else 0,
    )
