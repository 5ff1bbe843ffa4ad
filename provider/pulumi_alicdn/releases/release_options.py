"""The options of a release: the rules for what users write, and the checked values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from pulumi_alicdn.api.hosts import check_origin
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.phrases import kind_of, show
from pulumi_alicdn.releases.globs import Selection, check_globs
from pulumi_alicdn.releases.network.budget import check_proof_budget
from pulumi_alicdn.releases.proof.edge_access import check_request_headers
from pulumi_alicdn.releases.proof.servers import check_edges, check_resolve
from pulumi_alicdn.releases.proof.url_signing import check_url_auth
from pulumi_alicdn.releases.proof.visitors import check_user_agent
from pulumi_alicdn.releases.urls import check_base_urls
from pulumi_alicdn.validation import UNKNOWN, Problem, boolean, list_of, number, one_of, text, whole

MAX_S: Final = 86_400.0
"""The longest timeout and the longest patience of a proof, in seconds: a day."""


MAX_HEALS: Final = 5
"""How often one run refreshes stale URLs again at most. [chosen: an edge that several refreshes do not reach has a
fault that another one does not cure]"""

DEFAULT_HEALS: Final = 1
"""How often one run refreshes stale URLs again by default. [chosen: a node behind an edge can hand out its old copy
once more]"""


class RequiredProof(StrEnum):
    """What a release does that is not proven in the end: it fails, or it warns and goes on."""

    REQUIRE = "require"
    WARN = "warn"


class Verify(StrEnum):
    """How much of a release is probed on the edges."""

    ALL = "all"
    SAMPLE = "sample"
    OFF = "off"


def check_release(options: Mapping[str, Any]) -> list[Problem]:
    """Check the own options of an AssetRelease; the options of its tasks are checked with the tasks."""
    return list(_problems(options))


def _problems(options: Mapping[str, Any]) -> Iterator[Problem]:
    yield from one_of("service", options["service"], Service)
    for name, kind in (
        ("first_release", FirstRelease),
        ("strategy", Strategy),
        ("verify", Verify),
        ("removed", Removed),
        ("proof", RequiredProof),
    ):
        yield from one_of(name, options[name], kind, required=True)
    yield from text("directory", options["directory"], "the path of a folder", required=True)
    yield from check_base_urls("base_urls", options["base_urls"])
    for name in ("include", "exclude", "prefetch"):
        yield from check_globs(name, options[name])
    yield from _file_names("index_files", options["index_files"])
    for name in ("allow_empty", "allow_mass_removal"):
        yield from boolean(name, options[name], required=True)
    if options["triggers"] is not UNKNOWN and not isinstance(options["triggers"], list | tuple):
        # Never show a trigger: it may be secret.
        yield Problem("triggers", f"is {kind_of(options['triggers'])}, but must be a list of values")
    yield from whole("max_files", options["max_files"], 0, required=True)
    yield from whole("heal", options["heal"], 0, MAX_HEALS, required=True)
    yield from check_times(options)
    yield from check_user_agent("user_agent", options["user_agent"])
    for name in ("summary_file", "report_file"):
        yield from text(name, options[name], "the path of a file")
    yield from check_edges("edges", options["edges"])
    yield from check_proof_budget("proof_budget", options.get("proof_budget"))
    yield from check_resolve("resolve", options["resolve"])
    yield from check_url_auth("url_auth", options.get("url_auth"))
    yield from check_request_headers("request_headers", options.get("request_headers"))
    if options["origin_host"] is not UNKNOWN and not isinstance(options["origin_host"], str):
        yield Problem("origin_host", f"is {show(options['origin_host'])}, but must be the name of a host")
    yield from check_origin("origin", options["origin"])


def check_times(options: Mapping[str, Any]) -> Iterator[Problem]:
    """Check ``proof_timeout`` and ``proof_patience``, both in seconds, and yield each broken rule."""
    wanted = f"a number of seconds above 0 and up to {MAX_S:.0f} (24 hours)"
    yield from number("proof_timeout", options["proof_timeout"], wanted, lambda s: 0 < s <= MAX_S, required=True)
    wanted = f"a number of seconds from 0 to {MAX_S:.0f} (24 hours)"
    yield from number("proof_patience", options["proof_patience"], wanted, lambda s: 0 <= s <= MAX_S, required=True)


def _file_names(option: str, value: object) -> Iterator[Problem]:
    if value is None:
        yield Problem(option, "is None, but must be a list of file names such as ['index.html']")
    yield from list_of(option, value, "a list of file names such as ['index.html']", _file_name_problem)


def _file_name_problem(name: object) -> str:
    sound = isinstance(name, str) and name and "/" not in name and name not in (".", "..")
    return "" if sound else f"is {show(name)}, but must be a file name such as index.html"


def policy(options: Mapping[str, Any]) -> Policy:
    """Read the policy from *options*, which have passed the rules."""
    return Policy(
        service=Service(options["service"]),
        base_urls=tuple(options["base_urls"]),
        prefetch=tuple(options["prefetch"]),
        first_release=FirstRelease(options["first_release"]),
        strategy=Strategy(options["strategy"]),
        max_files=int(options["max_files"]),
        index_files=tuple(options["index_files"]),
        selection=Selection(tuple(options["include"]), tuple(options["exclude"])),
        removed=Removed(options["removed"]),
        allow_mass_removal=bool(options["allow_mass_removal"]),
        heal=int(options["heal"]),
    )


INDEX_FILES: Final = ("index.html",)
"""Names of files that are served at their folder's URL too, if the user names none. Only `/` then has to serve one:
many origins, such as OSS by default, do not serve those of other folders."""

DEFAULT_MAX_FILES: Final = 1000
"""The most files that are refreshed one by one; for more, a directory is refreshed. [chosen: one call carries as many,
and it is half of VOD's 2,000 URLs a day]"""


class Strategy(StrEnum):
    """How a release refreshes: file by file, as a directory, or whichever suits number and quota."""

    FILES = "files"
    DIRECTORY = "directory"
    AUTO = "auto"


class FirstRelease(StrEnum):
    """What to do while no earlier release is known.

    ``refresh``: refresh every file, then prefetch as usual. ``prefetch``: only prefetch, since edges hold nothing yet.
    ``nothing``: only record the files.
    """

    REFRESH = "refresh"
    PREFETCH = "prefetch"
    NOTHING = "nothing"


class Removed(StrEnum):
    """What to do about a file that left the folder.

    ``settle``: refresh it once the origin has it no longer; until then it is pending. ``require``: refresh it, and fail
    while the origin still has it. ``ignore``: nothing.
    """

    SETTLE = "settle"
    REQUIRE = "require"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Options that decide what is submitted. All of them have passed the rules of :func:`check_release`.

    ``max_files``: with strategy ``auto``, the most files that are refreshed one by one. ``index_files``: names of files
    that are also served at their folder's URL; may be empty. ``selection``: the files that count; a file that it leaves
    out was not removed. ``allow_mass_removal``: whether a release may remove more than half of the files.
    ``heal``: how often a run refreshes stale URLs again.
    """

    service: Service
    base_urls: tuple[str, ...]
    prefetch: tuple[str, ...] = ()
    first_release: FirstRelease = FirstRelease.REFRESH
    strategy: Strategy = Strategy.AUTO
    max_files: int = DEFAULT_MAX_FILES
    index_files: tuple[str, ...] = ("index.html",)
    selection: Selection = field(default_factory=Selection)
    removed: Removed = Removed.SETTLE
    allow_mass_removal: bool = False
    heal: int = DEFAULT_HEALS
