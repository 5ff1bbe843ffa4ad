"""What a figure has to be, and whether it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """A figure and the most that it may be, both in ``unit`` (empty for a ratio of two figures of the same run)."""

    what: str
    value: float
    most: float
    unit: str = ""

    @property
    def ok(self) -> bool:
        """Whether the figure is within its limit."""
        return self.value <= self.most

    def plain(self) -> dict[str, Any]:
        """As JSON takes it."""
        return {"what": self.what, "value": self.value, "most": self.most, "unit": self.unit, "ok": self.ok}
