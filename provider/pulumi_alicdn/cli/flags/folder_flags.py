"""The options for a folder and for the edges that serve it, which `verify` and `release` share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

import click

from pulumi_alicdn.errors import InputError
from pulumi_alicdn.phrases import show, show_address
from pulumi_alicdn.releases.network.budget import MAX_BYTES, MAX_REQUESTS, MAX_SECONDS
from pulumi_alicdn.releases.proof.judge import USER_AGENT
from pulumi_alicdn.releases.proof.servers import EdgeSource
from pulumi_alicdn.validation import Problem

F = TypeVar("F", bound=Callable[..., Any])

NAMES: Final = {"base_urls": "--base-url", "index_files": "--index", "edges": "--edge"}
"""Flags of a release's options that are not simply the option's name with dashes."""


def folder(*, required: bool = False) -> Callable[[F], F]:
    """Add ``--directory``, ``--base-url``, ``--include`` and ``--exclude``; the first two may be *required*."""
    return lambda command: _added(
        command,
        click.option("--directory", metavar="FOLDER", required=required, help="The folder whose files are served."),
        click.option(
            "--base-url",
            "base_urls",
            metavar="URL",
            multiple=True,
            required=required,
            help="Where FOLDER is served; may be repeated.",
        ),
        click.option("--include", metavar="GLOB", multiple=True, help="Only these files of FOLDER; may be repeated."),
        click.option("--exclude", metavar="GLOB", multiple=True, help="Not these files of FOLDER; may be repeated."),
    )


def index(otherwise: str) -> Callable[[F], F]:
    """Add ``--index``; *otherwise* says what counts without it."""
    return click.option(
        "--index",
        "index_files",
        metavar="NAME",
        multiple=True,
        help=f"A file name that is also served at its folder's URL; may be repeated. Default: {otherwise}.",
    )


def servers(command: F) -> F:
    """Add ``--user-agent``, ``--edge``, ``--resolve``, ``--origin`` and ``--origin-host``."""
    return _added(
        command,
        click.option(
            "--user-agent",
            metavar="TEXT",
            default=USER_AGENT,
            show_default=True,
            help="The User-Agent of the checks; `browser` for that of an ordinary browser.",
        ),
        click.option(
            "--edge",
            "edges",
            metavar="HOST[:PORT]",
            multiple=True,
            help="An edge to check; may be repeated. Default: those of --edges.",
        ),
        click.option(
            "--resolve", metavar="HOST=EDGE[,EDGE]", multiple=True, help="The edges of one host; may be repeated."
        ),
        click.option("--origin", metavar="URL", help="The origin; shows whether it or an edge is stale."),
        click.option(
            "--origin-host", metavar="NAME", default="", help="The Host header that the origin expects; else the URL's."
        ),
    )


def nodes(default: EdgeSource) -> Callable[[F], F]:
    """Add ``--edges``, where nothing stands for *default*, and ``--proof-budget``."""
    return lambda command: _added(
        command,
        click.option(
            "--edges",
            "edge_source",
            type=click.Choice([str(one) for one in EdgeSource]),
            help="Check all nodes of the domain that the service lists, or the edges that DNS lists here. Without the "
            f"right to list nodes, those of DNS are checked. Default: {default}.",
        ),
        click.option(
            "--proof-budget",
            metavar="NAME=N[,NAME=N]",
            help="What the checks may use: requests, bytes (of bodies) and seconds; default for nodes that the service "
            f"lists: requests={MAX_REQUESTS},bytes={MAX_BYTES},seconds={MAX_SECONDS:.0f}.",
        ),
    )


def _added(command: F, *options: Callable[[F], F]) -> F:
    for option in reversed(options):
        command = option(command)
    return command


def resolved(texts: Sequence[str]) -> dict[str, list[str]]:
    """Read the values of ``--resolve``. Raises InputError."""
    found: dict[str, list[str]] = {}
    for text in texts:
        host, separator, edges = text.partition("=")
        if not separator or not host.strip():
            raise InputError(
                f"--resolve is {show_address(text)}, but must be HOST=EDGE, such as media.example.com=203.0.113.7"
            )
        found.setdefault(host.strip().lower(), []).extend(edge.strip() for edge in edges.split(","))
    return found


def budget(text: str | None) -> dict[str, float] | None:
    """Read the value of ``--proof-budget``. Raises InputError."""
    if text is None:
        return None
    found: dict[str, float] = {}
    for part in text.split(","):
        name, _, number = part.partition("=")
        try:
            value = float(number)
        except ValueError:
            raise InputError(
                f"--proof-budget is {show(text)}, but must be NAME=N, such as requests=5000,seconds=60"
            ) from None
        found[name.strip()] = int(value) if value.is_integer() else value
    return found


def edges_of(given: Mapping[str, Any]) -> list[str] | str | None:
    """Return the option ``edges`` of a release: the edges that are named, else where they come from."""
    return list(given["edges"]) or given["edge_source"]


def check_origin_host(origin: str | None, origin_host: str) -> Iterator[Problem]:
    """Yield a problem where ``--origin-host`` is given without ``--origin``: it would change nothing."""
    if origin_host and not origin:
        yield Problem("origin_host", f"is {show_address(origin_host)}, but goes with --origin only")
