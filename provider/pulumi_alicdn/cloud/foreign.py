"""The error for an answer that is not the service's: a login page, a gateway's message, an empty body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Final

from pulumi_alicdn.errors import ApiFault, UnexpectedAnswerError
from pulumi_alicdn.phrases import LOOK_ELSEWHERE, clipped, foreign, show
from pulumi_alicdn.secrecy import without_parameters

MAX_QUOTED: Final = 60
"""The most characters of a foreign answer in the message. [chosen: enough to recognize a page, and still one line]"""

_HEAD: Final = 4096
"""The characters of an answer that are searched for a title. [chosen: a title stands at the top]"""

_TITLE: Final = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)


def unexpected(action: str, body: str | bytes, headers: Mapping[str, str], reason: str = "") -> UnexpectedAnswerError:
    """Return the error for *body*, the answer to *action*; *reason*: what is wrong with it, if its text does not show.

    The message quotes the title of a page, or else the first letters.
    """
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    kind = kind.split(";")[0].strip()
    about = (reason or _quoted(body)) + (f" ({foreign(kind, MAX_QUOTED)})" if kind else "")
    return UnexpectedAnswerError(
        f"something else than the service answered: {about}; {LOOK_ELSEWHERE}",
        ApiFault(action),
    )


def _quoted(body: str | bytes) -> str:
    head = body[:_HEAD]
    text = head.decode(errors="replace") if isinstance(head, bytes) else head
    title = _TITLE.search(text)
    if title is not None and title[1].strip():
        return f"a page titled {_short(unescape(title[1]))}"
    return _short(text) if text.strip() else "an empty body"


def _short(text: str) -> str:
    return show(clipped(without_parameters(" ".join(text.split())), MAX_QUOTED))
