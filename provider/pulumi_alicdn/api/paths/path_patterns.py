"""Globs in the place of names: their signs, and the directory, the expression or the URLs that they stand for."""

from __future__ import annotations

import re
import warnings
from typing import Final

_CLASS: Final = re.compile(r"\[\^?(?:[a-z]-[a-z]|[0-9]-[0-9])+\]", re.IGNORECASE)
"""A class of letters as `[0-9]`. Other brackets are part of many names, such as `[id].js`."""

_PATTERN: Final = re.compile(r"\\\.|\.[*+]|\\[dwsDWS][*+]")
"""What regular expressions hold, and globs do not."""

_BROKEN: Final = {
    "unterminated character set": "a [ without its ]",
    "unterminated subpattern": "a ( without its )",
    "unbalanced parenthesis": "a ) without its (",
    "nothing to repeat": "a sign of repetition with nothing before it",
    "bad escape (end of pattern)": "a backslash at its end",
}
"""What Python says of expressions that are wrong in every notation, and how a user reads it."""

_BRACES: Final = re.compile(r"\{([^{}]*,[^{}]*)\}")
_LAST_STARS: Final = re.compile(r"(https?://[^*]*/)(?:\*\*?/)*\*\*?(?:\.\*)?/?", re.IGNORECASE)
_SIGNS: Final = re.compile(rf"\*+|{_CLASS.pattern}|{_BRACES.pattern}|[.+()$^|\[\]\\?{{}}]", re.IGNORECASE)


def is_pattern(url: str) -> bool:
    """Whether *url* looks like a regular expression."""
    return _PATTERN.search(url) is not None


def broken_pattern(pattern: str) -> str:
    """Return why *pattern* is no regular expression in any notation; empty if it may be one.

    The documents do not name the notation. What is left open or repeats nothing is wrong in all of them.
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            re.compile(pattern)
    except re.error as error:
        said = error.msg.lower()
        return next((sentence for sign, sentence in _BROKEN.items() if sign in said), "")
    return ""


def glob_sign(url: str) -> str:
    """Return the first sign of a pattern in *url*, which has no query; empty if it has none."""
    found = re.search(rf"\*|{_CLASS.pattern}|{_PATTERN.pattern}", url, re.IGNORECASE)
    if found is None:
        return ""
    return "*" if "*" in url else found[0]


def folder_of(url: str) -> str:
    """Return the directory that *url* means if stars stand for all that is in it, as in `/img/*`; else empty."""
    found = _LAST_STARS.fullmatch(url)
    return found[1] if found is not None else ""


def as_pattern(url: str) -> str:
    """Return the regular expression that a glob stands for. A * may match a / too: rather too much than too little."""
    if is_pattern(url):
        return url
    scheme, mark, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{mark}{authority}{slash}{_SIGNS.sub(_translated, path)}"


def _translated(found: re.Match[str]) -> str:
    text = found[0]
    if text.startswith("*"):
        return ".*"
    if _CLASS.fullmatch(text):
        return text
    braces = _BRACES.fullmatch(text)
    if braces is not None:
        return f"({'|'.join(_SIGNS.sub(_translated, word) for word in braces[1].split(','))})"
    return f"\\{text}"


def expanded(url: str) -> list[str]:
    """Return the URLs that a shell makes of the first `{a,b}` in *url*; *url* itself without such braces."""
    found = _BRACES.search(url)
    if found is None:
        return [url]
    return [f"{url[: found.start()]}{word}{url[found.end() :]}" for word in found[1].split(",")]
