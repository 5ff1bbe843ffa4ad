"""What the faults ``page`` and ``date`` make of an answer: another body, and another Date header; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pulumi_alicdn.emulator.faults import Fault
from pulumi_alicdn.emulator.values import http_date


@dataclass(frozen=True, slots=True)
class Page:
    """An answer of something else than the service; ``took_effect``: the call was done before its answer was lost."""

    body: str
    content_type: str
    http_status: int
    took_effect: bool


def replaced_by(faults: Sequence[Fault]) -> Page | None:
    """The page that is answered instead, None without one."""
    for fault in faults:
        if fault.kind == "page":
            return Page(fault.body, fault.content_type, fault.http_status or 200, fault.when == "after")
    return None


def date_headers(now: datetime, faults: Sequence[Fault]) -> Mapping[str, str]:
    """The Date header of an answer at *now*, or no header if a fault removes it."""
    for fault in faults:
        if fault.kind == "date":
            return {} if fault.shift_s is None else {"Date": http_date(now + timedelta(seconds=fault.shift_s))}
    return {"Date": http_date(now)}
