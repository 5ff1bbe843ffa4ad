"""The API endpoint: routes a call, checks it, answers and logs it."""

from __future__ import annotations

import asyncio
import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pulumi_alicdn.emulator.api.actions import HANDLERS
from pulumi_alicdn.emulator.api.calls import Call, Handler
from pulumi_alicdn.emulator.api.render import render
from pulumi_alicdn.emulator.api.replacing import date_headers, replaced_by
from pulumi_alicdn.emulator.api.request import Incoming, read_request
from pulumi_alicdn.emulator.faults import Fault
from pulumi_alicdn.emulator.journal import CallRecord, without_secrets
from pulumi_alicdn.emulator.network.transports import Transports
from pulumi_alicdn.emulator.service import refusals
from pulumi_alicdn.emulator.service.products import SERVICES, STS, Service
from pulumi_alicdn.emulator.service.refusals import Refusal, RefusalCode
from pulumi_alicdn.emulator.values import JsonObject, wire_time
from pulumi_alicdn.emulator.world import World

TROUBLESHOOT: Final = "https://api.aliyun.com/troubleshoot"
"""The page that ``Recommend`` in the body of an error names (answers that users published)."""


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
        """Answer from *world*; lost answers reset connections of *transports*."""
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
            service, handler = _route(incoming)
            faults = self._admit(service, incoming, now)
            if not _kept_out(faults):
                answer = self._answer(
                    handler, incoming.action, Call(service, incoming.params, faults, now, _temporary(incoming))
                )
        except Refusal as refusal:
            # A refusal is an answer too: the faults of the call still apply to it.
            answer = _refused(refusal, incoming, request_id)
        self._world.journal.add(_record(incoming, answer, faults, request_id, now))
        delay_s = sum(fault.seconds for fault in faults if fault.kind == "delay")
        if delay_s:
            await asyncio.sleep(delay_s)
        date = date_headers(self._world.clock.now(), faults)
        if any(fault.kind in {"reset-before", "reset-after"} for fault in faults):
            await self._transports.abort(scope)
        elif (page := replaced_by(faults)) is not None:
            await Response(page.body, page.http_status, date, page.content_type)(scope, receive, send)
        elif answer is not None:
            await _response(answer, request_id, date, xml=incoming.xml)(scope, receive, send)

    def _admit(self, service: Service, incoming: Incoming, now: datetime) -> Sequence[Fault]:
        """Check signature and request rate; return the faults that apply to this call.

        A fault counts a call only after these checks, so that a wrong signature does not use one up.
        """
        self._world.access.authenticate(incoming.signed, real_now=datetime.now(UTC), virtual_now=now)
        self._world.request_limit.check(service.name, now)
        self._world.action_limits.check(incoming.action)
        return self._world.faults.due(incoming.action)

    def _answer(self, handler: Handler, action: str, call: Call) -> _Answer:
        """Execute the call, or refuse it."""
        for fault in call.faults:
            _refuse_by(fault)
        dialect_word = self._world.dialect.account_word if action == "DescribeRefreshTasks" else None
        if call.service is not STS:
            # An account has STS whatever else it has opened.
            self._world.access.check_state(dialect_word or call.service.name.upper())
        self._world.access.check_action(action)
        return _Answer(f"{action}Response", handler(self._world, call))


def _temporary(incoming: Incoming) -> bool:
    return bool(incoming.signed.headers.get("x-acs-security-token") or incoming.params.get("SecurityToken"))


def _kept_out(faults: Sequence[Fault]) -> bool:
    """Whether a fault ends the call before it takes effect."""
    page = replaced_by(faults)
    return (page is not None and not page.took_effect) or any(fault.kind == "reset-before" for fault in faults)


def _response(answer: _Answer, request_id: str, date: Mapping[str, str], *, xml: bool) -> Response:
    body, media_type = render(answer.root, {"RequestId": request_id, **answer.body}, xml=xml)
    headers = {"x-acs-request-id": request_id, **date}
    if answer.retry_after_s is not None:
        headers["Retry-After"] = str(math.ceil(answer.retry_after_s))
        # The official clients read this header instead, in milliseconds.
        headers["x-acs-retry-after"] = str(round(1000 * answer.retry_after_s))
    return Response(body, answer.http_status, headers, media_type)


def _route(incoming: Incoming) -> tuple[Service, Handler]:
    """Return the service and the handler of a request, or refuse it as unknown."""
    if not incoming.action:
        raise Refusal(refusals.MISSING_ACTION)
    if incoming.action not in HANDLERS or incoming.signed.path != "/":
        raise Refusal(refusals.ACTION_NOT_FOUND)
    service, handler = HANDLERS[incoming.action]
    if incoming.version != service.version:
        raise Refusal(refusals.INVALID_VERSION)
    return service, handler


def _refuse_by(fault: Fault) -> None:
    if fault.kind == "throttle":
        raise Refusal(refusals.THROTTLING, retry_after_s=fault.retry_after_s)
    if fault.kind == "http-500":
        raise Refusal(refusals.INTERNAL_ERROR)
    if fault.kind == "error":
        sentence = fault.message or f"Refused with {fault.code}."
        raise Refusal(RefusalCode(fault.code, fault.http_status or 400, sentence), retry_after_s=fault.retry_after_s)


def _refused(refusal: Refusal, incoming: Incoming, request_id: str) -> _Answer:
    reason, service = refusal.reason, _service(incoming)
    product = f"&product={service.product}" if service is not None else ""
    body = {
        # Published answers name the service's own host here, whichever host the request was sent to.
        "HostId": service.host if service is not None else incoming.host,
        "Code": reason.code,
        "Message": refusal.message,
        "Recommend": f"{TROUBLESHOOT}?q={reason.code}{product}&requestId={request_id}",
    }
    return _Answer("Error", body, reason.http_status, reason.code, refusal.retry_after_s)


def _record(
    incoming: Incoming, answer: _Answer | None, faults: Sequence[Fault], request_id: str, now: datetime
) -> CallRecord:
    shown, service = replaced_by(faults) or answer, _service(incoming)
    return CallRecord(
        at=wire_time(now),
        action=incoming.action,
        service=service.name if service is not None else "",
        params=without_secrets(incoming.params),
        http_status=shown.http_status if shown is not None else 0,
        code=answer.code if answer is not None else "",
        request_id=request_id,
        fault="+".join(fault.kind for fault in faults),
    )


def _service(incoming: Incoming) -> Service | None:
    """The service of the action, else of the version; None if neither is known."""
    if incoming.action in HANDLERS:
        return HANDLERS[incoming.action][0]
    return next((service for service in SERVICES if service.version == incoming.version), None)
