"""Faults: which calls fail, and how; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal, TypeAlias

import pydantic
from pydantic import Field, JsonValue

from pulumi_alicdn.emulator.fields import MAX_SECONDS, STRICT, HeaderValue, HttpStatus, Seconds, Text

FaultKind: TypeAlias = Literal[
    "throttle",
    "http-500",
    "reset-before",
    "reset-after",
    "delay",
    "hide",
    "shuffle",
    "fail",
    "error",
    "page",
    "date",
    "row",
    "foreign",
    "pages",
    "count",
]

PageFault: TypeAlias = Literal["empty", "short", "long", "repeat", "reorder"]

LOGIN_PAGE: Final = (
    "<html><head><title>Sign in</title></head>"
    '<body><form method="post"><input name="user"/><input name="password"/></form></body></html>\n'
)
"""A page that is no answer of the service, although it is well-formed XML. [chosen: a proxy's page parses as well]"""


@pydantic.dataclasses.dataclass(frozen=True, slots=True, config=STRICT)
class Fault:
    """One fault: it applies to ``times`` calls of ``action`` from the ``nth`` on (1 is the next), -1 for all of them.

    ``seconds``: real time for ``delay``, virtual time for ``hide``.
    ``paths``: the rows that fail; None for all.
    ``http_status``: of an ``error`` (default 400) or a ``page`` (default 200).
    ``when``: whether a ``page`` replaces the call itself, or only its answer after the call took effect.
    ``body``, ``content_type``: of a ``page``; a login page by default.
    ``shift_s``: seconds by which a ``date`` fault shifts the Date header, back if negative; None removes the header.
    ``match``: the rows that a ``row`` fault changes: their task id, or a part of their object path; empty for all.
    ``set``: the new values of a row's members, or for ``count`` of the answer's own, such as TotalCount or PageNumber;
    null removes a member.
    ``how``: what ``pages`` does to a page: `empty` leaves out its rows, `short` half of them; `long` adds those of the
    next page; `repeat` answers the page before once more, or for the first page its first row in place of each;
    `reorder` lists all rows in another order for each page.
    ``page``: the first page that ``pages`` concerns. A call without pages has one, the first.
    ``off_by``: what ``count`` adds to TotalCount.
    ``rows``: what a ``foreign`` fault adds to the rows of an answer. They need not be rows at all.
    ``own_id``: whether these rows get the task id that was asked for, or that of the newest task.
    """

    kind: FaultKind
    action: str = "*"
    nth: Annotated[int, Field(ge=1)] = 1
    times: Annotated[int, Field(ge=-1)] = 1
    seconds: Seconds = 0.0
    retry_after_s: Seconds | None = None
    description: Text = "Internal Error"
    paths: frozenset[str] | None = None
    http_status: HttpStatus | None = None
    code: Text = "InternalError"
    message: str = ""
    when: Literal["before", "after"] = "before"
    body: str = LOGIN_PAGE
    content_type: HeaderValue = "text/html; charset=utf-8"
    shift_s: Annotated[float, Field(ge=-MAX_SECONDS, le=MAX_SECONDS)] | None = None
    match: str = ""
    set: dict[str, JsonValue] = field(default_factory=dict)
    rows: tuple[JsonValue, ...] = ()
    own_id: bool = False
    how: PageFault = "empty"
    page: Annotated[int, Field(ge=1)] = 2
    off_by: int = 0

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
