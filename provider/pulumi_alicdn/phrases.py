"""How values, counts and addresses read in a sentence: quoted, shortened, and without passwords."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

MAX_SHOWN: Final = 120
"""Characters of a value in a sentence. [chosen: a line's worth]"""

_AT: Final = re.compile("@|%40|\uff20|\ufe6b")
"""What ends `user:password` in a URL: the letter, its escape, and the letters that Unicode (NFKC) takes for it."""

_PLAIN: Final = re.compile("https?://[^/?#@:%\uff20\ufe6b]*(?:[/?#].*)?", re.DOTALL | re.IGNORECASE)
"""A URL whose authority is a bare host. Even a port makes it doubtful: `https://user:1/2@host` has a password."""


def clipped(text: str, most: int) -> str:
    """*text*, of which no more than *most* characters are left."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def show(value: object) -> str:
    """A value as it appears in a sentence: quoted, and shortened where it is long."""
    return clipped(repr(value), MAX_SHOWN)


def redacted(text: str) -> str:
    """*text*, an address as users write it, without anything that may be a user name or a password.

    An @ in the path or the query of a plain URL is no secret. Anything else up to the last @ may be one.
    """
    found = list(_AT.finditer(text))
    return text if not found or _PLAIN.fullmatch(text) is not None else f"***@{text[found[-1].end() :]}"


def show_address(value: object) -> str:
    """The same as :func:`show` for an address, or several in a list or mapping, without passwords."""
    return show(_redacted(value))


def _redacted(value: object) -> object:
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, Mapping):
        return {_redacted(key): _redacted(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return tuple(_redacted(part) for part in value)
    return [_redacted(part) for part in value] if isinstance(value, list) else value


def counted(count: int, singular: str, plural: str = "") -> str:
    """A number and its noun, as in `2,500 URLs`."""
    return f"{count:,} {singular if count == 1 else plural or f'{singular}s'}"
