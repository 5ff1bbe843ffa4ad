"""Object paths: their parts, their canonical spelling, and batches within the limits of a submit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import SplitResult, urlsplit

from pulumi_alicdn.api.limits import BatchLimits

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


_DEFAULT_PORT: Final = re.compile(
    r"(http://[^/?#]*):(?:80)?(?=[/?#]|$)|(https://[^/?#]*):(?:443)?(?=[/?#]|$)", re.IGNORECASE
)


def without_default_port(path: str) -> str:
    """Return *path* without `:80` after http and `:443` after https, which visitors' requests do not name.

    Other ports stay: no document says what the service does with them.
    """
    found = _DEFAULT_PORT.match(path)
    return path if found is None else (found[1] or found[2]) + path[found.end() :]


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


def duplicates(paths: Sequence[object]) -> Iterator[tuple[int, int, str]]:
    """Yield the positions (first, again) of objects that are named twice, in any spelling, and the second spelling."""
    seen: dict[str, int] = {}
    for index, path in enumerate(paths):
        if not isinstance(path, str):
            continue
        first = seen.setdefault(canonical(without_default_port(path)), index)
        if first != index:
            yield first, index, path
