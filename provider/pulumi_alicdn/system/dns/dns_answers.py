"""Why DNS gave no address: it has none, or it did not answer, which says nothing of the name."""

from __future__ import annotations

import socket
from typing import Final

NO_ADDRESS: Final = "has no address in DNS"
"""A name that DNS denies, or without an address."""

NO_ANSWER: Final = "has no answer from DNS"
"""A name of which nothing is known."""


def unanswered(error: BaseException) -> bool:
    """Return whether *error*, of a question for addresses, says that DNS did not answer, or could not find out."""
    return isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN


def said_by_dns(error: BaseException) -> str:
    """Return what *error* says of the name, to follow it in a sentence."""
    return NO_ANSWER if unanswered(error) else NO_ADDRESS
