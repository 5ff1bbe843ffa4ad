"""Base URLs, and the URLs of a file below each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

from pulumi_alicdn.api.object_paths import duplicates, without_default_port
from pulumi_alicdn.api.paths.path_checks import url_problem
from pulumi_alicdn.phrases import show_server
from pulumi_alicdn.validation import Problem, elements, list_of, named_once

MAX_BASE_URLS: Final = 100
"""[chosen: one submit and one day's quota allow 100 directories; a directory refresh of all base URLs is then always
possible, and never takes more calls than a refresh of their files]"""

_SAFE: Final = "/!$&'()+,;=:@"
"""Characters that need no escape in a path, besides letters, digits and `-._~` (RFC 3986, section 3.3, `pchar`). URLs
are spelled as browsers spell them, since an edge may store two spellings as two objects. Only a * is escaped, which a
reader of a URL takes for a pattern, and so is a comma or semicolon at the end of a name."""

_LAST: Final = re.compile("[,;]$")


def _base_url_problem(url: object) -> str:
    """Return the rule that a base URL breaks, as the end of a sentence that starts with its name; else empty."""
    reason = url_problem(url)
    if not reason and isinstance(url, str) and ("?" in url or "#" in url):
        quoted = show_server(url)
        return f"is {quoted}, but a base URL has neither a query nor a fragment; leave out what follows the ? or #"
    return reason


def check_base_urls(option: str, value: object) -> Iterator[Problem]:
    """Check *option*, a list of base URLs, and yield each broken rule; None and unknown values break none."""
    urls = elements(value)
    if len(urls) > MAX_BASE_URLS:
        yield Problem(option, f"names {len(urls)} URLs, but may name {MAX_BASE_URLS} at most")
    problems = list(list_of(option, value, "a list of at least one URL", _base_url_problem, filled=True))
    yield from problems
    if not problems:
        same = duplicates([directory_url(url) if isinstance(url, str) else url for url in urls])
        yield from named_once(option, same, "URL")


def directory_url(base_url: str) -> str:
    """Return *base_url* with a slash at its end, which users may leave out, and without the scheme's default port."""
    return without_default_port(base_url if base_url.endswith("/") else f"{base_url}/")


def file_url(base_url: str, path: str) -> str:
    """Return the URL of the file at *path*, encoded as UTF-8 and percent-escaped where RFC 3986 requires it.

    The name is not normalized (Unicode): an origin serves a file under the name that was uploaded.
    """
    return directory_url(base_url) + escaped(path)


def escaped(path: str) -> str:
    """Return *path*, the name of a file, as it is spelled in a URL."""
    return _LAST.sub(lambda last: f"%{ord(last[0]):02X}", quote(path, safe=_SAFE))


def folder_url(base_url: str, folder: str) -> str:
    """Return the directory URL of *folder*, a path without a slash at its end; the empty path is the top folder."""
    return file_url(base_url, f"{folder}/") if folder else directory_url(base_url)


def index_folder(path: str, index_files: Sequence[str]) -> str | None:
    """Return the folder whose index file is at *path*; None if the file is not an index file."""
    folder, _, name = path.rpartition("/")
    return folder if name in index_files else None


def urls(base_url: str, path: str, index_files: Sequence[str]) -> tuple[str, ...]:
    """Return all URLs of the file at *path*: its own, and for an index file also that of its folder."""
    folder = index_folder(path, index_files)
    own = file_url(base_url, path)
    return (own,) if folder is None else (own, folder_url(base_url, folder))
