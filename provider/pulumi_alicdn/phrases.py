"""Values, counts and addresses as parts of a sentence: quoted, shortened, and without passwords."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from pulumi_alicdn.borders import one_line

CHECK_NETWORK: Final = "check the network, the proxy and the endpoint"
"""The next step where nothing answers."""

LOOK_ELSEWHERE: Final = "look for a login page, a proxy or a wrong endpoint"
"""The next step where something else than the service answers."""

MAX_SHOWN: Final = 120
"""The most characters of a value in a sentence. [chosen: about one line]"""

MAX_FOREIGN: Final = 300
"""The most characters of another program's sentence. [chosen: longer than the service's own sentences]"""

_AT: Final = re.compile("@|%40|\uff20|\ufe6b")
"""The @ that ends `user:password` in a URL, its escape, and the characters that Unicode (NFKC) normalizes to it."""

_PLAIN: Final = re.compile("https?://[^/?#@:%\uff20\ufe6b]*(?:[/?#].*)?", re.DOTALL | re.IGNORECASE)
"""A URL whose authority is a bare host. A port would be ambiguous: `https://user:1/2@host` contains a password."""

_SIGNATURE: Final = re.compile(
    r"([?&;](?:[\w.-]*(?:sign(?:ature)?|token|secret|passw(?:or)?d|credential|auth|auth_key|hmac|sig|access_?key_?id)"
    r"|key)(?:=|%3D))[^&#;\s'\"<>\\]+?(?=[:,.]?(?:[&#;\s'\"<>\\]|$))",
    re.IGNORECASE,
)
"""A part of a query that authorizes a request: `auth_key` (URL signing of VOD and CDN), `Signature` and
`security-token` (OSS), `x-oss-signature`, `X-Amz-Credential`, `sig` (SAS), `txSecret`, and what sites call theirs."""

_SERVER: Final = re.compile(
    r"(?:[a-z][a-z\d+.-]*://)?(?:[*]{3}@)?(?:\[[\da-f:.]*\]|[\w.-]*)(?::\d{1,5}(?!\d))?", re.IGNORECASE
)
"""The beginning of an address that names a server."""


def clipped(text: str, most: int) -> str:
    """Shorten *text* to at most *most* characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def show(value: object) -> str:
    """Quote a value for a sentence, and shorten it if it is long."""
    return clipped(repr(value), MAX_SHOWN)


def foreign(text: str, most: int = MAX_FOREIGN) -> str:
    """Return what another program said as part of a sentence: one line, all of it seen, and shortened."""
    return clipped(one_line(" ".join(text.split())), most)


def redacted(text: str) -> str:
    """Remove everything from *text*, an address, that may be a user name, a password or a signature.

    An @ in the path or query of a plain URL is harmless. In any other text, everything before the last @ may be secret.
    """
    found = list(_AT.finditer(text))
    plain = not found or _PLAIN.fullmatch(text) is not None
    return unsigned(text if plain else f"***@{text[found[-1].end() :]}")


def unsigned(text: str) -> str:
    """Return *text*, in which URLs may be, without the signatures in their queries: with one, anybody can download."""
    return _SIGNATURE.sub(r"\1***", text)


def show_server(value: object) -> str:
    """Like :func:`show_address`, for the address of a server: only scheme, host and port of a text are shown."""
    if not isinstance(value, str):
        return show_address(value)
    shown = redacted(value)
    found = _SERVER.match(shown.strip())
    server = found[0] if found is not None else ""
    return show(shown if shown.strip().removeprefix(server) in ("", "/") else f"{server}…")


def kind_of(value: object) -> str:
    """Return what *value* is, for a sentence that must not show it: `a list`."""
    if isinstance(value, Mapping):
        return "a mapping"
    kinds = {str: "text", bool: "a boolean", int: "a number", float: "a number", list: "a list", tuple: "a list"}
    return "None" if value is None else kinds.get(type(value), f"of the type {type(value).__name__}")


def show_address(value: object) -> str:
    """Like :func:`show`, for one address or several in a list or mapping, without passwords."""
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
    """Return a number and its noun, as in `2,500 URLs`."""
    return f"{count:,} {singular if count == 1 else plural or f'{singular}s'}"


def share(count: int, of: int) -> str:
    """Return *count* of all as in `42%`; only all of them are 100%."""
    return f"{100 * count // of if of else 100}%"


def listed(words: Sequence[str]) -> str:
    """Return *words* as in `a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
