"""The log of API calls, without secrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi_alicdn.emulator.values import JsonObject, Params

# Protocol parameters: who signed what, not what was asked for.
_LEFT_OUT = frozenset(
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


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call and how it ended; ``http_status`` is 0 when no answer was made."""

    at: str
    action: str
    service: str
    params: Params
    http_status: int
    code: str
    request_id: str
    fault: str = ""

    def answer(self) -> JsonObject:
        """Return the record as the log shows it; ``fault`` is there only if one applied."""
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
    """Keep what was asked for and drop what belongs to the signature."""
    return {name: value for name, value in params.items() if name.lower() not in _LEFT_OUT}


class Journal:
    """The calls in the order of their arrival at their end."""

    def __init__(self) -> None:
        """Start empty."""
        self._records: list[CallRecord] = []

    def add(self, record: CallRecord) -> None:
        """Note one call."""
        self._records.append(record)

    def records(self, action: str | None = None) -> Sequence[CallRecord]:
        """Return all calls, or those of one action."""
        return [record for record in self._records if action in {None, record.action}]

    def clear(self) -> None:
        """Forget all calls."""
        self._records.clear()
