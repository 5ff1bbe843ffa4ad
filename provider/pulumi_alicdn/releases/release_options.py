"""The options of a release: the rules for what users write, and the checked values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.errors import InputError
from pulumi_alicdn.releases.globs import check_globs
from pulumi_alicdn.releases.proof.servers import Server, parse_edge, parse_origin
from pulumi_alicdn.releases.urls import check_base_urls
from pulumi_alicdn.validation import Problem, show

MAX_S: Final = 86_400.0
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
        if not number or not (0 < value <= MAX_S or (value == 0 and least == "from 0")):
            yield Problem(name, f"{name} is {show(value)}, but must be a number of seconds {least} to {MAX_S:.0f}")
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


def _place(name: str, value: object, parse: Callable[..., Server]) -> Iterator[Problem]:
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


DEFAULT_MAX_FILES: Final = 1000
"""Files that are refreshed one by one before a directory is refreshed instead. [chosen: what one call carries, and half
of VOD's 2,000 URLs a day]"""


class Strategy(StrEnum):
    """How what changed is refreshed: by its files, by a directory, or as number and quota suggest."""

    FILES = "files"
    DIRECTORY = "directory"
    AUTO = "auto"


class FirstRelease(StrEnum):
    """What is done when nothing is known of an earlier release.

    ``refresh``: refresh every file, then prefetch as ever. ``prefetch``: edges hold nothing yet, only prefetch.
    ``nothing``: only record what is there.
    """

    REFRESH = "refresh"
    PREFETCH = "prefetch"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The decisions. ``base_urls`` and ``prefetch`` have passed the rules of releases/urls.py and releases/globs.py.

    ``max_files``: with strategy ``auto``, the most files that are refreshed one by one. ``index_files``: the names of
    files that also stand for their folder's URL; empty for none.
    """

    service: Service
    base_urls: tuple[str, ...]
    prefetch: tuple[str, ...] = ()
    first_release: FirstRelease = FirstRelease.REFRESH
    strategy: Strategy = Strategy.AUTO
    max_files: int = DEFAULT_MAX_FILES
    index_files: tuple[str, ...] = ("index.html",)
