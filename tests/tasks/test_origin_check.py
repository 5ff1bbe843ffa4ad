"""The check of the origin by a refresh: one warning, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.tasks.origin_check import MAX_ASKED, WITHIN_S, OriginAnswers, origin_warning

ORIGIN = "https://bucket.example.com"
A, B = "https://a.example.com/a.js", "https://a.example.com/b.js"


def refresh(*paths: str, object_type: ObjectType = ObjectType.FILE, kind: Kind = Kind.REFRESH) -> TaskSpec:
    return TaskSpec(Service.VOD, kind, object_type, paths)


def test_urls_that_the_origin_has_not_are_named_in_one_warning() -> None:
    said = origin_warning(lambda *_: OriginAnswers([B]), ORIGIN, refresh(A, B))
    assert said == (
        f"the origin {ORIGIN} answers 404 or 410 for 1 of 2 URLs, whose refresh is Complete at the service all the "
        f"same:\n  {B}\nCheck how these URLs are spelled, unless they were removed."
    )


def test_an_origin_that_has_everything_is_not_mentioned() -> None:
    assert origin_warning(lambda *_: OriginAnswers(), ORIGIN, refresh(A, B)) == ""


def test_an_origin_that_cannot_be_reached_is_a_warning_too() -> None:
    said = origin_warning(lambda *_: OriginAnswers(silent="no connection"), ORIGIN, refresh(A))
    assert said == f"the origin {ORIGIN} could not be asked whether it has the URLs of this refresh: no connection"


def test_of_many_urls_the_first_ones_are_asked_for_and_a_few_are_named() -> None:
    asked: list[tuple[str, int, float]] = []

    def read(origin: str, urls: Sequence[str], within_s: float) -> OriginAnswers:
        asked.append((origin, len(urls), within_s))
        return OriginAnswers(urls)

    said = origin_warning(read, ORIGIN, refresh(*(f"{A}?v={number}" for number in range(1000))))
    assert asked == [(ORIGIN, MAX_ASKED, WITHIN_S)]
    assert "for 100 of 100 URLs" in said
    assert "  … and 90 more\n" in said


@pytest.mark.parametrize(
    ("origin", "spec"),
    [
        (None, refresh(A)),
        (ORIGIN, refresh("https://a.example.com/x/", object_type=ObjectType.DIRECTORY)),
        (ORIGIN, refresh("https://a.example.com/.*", object_type=ObjectType.REGEX)),
        (ORIGIN, refresh(A, object_type=ObjectType.PRELOAD, kind=Kind.PREFETCH)),
        (ORIGIN, refresh()),
    ],
)
def test_where_there_is_nothing_to_ask_for_nothing_is_asked(origin: str | None, spec: TaskSpec) -> None:
    def read(*_: object) -> OriginAnswers:
        raise AssertionError

    assert origin_warning(read, origin, spec) == ""
