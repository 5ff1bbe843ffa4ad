"""The emulator's own model of the service, asked without sockets: its handlers on one side, our codec on the other."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import httpx2

from pulumi_alicdn.api.error_codes import to_error
from pulumi_alicdn.api.rows import Allowance, Job, Page, Query, Receipt, instant_text
from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.cloud import codec
from pulumi_alicdn.emulator.api.actions import HANDLERS, Call
from pulumi_alicdn.emulator.faults import Fault
from pulumi_alicdn.emulator.network.origin import Origin
from pulumi_alicdn.emulator.network.transports import Transports
from pulumi_alicdn.emulator.service import refusals
from pulumi_alicdn.emulator.service.products import SERVICES
from pulumi_alicdn.emulator.service.refusals import Refusal, RefusalCode
from pulumi_alicdn.emulator.service.task_book import Row
from pulumi_alicdn.emulator.settings import Settings
from pulumi_alicdn.emulator.values import ObjectType as RowKind
from pulumi_alicdn.emulator.values import http_date
from pulumi_alicdn.emulator.world import World
from pulumi_alicdn.errors import ApiFault, UnknownOutcomeError

START: Final = datetime(2100, 1, 1, 6, 0, 0, 250_000, tzinfo=UTC)
"""Every cloud begins here, so that a run can be repeated to the second and its fractions."""

SUBMIT: Final = {
    (Service.VOD, Kind.REFRESH): "RefreshVodObjectCaches",
    (Service.VOD, Kind.PREFETCH): "PreloadVodObjectCaches",
    (Service.CDN, Kind.REFRESH): "RefreshObjectCaches",
    (Service.CDN, Kind.PREFETCH): "PushObjectCache",
}
DESCRIBE: Final = {Service.VOD: "DescribeVodRefreshTasks", Service.CDN: "DescribeRefreshTasks"}
QUOTA: Final = {Service.VOD: "DescribeVodRefreshQuota", Service.CDN: "DescribeRefreshQuota"}
BY_ID: Final = "DescribeRefreshTaskById"
SERVER_ERROR: Final = 500
"""HTTP statuses from here on say that the server failed."""

_TYPES: Final = {
    ObjectType.FILE: ("File", RowKind.FILE),
    ObjectType.DIRECTORY: ("Directory", RowKind.DIRECTORY),
    ObjectType.REGEX: ("Regex", RowKind.REGEX),
    ObjectType.IGNORE_PARAMS: ("IgnoreParams", RowKind.IGNORE_PARAMS),
}


def request_type(spec: TaskSpec) -> str:
    """The word for the object type in a submit."""
    if spec.object_type is ObjectType.IGNORE_PARAMS and spec.service is Service.CDN:
        return "ExQuery"
    return _TYPES[spec.object_type][0]


def row_kind(service: Service, object_type: ObjectType) -> RowKind:
    """The kind of the rows that a submit of *object_type* makes."""
    if object_type is ObjectType.PRELOAD:
        return RowKind.PRELOAD
    if object_type is ObjectType.IGNORE_PARAMS and service is Service.CDN:
        return RowKind.EX_QUERY
    return _TYPES[object_type][1]


class KilledError(BaseException):
    """The process is gone, as by SIGKILL: nothing in the package may catch it."""


class Time:
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


@dataclass(slots=True)
class Sent:
    """One submit that reached the service; ``rows`` is what it made there, nothing if it had no effect."""

    spec: TaskSpec
    rows: list[Row] = field(default_factory=list)


class Cloud:
    """One emulated account in this process. Its clock moves only when somebody sleeps, or by hand."""

    def __init__(self, runner: asyncio.Runner, *, effect_s: float, edges: int = 2, latency_s: float = 0.0) -> None:
        self._runner = runner
        self._latency_s = latency_s
        origin = Origin(None, Transports())
        client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=origin), trust_env=False, timeout=None)
        settings = Settings("id", "canary", edges=edges, effect_s=effect_s)
        self.origin = origin
        self.world = World(settings, client, origin, "http://origin.invalid")
        self.world.clock.set_frozen(True)
        self.world.clock.advance((START - self.world.clock.now()).total_seconds())
        for service in SERVICES:
            for counter in service.daily:
                self.world.quota.set_allowed(service, counter, 1_000_000)
        self.time = Time(self.jump, self._tick)
        self.ambushes: list[Callable[[], None]] = []
        """What others do at the instant at which the next submit of ours arrives, before it does."""
        self.sending: Callable[[TaskSpec], None] = lambda _: None
        """Told of every submit of ours as it arrives at the service, before its effect."""
        self.listable: list[Row] = []
        """What was there to be seen when the first page of our last listing was put together."""
        self.sent: list[Sent] = []
        self.calls = 0
        self._lives: int | None = None
        self._request_ids = itertools.count(1)

    def jump(self, seconds: float) -> None:
        """Move the server's time alone; what is due by then has happened on return."""
        self.world.clock.advance(seconds)
        self._runner.run(self.world.scheduler.settle())

    @property
    def now(self) -> datetime:
        return self.world.clock.now()

    def api(self, service: Service) -> LocalApi:
        return LocalApi(self, service)

    def kill_after(self, moments: int | None) -> None:
        """Kill the process at a later moment: a request about to leave, one that arrived, or a sleep; None: never."""
        self._lives = moments

    def _tick(self) -> None:
        if self._lives is not None:
            self._lives -= 1
            if self._lives <= 0:
                self._lives = None
                raise KilledError

    def by_others(self, spec: TaskSpec, *faults: Fault) -> None:
        """Somebody else submits *spec*, through another machine: no fault of ours concerns them, only *faults*."""
        service, handler = HANDLERS[SUBMIT[spec.service, spec.kind]]
        handler(self.world, Call(service, submission(spec), faults, self.now))

    def call(self, action: str, params: Mapping[str, str], spec: TaskSpec | None = None) -> tuple[str, dict[str, str]]:
        """One request and its answer as text and headers; raises what the client would for a failure.

        *spec* is what the request submits, if it does.
        """
        self._tick()
        self.calls += 1
        self.time.pass_by(self._latency_s)
        if spec is not None:
            self._arriving(spec)
        faults = self.world.faults.due(action)
        if any(fault.kind == "reset-before" for fault in faults):
            raise _broken(action)
        answer = self._handled(action, params, faults, spec)
        self._tick()
        self.time.pass_by(self._latency_s)
        lost = next((fault for fault in faults if fault.kind == "reset-after"), None)
        if lost is not None:
            raise _broken(action) if lost.http_status < SERVER_ERROR else to_error(_gateway(action, lost.http_status))
        if isinstance(answer, ApiFault):
            raise to_error(answer)
        return json.dumps(answer), {"Date": http_date(self.now)}

    def _arriving(self, spec: TaskSpec) -> None:
        for ambush in self.ambushes:
            ambush()
        self.ambushes.clear()
        self.sending(spec)

    def _handled(
        self, action: str, params: Mapping[str, str], faults: Sequence[Fault], spec: TaskSpec | None
    ) -> Mapping[str, object] | ApiFault:
        """Do what the request asks for, and note what came of it."""
        service, handler = HANDLERS[action]
        rows, request_id = self.world.book.rows(), f"request-{next(self._request_ids)}"
        before = len(rows)
        if params.get("PageNumber") == "1":
            self.listable = [row for row in rows if row.visible_from <= self.now]
        try:
            _refuse(faults)
            return {"RequestId": request_id, **handler(self.world, Call(service, params, faults, self.now))}
        except Refusal as error:
            problem = error.reason
            return ApiFault(action, problem.code, error.message, request_id, problem.http_status, error.retry_after_s)
        finally:
            if spec is not None:
                self.sent.append(Sent(spec, list(rows[before:])))


