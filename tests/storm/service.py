"""The emulator's own account, tasks, rate limit, faults and edges in this process, for many clients at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import httpx2

from pulumi_alicdn.api.error_codes import to_error
from pulumi_alicdn.api.rows import Allowance, Job, Page, Query, Receipt, instant_text
from pulumi_alicdn.api.spec import Service, TaskSpec
from pulumi_alicdn.cloud import codec
from pulumi_alicdn.emulator.api.actions import HANDLERS, Call
from pulumi_alicdn.emulator.faults import Fault
from pulumi_alicdn.emulator.service import refusals
from pulumi_alicdn.emulator.service.refusals import Refusal, RefusalCode
from pulumi_alicdn.emulator.service.task_book import Row
from pulumi_alicdn.emulator.settings import Settings
from pulumi_alicdn.emulator.values import http_date
from pulumi_alicdn.emulator.world import World
from pulumi_alicdn.errors import ApiFault, UnknownOutcomeError
from storm.turns import Turns

TRAVEL_S = 0.05
"""How long a request is under way, there and back."""

DESCRIBE = {Service.VOD: "DescribeVodRefreshTasks", Service.CDN: "DescribeRefreshTasks"}
REFRESH = {Service.VOD: "RefreshVodObjectCaches", Service.CDN: "RefreshObjectCaches"}
BY_ID = "DescribeRefreshTaskById"


class Outcome(StrEnum):
    """What became of a request: answered with success, refused for now, or broken on the way."""

    USEFUL = "useful"
    THROTTLED = "throttled"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived at the service."""

    at_s: float
    client: int
    action: str
    outcome: Outcome


class Cloud:
    """One account whose time is that of its clients."""

    def __init__(self, turns: Turns, effect_s: float) -> None:
        self.asked: list[Asked] = []
        self._turns = turns
        self._runner = asyncio.Runner()
        # A refresh asks no origin: nothing is ever sent with it.
        self._http = httpx2.AsyncClient(verify=False, trust_env=False)
        settings = Settings("id", "canary", edges=1, effect_s=effect_s)
        self._world = World(settings, self._http, None, "http://origin.invalid")
        self._world.clock.set_frozen(True)
        # Whole seconds matter to the service: the same run begins in the same fraction of one.
        self._world.clock.advance(1.0 - self._world.clock.now().microsecond / 1e6)
        self._shown_s = 0.0

    def close(self) -> None:
        self._runner.run(self._http.aclose())
        self._runner.close()

    def limit(self, per_s: float, burst: float) -> None:
        """Admit no more requests than that; what is beyond is refused as throttled."""
        self._world.request_limit.set(per_s, burst)

    def break_calls(self, *faults: Fault) -> None:
        """Set these faults, and no others."""
        self._world.faults.replace(faults)

    @property
    def rows(self) -> Sequence[Row]:
        return self._world.book.rows()

    def call(self, client: int, action: str, params: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
        """The answer to one request as text and headers; raises what the transport would for a failure."""
        self._turns.sleep(TRAVEL_S / 2)
        now = self._now()
        try:
            body = self._answer(action, params, now)
        except (Refusal, UnknownOutcomeError) as failure:
            throttled = isinstance(failure, Refusal) and failure.reason is refusals.THROTTLING
            outcome = Outcome.THROTTLED if throttled else Outcome.BROKEN
            self.asked.append(Asked(self._turns.monotonic(), client, action, outcome))
            self._turns.sleep(TRAVEL_S / 2)
            if isinstance(failure, UnknownOutcomeError):
                raise
            problem = failure.reason
            status, message = problem.http_status, failure.message
            raise to_error(
                ApiFault(action, problem.code, message, http_status=status, retry_after_s=failure.retry_after_s)
            ) from None
        self.asked.append(Asked(self._turns.monotonic(), client, action, Outcome.USEFUL))
        request_id = f"request-{len(self.asked)}"
        self._turns.sleep(TRAVEL_S / 2)
        return json.dumps({"RequestId": request_id, **body}, default=list), {"date": http_date(now)}

    def _now(self) -> datetime:
        """The emulator's time, brought to that of the clients: what is due by then has happened."""
        passed_s = self._turns.monotonic() - self._shown_s
        if passed_s > 0:
            self._shown_s += passed_s
            self._world.clock.advance(passed_s)
            self._runner.run(self._world.scheduler.settle())
        return self._world.clock.now()

    def _answer(self, action: str, params: Mapping[str, str], now: datetime) -> Mapping[str, object]:
        service, handler = HANDLERS[action]
        self._world.request_limit.check(service.name, now)
        faults = self._world.faults.due(action)
        for fault in faults:
            if fault.kind == "reset-before":
                raise UnknownOutcomeError("the connection broke before an answer came", ApiFault(action))
            if fault.kind == "throttle":
                raise Refusal(refusals.THROTTLING, retry_after_s=fault.retry_after_s)
            if fault.kind == "error":
                raise Refusal(RefusalCode(fault.code, fault.http_status, fault.message))
        return handler(self._world, Call(service, params, faults, now))


@contextmanager
def cloud_for(turns: Turns, effect_s: float) -> Iterator[Cloud]:
    """A cloud that is closed afterwards."""
    cloud = Cloud(turns, effect_s)
    try:
        yield cloud
    finally:
        cloud.close()


class Connection:
    """The engine's TaskApi as one client has it, for refreshes of files."""

    def __init__(self, cloud: Cloud, client: int, service: Service) -> None:
        self._cloud = cloud
        self._client = client
        self._service = service

    @property
    def service(self) -> Service:
        return self._service

    def submit(self, spec: TaskSpec) -> Receipt:
        action = REFRESH[self._service]
        params = {"ObjectPath": "\n".join(spec.object_paths), "ObjectType": "File"}
        return codec.decode_receipt(action, *self._cloud.call(self._client, action, params))

    def describe(self, query: Query) -> Page:
        action = DESCRIBE[self._service]
        asked = {
            "PageNumber": str(query.page),
            "PageSize": str(query.page_size),
            "TaskId": query.task_id,
            "ObjectType": query.object_type,
            "DomainName": query.domain,
            "StartTime": instant_text(query.start) if query.start else None,
        }
        params = {name: value for name, value in asked.items() if value is not None}
        return codec.decode_page(action, *self._cloud.call(self._client, action, params))

    def describe_by_ids(self, task_ids: Sequence[str]) -> Page:
        params = {"TaskId": ",".join(task_ids)}
        return codec.decode_page(BY_ID, *self._cloud.call(self._client, BY_ID, params))

    def job(self, job_id: str) -> Job:
        raise NotImplementedError(job_id)

    def quota(self) -> Mapping[str, Allowance]:
        raise NotImplementedError
