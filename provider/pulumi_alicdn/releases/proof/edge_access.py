"""What lets a proof's requests pass at the edges: signed URLs and extra headers. All of it is secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from pulumi_alicdn.phrases import kind_of, show
from pulumi_alicdn.releases.proof.judge import Served
from pulumi_alicdn.releases.proof.url_signing import Signed, UrlAuth, parse_url_auth
from pulumi_alicdn.secrecy import HIDDEN, NONE, Secrets
from pulumi_alicdn.validation import UNKNOWN, Problem

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"[!-~](?:[ -~\t]*[!-~])?")
"""A header's name and value (RFC 9110, sections 5.1 and 5.5), in ASCII."""

_OWN: Final = {
    "it decides which site answers": ("host", "forwarded", "x-forwarded-host", "x-original-url", "x-rewrite-url"),
    "the proof needs the whole file": ("range", "if-range"),
    "the proof chooses it": ("accept-encoding",),
    "the option user_agent sets it": ("user-agent",),
    "an edge would answer without the file": (
        "if-match",
        "if-none-match",
        "if-modified-since",
        "if-unmodified-since",
        "expect",
    ),
    "an edge may fetch the file again, which visitors do not make it do": ("cache-control", "pragma"),
    "it belongs to the connection": (
        "connection",
        "content-length",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ),
}
"""Headers that would break a proof, by the reason (RFC 9110, sections 7 to 14; RFC 9111, section 5)."""

_BREAKS: Final = {name: reason for reason, names in _OWN.items() for name in names}


@dataclass(frozen=True, slots=True)
class EdgeAccess:
    """How requests to edges are signed, and the headers that they carry, too; requests to the origin have neither."""

    url_auth: UrlAuth | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def secrets(self) -> Secrets:
        """The values that no answer may bring into the evidence."""
        named = [(value, HIDDEN) for value in self.headers.values()]
        key = [(self.url_auth.key, HIDDEN)] if self.url_auth is not None else []
        return Secrets([*named, *key]) if named or key else NONE


OPEN_ACCESS: Final = EdgeAccess()
"""Requests as anybody sends them."""


def parse_access(options: Mapping[str, Any]) -> EdgeAccess:
    """Read the options ``url_auth`` and ``request_headers``, which have passed the rules; either may be missing."""
    auth = options.get("url_auth")
    return EdgeAccess(None if auth is None else parse_url_auth(auth), dict(options.get("request_headers") or {}))


def check_request_headers(option: str, value: object) -> Iterator[Problem]:
    """Check *option*, headers for edges, and yield each broken rule; None breaks none. No value is quoted."""
    if value is None or value is UNKNOWN:
        return
    if not isinstance(value, Mapping):
        yield Problem(option, f"is {kind_of(value)}, but must map names of headers to their values")
        return
    seen: set[str] = set()
    for name, content in value.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            yield Problem(option, f"has a name that is {show(name)}, but must be the name of a header")
            continue
        if name.lower() in seen:
            yield Problem(option, f"names {show(name)} twice; capitals make no difference")
        seen.add(name.lower())
        if (reason := _BREAKS.get(name.lower())) is not None:
            yield Problem(option, f"may not name {show(name)}: {reason}")
        elif content is not UNKNOWN and not (isinstance(content, str) and _VALUE.fullmatch(content)):
            yield Problem(option, f"is {kind_of(content)}, but must be text in ASCII, on one line", (name,))


def without_secrets(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return *options* without the key and the values of headers: what remains says how edges are asked."""
    found = dict(options)
    if isinstance(auth := found.get("url_auth"), Mapping):
        found["url_auth"] = {name: part for name, part in auth.items() if name != "key"}
    if isinstance(headers := found.get("request_headers"), Mapping):
        found["request_headers"] = dict.fromkeys(headers, "")
    return found


def hidden(served: Served, hide: Callable[[str], str], signed: Signed | None) -> Served:
    """Return *served* without secrets, which *hide* replaces, and without the signature of its request.

    A server may repeat both, in the headers that evidence keeps.
    """
    texts = {one.name: text for one in fields(served) if isinstance(text := getattr(served, one.name), str) and text}
    clean = {name: _unsigned(hide(text), signed) for name, text in texts.items()}
    changed: dict[str, Any] = {name: text for name, text in clean.items() if text != texts[name]}
    return replace(served, **changed) if changed else served


def _unsigned(text: str, signed: Signed | None) -> str:
    return text if signed is None else re.sub(signed.md5hash, HIDDEN, text, flags=re.IGNORECASE)