def _refuse(faults: Sequence[Fault]) -> None:
    for fault in faults:
        if fault.kind == "throttle":
            raise Refusal(refusals.THROTTLING, retry_after_s=fault.retry_after_s)
        if fault.kind == "http-500":
            raise Refusal(refusals.INTERNAL_ERROR)
        if fault.kind == "error":
            problem = RefusalCode(fault.code, fault.http_status, fault.message)
            raise Refusal(problem, retry_after_s=fault.retry_after_s)


def _broken(action: str) -> UnknownOutcomeError:
    return UnknownOutcomeError("the connection broke before an answer came", ApiFault(action))


def _gateway(action: str, http_status: int) -> ApiFault:
    """What is known where a gateway answers in place of the service, which has done its work."""
    return ApiFault(action, "", "the gateway got no answer", "", http_status)


def submission(spec: TaskSpec) -> dict[str, str]:
    """The parameters of a submit of *spec*."""
    params = {"ObjectPath": "\n".join(spec.object_paths)}
    if spec.kind is Kind.REFRESH:
        params["ObjectType"] = request_type(spec)
    return params


class LocalApi:
    """The engine's TaskApi over :class:`Cloud`."""

    def __init__(self, cloud: Cloud, service: Service) -> None:
        self._cloud = cloud
        self._service = service

    @property
    def service(self) -> Service:
        return self._service

    def submit(self, spec: TaskSpec) -> Receipt:
        action = SUBMIT[self._service, spec.kind]
        return codec.decode_receipt(action, *self._cloud.call(action, submission(spec), spec))

    def describe(self, query: Query) -> Page:
        asked = {
            "PageNumber": str(query.page),
            "PageSize": str(query.page_size),
            "TaskId": query.task_id,
            "ObjectPath": query.object_path,
            "ObjectType": query.object_type,
            "DomainName": query.domain,
            "Status": query.status,
            "StartTime": instant_text(query.start) if query.start else None,
            "EndTime": instant_text(query.end) if query.end else None,
        }
        action = DESCRIBE[self._service]
        params = {name: str(value) for name, value in asked.items() if value is not None}
        return codec.decode_page(action, *self._cloud.call(action, params))

    def describe_by_ids(self, task_ids: Sequence[str]) -> Page:
        return codec.decode_page(BY_ID, *self._cloud.call(BY_ID, {"TaskId": ",".join(task_ids)}))

    def job(self, job_id: str) -> Job:
        action = "GetMediaRefreshJobs"
        body, headers = self._cloud.call(action, {"MediaRefreshJobId": job_id})
        return codec.decode_job(action, job_id, body, headers)

    def quota(self) -> Mapping[str, Allowance]:
        action = QUOTA[self._service]
        return codec.decode_quota(action, self._cloud.call(action, {})[0])
