"""Faults: which calls fail, and how; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias

import pydantic
from pydantic import Field

from pulumi_alicdn.emulator.fields import STRICT, HttpStatus, Seconds, Text

FaultKind: TypeAlias = Literal[
    "throttle", "http-500", "reset-before", "reset-after", "delay", "hide", "shuffle", "fail", "error"
]


@pydantic.dataclasses.dataclass(frozen=True, slots=True, config=STRICT)
class Fault:
    """One fault: it applies to ``times`` calls of ``action`` from the ``nth`` on (1 is the next), -1 for all of them.

    ``seconds`` is real time for a delay, virtual time for ``hide``. ``paths`` limits which rows fail; None for all.
    """

    kind: FaultKind
    action: str = "*"
    nth: Annotated[int, Field(ge=1)] = 1
    times: Annotated[int, Field(ge=-1)] = 1
    seconds: Seconds = 0.0
    retry_after_s: Seconds | None = None
    description: Text = "Internal Error"
    paths: frozenset[str] | None = None
    http_status: HttpStatus = 400
    code: Text = "InternalError"
    message: str = ""

    def covers(self, count: int) -> bool:
        """Whether the fault applies to the *count*-th call since it was set."""
        return count >= self.nth and (self.times < 0 or count < self.nth + self.times)


@dataclass(slots=True)
class _CountedFault:
    fault: Fault
    calls: int = 0


@dataclass(slots=True)
class FaultPlan:
    """The current faults. Each counts the calls of its action since it was set."""

    _counted: list[_CountedFault] = field(default_factory=list)

    def replace(self, faults: Sequence[Fault]) -> None:
        """Set these faults and no others."""
        self._counted = [_CountedFault(fault) for fault in faults]

    def faults(self) -> Sequence[Fault]:
        """Return all current faults, used up or not."""
        return [counted.fault for counted in self._counted]

    def due(self, action: str) -> Sequence[Fault]:
        """Count one call of *action*; return the faults that apply to it."""
        found = []
        for counted in self._counted:
            if counted.fault.action in {"*", action}:
                counted.calls += 1
                if counted.fault.covers(counted.calls):
                    found.append(counted.fault)
        return found
