"""One line of ASCII letters for what is large: a prefix, a digest, and packed bytes. Damage is always noticed.

The state holds each value twice and as indented JSON. Base64 and not base85: that JSON escapes `<`, `>` and `&` to six
letters each.
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
    """A text that was not packed here, or is no longer what it was."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The form of one kind of text: *prefix*, digest, `:`, and the bytes in base64.

    ``prefix``: begins every text, such as `alicdn-manifest-1`; its number changes with the form.
    ``what``: names the text in errors.
    """

    prefix: str
    what: str

    def seal(self, digest: str, body: bytes) -> str:
        """*body* as a text that states *digest*, which has no colon."""
        return f"{self.prefix}:{digest}:{base64.b64encode(body).decode()}"

    def open(self, text: str) -> tuple[str, bytes]:
        """The digest and the body of *text*; the caller compares them. Raises DamagedTextError for any other text."""
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
        """The digest that *text* states; the body is not checked."""
        return text.removeprefix(f"{self.prefix}:").partition(":")[0]

    def damaged(self) -> DamagedTextError:
        """The error for a text whose body is not what was sealed."""
        return DamagedTextError(f"{self.what} is damaged: restore it from a backup")


_VALUE: Final = Envelope("alicdn-packed-1", "a stored value")


def pack(value: object) -> str:
    """*value*, made of what JSON has, as one line of ASCII letters; the same for the same value."""
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    return _VALUE.seal(hashlib.sha256(plain).hexdigest(), zlib.compress(plain, 9))


def unpack(text: str) -> Any:  # noqa: ANN401  whatever was packed
    """What was packed. Raises DamagedTextError for anything else."""
    digest, body = _VALUE.open(text)
    try:
        plain = zlib.decompress(body)
        if hashlib.sha256(plain).hexdigest() == digest:
            return json.loads(plain)
    except (zlib.error, ValueError):
        pass
    raise _VALUE.damaged()
