"""The API endpoint: lets a call through or refuses it, answers, and logs."""

from __future__ import annotations

import asyncio
import math
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from pulumi_alicdn.emulator.api.actions import Call
from pulumi_alicdn.emulator.api.render import render
from pulumi_alicdn.emulator.api.request import Incoming, read_request
from pulumi_alicdn.emulator.journal import CallRecord, without_secrets
from pulumi_alicdn.emulator.service import refusals
from pulumi_alicdn.emulator.service.refusals import Refusal, RefusalCode
from pulumi_alicdn.emulator.values import http_date, wire_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import Receive, Scope, Send

    from pulumi_alicdn.emulator.faults import Fault
    from pulumi_alicdn.emulator.network.transports import Transports
    from pulumi_alicdn.emulator.values import JsonObject
    from pulumi_alicdn.emulator.world import World


@dataclass(frozen=True, slots=True)
class _Answer:
    root: str
    body: JsonObject
    http_status: int = 200
    code: str = ""
    retry_after_s: float | None = None


class Api:
    """An ASGI application for both services."""

    def __init__(self, world: World, transports: Transports) -> None:
        """Answer from ``world``."""
        self._world = world
        self._transports = transports

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        incoming = await read_request(Request(scope, receive))
        request_id = str(uuid.uuid4()).upper()
        now = self._world.clock.now()
        faults: Sequence[Fault] = ()
        answer: _Answer | None = None
        try:
            faults = self._admit(incoming, now)
            if all(fault.kind != "reset-before" for fault in faults):
                answer = self._answer(incoming, faults, now)
        except Refusal as error:
            answer = _refusal(error, incoming)
        self._world.journal.add(_record(incoming, answer, faults, request_id, now))
        delay_s = sum(fault.seconds for fault in faults if fault.kind == "delay")
        if delay_s:
            await asyncio.sleep(delay_s)
        if answer is None or any(fault.kind == "reset-after" for fault in faults):
            await self._transports.abort(scope)
            return
        body, media_type = render(answer.root, {"RequestId": request_id, **answer.body}, xml=incoming.xml)
        headers = {"x-acs-request-id": request_id, "Date": http_date(self._world.clock.now())}
        if answer.retry_after_s is not None:
            headers["Retry-After"] = str(math.ceil(answer.retry_after_s))
            # The header that the official clients read; they take it for milliseconds.
            headers["x-acs-retry-after"] = str(round(1000 * answer.retry_after_s))
        await Response(body, answer.http_status, headers, media_type)(scope, receive, send)

    def _admit(self, incoming: Incoming, now: datetime) -> Sequence[Fault]:
        """Check signature and request rate, and return the faults for this call.

        Only a call that gets this far counts for a fault: a wrong signature never uses one up.
        """
        service, _ = incoming.route()
        self._world.access.authenticate(incoming.signed, real_now=datetime.now(UTC), virtual_now=now)
        self._world.request_limit.check(service.name, now)
        return self._world.faults.due(incoming.action)

    def _answer(self, incoming: Incoming, faults: Sequence[Fault], now: datetime) -> _Answer:
        """Do what the call asks for; a refusal is an answer too, so that the faults of the call still apply."""
        try:
            for fault in faults:
                _refuse_by(fault)
            service, handler = incoming.route()
            in_dialect = self._world.dialect.account_word if incoming.action == "DescribeRefreshTasks" else None
            self._world.access.check_state(in_dialect or service.name.upper())
            body = handler(self._world, Call(service, incoming.params, faults, now))
        except Refusal as error:
            return _refusal(error, incoming)
        return _Answer(f"{incoming.action}Response", body)


def _refuse_by(fault: Fault) -> None:
    if fault.kind == "throttle":
        raise Refusal(refusals.THROTTLING, retry_after_s=fault.retry_after_s)
    if fault.kind == "http-500":
        raise Refusal(refusals.INTERNAL_ERROR)
    if fault.kind == "error":
        message = fault.message or f"Refused with {fault.code}."
        raise Refusal(RefusalCode(fault.code, fault.http_status, message), retry_after_s=fault.retry_after_s)


def _refusal(error: Refusal, incoming: Incoming) -> _Answer:
    problem = error.problem
    body = {"HostId": incoming.host, "Code": problem.code, "Message": error.message}
    if problem.recommend:
        body["Recommend"] = problem.recommend
    return _Answer("Error", body, problem.http_status, problem.code, error.retry_after_s)


def _record(
    incoming: Incoming, answer: _Answer | None, faults: Sequence[Fault], request_id: str, now: datetime
) -> CallRecord:
    return CallRecord(
        at=wire_time(now),
        action=incoming.action,
        service=incoming.service_name,
        params=without_secrets(incoming.params),
        http_status=answer.http_status if answer is not None else 0,
        code=answer.code if answer is not None else "",
        request_id=request_id,
        fault="+".join(fault.kind for fault in faults),
    )
