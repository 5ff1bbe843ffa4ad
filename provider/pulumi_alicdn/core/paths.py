"""Object paths: taking them apart, telling whether two are the same, cutting a list into submits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from pulumi_alicdn.core.limits import BatchLimits

_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_URL = re.compile(r"(?:([a-zA-Z][a-zA-Z0-9+.-]*)://)?([^/?#]*)(.*)", re.DOTALL)


def split(path: str) -> SplitResult | None:
    """The parts of an object path, None where it is no URL at all (an unclosed bracket, a port that is no number)."""
    try:
        parts = urlsplit(path)
        _ = parts.port
    except ValueError:
        return None
    return parts


def domain(path: str) -> str:
    """The accelerated domain of an object path, in lower case; empty where there is none."""
    parts = split(path)
    return (parts.hostname or "") if parts is not None else ""


def canonical(path: str) -> str:
    """One spelling for all spellings of the same object: scheme, host and percent-escapes in one case.

    The service answers what was submitted, but need not do so letter by letter; what it lists without a scheme counts
    as http.
    """
    found = _URL.fullmatch(path)
    scheme, authority, rest = found.groups() if found is not None else (None, "", path)
    if not rest.startswith("/"):
        rest = f"/{rest}"
    return f"{(scheme or 'http').lower()}://{authority.lower()}{_ESCAPE.sub(lambda match: match[0].upper(), rest)}"


def batches(paths: tuple[str, ...], limits: BatchLimits) -> Iterator[tuple[str, ...]]:
    """Cut *paths* into submits within *limits*, filling each before the next; together they hold each path once.

    Where domains are limited, the paths of one domain are brought together, domains in the order of their first path.
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
