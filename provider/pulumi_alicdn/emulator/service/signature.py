"""Computes request signatures, version 3 (ACS3-HMAC-SHA256) and version 1 (HMAC-SHA1); pure.

Both follow the public "request syntax and signature method" documentation of the OpenAPI gateway.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ACS3 = "ACS3-HMAC-SHA256"
_CREDENTIAL = re.compile(
    rf"{ACS3}\s+Credential=(?P<key_id>[^,\s]+),\s*SignedHeaders=(?P<headers>[^,\s]+),\s*Signature=(?P<signature>\S+)"
)


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """An HTTP request as far as signatures look at it; header names are lower case."""

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
    """Encode as RFC 3986 wants it: everything but letters, digits and ``-_.~``."""
    return quote(text, safe="~")


def canonical_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """Join encoded names and values, sorted, an empty value keeping its equals sign."""
    encoded = sorted((percent_encode(name), percent_encode(value)) for name, value in pairs)
    return "&".join(f"{name}={value}" for name, value in encoded)


def parse_acs3(header: str) -> Acs3Authorization | None:
    """Take an ``Authorization`` header apart; None if it is not one of version 3."""
    match = _CREDENTIAL.fullmatch(header.strip())
    if match is None:
        return None
    names = tuple(name for name in match["headers"].lower().split(";") if name)
    return Acs3Authorization(match["key_id"], names, match["signature"])


def acs3_signature(request: SignedRequest, signed_headers: Sequence[str], secret: str) -> str:
    """Return the hexadecimal signature of version 3 over the request and the named headers."""
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
    """Return what version 1 signs: all parameters but ``Signature`` itself."""
    pairs = [pair for pair in (*request.query, *request.form) if pair[0] != "Signature"]
    return f"{request.method}&{percent_encode('/')}&{percent_encode(canonical_pairs(pairs))}"


def v1_signature(request: SignedRequest, secret: str) -> str:
    """Return the base64 signature of version 1."""
    text = v1_string_to_sign(request)
    # Version 1 is defined over SHA-1; only compatibility asks for it.
    digest = hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
