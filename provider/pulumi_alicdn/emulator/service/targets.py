"""What an object path points at: domain, path and query, and how it is told to be malformed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from pulumi_alicdn.emulator.service.products import MAX_PRELOAD_PATH
from pulumi_alicdn.emulator.service.refusals import OBJECT_PATH_MALFORMED, WILDCARD_DOMAIN, Refusal
from pulumi_alicdn.emulator.values import ObjectType

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.IGNORECASE)
_SCHEME = re.compile(r"(https?)://", re.IGNORECASE)
_PATH_SAFE = "/~!$&'()*+,;=:@-._"
_QUERY_SAFE = _PATH_SAFE + '?%[]{}|\\^`<>"'


@dataclass(frozen=True, slots=True)
class Target:
    """One entry of ``ObjectPath``, verbatim and taken apart.

    ``domain`` is lower case; ``path`` begins with a slash and is encoded in one canonical way, except for
    regular expressions, which stay as they came; ``query`` is None without a question mark.
    """

    verbatim: str
    domain: str
    path: str
    query: str | None


def canonical_path(path: str) -> str:
    """Encode a URL path in one way, so that two spellings of one object are one key."""
    return quote(unquote(path), safe=_PATH_SAFE)


def canonical_query(query: str) -> str:
    """Encode what a query may not contain, and leave the rest as it is."""
    return quote(query, safe=_QUERY_SAFE)


def is_domain(text: str) -> bool:
    """Tell whether ``text`` is a syntactically valid host name."""
    return len(text) <= 253 and _DOMAIN.fullmatch(text) is not None  # noqa: PLR2004  (RFC 1035, longest name)


def parse_target(entry: str, kind: ObjectType, *, scheme_required: bool) -> Target:
    """Take one entry of ``ObjectPath`` apart, or refuse it with the documented code."""
    scheme = _SCHEME.match(entry)
    if scheme is None and (scheme_required or "://" in entry):
        raise Refusal(OBJECT_PATH_MALFORMED, f"An object path begins with http:// or https://: {entry!r}.")
    domain, slash, rest = entry[scheme.end() if scheme else 0 :].partition("/")
    domain = domain.lower()
    if domain.startswith(("*", ".")):
        raise Refusal(WILDCARD_DOMAIN, f"Wildcard domains are not supported: {domain!r}.")
    if not slash or not is_domain(domain):
        raise Refusal(OBJECT_PATH_MALFORMED, f"An object path is a domain and a path: {entry!r}.")
    if kind is ObjectType.REGEX:
        return Target(entry, domain, _checked_pattern("/" + rest, entry), None)
    if any(character.isspace() for character in entry) or "#" in entry:
        raise Refusal(OBJECT_PATH_MALFORMED, f"An object path holds neither blanks nor fragments: {entry!r}.")
    path, question, query = rest.partition("?")
    if kind is ObjectType.DIRECTORY and (question or not ("/" + path).endswith("/")):
        raise Refusal(OBJECT_PATH_MALFORMED, f"A directory ends with a slash: {entry!r}.")
    if kind is ObjectType.PRELOAD and len(entry) > MAX_PRELOAD_PATH:
        raise Refusal(OBJECT_PATH_MALFORMED, f"An object path has at most {MAX_PRELOAD_PATH} characters.")
    return Target(entry, domain, canonical_path("/" + path), canonical_query(query) if question else None)


def split_tags(text: str) -> tuple[str, ...]:
    """Take a list of cache tags apart, as requests and origins give it: joined by commas, blanks around them."""
    return tuple(tag.strip() for tag in text.split(","))


def _checked_pattern(pattern: str, entry: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise Refusal(OBJECT_PATH_MALFORMED, f"Not a regular expression: {entry!r}.") from error
    return pattern
