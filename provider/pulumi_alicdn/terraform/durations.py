"""Durations as Go and Terraform write them, and the waits that they limit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from pulumi_alicdn.phrases import show
from pulumi_alicdn.tasks.options import MAX_TIMEOUT_S
from pulumi_alicdn.validation import UNKNOWN, Problem

_UNIT_S: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}

_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")


def seconds(text: object) -> float | None:
    """Return the seconds of a duration such as `1h30m`; None for any other text."""
    parts = _PART.findall(str(text))
    if not parts or "".join(number + unit for number, unit in parts) != str(text):
        return None
    return sum(float(number) * _UNIT_S[unit] for number, unit in parts)


def check_timeouts(config: Mapping[str, Any]) -> list[Problem]:
    """Return the broken rules of the block `timeouts`."""
    given = config.get("timeouts")
    found = given.items() if isinstance(given, Mapping) else ()
    wrong = [(name, text) for name, text in found if text not in (None, UNKNOWN) and not _limits(seconds(text))]
    said = "but must be a duration above 0 and up to 24h, such as 90s or 15m"
    return [Problem(f"timeouts.{name}", f"is {show(text)}, {said}") for name, text in wrong]


def _limits(found: float | None) -> bool:
    """Whether a wait can have this limit, in seconds."""
    return found is not None and 0 < found <= MAX_TIMEOUT_S


def waiting(config: Mapping[str, Any], half: str) -> dict[str, Any]:
    """Return the options of the wait; the time limit is that of *half*, create or update."""
    found = {name: config.get(name) for name in ("wait", "on_timeout", "retry_failed", "origin")}
    timeouts = config.get("timeouts")
    text = timeouts.get(half) if isinstance(timeouts, dict) else None
    limit_s = None if text in (None, UNKNOWN) else seconds(text)
    return {name: value for name, value in {**found, "timeout": limit_s}.items() if value is not None}
