"""The port from the client to the service: one call makes one request, and returns the raw answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pulumi_alicdn.secrecy import NONE, Secrets


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """A successful answer: its text, JSON or XML, and its headers.

    ``secrets``: the secret values of the request, which an answer may repeat.
    """

    body: str
    headers: Mapping[str, str]
    secrets: Secrets = field(default=NONE, repr=False)


class Transport(Protocol):
    """One service at one address."""

    def call(self, action: str, query: Mapping[str, str], form: Mapping[str, str]) -> RawAnswer:
        """Make one request of *action*.

        *query* and *form* are its parameters; *form* is sent in the body, because lists of URLs are too long for a
        query string. Raises an ApiError: DeniedError without credentials, UnreachableError if nothing was sent,
        UnknownOutcomeError if something was sent and no usable answer came, else the error of the error code.
        """
