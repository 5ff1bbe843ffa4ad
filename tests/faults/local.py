"""The service in this process as a process that may die sees it: with latency, ambushes, and a note of every submit."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from pulumi_alicdn.api.actions import DESCRIBE_ACTIONS, REFRESH_MEDIA, REFRESH_TAGS, SUBMIT_ACTIONS
from pulumi_alicdn.api.spec import ObjectType, Service
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.transport import RawAnswer
from pulumi_alicdn.emulator.faults import Fault, FaultPlan
from pulumi_alicdn.emulator.modes import DEFAULT_MODES, Modes
from pulumi_alicdn.emulator.service.task_book import Row
from pulumi_alicdn.emulator.values import ObjectType as RowKind
from support.in_process_cloud import START, InProcessCloud
from support.virtual_clock import Sleeper

FRACTION: Final = timedelta(milliseconds=250)
"""What a run begins with beyond a whole second: the service drops fractions, so they must not all be 0."""

_KINDS: Final = {
    (Service.VOD, ObjectType.IGNORE_PARAMS): RowKind.IGNORE_PARAMS,
    (Service.CDN, ObjectType.IGNORE_PARAMS): RowKind.EX_QUERY,
}


def row_kind(service: Service, object_type: ObjectType) -> RowKind:
    """The kind of the rows that a submit of *object_type* makes."""
    return _KINDS.get((service, object_type)) or RowKind(object_type)


def row_words(object_types: Iterable[ObjectType]) -> frozenset[str]:
    """The words that rows of these types may have, at either service."""
    return frozenset(str(row_kind(service, one)) for one in object_types for service in Service)


def play_url(media_id: str) -> str:
    """Where a medium is played."""
    return f"https://a.example.com/{media_id}.mp4"


def _submitted(action: str, form: Mapping[str, str]) -> Sequence[str]:
    """The object paths of the rows that a submit makes; nothing for any other call."""
    if action == REFRESH_MEDIA:
        return [play_url(one) for one in form["MediaIds"].split(",")]
    if action == REFRESH_TAGS:
        return [form["CacheTag"]]
    return form["ObjectPath"].split("\n") if action in SUBMIT_ACTIONS.values() else ()


class KilledError(BaseException):
    """The process is gone, as by SIGKILL: nothing in the package may catch it."""


class Time(Sleeper):
    """The client's monotonic clock; it goes on together with the server's, which may also jump by itself."""

    def __init__(self, move: Callable[[float], None], tick: Callable[[], None]) -> None:
        self._move_server = move
        self._tick = tick
        self._now_s = 0.0
        self._order = itertools.count()
        self._events: list[tuple[float, int, Callable[[], None]]] = []

    def monotonic(self) -> float:
        return self._now_s

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0, "nobody sleeps backwards"
        self._tick()
        self.pass_by(seconds)

    def pass_by(self, seconds: float) -> None:
        """Let time go by; what was planned for it happens."""
        until = self._now_s + seconds
        while self._events and self._events[0][0] <= until:
            at, _, happen = heapq.heappop(self._events)
            self._to(at)
            happen()
        self._to(until)

    def plan(self, in_s: float, happen: Callable[[], None]) -> None:
        """Have something happen that many seconds from now, if time goes by until then."""
        heapq.heappush(self._events, (self._now_s + in_s, next(self._order), happen))

    def forget_plans(self) -> None:
        self._events.clear()

    def _to(self, at: float) -> None:
        if at > self._now_s:
            self._move_server(at - self._now_s)
            self._now_s = at


@dataclass(frozen=True, slots=True)
class Sent:
    """One submit that reached the service; ``rows`` is what it made there, nothing if it had no effect."""

    paths: Sequence[str]
    rows: Sequence[Row]


@dataclass
class CountedFaults(FaultPlan):
    """The current faults, and how often a call has met one of each kind."""

    met: Counter[str] = field(default_factory=Counter)

    def due(self, action: str) -> Sequence[Fault]:
        found = super().due(action)
        self.met.update(fault.kind for fault in found)
        return found


class Cloud(InProcessCloud):
    """The account, and the one process of ours that calls it."""

    def __init__(
        self,
        runner: asyncio.Runner,
        *,
        effect_s: float,
        edges: int = 2,
        latency_s: float = 0.0,
        modes: Modes = DEFAULT_MODES,
    ) -> None:
        super().__init__(runner, effect_s=effect_s, edges=edges, starts_at=START + FRACTION, modes=modes)
        self.world.faults = self.faults = CountedFaults()
        self._latency_s = latency_s
        self._lives: int | None = None
        self.time = Time(self.jump, self._tick)
        self.ambushes: list[Callable[[], None]] = []
        """What others do at the instant at which the next submit of ours arrives, before it does."""
        self.sending: Callable[[Sequence[str]], None] = lambda _: None
        """Called with the object paths of every submit of ours as it arrives at the service, before its effect."""
        self.listable: Sequence[Row] = ()
        """What was there to be seen when the first page of our last listing was put together."""
        self.sent: list[Sent] = []

    def api(self, service: Service) -> AlibabaCloud:
        return AlibabaCloud(self, service, lambda: self.now)

    def kill_after(self, moments: int | None) -> None:
        """Kill the process at a later moment: a request about to leave, one that arrived, or a sleep; None: never."""
        self._lives = moments

    def _tick(self) -> None:
        if self._lives is not None:
            self._lives -= 1
            if self._lives <= 0:
                self._lives = None
                raise KilledError

    def call(self, action: str, query: Mapping[str, str], form: Mapping[str, str]) -> RawAnswer:
        self._tick()
        self.time.pass_by(self._latency_s)
        paths = _submitted(action, form)
        if paths:
            self._arriving(paths)
        elif action in DESCRIBE_ACTIONS.values() and query["PageNumber"] == "1":
            self.listable = [row for row in self.world.book.rows() if row.visible_from <= self.now]
        before = len(self.world.book.rows())
        try:
            return super().call(action, query, form)
        finally:
            if paths:
                self.sent.append(Sent(paths, self.world.book.rows()[before:]))
            self._tick()
            self.time.pass_by(self._latency_s)

    def _arriving(self, paths: Sequence[str]) -> None:
        for ambush in self.ambushes:
            ambush()
        self.ambushes.clear()
        self.sending(paths)
