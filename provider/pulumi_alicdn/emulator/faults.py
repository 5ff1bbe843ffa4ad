"""Which calls are to go wrong, and how; pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

FaultKind: TypeAlias = Literal[
    "throttle", "http-500", "reset-before", "reset-after", "delay", "hide", "shuffle", "fail", "error"
]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: ``times`` calls of ``action`` from the ``nth`` on (1 is the next), -1 for all of them.

    ``seconds`` is real for a delay and virtual for hiding. ``paths`` limits failing rows; None for all.
    """

    kind: FaultKind
    action: str = "*"
    nth: int = 1
    times: int = 1
    seconds: float = 0.0
    retry_after_s: float | None = None
    description: str = "Internal Error"
    paths: frozenset[str] | None = None
    http_status: int = 400
    code: str = "InternalError"
    message: str = ""

    def covers(self, count: int) -> bool:
        """Tell whether the fault applies to the ``count``-th call since it was set."""
        return count >= self.nth and (self.times < 0 or count < self.nth + self.times)


@dataclass(slots=True)
class _Armed:
    fault: Fault
    seen: int = 0


@dataclass(slots=True)
class FaultPlan:
    """The faults that are set, each counting calls of its action since then."""

    _armed: list[_Armed] = field(default_factory=list)

    def replace(self, faults: Sequence[Fault]) -> None:
        """Set these faults and no others."""
        self._armed = [_Armed(fault) for fault in faults]

    def faults(self) -> Sequence[Fault]:
        """Return what is set, used up or not."""
        return [armed.fault for armed in self._armed]

    def due(self, action: str) -> Sequence[Fault]:
        """Count one call of ``action`` and return the faults that apply to it."""
        found = []
        for armed in self._armed:
            if armed.fault.action in {"*", action}:
                armed.seen += 1
                if armed.fault.covers(armed.seen):
                    found.append(armed.fault)
        return found
