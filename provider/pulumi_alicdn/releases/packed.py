"""Large values packed into one line of ASCII characters: a prefix, a digest, and bytes in base64. Damage is detected.

The Pulumi state stores each value twice, as indented JSON, so size matters. Base64 is shorter there than base85: that
JSON escapes `<`, `>` and `&` to six characters each.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from dataclasses import dataclass
from typing import Any, Final

from pulumi_alicdn.errors import AlicdnError


class DamagedTextError(AlicdnError):
    """A packed text that is damaged, or that another version wrote."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The format of one kind of packed text: *prefix*, digest, `:`, and the bytes in base64.

    ``prefix``: begins every text, such as `alicdn-manifest-1`; its number changes with the format.
    ``what``: names the text in errors.
    """

    prefix: str
    what: str

    def seal(self, digest: str, body: bytes) -> str:
        """Pack *body* into a text that states *digest*, which must not contain a colon."""
        return f"{self.prefix}:{digest}:{base64.b64encode(body).decode()}"

    def open(self, text: str) -> tuple[str, bytes]:
        """Return digest and body of *text*; the caller compares them. Raises DamagedTextError for any other text."""
        prefix, _, rest = text.partition(":")
        if prefix != self.prefix:
            raise DamagedTextError(
                f"{self.what} does not begin with {self.prefix}: it is damaged, or another version wrote it; "
                "restore it from a backup"
            )
        digest, _, encoded = rest.partition(":")
        try:
            return digest, base64.b64decode(encoded, validate=True)
        except ValueError:
            raise self.damaged() from None

    def stated_digest(self, text: str) -> str:
        """Return the digest that *text* states; the body is not checked."""
        return text.removeprefix(f"{self.prefix}:").partition(":")[0]

    def damaged(self) -> DamagedTextError:
        """Return the error for a text whose body does not match its digest."""
        return DamagedTextError(f"{self.what} is damaged: restore it from a backup")


PACKED: Final = "alicdn-packed-1"
"""Begins every text that :func:`pack` returns."""

_VALUE: Final = Envelope(PACKED, "a stored value")


def pack(value: object) -> str:
    """Pack *value*, which JSON can represent, into one line of ASCII characters; equal values give equal texts."""
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    return _VALUE.seal(hashlib.sha256(plain).hexdigest(), zlib.compress(plain, 9))


def unpack(text: str) -> Any:  # noqa: ANN401  any packed value
    """Unpack the value that was packed as *text*. Raises DamagedTextError for any other text."""
    digest, body = _VALUE.open(text)
    try:
        plain = zlib.decompress(body)
        if hashlib.sha256(plain).hexdigest() == digest:
            return json.loads(plain)
    except (zlib.error, ValueError):
        pass
    raise _VALUE.damaged()
