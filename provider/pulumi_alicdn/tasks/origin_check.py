"""The check of the origin by a refresh: the service answers Complete also for objects that the origin does not have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pulumi_alicdn.api.spec import Kind, ObjectType, TaskSpec
from pulumi_alicdn.phrases import counted
from pulumi_alicdn.tasks.messages import indented

MAX_ASKED: Final = 100
"""The most URLs that the origin is asked for. [chosen: a mistake in how URLs are made shows in the first ones]"""

WITHIN_S: Final = 5.0
"""Seconds that the requests to the origin may take together. [chosen: short beside the minutes of a refresh]"""


@dataclass(frozen=True, slots=True)
class OriginAnswers:
    """What the origin answered.

    ``missing``: the URLs with 404 or 410. ``silent``: why no URL had an answer; empty if one had.
    """

    missing: Sequence[str] = ()
    silent: str = ""


OriginReader = Callable[[str, Sequence[str], float], OriginAnswers]
"""Requests URLs from an origin, given by its address, within a number of seconds. It raises nothing."""


def unread(_origin: str, _urls: Sequence[str], _within_s: float) -> OriginAnswers:
    """Ask nothing, where no reader is passed in."""
    return OriginAnswers()


def origin_warning(read: OriginReader, origin: object, spec: TaskSpec) -> str:
    """Return a warning that names the URLs of a refresh which *origin* does not have; empty without any.

    Only single objects are asked for, each once, at most :data:`MAX_ASKED` of them, within :data:`WITHIN_S` seconds.
    *origin*: its address, which has passed the rules; None to ask nothing.
    """
    urls = spec.object_paths[:MAX_ASKED]
    single = spec.object_type in (ObjectType.FILE, ObjectType.IGNORE_PARAMS)
    if not isinstance(origin, str) or spec.kind is not Kind.REFRESH or not single or not urls:
        return ""
    answers = read(origin, urls, WITHIN_S)
    if answers.silent:
        return f"the origin {origin} could not be asked whether it has the URLs of this refresh: {answers.silent}"
    if not answers.missing:
        return ""
    of = f"{len(answers.missing)} of {counted(len(urls), 'URL')}"
    head = f"the origin {origin} answers 404 or 410 for {of}, whose refresh is Complete at the service all the same:"
    return "\n".join([head, indented(answers.missing), "Check how these URLs are spelled, unless they were removed."])
