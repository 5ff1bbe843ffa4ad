"""The targets of object paths: domain, path and query; malformed ones are refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from pulumi_alicdn.emulator.service.products import MAX_PRELOAD_PATH
from pulumi_alicdn.emulator.service.refusals import OBJECT_PATH_MALFORMED, WILDCARD_DOMAIN, Refusal
from pulumi_alicdn.emulator.values import ObjectType

_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.IGNORECASE)
_SCHEME: Final = re.compile(r"(https?)://", re.IGNORECASE)
_MAX_DOMAIN: Final = 253
"""Characters of the longest host name (RFC 1035)."""

_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}
"""The port of each scheme (RFC 9110, section 4.2), as it follows the domain."""

_PATH_SAFE: Final = "/~!$&'()*+,;=:@-._"
_QUERY_SAFE: Final = _PATH_SAFE + '?%[]{}|\\^`<>"'
"""Characters that stay as they are: those of RFC 3986, and in a query those that clients send unencoded."""


@dataclass(frozen=True, slots=True)
class Target:
    """One entry of ``ObjectPath``, verbatim and in parts.

    ``domain`` is lower case. ``path`` begins with a slash and is encoded in one canonical way, except for regular
    expressions, which stay as they are. ``query`` is None without a question mark.
    """

    verbatim: str
    domain: str
    path: str
    query: str | None


def canonical_path(path: str) -> str:
    """Encode a URL path in one canonical way, so that two spellings of one object have one key."""
    return quote(unquote(path), safe=_PATH_SAFE)


def canonical_query(query: str) -> str:
    """Encode only the characters that a query must not contain."""
    return quote(query, safe=_QUERY_SAFE)


def is_domain(text: str) -> bool:
    """Whether *text* is a syntactically valid host name."""
    return len(text) <= _MAX_DOMAIN and _DOMAIN.fullmatch(text) is not None


def parse_target(entry: str, object_type: ObjectType, *, scheme_required: bool) -> Target:
    """Split one entry of ``ObjectPath``, or refuse it with the documented code.

    No document mentions ports. The default port of the scheme (either one without a scheme) means what no port means.
    Any other port is refused as malformed. [chosen: edges serve the default ports only, so a task for another one
    would be Complete without any effect, and a test would not notice]
    """
    scheme = _SCHEME.match(entry)
    if scheme is None and (scheme_required or "://" in entry):
        raise Refusal(OBJECT_PATH_MALFORMED)
    domain, slash, rest = entry[scheme.end() if scheme else 0 :].partition("/")
    domain = _without_default_port(domain.lower(), scheme[1].lower() if scheme else "")
    if domain.startswith(("*", ".")):
        raise Refusal(WILDCARD_DOMAIN)
    if not slash or not is_domain(domain):
        raise Refusal(OBJECT_PATH_MALFORMED)
    if object_type is ObjectType.REGEX:
        return Target(entry, domain, _checked_pattern("/" + rest), None)
    if any(character.isspace() for character in entry) or "#" in entry:
        raise Refusal(OBJECT_PATH_MALFORMED)
    path, question, query = rest.partition("?")
    if object_type is ObjectType.DIRECTORY and (question or not ("/" + path).endswith("/")):
        raise Refusal(OBJECT_PATH_MALFORMED)
    if object_type is ObjectType.PRELOAD and len(entry) > MAX_PRELOAD_PATH:
        raise Refusal(OBJECT_PATH_MALFORMED)
    return Target(entry, domain, canonical_path("/" + path), canonical_query(query) if question else None)


def _without_default_port(domain: str, scheme: str) -> str:
    ports = [port for name, port in _DEFAULT_PORTS.items() if scheme in {name, ""}]
    return next((domain.removesuffix(port) for port in ports if domain.endswith(port)), domain)


def split_tags(text: str) -> tuple[str, ...]:
    """Split a list of cache tags, as requests and origins write it: joined by commas, possibly with blanks around."""
    return tuple(tag.strip() for tag in text.split(","))


def _checked_pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise Refusal(OBJECT_PATH_MALFORMED) from error
    return pattern
