"""Request signatures of version 3 (ACS3-HMAC-SHA256) and version 1 (HMAC-SHA1); pure.

Both follow the public "request syntax and signature method" documentation of the OpenAPI gateway.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

ACS3: Final = "ACS3-HMAC-SHA256"
"""The algorithm of a signature (documentation of the V3 request signature)."""

_CREDENTIAL: Final = re.compile(
    rf"{ACS3}\s+Credential=(?P<key_id>[^,\s]+),\s*SignedHeaders=(?P<headers>[^,\s]+),\s*Signature=(?P<signature>\S+)"
)


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """The parts of an HTTP request that signatures cover; header names are lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    form: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Acs3Authorization:
    """The parts of an ``Authorization`` header of version 3."""

    key_id: str
    signed_headers: tuple[str, ...]
    signature: str


def percent_encode(text: str) -> str:
    """*text* encoded by RFC 3986: everything but letters, digits and ``-_.~``."""
    return quote(text, safe="~")


def canonical_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """Encoded names and values, sorted and joined; an empty value keeps its equals sign."""
    encoded = sorted((percent_encode(name), percent_encode(value)) for name, value in pairs)
    return "&".join(f"{name}={value}" for name, value in encoded)


def parse_acs3(header: str) -> Acs3Authorization | None:
    """The parts of an ``Authorization`` header; None if it is not of version 3."""
    match = _CREDENTIAL.fullmatch(header.strip())
    if match is None:
        return None
    names = tuple(name for name in match["headers"].lower().split(";") if name)
    return Acs3Authorization(match["key_id"], names, match["signature"])


def acs3_signature(request: SignedRequest, signed_headers: Sequence[str], secret: str) -> str:
    """The hexadecimal signature of version 3 over the request and the named headers."""
    names = sorted(signed_headers)
    headers = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in names)
    canonical = "\n".join(
        (
            request.method,
            quote(request.path, safe="/~%") or "/",
            canonical_pairs(request.query),
            headers,
            ";".join(names),
            hashlib.sha256(request.body).hexdigest(),
        )
    )
    text = f"{ACS3}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def v1_string_to_sign(request: SignedRequest) -> str:
    """The text that version 1 signs: the method and all parameters but ``Signature`` itself."""
    pairs = [pair for pair in (*request.query, *request.form) if pair[0] != "Signature"]
    return f"{request.method}&{percent_encode('/')}&{percent_encode(canonical_pairs(pairs))}"


def v1_signature(request: SignedRequest, secret: str) -> str:
    """The base64 signature of version 1."""
    text = v1_string_to_sign(request)
    # Version 1 is defined with SHA-1. Older clients of the vendor still use it.
    digest = hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
