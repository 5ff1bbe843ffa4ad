"""The admin calls about nodes and about the settings of domains."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pulumi_alicdn.emulator.control.bodies import DomainSettingsBody, WorldBody
from pulumi_alicdn.emulator.control.endpoint import Posted, RefusedError
from pulumi_alicdn.emulator.network.nodes import NetworkState
from pulumi_alicdn.emulator.values import JsonObject


class DomainSettingsCall(Posted[DomainSettingsBody]):
    """``/_emulator/domain-settings``."""

    taken = DomainSettingsBody
    example: ClassVar[JsonObject] = {
        "settings": {
            "cdn.example.com": {
                "service": "vod",
                "sources": [{"content": "bucket.oss-cn-shanghai.aliyuncs.com", "type": "oss"}],
                "configs": [{"function": "https_force", "args": {"enable": "on"}}],
            }
        }
    }

    async def get(self, _: Request) -> Response:
        """The settings of domains: service, sources, scope, CNAME, certificate and configuration."""
        settings = {name: one.model_dump() for name, one in self.world.domains.all_settings().items()}
        return JSONResponse({"settings": settings})

    async def post(self, request: Request) -> Response:
        """Replace the settings of these domains."""
        body = await self.taken_from(request)
        self.world.domains.set_settings(body.settings)
        return await self.get(request)


class WorldCall(Posted[WorldBody]):
    """``/_emulator/world``."""

    taken = WorldBody
    example: ClassVar[JsonObject] = {
        "lag": [{"province": "Guangdong", "seconds": 600}],
        "sick": [{"provider": "China Mobile", "city": "Beijing", "how": "hang"}],
    }

    async def get(self, _: Request) -> Response:
        """The nodes, where they are, what visitors asked of them, and the state of the network."""
        world = self.world
        sick = {edge.name: edge.sickness is not None for edge in world.edges}
        nodes = [
            {
                "name": edge.name,
                "address": node.address,
                **node.place.answer(),
                "sick": sick[edge.name],
                "lag_s": lag_s,
                "requests": edge.traffic.requests,
                "bodies": edge.traffic.bodies,
                "not_modified": edge.traffic.not_modified,
                "body_bytes": edge.traffic.body_bytes,
                "most_connections": world.gates.most_connections(edge.name),
            }
            for node, edge, lag_s in zip(world.nodes.served, world.edges, world.nodes.lags_s(), strict=True)
        ]
        state = world.nodes.state.model_dump()
        return JSONResponse({"nodes": nodes, "dns": list(world.nodes.dns()), "state": state})

    async def post(self, request: Request) -> Response:
        """Change some parts of the network's state, or fill all nodes with copies."""
        body = await self.taken_from(request)
        changed = body.model_dump(exclude_unset=True, exclude={"fill"})
        if changed:
            self.world.set_network(NetworkState.model_validate({**self.world.nodes.state.model_dump(), **changed}))
        for url in body.fill:
            if not await self.world.fill(url):
                raise RefusedError(f"The origin has no {urlsplit(url).path}.")
        return await self.get(request)

    async def delete(self, request: Request) -> Response:
        """Forget what visitors asked of the nodes."""
        self.world.forget_traffic()
        return await self.get(request)
