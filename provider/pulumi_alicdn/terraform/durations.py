"""Durations as Go and Terraform write them, and the waits that they limit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

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
    given = (config.get("timeouts") or {}).items()
    wrong = [(name, text) for name, text in given if text not in (None, UNKNOWN) and seconds(text) is None]
    said = "but must be a duration such as 90s or 15m"
    return [Problem(f"timeouts.{name}", f"is {text!r}, {said}") for name, text in wrong]


def waiting(config: Mapping[str, Any], half: str) -> dict[str, Any]:
    """Return the options of the wait; the time limit is that of *half*, create or update."""
    found = {name: config.get(name) for name in ("wait", "on_timeout", "retry_failed", "origin")}
    timeouts = config.get("timeouts")
    text = timeouts.get(half) if isinstance(timeouts, dict) else None
    given = {name: value for name, value in found.items() if value is not None}
    return {**given, "timeout": seconds(text)} if text not in (None, UNKNOWN) else given
