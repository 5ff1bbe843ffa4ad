"""The unsigned admin calls under ``/_emulator/``."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pulumi_alicdn.emulator.control.bodies import (
    AccountBody,
    Body,
    ClockBody,
    DialectBody,
    DomainsBody,
    EdgesBody,
    EmptyBody,
    FaultsBody,
    LimitsBody,
    MediaBody,
    OriginBody,
    QuirksBody,
    QuotaBody,
)
from pulumi_alicdn.emulator.faults import Fault
from pulumi_alicdn.emulator.network.origin import OriginRule
from pulumi_alicdn.emulator.service.access import Key
from pulumi_alicdn.emulator.service.dialects import DIALECTS
from pulumi_alicdn.emulator.service.media import Medium, PlayUrl
from pulumi_alicdn.emulator.service.products import SERVICES
from pulumi_alicdn.emulator.service.quirks import Quirks
from pulumi_alicdn.emulator.values import JsonObject, wire_time

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from pulumi_alicdn.emulator.world import World

PREFIX = "/_emulator/"
_OWN_NAMES = frozenset({"127.0.0.1", "localhost"})
_B = TypeVar("_B", bound=Body)
_Route = Callable[[Request], Awaitable[JsonObject]]


class _RefusedError(Exception):
    """The request cannot be served; the text is one sentence."""


class Admin:
    """An ASGI application that reads and changes the emulator's state."""

    def __init__(self, world: World) -> None:
        """Serve ``world``."""
        self._world = world
        self._routes: dict[tuple[str, str], _Route] = {
            ("GET", "calls"): self._calls,
            ("DELETE", "calls"): self._forget_calls,
            ("GET", "faults"): self._faults,
            ("POST", "faults"): self._set_faults,
            ("GET", "clock"): self._clock,
            ("POST", "clock"): self._set_clock,
            ("POST", "quota"): self._set_quota,
            ("POST", "account"): self._set_account,
            ("POST", "limits"): self._set_limits,
            ("GET", "origin"): self._origin,
            ("POST", "origin"): self._set_origin,
            ("GET", "media"): self._media,
            ("POST", "media"): self._set_media,
            ("GET", "domains"): self._domains,
            ("POST", "domains"): self._set_domains,
            ("GET", "dialect"): self._dialect,
            ("POST", "dialect"): self._set_dialect,
            ("GET", "quirks"): self._quirks,
            ("POST", "quirks"): self._set_quirks,
            ("POST", "reset"): self._reset,
            ("GET", "tasks"): self._tasks,
            ("GET", "edges"): self._edges,
            ("POST", "edges"): self._plant,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.url.hostname not in _OWN_NAMES:
            # A web page that has its own name point here must not reach what is unsigned.
            return _error(403, "Admin calls are for loopback addresses.")
        name = request.url.path.removeprefix(PREFIX)
        route = self._routes.get((request.method, name))
        if route is None:
            methods = ", ".join(method for method, known in self._routes if known == name)
            if methods:
                return _error(405, f"{PREFIX}{name} takes {methods}.")
            return _error(404, f"There is no {request.url.path}.")
        try:
            return JSONResponse(await route(request))
        except _RefusedError as error:
            return _error(400, str(error))

    async def _calls(self, request: Request) -> JsonObject:
        records = self._world.journal.records(request.query_params.get("action"))
        return {"calls": [record.answer() for record in records]}

    async def _forget_calls(self, _: Request) -> JsonObject:
        self._world.journal.clear()
        return {"calls": []}

    async def _faults(self, _: Request) -> JsonObject:
        return {"faults": [_fault_answer(fault) for fault in self._world.faults.faults()]}

    async def _set_faults(self, request: Request) -> JsonObject:
        body = await _read(request, FaultsBody)
        self._world.faults.replace([Fault(**dict(fault)) for fault in body.faults])
        return await self._faults(request)

    async def _clock(self, _: Request) -> JsonObject:
        clock = self._world.clock
        return {"now": wire_time(clock.now()), "speed": clock.speed, "frozen": clock.frozen}

    async def _set_clock(self, request: Request) -> JsonObject:
        body = await _read(request, ClockBody)
        clock = self._world.clock
        if body.speed is not None:
            clock.set_speed(body.speed)
        if body.frozen is not None:
            clock.set_frozen(body.frozen)
        clock.advance(body.advance_s)
        await self._world.scheduler.settle()
        return await self._clock(request)

    async def _set_quota(self, request: Request) -> JsonObject:
        body = await _read(request, QuotaBody)
        numbers = body.model_dump(exclude={"service"}, exclude_none=True)
        now = self._world.clock.now()
        for service in SERVICES:
            if body.service not in {None, service.name}:
                continue
            for counter in service.daily:
                if (allowed := numbers.get(f"{counter.value}Quota")) is not None:
                    self._world.quota.set_allowed(service, counter, allowed)
                if (remain := numbers.get(f"{counter.value}Remain")) is not None:
                    self._world.quota.set_remaining(service, counter, remain, now)
        return numbers

    async def _set_account(self, request: Request) -> JsonObject:
        body = await _read(request, AccountBody)
        access = self._world.access
        if body.state is not None:
            access.state = body.state
        if body.sts is not None:
            expires = self._world.clock.now() + timedelta(seconds=body.sts.expires_in_s)
            access.add_temporary(
                body.sts.access_key_id, Key(body.sts.access_key_secret, body.sts.security_token, expires)
            )
        return {"state": access.state.value}

    async def _set_limits(self, request: Request) -> JsonObject:
        body = await _read(request, LimitsBody)
        if "per_s" in body.model_fields_set:
            self._world.request_limit.set(body.per_s, body.burst or max(1.0, body.per_s or 1.0))
        if body.urls_per_minute is not None:
            self._world.minute_quota.urls_per_minute = body.urls_per_minute
        if body.preload_queue is not None:
            self._world.queues.preload = body.preload_queue
        if "refresh_queue" in body.model_fields_set:
            self._world.queues.refresh = body.refresh_queue
        return body.model_dump(exclude_unset=True)

    async def _origin(self, _: Request) -> JsonObject:
        origin = self._world.origin
        rules = origin.rules if origin is not None else ()
        return {
            "headers": origin.headers if origin is not None else {},
            "rules": [
                {"path": rule.path, "status": rule.status, "delay_s": rule.delay_s, "reset": rule.reset}
                for rule in rules
            ],
        }

    async def _set_origin(self, request: Request) -> JsonObject:
        body = await _read(request, OriginBody)
        origin = self._world.origin
        if origin is None:
            message = "The origin is a URL of its own, so the emulator does not control it."
            raise _RefusedError(message)
        if body.rules is not None:
            origin.rules = [OriginRule(**dict(rule)) for rule in body.rules]
        if body.files is not None:
            origin.give(body.files)
        if body.headers is not None:
            origin.headers = body.headers
        return await self._origin(request)

    async def _media(self, _: Request) -> JsonObject:
        return {"media": [dataclasses.asdict(medium) for medium in self._world.media.media.values()]}

    async def _set_media(self, request: Request) -> JsonObject:
        body = await _read(request, MediaBody)
        self._world.media.register(
            Medium(medium.media_id, tuple(PlayUrl(**dict(url)) for url in medium.urls), medium.forbidden)
            for medium in body.media
        )
        return await self._media(request)

    async def _domains(self, _: Request) -> JsonObject:
        return {"domains": {name: state.value for name, state in self._world.domains.states().items()}}

    async def _set_domains(self, request: Request) -> JsonObject:
        body = await _read(request, DomainsBody)
        self._world.domains.set_states(body.domains)
        return await self._domains(request)

    async def _dialect(self, _: Request) -> JsonObject:
        return {"describe": self._world.dialect.name.value}

    async def _set_dialect(self, request: Request) -> JsonObject:
        body = await _read(request, DialectBody)
        self._world.dialect = DIALECTS[body.describe]
        return await self._dialect(request)

    async def _quirks(self, _: Request) -> JsonObject:
        return dataclasses.asdict(self._world.quirks)

    async def _set_quirks(self, request: Request) -> JsonObject:
        body = await _read(request, QuirksBody)
        self._world.quirks = Quirks(**dict(body))
        return await self._quirks(request)

    async def _reset(self, request: Request) -> JsonObject:
        await _read(request, EmptyBody)
        self._world.reset()
        return {}

    async def _tasks(self, _: Request) -> JsonObject:
        now = self._world.clock.now()
        return {
            "tasks": [
                {**row.answer(now), "service": row.service, "edges_done": row.edges_done, "edges": row.edges}
                for row in self._world.book.rows()
            ]
        }

    async def _edges(self, _: Request) -> JsonObject:
        return {
            "edges": [
                {"edge": edge.name, "url": key.url, "etag": stored.etag}
                for edge in self._world.edges
                for key, stored in edge.cache.items()
            ]
        }

    async def _plant(self, request: Request) -> JsonObject:
        body = await _read(request, EdgesBody)
        edges = {edge.name: edge for edge in self._world.edges}
        for copy in body.copies:
            if copy.edge not in edges:
                message = f"There is no edge {copy.edge!r}; there are {', '.join(edges)}."
                raise _RefusedError(message)
        for copy in body.copies:
            edges[copy.edge].plant(copy.url, copy.body, copy.headers, timedelta(seconds=copy.age_s))
        return await self._edges(request)


async def _read(request: Request, kind: type[_B]) -> _B:
    body = await request.body() or b"{}"
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the body"
        message = f"{request.url.path}: {place}: {first['msg']}."
        raise _RefusedError(message) from error


def _fault_answer(fault: Fault) -> JsonObject:
    return {
        "kind": fault.kind,
        "action": fault.action,
        "nth": fault.nth,
        "times": fault.times,
        "seconds": fault.seconds,
        "retry_after_s": fault.retry_after_s,
        "description": fault.description,
        "paths": None if fault.paths is None else sorted(fault.paths),
        "http_status": fault.http_status,
        "code": fault.code,
        "message": fault.message,
    }


def _error(status: int, sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status)
