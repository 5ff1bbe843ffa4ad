"""Durations as Go and Terraform write them."""

from __future__ import annotations

import re
from typing import Final

_UNIT_S: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}

_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")


def seconds(text: object) -> float | None:
    """Return the seconds of a duration such as `1h30m`; None for any other text."""
    parts = _PART.findall(str(text))
    if not parts or "".join(number + unit for number, unit in parts) != str(text):
        return None
    return sum(float(number) * _UNIT_S[unit] for number, unit in parts)
