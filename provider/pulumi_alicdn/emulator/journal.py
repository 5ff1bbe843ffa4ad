"""The log of API calls, without secrets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pulumi_alicdn.emulator.values import JsonObject, Params

_PROTOCOL_PARAMETERS: Final = frozenset(
    {
        "action",
        "version",
        "format",
        "accesskeyid",
        "accesskeysecret",
        "securitytoken",
        "signature",
        "signaturemethod",
        "signatureversion",
        "signaturenonce",
        "signaturetype",
        "timestamp",
        "bearertoken",
    }
)
"""Parameters of the signature and the format (OpenAPI gateway documentation), which the log leaves out."""


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
    """Return the parameters of the request itself, without those of its signature."""
    return {name: value for name, value in params.items() if name.lower() not in _PROTOCOL_PARAMETERS}


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
