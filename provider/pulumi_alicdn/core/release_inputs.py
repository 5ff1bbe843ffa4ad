"""The options of a release as users write them: the rules that they must keep to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from pulumi_alicdn.core.errors import InputError
from pulumi_alicdn.core.globs import check_globs
from pulumi_alicdn.core.places import Place, parse_edge, parse_origin
from pulumi_alicdn.core.problems import Problem, show
from pulumi_alicdn.core.release_policy import FirstRelease, Policy, Strategy
from pulumi_alicdn.core.tasks import Service
from pulumi_alicdn.core.urls import check_base_urls

MOST_S: Final = 86_400.0
"""The longest time of a proof, in seconds: a day."""


class Verify(StrEnum):
    """How much of a release is looked at on the edges."""

    ALL = "all"
    SAMPLE = "sample"
    OFF = "off"


def check_release(options: Mapping[str, Any]) -> list[Problem]:
    """All broken rules of an AssetRelease's own options; those of its tasks are theirs."""
    return list(_problems(options))


def _problems(options: Mapping[str, Any]) -> Iterator[Problem]:
    for name, kind in (
        ("service", Service),
        ("first_release", FirstRelease),
        ("strategy", Strategy),
        ("verify", Verify),
    ):
        yield from _one_of(name, options[name], kind)
    if not isinstance(options["directory"], str) or not options["directory"]:
        yield Problem("directory", f"directory is {show(options['directory'])}, but must be the path of a folder")
    yield from check_base_urls("base_urls", options["base_urls"])
    for name in ("include", "exclude", "prefetch"):
        yield from check_globs(name, options[name])
    yield from _names("index_files", options["index_files"])
    if not isinstance(options["triggers"], list | tuple):
        yield Problem("triggers", f"triggers is {show(options['triggers'])}, but must be a list of values")
    if not _whole(options["max_files"]) or options["max_files"] < 0:
        yield Problem("max_files", f"max_files is {show(options['max_files'])}, but must be a whole number from 0")
    for name, least in (("proof_timeout", "above 0"), ("proof_patience", "from 0")):
        value = options[name]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not (0 < value <= MOST_S or (value == 0 and least == "from 0")):
            yield Problem(name, f"{name} is {show(value)}, but must be a number of seconds {least} to {MOST_S:.0f}")
    for name in ("summary_file", "report_file"):
        value = options[name]
        if value is not None and (not isinstance(value, str) or not value):
            yield Problem(name, f"{name} is {show(value)}, but must be the path of a file")
    yield from _places(options)


def _places(options: Mapping[str, Any]) -> Iterator[Problem]:
    if options["edges"] not in (None, [], ()):
        yield from _edges("edges", options["edges"])
    resolve = options["resolve"]
    if isinstance(resolve, Mapping):
        for host, edges in resolve.items():
            yield from _edges(f"resolve[{show(host)}]", edges)
    elif resolve is not None:
        yield Problem("resolve", f"resolve is {show(resolve)}, but must map each host to a list of its edges")
    if not isinstance(options["origin_host"], str):
        yield Problem("origin_host", f"origin_host is {show(options['origin_host'])}, but must be the name of a host")
    yield from _place("origin", options["origin"], parse_origin)


def _edges(name: str, value: object) -> Iterator[Problem]:
    if not isinstance(value, list | tuple) or not value:
        yield Problem(name, f"{name} is {show(value)}, but must be a list of edges such as ['203.0.113.7:443']")
        return
    for index, edge in enumerate(value):
        yield from _place(f"{name}[{index}]", edge, parse_edge)


def _place(name: str, value: object, parse: Callable[..., Place]) -> Iterator[Problem]:
    if value is None and name == "origin":
        return
    if not isinstance(value, str):
        yield Problem(name, f"{name} is {show(value)}, but must be an address as text")
        return
    try:
        parse(value, name=name)
    except InputError as error:
        yield Problem(name, str(error))


def _one_of(name: str, value: object, kind: type[StrEnum]) -> Iterator[Problem]:
    allowed = [str(one) for one in kind]
    if value not in allowed:
        yield Problem(name, f"{name} is {show(value)}, but must be one of {', '.join(map(repr, allowed))}")


def _names(name: str, value: object) -> Iterator[Problem]:
    sound = isinstance(value, list | tuple) and all(
        isinstance(one, str) and one and "/" not in one and one not in (".", "..") for one in value
    )
    if not sound:
        yield Problem(name, f"{name} is {show(value)}, but must be a list of file names such as ['index.html']")


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def policy(options: Mapping[str, Any]) -> Policy:
    """The decisions of *options*, which keep to the rules."""
    return Policy(
        service=Service(options["service"]),
        base_urls=tuple(options["base_urls"]),
        prefetch=tuple(options["prefetch"]),
        first_release=FirstRelease(options["first_release"]),
        strategy=Strategy(options["strategy"]),
        max_files=options["max_files"],
        index_files=tuple(options["index_files"]),
    )
