"""From a file's path in its folder to its URLs, under each base URL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

from pulumi_alicdn.api.object_paths import duplicates, path_problem
from pulumi_alicdn.api.spec import ObjectType
from pulumi_alicdn.phrases import show_address
from pulumi_alicdn.validation import Problem, elements, list_of, named_once

MAX_BASE_URLS: Final = 100
"""[chosen: the directories of one submit and of one day, so that a refresh of all base URLs is never out of reach, and
never takes more calls than their files would]"""

_SAFE: Final = "/!$&'()*+,;=:@"
"""What needs no escape in a path besides letters, digits and `-._~` (RFC 3986, section 3.3, `pchar`): a URL is sent as
browsers send it, since an edge may keep two spellings as two objects."""

_BAD_ESCAPE: Final = re.compile(r"%(?![0-9a-fA-F]{2})")


def _base_url_problem(url: object) -> str:
    """What is wrong with a base URL, as the end of a sentence that starts with its name; empty where nothing is."""
    reason = path_problem(url, None)
    if reason or not isinstance(url, str):
        return reason
    quoted = show_address(url)
    if "?" in url or "#" in url:
        return f"is {quoted}, but a base URL has neither a query nor a fragment; leave out what follows the ? or #"
    if _BAD_ESCAPE.search(url):
        return f"is {quoted}, which holds a % that begins no escape; write %25 for the letter itself"
    if {".", ".."} & set(url.split("/")[3:]):
        return f"is {quoted}, but must not hold the parts '.' or '..'"
    return path_problem(directory_url(url), ObjectType.DIRECTORY)


def check_base_urls(option: str, value: object) -> Iterator[Problem]:
    """All broken rules of *option*, a list of base URLs; None and what is not known yet break none."""
    urls = elements(value)
    if len(urls) > MAX_BASE_URLS:
        yield Problem(option, f"names {len(urls)} URLs, but may name {MAX_BASE_URLS} at most")
    problems = list(list_of(option, value, "a list of at least one URL", _base_url_problem, filled=True))
    yield from problems
    if not problems:
        same = duplicates([directory_url(url) if isinstance(url, str) else url for url in urls])
        yield from named_once(option, same, "URL")


def directory_url(base_url: str) -> str:
    """*base_url* with the slash at its end, which users may leave out."""
    return base_url if base_url.endswith("/") else f"{base_url}/"


def file_url(base_url: str, path: str) -> str:
    """The URL of the file at *path*: the bytes of its name, as they are on disk, in UTF-8, escaped where they must be.

    No Unicode normalization: an origin serves the name that was uploaded.
    """
    return directory_url(base_url) + quote(path, safe=_SAFE)


def folder_url(base_url: str, folder: str) -> str:
    """The directory URL of *folder*, a path without a slash at its end; the empty one is the folder itself."""
    return file_url(base_url, f"{folder}/") if folder else directory_url(base_url)


def index_folder(path: str, index_files: Sequence[str]) -> str | None:
    """The folder for which the file at *path* stands as its index; None for any other file."""
    folder, _, name = path.rpartition("/")
    return folder if name in index_files else None


def urls(base_url: str, path: str, index_files: Sequence[str]) -> tuple[str, ...]:
    """All URLs at which the file at *path* is served: its own, and its folder's where it is the folder's index."""
    folder = index_folder(path, index_files)
    own = file_url(base_url, path)
    return (own,) if folder is None else (own, folder_url(base_url, folder))
