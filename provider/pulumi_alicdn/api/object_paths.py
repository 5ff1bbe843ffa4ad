"""Object paths: their rules, their canonical spelling, and batches within the limits of a submit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import SplitResult, urlsplit

from pulumi_alicdn.api.limits import MAX_PREFETCH_PATH_LENGTH, BatchLimits
from pulumi_alicdn.api.spec import ObjectType
from pulumi_alicdn.phrases import show_address
from pulumi_alicdn.validation import Problem, elements, list_of, named_once

_ESCAPE: Final = re.compile(r"%[0-9a-fA-F]{2}")
_URL: Final = re.compile(r"(?:([a-zA-Z][a-zA-Z0-9+.-]*)://)?([^/?#]*)(.*)", re.DOTALL)


def split(path: str) -> SplitResult | None:
    """Split an object path into its parts; None if it is not a URL (an unclosed bracket, a port with letters)."""
    try:
        parts = urlsplit(path)
        _ = parts.port
    except ValueError:
        return None
    return parts


def domain(path: str) -> str:
    """Return the accelerated domain of an object path, in lower case; empty if it has none."""
    parts = split(path)
    return (parts.hostname or "") if parts is not None else ""


def canonical(path: str) -> str:
    """Return the canonical spelling of an object path: scheme, host and percent-escapes in one case.

    The service may list an object in another spelling than it was submitted; one without a scheme counts as http.
    """
    found = _URL.fullmatch(path)
    scheme, authority, rest = found.groups() if found is not None else (None, "", path)
    if not rest.startswith("/"):
        rest = f"/{rest}"
    return f"{(scheme or 'http').lower()}://{authority.lower()}{_ESCAPE.sub(lambda match: match[0].upper(), rest)}"


def batches(paths: tuple[str, ...], limits: BatchLimits) -> Iterator[tuple[str, ...]]:
    """Cut *paths* into submits within *limits*; each is filled before the next, and each path is in one of them.

    If the number of domains is limited, the paths of a domain are grouped, in the order of the domains' first paths.
    """
    batch: list[str] = []
    domains: set[str] = set()
    for path in paths if limits.domains is None else _by_domain(paths):
        host = domain(path)
        too_many_domains = limits.domains is not None and host not in domains and len(domains) == limits.domains
        if batch and (len(batch) == limits.objects or too_many_domains):
            yield tuple(batch)
            batch, domains = [], set()
        batch.append(path)
        domains.add(host)
    if batch:
        yield tuple(batch)


def _by_domain(paths: tuple[str, ...]) -> list[str]:
    groups: dict[str, list[str]] = {}
    for path in paths:
        groups.setdefault(domain(path), []).append(path)
    return [path for group in groups.values() for path in group]


_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?", re.IGNORECASE)
"""One part of a domain name (RFC 1123, section 2.1, and the underscore that some names have)."""


def path_problem(path: object, object_type: ObjectType | None) -> str:
    """Return the rule that *path* breaks, as the end of a sentence that starts with its name; else empty.

    If *object_type* is None, the rules that depend on it are skipped.
    """
    if not isinstance(path, str):
        return f"is {show_address(path)}, but must be a URL"
    quoted = show_address(path)
    if not path.strip():
        return f"is {quoted}, but must be a URL such as 'https://media.example.com/index.html'"
    if "\n" in path or "\r" in path:
        return f"is {quoted}, which holds a line break; make each URL a separate element"
    if any(letter.isspace() or ord(letter) < 32 or ord(letter) == 127 for letter in path):  # noqa: PLR2004  controls
        return f"is {quoted}, which holds white space; percent-encode it as %20"
    if not path.isascii():
        return f"is {quoted}, which holds letters outside ASCII; percent-encode them as UTF-8"
    return _url_problem(path, quoted) or (_type_problem(path, quoted, object_type) if object_type else "")


def _url_problem(path: str, quoted: str) -> str:
    scheme, separator, rest = path.partition("://")
    if not separator or scheme.lower() not in ("http", "https"):
        return f"is {quoted}, but must begin with http:// or https://"
    if "*" in re.split(r"[/?#]", rest, maxsplit=1)[0]:
        return f"is {quoted}, but the domain must not be a wildcard; name each accelerated domain"
    parts = split(path)
    if parts is None or not parts.hostname:
        return f"is {quoted}, which names no domain"
    if parts.username is not None or parts.password is not None:
        return f"is {quoted}, but must not hold a user name or password"
    labels = parts.hostname.removesuffix(".").split(".")
    if not all(_LABEL.fullmatch(label) for label in labels) or (len(labels) == 1 and labels != ["localhost"]):
        return f"is {quoted}, whose domain {parts.hostname!r} is not a full domain name"
    return ""


def _type_problem(path: str, quoted: str, object_type: ObjectType) -> str:  # noqa: PLR0911  one return a rule
    if object_type is ObjectType.REGEX:
        return ""
    if "#" in path:
        return f"is {quoted}, but a fragment (#...) never reaches an edge; leave it out"
    after_domain = path.split("://", 1)[1]
    authority = re.split(r"[/?]", after_domain, maxsplit=1)[0]
    if object_type is ObjectType.DIRECTORY:
        if "?" in path:
            return f"is {quoted}, but a directory has no query; leave out what follows the ?"
        if not path.endswith("/"):
            return f"is {quoted}, but a directory must end with /"
    elif not after_domain[len(authority) :].startswith("/"):
        root = path.replace(authority, f"{authority}/", 1)
        return f"is {quoted}, which names a domain but no object; write {root!r} for its root"
    if object_type is ObjectType.PRELOAD:
        if len(path) > MAX_PREFETCH_PATH_LENGTH:
            return f"has {len(path)} characters, but a prefetch takes {MAX_PREFETCH_PATH_LENGTH} at most"
        if path.endswith("/") and after_domain.count("/") > 1:
            return f"is {quoted}, but a directory cannot be prefetched; name the objects in it"
    return ""


def duplicates(paths: Sequence[object]) -> Iterator[tuple[int, int, str]]:
    """Yield the positions (first, again) of objects that are named twice, in any spelling, and the second spelling."""
    seen: dict[str, int] = {}
    for index, path in enumerate(paths):
        if not isinstance(path, str):
            continue
        first = seen.setdefault(canonical(path), index)
        if first != index:
            yield first, index, path


def check_object_paths(option: str, value: object, object_type: ObjectType | None) -> Iterator[Problem]:
    """Check *option*, a list of object paths, and yield each broken rule; *object_type* as in :func:`path_problem`."""
    if value in ([], ()):
        yield Problem(option, "is empty, but must name at least one URL")
    yield from list_of(option, value, "a list of URLs", lambda path: path_problem(path, object_type))
    yield from named_once(option, duplicates(elements(value)), "object")
