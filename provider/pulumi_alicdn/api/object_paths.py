"""Object paths: their parts, their spellings, and batches within the limits of a submit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from pulumi_alicdn.api.hosts import dns_name
from pulumi_alicdn.api.limits import BatchLimits

_ESCAPE: Final = re.compile(r"%[0-9a-fA-F]{2}")
_ESCAPES: Final = re.compile(r"(?:%[0-9a-fA-F]{2})+")
_URL: Final = re.compile(r"(?:([a-zA-Z][a-zA-Z0-9+.-]*)://)?([^/?#]*)(.*)", re.DOTALL)

_RESERVED: Final = frozenset("%/?#&=+;")
"""Characters that separate parts of a URL: their escapes mean something else than the characters (RFC 3986, 2.2)."""


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


def _parts(path: str) -> tuple[str, str, str]:
    """Return scheme, authority and rest of *path*; the scheme is empty without one, and the rest begins with /."""
    found = _URL.fullmatch(path)
    scheme, authority, rest = found.groups() if found is not None else (None, "", path)
    return (scheme or "").lower(), authority.lower(), rest if rest.startswith("/") else f"/{rest}"


def canonical(path: str) -> str:
    """Return the canonical spelling of an object path: scheme, host and percent-escapes in one case.

    The service may list an object in another spelling than it was submitted; one without a scheme counts as http.
    """
    scheme, authority, rest = _parts(path)
    return f"{scheme or 'http'}://{authority}{_ESCAPE.sub(lambda match: match[0].upper(), rest)}"


def has_scheme(path: str) -> bool:
    """Whether *path* begins with a scheme; API samples list objects without one."""
    return bool(_parts(path)[0])


@lru_cache(maxsize=8192)  # a wait compares the same thousands of paths at every poll
def readable(path: str) -> str:
    """Return one text for all spellings of a URL: no default port, an IDN host in ASCII, the rest decoded (NFC).

    Escapes of characters that separate parts stay: decoded, they would name another object.
    """
    scheme, authority, rest = _parts(without_default_port(canonical(path)))
    host, colon, port = authority.partition(":")
    if not host.isascii():
        host = dns_name(host) or host
    return f"{scheme}://{host}{colon}{port}{unicodedata.normalize('NFC', _ESCAPES.sub(_decoded, rest))}"


@lru_cache(maxsize=8192)
def without_scheme(path: str) -> str:
    """Return :func:`readable` without scheme, for objects whose scheme the service does not list or lists wrongly."""
    scheme, authority, rest = _parts(readable(path))
    # Without the right scheme, either default port can be the right one.
    return f"{authority.removesuffix(':80').removesuffix(':443')}{rest}" if scheme in ("http", "https") else path


def _decoded(escapes: re.Match[str]) -> str:
    """Decode a run of escapes as UTF-8; keep escapes that are not UTF-8, and those of reserved characters."""
    return "".join(_kept(letter) for letter in unquote(escapes[0], errors="surrogateescape"))


def _kept(letter: str) -> str:
    if letter in _RESERVED:
        return f"%{ord(letter):02X}"
    # A byte that is not UTF-8: Python decodes it to a lone surrogate.
    return f"%{ord(letter) - 0xDC00:02X}" if "\udc80" <= letter <= "\udcff" else letter


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
