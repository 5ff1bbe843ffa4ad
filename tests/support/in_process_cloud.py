"""One emulated account in this process, without sockets: our encoder and decoder on one side, its handlers behind.

It is a transport of `AlibabaCloud`, in whose place it answers; its clock moves only when a test moves it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Final

import httpx2

from pulumi_alicdn.api.error_codes import to_error
from pulumi_alicdn.api.spec import TaskSpec
from pulumi_alicdn.cloud.client import AlibabaCloud
from pulumi_alicdn.cloud.transport import RawAnswer
from pulumi_alicdn.emulator.api.actions import HANDLERS
from pulumi_alicdn.emulator.api.calls import Call
from pulumi_alicdn.emulator.api.replacing import Page, date_headers, replaced_by
from pulumi_alicdn.emulator.faults import Fault
from pulumi_alicdn.emulator.modes import DEFAULT_MODES, Modes
from pulumi_alicdn.emulator.network.gates import Gates
from pulumi_alicdn.emulator.network.origin import Origin
from pulumi_alicdn.emulator.network.transports import Transports
from pulumi_alicdn.emulator.service import refusals
from pulumi_alicdn.emulator.service.products import SERVICES
from pulumi_alicdn.emulator.service.refusals import Refusal, RefusalCode
from pulumi_alicdn.emulator.settings import Settings
from pulumi_alicdn.emulator.world import World
from pulumi_alicdn.errors import ApiError, ApiFault, UnknownOutcomeError

START: Final = datetime(2100, 1, 1, 6, tzinfo=UTC)
"""When every cloud begins unless a test says otherwise, so that a run can be repeated to the second."""

ERROR: Final = 400
"""HTTP statuses from here on are errors."""

SERVER_ERROR: Final = 500
"""HTTP statuses from here on say that the server failed."""


class InProcessCloud:
    """The account, with quotas that nothing uses up."""

    def __init__(
        self,
        runner: asyncio.Runner,
        *,
        effect_s: float,
        edges: int = 1,
        starts_at: datetime = START,
        modes: Modes = DEFAULT_MODES,
    ) -> None:
        """Begin at *starts_at*; a refresh takes *effect_s* virtual seconds to reach the last of *edges* edges."""
        self._runner = runner
        self._request_ids = count(1)
        self.origin = Origin(None, Transports())
        client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=self.origin), trust_env=False, timeout=None)
        settings = Settings("id", "canary", edges=edges, effect_s=effect_s, modes=modes)
        self.world = World(settings, client, self.origin, "http://origin.invalid", Gates({}, Transports()))
        self.world.clock.set_frozen(True)
        self.world.clock.advance((starts_at - self.now).total_seconds())
        for service in SERVICES:
            for counter in service.daily:
                self.world.quota.set_allowed(service, counter, 1_000_000)

    @property
    def now(self) -> datetime:
        """The server's time."""
        return self.world.clock.now()

    def jump(self, seconds: float) -> None:
        """Move the server's time; what is due by then has happened on return."""
        self.world.clock.advance(seconds)
        self._runner.run(self.world.scheduler.settle())

    def call(self, action: str, query: Mapping[str, str], form: Mapping[str, str]) -> RawAnswer:
        """Answer one request of a client, with the faults that are due; see Transport."""
        service, _ = HANDLERS[action]
        try:
            self.world.request_limit.check(service.name, self.now)
        except Refusal as refusal:
            raise to_error(self._fault(action, refusal)) from None
        faults = self.world.faults.due(action)
        if any(fault.kind == "reset-before" for fault in faults):
            raise _broken(action)
        page = replaced_by(faults)
        if page is not None and not page.took_effect:
            return self._page(action, page, faults)
        answer = self.handle(action, {**query, **form}, faults)
        lost = next((fault for fault in faults if fault.kind == "reset-after"), None)
        if lost is not None:
            status = lost.http_status or 0
            raise _broken(action) if status < SERVER_ERROR else _gateway(action, status)
        if page is not None:
            return self._page(action, page, faults)
        if isinstance(answer, ApiFault):
            raise to_error(answer)
        return answer

    def handle(self, action: str, params: Mapping[str, str], faults: Sequence[Fault]) -> RawAnswer | ApiFault:
        """Do what a request asks for, and return the answer or the refusal."""
        service, handler = HANDLERS[action]
        try:
            _refuse(faults)
            body = handler(self.world, Call(service, params, faults, self.now))
        except Refusal as refusal:
            return self._fault(action, refusal)
        return RawAnswer(json.dumps({"RequestId": self._request_id(), **body}), _date(self.now, faults))

    def by_others(self, spec: TaskSpec, *faults: Fault) -> None:
        """Have somebody else submit *spec* from another machine: only *faults* concern that, none that are set."""
        AlibabaCloud(_Elsewhere(self, faults), spec.service, lambda: self.now).submit(spec)

    def _page(self, action: str, page: Page, faults: Sequence[Fault]) -> RawAnswer:
        """The answer of something else than the service."""
        if page.http_status >= ERROR:
            raise _gateway(action, page.http_status)
        return RawAnswer(page.body, _date(self.now, faults))

    def _fault(self, action: str, refusal: Refusal) -> ApiFault:
        code, status = refusal.reason.code, refusal.reason.http_status
        return ApiFault(action, code, refusal.message, self._request_id(), status, refusal.retry_after_s)

    def _request_id(self) -> str:
        return f"request-{next(self._request_ids)}"


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """The connection of somebody else, who is never refused."""

    cloud: InProcessCloud
    faults: Sequence[Fault]

    def call(self, action: str, query: Mapping[str, str], form: Mapping[str, str]) -> RawAnswer:
        answer = self.cloud.handle(action, {**query, **form}, self.faults)
        assert isinstance(answer, RawAnswer), answer
        return answer


def _date(now: datetime, faults: Sequence[Fault]) -> Mapping[str, str]:
    return {name.lower(): text for name, text in date_headers(now, faults).items()}


def _refuse(faults: Sequence[Fault]) -> None:
    for fault in faults:
        if fault.kind == "throttle":
            raise Refusal(refusals.THROTTLING, retry_after_s=fault.retry_after_s)
        if fault.kind == "http-500":
            raise Refusal(refusals.INTERNAL_ERROR)
        if fault.kind == "error":
            problem = RefusalCode(fault.code, fault.http_status or ERROR, fault.message)
            raise Refusal(problem, retry_after_s=fault.retry_after_s)


def _broken(action: str) -> ApiError:
    return UnknownOutcomeError("the connection broke before an answer came", ApiFault(action))


def _gateway(action: str, http_status: int) -> ApiError:
    """The error where a gateway answers in place of the service, which has done its work."""
    return to_error(ApiFault(action, "", "the gateway got no answer", "", http_status))
