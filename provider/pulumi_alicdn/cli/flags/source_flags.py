"""The options for what has no URL to name: media of VOD by their ids, and objects of CDN by their cache tags."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import click

from pulumi_alicdn.api.limits import MAX_SLICES, MEDIA_FORMATS, STREAM_TYPES
from pulumi_alicdn.api.spec import ObjectType, Service
from pulumi_alicdn.cli import url_lists
from pulumi_alicdn.cli.flags import common_flags
from pulumi_alicdn.validation import Subject

F = TypeVar("F", bound=Callable[..., Any])

FLAGS: Final = {
    "media_ids": "--media-id",
    "formats": "--format",
    "definitions": "--definition",
    "cache_tags": "--cache-tag",
    "domain_name": "--domain",
}
"""The flags of options that have another name in a program."""

_LISTS: Final = ("media_ids", "formats", "definitions", "cache_tags")
_MEDIA: Final = (
    click.option("--media-id", "media_ids", metavar="ID", multiple=True, help="A medium of VOD; may be repeated."),
    click.option(
        "--format",
        "formats",
        type=click.Choice(MEDIA_FORMATS),
        multiple=True,
        help="Only streams of the media in this format; may be repeated.",
    ),
    click.option(
        "--definition",
        "definitions",
        metavar="NAME",
        multiple=True,
        help="Only streams of the media in this definition, such as HD; may be repeated.",
    ),
    click.option("--stream-type", type=click.Choice(STREAM_TYPES), help="Only these streams of the media."),
    click.option(
        "--slices",
        type=common_flags.WHOLE_NUMBER,
        metavar="N",
        help=f"How many ts files go with each m3u8 stream, up to {MAX_SLICES}.",
    ),
)
_TAGS: Final = (
    click.option(
        "--cache-tag", "cache_tags", metavar="TAG", multiple=True, help="A cache tag of CDN; may be repeated."
    ),
    click.option("--domain", "domain_name", metavar="NAME", help="The domain of the cache tags."),
)


def media(command: F) -> F:
    """Add ``--media-id`` and what goes with it."""
    return _with(_MEDIA, command)


def media_and_tags(command: F) -> F:
    """Add ``--media-id``, ``--cache-tag`` and what goes with them."""
    return _with((*_MEDIA, *_TAGS), command)


def _with(options: tuple[Callable[[F], F], ...], command: F) -> F:
    for option in reversed(options):
        command = option(command)
    return command


def source(given: Mapping[str, object], file: str | None) -> tuple[dict[str, object], dict[Subject, str]]:
    """Return the options of a task that say what is refreshed or fetched, and the places of its URLs.

    ``service`` is None if neither the user nor what is named says it. Raises InputError if nothing is named.
    """
    named = {name: given[name] for name in (*FLAGS, "stream_type", "slices") if given.get(name)}
    named |= {name: list(dict.fromkeys(values)) for name in _LISTS if isinstance(values := named.get(name), tuple)}
    without_urls = "media_ids" in named or "cache_tags" in named
    service = given["service"]
    if without_urls and service is None:
        # Either belongs to one product alone: users need not name it.
        service = Service.VOD if "media_ids" in named else Service.CDN
    urls = given["urls"]
    if not isinstance(urls, tuple) or (without_urls and not urls and file is None):
        return {"service": service, **named, "object_type": given.get("object_type")}, {}
    listed = url_lists.urls(urls, file)
    object_type = given.get("object_type") or str(ObjectType.FILE)
    return {"service": service, **named, "object_type": object_type, "object_paths": listed.urls}, listed.places
