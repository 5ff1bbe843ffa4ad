"""What a mistyped URL probably means: the URLs that one text joins, and the corrected form of one URL."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, unquote

from pulumi_alicdn.api.hosts import dns_name
from pulumi_alicdn.api.paths.path_patterns import is_pattern

_SEPARATORS: Final = ",;|\uff0c\uff1b\u3001\uff5c"
"""What users write between two URLs, with the letters that a Chinese keyboard has for it."""

_OPENING: Final = "\"'`<([{\u201c\u2018"
_CLOSING: Final = "\"'`>)]}\u201d\u2019"
_BULLETS: Final = "*-\u2022"
_INVISIBLE: Final = "\u00ad\u200b\u200e\u200f\u2060\ufeff"
"""Letters that documents and web pages hold, that nobody sees, and that no name begins or ends with."""

_COMMENT: Final = re.compile(r"(?<=\S)[^\S\r\n]+#[^\r\n]*")
_BEGIN: Final = re.compile("(?:https?(?:[:\uff1a][/\\\\\uff0f]*|[/\\\\\uff0f]{2,}))+", re.IGNORECASE)
"""A scheme as it is mistyped: with too few or too many slashes, backslashes, twice, or with fullwidth letters."""

_BARE: Final = re.compile(r"[/\\]*([^\s/?#\\:@]+\.[^\s/?#\\:@]+[/\\].*)", re.DOTALL)
"""A URL without its scheme: something like a domain, and a path. `a.js` alone may be a file."""

_CONTROLS: Final = "".join(map(chr, (*range(0x20), 0x7F)))
"""Line breaks, tabs and the like: what they stand for within a URL is not clear."""

_STRAY: Final = re.compile(r"%(?![0-9a-fA-F]{2})")
_ASCII: Final = "".join(map(chr, range(0x21, 0x7F)))
_IN_PATH: Final = _ASCII.replace('"', "").replace("`", "")


def without_comment(text: str) -> str:
    """Return *text* without a comment, which begins with white space and a #: no URL holds white space."""
    return _COMMENT.sub("", text)


def begins_properly(url: str) -> bool:
    """Whether *url* begins with http:// or https://, in any case."""
    return url[:8].lower().startswith(("http://", "https://"))


def separated(text: str, *, pattern: bool) -> tuple[str, ...]:
    """Return the URLs that *text* joins; a single one if it is one URL or none.

    A comma or a | within one URL is legal, and so is a URL in its query or, after a slash, in its path. *pattern*:
    whether the text may be a regular expression, in which more is legal.
    """
    text = without_comment(text)
    first = re.match(r"https?://([^/?#:@\s]+\.[^/?#:@\s]+)", text, re.IGNORECASE)
    rest = text[first.end() :].lower() if first is not None else text.partition("://")[2]
    if "://" not in rest and (first is None or first[1].lower() not in rest):
        return (text,)
    domain = rf"{re.escape(first[1])}(?=[/:?#]|$)" if first is not None else r"(?!)"
    # After a separator, the domain of the first URL alone begins another one, too.
    begins = rf"https?://(?P<same>{domain})?|(?<=[\s{_SEPARATORS}])(?://)?(?P<bare>{domain})"
    cuts = [0]
    for found in re.finditer(begins, text, re.IGNORECASE):
        same = bool(found["same"] or found["bare"])
        if found.start() and _begins_another(text[cuts[-1] : found.start()], same=same, pattern=pattern):
            cuts.append(found.start())
    pieces = [text[start:end] for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True)]
    quotes = _CLOSING if text.lstrip()[:1] in tuple(_OPENING) else ""
    trimmed = [_trimmed(piece, _SEPARATORS + quotes) for piece in pieces[:-1]]
    urls = tuple(filter(None, (*trimmed, _trimmed(pieces[-1], _endings(text, pattern=pattern) + quotes))))
    return urls if len(urls) > 1 else (text,)


def _begins_another(before: str, *, same: bool, pattern: bool) -> bool:
    """Whether a URL that follows *before*, which is the URL in front of it, is another one.

    *same*: whether both have the same domain.
    """
    joint = re.search(rf"[\s{_SEPARATORS}{re.escape(_OPENING + _CLOSING)}]*$", before)
    between = joint[0] if joint is not None else ""
    if between == before or any(map(str.isspace, between)):
        return True
    queried = "?" in before
    if any(letter in between for letter in _SEPARATORS):
        # A query may list URLs, as in `?of=https://a/,https://b/`.
        return "|" not in between if pattern else not (queried and "://" in before.partition("?")[2])
    if pattern:
        return False
    # Without anything between them: a comma is missing in the program, which then joins two texts.
    last = before[-1]
    word = last.isalnum() or last in "._-~"
    return (word and (same or not queried)) or (same and not queried and last in "/)")


