"""The User-Agent of a proof: some edges answer programs otherwise than browsers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pulumi_alicdn.phrases import show
from pulumi_alicdn.releases.proof.judge import USER_AGENT
from pulumi_alicdn.validation import UNKNOWN, Problem

BROWSER: Final = "browser"
"""The word for the User-Agent of an ordinary browser."""

_OF_BROWSER: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
"""What Chrome sends on Windows. [chosen: the most frequent browser; its User-Agent changes in the one number only]"""

_TEXT: Final = re.compile(r"[!-~](?:[ -~]*[!-~])?")
"""The value of a header, in ASCII (RFC 9110, section 5.5)."""


def sent_user_agent(option: str | None) -> str:
    """Return the header for *option*: `browser`, any other text as it is, or None for this program's own."""
    return _OF_BROWSER if option == BROWSER else option or USER_AGENT


def stored_user_agent(option: str) -> str | None:
    """Return *option* as inputs hold it: the default is left out, so that it is no change."""
    return None if option == USER_AGENT else option


def check_user_agent(option: str, value: object) -> Iterator[Problem]:
    """Check *option* and yield the broken rule; None breaks none."""
    if value is None or value is UNKNOWN or (isinstance(value, str) and _TEXT.fullmatch(value)):
        return
    yield Problem(option, f"is {show(value)}, but must be {show(BROWSER)} or the text of a User-Agent, in ASCII")
