"""The log of API calls, without secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pulumi_alicdn.emulator.values import JsonObject, Params

_PROTOCOL_PARAMETERS: Final = frozenset({"action", "version", "format", "timestamp"})
"""Parameters of the format (OpenAPI gateway documentation), which the log leaves out."""

_SECRET: Final = re.compile("accesskey|token|signature|secret|password|credential|authorization")
"""A part of the names of all parameters of the signature, letters only. [chosen: a misspelt name has it, too]"""

_USER_INFO: Final = re.compile(r"(?<=://)[^/?#\s]*@")
"""Name and password in a URL (RFC 3986, section 3.2.1)."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call and its outcome; ``http_status`` is 0 when nothing was answered."""

    at: str
    action: str
    service: str
    params: Params
    http_status: int
    code: str
    request_id: str
    fault: str = ""

    def answer(self) -> JsonObject:
        """Return the record as the log shows it; ``fault`` is present only if one applied."""
        shown: dict[str, str | int | Params] = {
            "at": self.at,
            "action": self.action,
            "service": self.service,
            "params": self.params,
            "http_status": self.http_status,
            "code": self.code,
            "request_id": self.request_id,
        }
        return {**shown, "fault": self.fault} if self.fault else shown


def without_secrets(params: Params) -> Params:
    """Return the parameters of the request itself, without those of its signature.

    Of the headers for the origin, only the names are kept; of a URL with a password, all but name and password.
    """
    shown = {}
    for name, value in params.items():
        letters = re.sub("[^a-z]", "", name.lower())
        if letters not in _PROTOCOL_PARAMETERS and not _SECRET.search(letters):
            shown[name] = _header_names(value) if letters == "withheader" else _USER_INFO.sub("", value)
    return shown


def _header_names(text: str) -> str:
    """The names of the headers in a JSON object, as JSON; nothing of any other text."""
    try:
        headers = json.loads(text)
    except (ValueError, RecursionError):
        headers = None
    return json.dumps(list(headers)) if isinstance(headers, dict) else ""


class Journal:
    """The logged calls, in the order in which they were handled."""

    def __init__(self) -> None:
        """Start empty."""
        self._records: list[CallRecord] = []

    def add(self, record: CallRecord) -> None:
        """Log one call."""
        self._records.append(record)

    def records(self, action: str | None = None) -> Sequence[CallRecord]:
        """All calls, or those of one action."""
        return [record for record in self._records if action in {None, record.action}]

    def clear(self) -> None:
        """Forget all calls."""
        self._records.clear()