def _endings(text: str, *, pattern: bool) -> str:
    """Return the separators that may be cut off at the end of *text*: a query or a pattern may need them."""
    return "" if pattern or "?" in text else _SEPARATORS


def _trimmed(text: str, endings: str) -> str:
    """Remove what surrounds a URL in a list, a table or a document; *endings*: the separators that may end it."""
    inner = text.lstrip(_OPENING + _BULLETS + _INVISIBLE + _SEPARATORS + " \t\r\n\f\v\u00a0\u3000")
    quoted = any(letter in _OPENING for letter in text[: len(text) - len(inner)])
    ends = _INVISIBLE + endings + (_CLOSING if quoted else "")
    while inner and (inner[-1].isspace() or inner[-1] in ends):
        inner = inner[:-1]
    return inner


def corrected(text: str, *, pattern: bool, directory: bool = False) -> str:
    """Return what *text* probably means as one URL; it may still break a rule. A right URL stays as it is.

    *pattern*: whether it is or may be a regular expression: then only its beginning, its domain, and what no URL holds
    are corrected. *directory*: whether it names a directory.
    """
    text = without_comment(text)
    text = text if pattern else text.partition("#")[0]
    trimmed = _trimmed(text, _endings(text, pattern=pattern))
    scheme, rest = _scheme(trimmed)
    if not scheme or any(letter in trimmed for letter in _CONTROLS):
        return trimmed
    authority, tail = _cut(rest, "/?#" if pattern else "/?#\\")
    authority = _authority(authority)
    if pattern:
        return f"{scheme}{authority}{quote(tail, safe=_ASCII, errors='surrogateescape')}"
    path, mark, query = tail.partition("?")
    # A backslash of a regular expression is not a mistyped slash.
    path = path if is_pattern(path) else path.replace("\\", "/")
    path = _resolved(quote(_STRAY.sub("%25", path), safe=_IN_PATH, errors="surrogateescape"))
    if directory:
        return f"{scheme}{authority}{path}{'' if path.endswith('/') else '/'}"
    return f"{scheme}{authority}{path}{mark}{quote(query, safe=_ASCII, errors='surrogateescape')}"


def domain_of(text: str) -> str:
    """Return the domain that *text* means: a URL's, or one with letters outside ASCII as DNS knows it."""
    _, mark, rest = text.strip().partition("://")
    authority, _ = _cut(rest if mark else text.strip(), "/?#")
    return _authority(authority).partition(":")[0]


def _scheme(text: str) -> tuple[str, str]:
    """Return the corrected scheme with its slashes, and the rest; an empty one if it cannot be guessed."""
    begin = _BEGIN.match(text)
    if begin is None:
        bare = _BARE.fullmatch(text)
        return ("https://", bare[1]) if bare is not None else ("", text)
    last = begin[0].lower().rpartition("http")[2]
    # Keep a scheme that is right, in the case in which it was written.
    right = begin[0].lower() in ("http://", "https://")
    return (begin[0] if right else f"http{'s' if last.startswith('s') else ''}://"), text[begin.end() :]


def _cut(text: str, ends: str) -> tuple[str, str]:
    at = next((index for index, letter in enumerate(text) if letter in ends), len(text))
    return text[:at], text[at:]


def _authority(text: str) -> str:
    """Return the domain as DNS knows it, with its port; unchanged if it is no name or holds a user name."""
    if "@" in text or text.startswith("["):
        return text
    host, colon, port = text.strip().partition(":")
    host = unquote(host)
    if not host.isascii():
        host = dns_name(host) or host
    return f"{host.removesuffix('.')}{colon}{port}"


def _resolved(path: str) -> str:
    """Return the path to which the dot segments of *path* lead (RFC 3986, section 5.2.4), beginning with a slash."""
    found: list[str] = []
    for segment in path.split("/")[1:]:
        dots = dot_segment(segment)
        if dots == "..":
            found = found[:-1]
        elif not dots:
            found.append(segment)
    if dot_segment(path.rpartition("/")[2]) or not found:
        found.append("")
    return "/" + "/".join(found)


def dot_segment(segment: str) -> str:
    """Return `.` or `..` if *segment* of a path is one of them, also percent-encoded; else empty."""
    plain = segment.lower().replace("%2e", ".")
    return plain if plain in (".", "..") else ""


def dot_segments(path: str) -> bool:
    """Whether *path* holds any."""
    return any(map(dot_segment, path.split("/")))


def stray_percent(path: str) -> bool:
    """Whether *path* holds a % that begins no escape."""
    return _STRAY.search(path) is not None
