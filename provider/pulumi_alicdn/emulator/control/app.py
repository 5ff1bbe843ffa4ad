"""The unsigned admin calls under ``/_emulator/``.

The docstring of each method is its line in the list that ``GET /_emulator/`` returns.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, Final

from starlette.datastructures import Headers
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
    UrlAuthsBody,
)
from pulumi_alicdn.emulator.control.endpoint import Endpoint, Posted, RefusedError, error_answer
from pulumi_alicdn.emulator.control.same_site import refusal
from pulumi_alicdn.emulator.control.world_calls import DomainSettingsCall, WorldCall
from pulumi_alicdn.emulator.modes import Modes
from pulumi_alicdn.emulator.network.edge_cache import Key
from pulumi_alicdn.emulator.network.encodings import Encoding
from pulumi_alicdn.emulator.network.site_rules import SiteRules
from pulumi_alicdn.emulator.service import access
from pulumi_alicdn.emulator.service.dialects import DIALECTS
from pulumi_alicdn.emulator.service.products import SERVICES
from pulumi_alicdn.emulator.service.quirks import Quirks
from pulumi_alicdn.emulator.values import JsonObject, wire_time
from pulumi_alicdn.emulator.world import World

PREFIX: Final = "/_emulator/"
"""Begins the path of every admin call."""

_MAX_NAMED: Final = 10
"""The most edges that a sentence names one by one. [chosen: more are no sentence]"""

_STREAM: Final[JsonObject] = {"url": "https://media.example.com/m1.m3u8", "format": "m3u8", "definition": "HD"}


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
        if (refused := refusal(Headers(scope=scope))) is None:
            await self._router({**scope, "world": self._world}, receive, send)
        else:
            await error_answer(*refused)(scope, receive, send)


class _Calls(Endpoint):
    async def get(self, request: Request) -> Response:
        """The logged API calls, oldest first; `?action=` for those of one action."""
        records = self.world.journal.records(request.query_params.get("action"))
        return JSONResponse({"calls": [record.answer() for record in records]})

    async def delete(self, _: Request) -> Response:
        """Forget the logged calls."""
        self.world.journal.clear()
        return JSONResponse({"calls": []})


class _Faults(Posted[FaultsBody]):
    taken = FaultsBody
    example: ClassVar[JsonObject] = {"faults": [{"action": "DescribeVodRefreshTasks", "kind": "throttle", "times": 3}]}

    async def get(self, _: Request) -> Response:
        """The faults."""
        faults = [
            {**dataclasses.asdict(fault), "paths": None if fault.paths is None else sorted(fault.paths)}
            for fault in self.world.faults.faults()
        ]
        return JSONResponse({"faults": faults})

    async def post(self, request: Request) -> Response:
        """Set these faults and no others."""
        body = await self.taken_from(request)
        self.world.faults.replace(body.faults)
        return await self.get(request)


class _Clock(Posted[ClockBody]):
    taken = ClockBody
    example: ClassVar[JsonObject] = {"advance_s": 600}

    async def get(self, _: Request) -> Response:
        """The time of the service."""
        clock = self.world.clock
        return JSONResponse({"now": wire_time(clock.now()), "speed": clock.speed, "frozen": clock.frozen})

    async def post(self, request: Request) -> Response:
        """Move, stop or accelerate the clock; effects that become due end before the answer."""
        body = await self.taken_from(request)
        clock = self.world.clock
        if body.speed is not None:
            clock.set_speed(body.speed)
        if body.frozen is not None:
            clock.set_frozen(body.frozen)
        clock.advance(body.advance_s)
        await self.world.scheduler.settle()
        return await self.get(request)


class _Quota(Posted[QuotaBody]):
    taken = QuotaBody
    example: ClassVar[JsonObject] = {"service": "vod", "UrlRemain": 10}

    async def post(self, request: Request) -> Response:
        """Set what a day allows, and what is left of it."""
        body = await self.taken_from(request)
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


class _Account(Posted[AccountBody]):
    taken = AccountBody
    example: ClassVar[JsonObject] = {"state": "suspended"}

    async def post(self, request: Request) -> Response:
        """Set the state of the account, its policy, or a temporary key."""
        body = await self.taken_from(request)
        account, sts = self.world.access, body.sts
        if body.state is not None:
            account.state = body.state
        if sts is not None:
            expires = self.world.clock.now() + timedelta(seconds=sts.expires_in_s)
            account.add_temporary(sts.access_key_id, access.Key(sts.access_key_secret, sts.security_token, expires))
        if "policy_domain" in body.model_fields_set:
            account.policy_domain = body.policy_domain and body.policy_domain.lower()
        if body.denied_actions is not None:
            account.denied_actions = body.denied_actions
        denied = sorted(account.denied_actions)
        return JSONResponse(
            {"state": account.state.value, "policy_domain": account.policy_domain, "denied_actions": denied}
        )


class _Limits(Posted[LimitsBody]):
    taken = LimitsBody
    example: ClassVar[JsonObject] = {"per_s": 10, "burst": 20}

    async def post(self, request: Request) -> Response:
        """Set the limits of the request rate, and of queues."""
        body = await self.taken_from(request)
        if "per_s" in body.model_fields_set:
            self.world.request_limit.set(body.per_s, body.burst or max(1.0, body.per_s or 1.0))
        if body.actions_per_s is not None:
            self.world.action_limits.change(body.actions_per_s)
        if body.urls_per_minute is not None:
            self.world.minute_quota.urls_per_minute = body.urls_per_minute
        if body.preload_queue is not None:
            self.world.queues.preload = body.preload_queue
        if "refresh_queue" in body.model_fields_set:
            self.world.queues.refresh = body.refresh_queue
        return JSONResponse(body.model_dump(exclude_unset=True))


class _Origin(Posted[OriginBody]):
    taken = OriginBody
    example: ClassVar[JsonObject] = {"rules": [{"path": "/a.js", "status": 503}], "files": {"/b.js": "new"}}

    async def get(self, _: Request) -> Response:
        """The rules and headers of the origin."""
        origin = self.world.origin
        if origin is None:
            return JSONResponse({"headers": {}, "rules": []})
        return JSONResponse({"headers": origin.headers, "rules": [dataclasses.asdict(rule) for rule in origin.rules]})

    async def post(self, request: Request) -> Response:
        """Set rules and headers of the origin, or add files."""
        body = await self.taken_from(request)
        origin = self.world.origin
        if origin is None:
            raise RefusedError("The origin is another server, so the emulator does not control it.")
        if body.rules is not None:
            origin.rules = body.rules
        if body.files is not None:
            origin.add_files(body.files)
        if body.headers is not None:
            origin.headers = body.headers
        return await self.get(request)


class _Media(Posted[MediaBody]):
    taken = MediaBody
    example: ClassVar[JsonObject] = {"media": [{"media_id": "m1", "urls": [_STREAM]}]}

    async def get(self, _: Request) -> Response:
        """The media of VOD."""
        return JSONResponse({"media": [dataclasses.asdict(medium) for medium in self.world.media.media.values()]})

    async def post(self, request: Request) -> Response:
        """Add media, or replace those with the same ids."""
        body = await self.taken_from(request)
        self.world.media.register(body.media)
        return await self.get(request)


class _Domains(Posted[DomainsBody]):
    taken = DomainsBody
    example: ClassVar[JsonObject] = {"domains": {"cdn.example.com": "offline"}}

    async def get(self, _: Request) -> Response:
        """The states of the domains."""
        return JSONResponse({"domains": {name: state.value for name, state in self.world.domains.states().items()}})

    async def post(self, request: Request) -> Response:
        """Set the states of domains."""
        body = await self.taken_from(request)
        self.world.domains.set_states(body.domains)
        return await self.get(request)


class _Dialect(Posted[DialectBody]):
    taken = DialectBody
    example: ClassVar[JsonObject] = {"describe": "cdn-path"}

    async def get(self, _: Request) -> Response:
        """The dialect of DescribeRefreshTasks."""
        return JSONResponse({"describe": self.world.dialect.name.value})

    async def post(self, request: Request) -> Response:
        """Set the dialect of DescribeRefreshTasks."""
        body = await self.taken_from(request)
        self.world.dialect = DIALECTS[body.describe]
        return await self.get(request)


class _Quirks(Posted[Quirks]):
    taken = Quirks
    example: ClassVar[JsonObject] = {"odd_casing": True}

    async def get(self, _: Request) -> Response:
        """The oddities of answers and edges."""
        return JSONResponse(dataclasses.asdict(self.world.quirks))

    async def post(self, request: Request) -> Response:
        """Set these oddities and no others."""
        self.world.quirks = await self.taken_from(request)
        return await self.get(request)


class _Modes(Posted[Modes]):
    taken = Modes
    example: ClassVar[JsonObject] = {"status": "asynchronous"}

    async def get(self, _: Request) -> Response:
        """The modes."""
        return JSONResponse(self.world.modes.model_dump())

    async def post(self, request: Request) -> Response:
        """Change some modes."""
        changed = await self.taken_from(request)
        self.world.set_modes(self.world.modes.model_copy(update=changed.model_dump(exclude_unset=True)))
        return await self.get(request)


class _UrlAuth(Posted[UrlAuthsBody]):
    taken = UrlAuthsBody
    example: ClassVar[JsonObject] = {"url_auth": {"media.example.com": {"type": "A", "key": "aliyuncdnexp1234"}}}

    async def get(self, _: Request) -> Response:
        """The domains whose edges check signed URLs, and the type; no keys."""
        return JSONResponse({"url_auth": {name: one.type.value for name, one in self.world.url_auth.items()}})

    async def post(self, request: Request) -> Response:
        """Have edges check signed URLs for these domains and no others."""
        body = await self.taken_from(request)
        self.world.set_url_auth({name.lower(): one.read() for name, one in body.url_auth.items()})
        return await self.get(request)


class _Rules(Posted[SiteRules]):
    taken = SiteRules
    example: ClassVar[JsonObject] = {"page_optimization": True}

    async def get(self, _: Request) -> Response:
        """The rules of edges and origin, as domains and buckets are configured."""
        return JSONResponse(self.world.rules.model_dump())

    async def post(self, request: Request) -> Response:
        """Change some of these rules."""
        changed = await self.taken_from(request)
        self.world.set_rules(self.world.rules.model_copy(update=changed.model_dump(exclude_unset=True)))
        return await self.get(request)


class _Reset(Posted[EmptyBody]):
    taken = EmptyBody
    example: ClassVar[JsonObject] = {}

    async def post(self, request: Request) -> Response:
        """Return to the state at the start; the clock and added files stay."""
        await self.taken_from(request)
        self.world.reset()
        return JSONResponse({})


class _Tasks(Endpoint):
    async def get(self, _: Request) -> Response:
        """All rows of all tasks, oldest first."""
        now = self.world.clock.now()
        rows = [
            {**row.answer(row.state(now)), "service": row.service, "edges_done": row.edges_done, "edges": row.edges}
            for row in self.world.book.rows()
        ]
        return JSONResponse({"tasks": rows})


class _Edges(Posted[EdgesBody]):
    taken = EdgesBody
    example: ClassVar[JsonObject] = {
        "copies": [{"edge": "edge-0", "url": "https://cdn.example.com/a.js", "body": "old"}]
    }

    async def get(self, _: Request) -> Response:
        """The copies that edges have."""
        copies = [
            {"edge": edge.name, "url": key.url, "etag": stored.etag, **_encoding(key)}
            for edge in self.world.edges
            for key, stored in edge.cache.items()
        ]
        return JSONResponse({"edges": copies})

    async def post(self, request: Request) -> Response:
        """Put copies into edges without a task."""
        body = await self.taken_from(request)
        edges = {edge.name: edge for edge in self.world.edges}
        edges |= {node.address: edge for node, edge in zip(self.world.nodes.served, self.world.edges, strict=True)}
        for copy in body.copies:
            if copy.edge not in edges:
                names = [edge.name for edge in self.world.edges]
                shown = ", ".join(names) if len(names) <= _MAX_NAMED else f"{names[0]} to {names[-1]}"
                raise RefusedError(f"There is no edge {copy.edge!r}; there are {shown}.")
        for copy in body.copies:
            age = timedelta(seconds=copy.age_s)
            edges[copy.edge].plant(copy.url, copy.body, copy.headers, age, copy.encoding, outlives=copy.outlives)
        return await self.get(request)


class _Index(Endpoint):
    async def get(self, _: Request) -> Response:
        """This list."""
        return JSONResponse({"calls": {PREFIX + name: endpoint.shape() for name, endpoint in _ENDPOINTS.items()}})


_ENDPOINTS: Final[Mapping[str, type[Endpoint]]] = {
    "": _Index,
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
    "url-auth": _UrlAuth,
    "rules": _Rules,
    "reset": _Reset,
    "tasks": _Tasks,
    "edges": _Edges,
    "domain-settings": DomainSettingsCall,
    "world": WorldCall,
}


def _encoding(key: Key) -> Mapping[str, str]:
    """The encoding of a copy that has one."""
    return {} if key.encoding is Encoding.IDENTITY else {"encoding": key.encoding.value}


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:
    await error_answer(404, f"There is no {scope['path']}.")(scope, receive, send)
