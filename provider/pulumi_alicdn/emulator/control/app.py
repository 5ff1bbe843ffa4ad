"""The unsigned admin calls under ``/_emulator/``."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from typing import Final, TypeVar

from pydantic import TypeAdapter, ValidationError
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from pulumi_alicdn.emulator.control.bodies import (
    AccountBody,
    ClockBody,
    DialectBody,
    DomainsBody,
    EdgesBody,
    EmptyBody,
    FaultsBody,
    LimitsBody,
    MediaBody,
    OriginBody,
    QuotaBody,
)
from pulumi_alicdn.emulator.modes import Modes
from pulumi_alicdn.emulator.network.edge_cache import Key
from pulumi_alicdn.emulator.network.encodings import Encoding
from pulumi_alicdn.emulator.service import access
from pulumi_alicdn.emulator.service.dialects import DIALECTS
from pulumi_alicdn.emulator.service.products import SERVICES
from pulumi_alicdn.emulator.service.quirks import Quirks
from pulumi_alicdn.emulator.values import wire_time
from pulumi_alicdn.emulator.world import World

PREFIX: Final = "/_emulator/"
"""Begins the path of every admin call."""

_OWN_NAMES: Final = frozenset({"127.0.0.1", "localhost"})
_B = TypeVar("_B")


class _RefusedError(Exception):
    """The request cannot be served; the text is one sentence."""


class Admin:
    """An ASGI application that reads and changes the emulator's state."""

    def __init__(self, world: World) -> None:
        """Serve *world*."""
        self._world = world
        self._router = Router(
            [Route(PREFIX + name, endpoint) for name, endpoint in _ENDPOINTS.items()],
            redirect_slashes=False,
            default=_not_found,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if Request(scope).url.hostname in _OWN_NAMES:
            await self._router({**scope, "world": self._world}, receive, send)
        else:
            # A web page whose name resolves to loopback must not reach the unsigned calls.
            await _error(403, "Admin calls are for loopback addresses.")(scope, receive, send)


class _Endpoint(HTTPEndpoint):
    """One admin call; a POST returns the same as a GET after it, if there is a GET."""

    @property
    def world(self) -> World:
        world: World = self.scope["world"]
        return world

    async def dispatch(self) -> None:
        try:
            await super().dispatch()
        except _RefusedError as error:
            await _error(400, str(error))(self.scope, self.receive, self.send)

    async def method_not_allowed(self, request: Request) -> Response:
        methods = ", ".join(method for method in self._allowed_methods if method != "HEAD")
        return _error(405, f"{request.url.path} takes {methods}.")


class _Calls(_Endpoint):
    async def get(self, request: Request) -> Response:
        records = self.world.journal.records(request.query_params.get("action"))
        return JSONResponse({"calls": [record.answer() for record in records]})

    async def delete(self, _: Request) -> Response:
        self.world.journal.clear()
        return JSONResponse({"calls": []})


class _Faults(_Endpoint):
    async def get(self, _: Request) -> Response:
        faults = [
            {**dataclasses.asdict(fault), "paths": None if fault.paths is None else sorted(fault.paths)}
            for fault in self.world.faults.faults()
        ]
        return JSONResponse({"faults": faults})

    async def post(self, request: Request) -> Response:
        body = await _read(request, FaultsBody)
        self.world.faults.replace(body.faults)
        return await self.get(request)


class _Clock(_Endpoint):
    async def get(self, _: Request) -> Response:
        clock = self.world.clock
        return JSONResponse({"now": wire_time(clock.now()), "speed": clock.speed, "frozen": clock.frozen})

    async def post(self, request: Request) -> Response:
        body = await _read(request, ClockBody)
        clock = self.world.clock
        if body.speed is not None:
            clock.set_speed(body.speed)
        if body.frozen is not None:
            clock.set_frozen(body.frozen)
        clock.advance(body.advance_s)
        await self.world.scheduler.settle()
        return await self.get(request)


class _Quota(_Endpoint):
    async def post(self, request: Request) -> Response:
        body = await _read(request, QuotaBody)
        numbers = body.model_dump(exclude={"service"}, exclude_none=True)
        now = self.world.clock.now()
        for service in SERVICES:
            if body.service not in {None, service.name}:
                continue
            for counter in service.daily:
                if (allowed := numbers.get(f"{counter.value}Quota")) is not None:
                    self.world.quota.set_allowed(service, counter, allowed)
                if (remain := numbers.get(f"{counter.value}Remain")) is not None:
                    self.world.quota.set_remaining(service, counter, remain, now)
        return JSONResponse(numbers)


class _Account(_Endpoint):
    async def post(self, request: Request) -> Response:
        body = await _read(request, AccountBody)
        account, sts = self.world.access, body.sts
        if body.state is not None:
            account.state = body.state
        if sts is not None:
            expires = self.world.clock.now() + timedelta(seconds=sts.expires_in_s)
            account.add_temporary(sts.access_key_id, access.Key(sts.access_key_secret, sts.security_token, expires))
        if "policy_domain" in body.model_fields_set:
            account.policy_domain = body.policy_domain and body.policy_domain.lower()
        return JSONResponse({"state": account.state.value, "policy_domain": account.policy_domain})


class _Limits(_Endpoint):
    async def post(self, request: Request) -> Response:
        body = await _read(request, LimitsBody)
        if "per_s" in body.model_fields_set:
            self.world.request_limit.set(body.per_s, body.burst or max(1.0, body.per_s or 1.0))
        if body.urls_per_minute is not None:
            self.world.minute_quota.urls_per_minute = body.urls_per_minute
        if body.preload_queue is not None:
            self.world.queues.preload = body.preload_queue
        if "refresh_queue" in body.model_fields_set:
            self.world.queues.refresh = body.refresh_queue
        return JSONResponse(body.model_dump(exclude_unset=True))


class _Origin(_Endpoint):
    async def get(self, _: Request) -> Response:
        origin = self.world.origin
        if origin is None:
            return JSONResponse({"headers": {}, "rules": []})
        return JSONResponse({"headers": origin.headers, "rules": [dataclasses.asdict(rule) for rule in origin.rules]})

    async def post(self, request: Request) -> Response:
        body = await _read(request, OriginBody)
        origin = self.world.origin
        if origin is None:
            raise _RefusedError("The origin is another server, so the emulator does not control it.")
        if body.rules is not None:
            origin.rules = body.rules
        if body.files is not None:
            origin.add_files(body.files)
        if body.headers is not None:
            origin.headers = body.headers
        return await self.get(request)


class _Media(_Endpoint):
    async def get(self, _: Request) -> Response:
        return JSONResponse({"media": [dataclasses.asdict(medium) for medium in self.world.media.media.values()]})

    async def post(self, request: Request) -> Response:
        body = await _read(request, MediaBody)
        self.world.media.register(body.media)
        return await self.get(request)


class _Domains(_Endpoint):
    async def get(self, _: Request) -> Response:
        return JSONResponse({"domains": {name: state.value for name, state in self.world.domains.states().items()}})

    async def post(self, request: Request) -> Response:
        body = await _read(request, DomainsBody)
        self.world.domains.set_states(body.domains)
        return await self.get(request)


class _Dialect(_Endpoint):
    async def get(self, _: Request) -> Response:
        return JSONResponse({"describe": self.world.dialect.name.value})

    async def post(self, request: Request) -> Response:
        body = await _read(request, DialectBody)
        self.world.dialect = DIALECTS[body.describe]
        return await self.get(request)


class _Quirks(_Endpoint):
    async def get(self, _: Request) -> Response:
        return JSONResponse(dataclasses.asdict(self.world.quirks))

    async def post(self, request: Request) -> Response:
        self.world.quirks = await _read(request, Quirks)
        return await self.get(request)


class _Modes(_Endpoint):
    async def get(self, _: Request) -> Response:
        return JSONResponse(self.world.modes.model_dump())

    async def post(self, request: Request) -> Response:
        changed = await _read(request, Modes)
        self.world.set_modes(self.world.modes.model_copy(update=changed.model_dump(exclude_unset=True)))
        return await self.get(request)


class _Reset(_Endpoint):
    async def post(self, request: Request) -> Response:
        await _read(request, EmptyBody)
        self.world.reset()
        return JSONResponse({})


class _Tasks(_Endpoint):
    async def get(self, _: Request) -> Response:
        now = self.world.clock.now()
        rows = [
            {**row.answer(row.state(now)), "service": row.service, "edges_done": row.edges_done, "edges": row.edges}
            for row in self.world.book.rows()
        ]
        return JSONResponse({"tasks": rows})


class _Edges(_Endpoint):
    async def get(self, _: Request) -> Response:
        copies = [
            {"edge": edge.name, "url": key.url, "etag": stored.etag, **_encoding(key)}
            for edge in self.world.edges
            for key, stored in edge.cache.items()
        ]
        return JSONResponse({"edges": copies})

    async def post(self, request: Request) -> Response:
        body = await _read(request, EdgesBody)
        edges = {edge.name: edge for edge in self.world.edges}
        for copy in body.copies:
            if copy.edge not in edges:
                raise _RefusedError(f"There is no edge {copy.edge!r}; there are {', '.join(edges)}.")
        for copy in body.copies:
            edges[copy.edge].plant(copy.url, copy.body, copy.headers, timedelta(seconds=copy.age_s), copy.encoding)
        return await self.get(request)


_ENDPOINTS: Final = {
    "calls": _Calls,
    "faults": _Faults,
    "clock": _Clock,
    "quota": _Quota,
    "account": _Account,
    "limits": _Limits,
    "origin": _Origin,
    "media": _Media,
    "domains": _Domains,
    "dialect": _Dialect,
    "quirks": _Quirks,
    "modes": _Modes,
    "reset": _Reset,
    "tasks": _Tasks,
    "edges": _Edges,
}


def _encoding(key: Key) -> Mapping[str, str]:
    """The encoding of a copy that has one."""
    return {} if key.encoding is Encoding.IDENTITY else {"encoding": key.encoding.value}


async def _read(request: Request, body_type: type[_B]) -> _B:
    """Read the request's body as a value of that type; a missing body is an empty one."""
    try:
        return TypeAdapter(body_type).validate_json(await request.body() or b"{}")
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"])) or "the body"
        # For an unknown field of a dataclass, pydantic's message is about Python arguments.
        unknown = first["type"] == "unexpected_keyword_argument"
        sentence = "Extra inputs are not permitted" if unknown else first["msg"]
        raise _RefusedError(f"{request.url.path}: {field}: {sentence}.") from error


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:
    await _error(404, f"There is no {scope['path']}.")(scope, receive, send)


def _error(status: int, sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status)
