"""Large plain values as one compact text for the state, which holds each value twice and as indented JSON."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import Any, Final

from pulumi_alicdn.errors import AlicdnError

PREFIX: Final = "alicdn-packed-1:"
"""Begins every text; its number changes with the form."""


class DamagedTextError(AlicdnError):
    """A text that was not packed here, or is no longer what it was."""


def pack(value: object) -> str:
    """*value*, made of what JSON has, as one line of ASCII letters; the same for the same value."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return PREFIX + base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def unpack(text: str) -> Any:  # noqa: ANN401  whatever was packed
    """What was packed. Raises DamagedTextError for anything else."""
    if not text.startswith(PREFIX):
        raise DamagedTextError(f"a value of the state does not begin with {PREFIX}: it was not written by this version")
    try:
        return json.loads(zlib.decompress(base64.b64decode(text.removeprefix(PREFIX), validate=True)))
    except (binascii.Error, zlib.error, ValueError):
        raise DamagedTextError("a value of the state is damaged: restore the state from a backup") from None
