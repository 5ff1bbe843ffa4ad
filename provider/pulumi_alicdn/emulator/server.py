"""Opens the ports, serves API, edges and origin in one event loop, and ends on a signal."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING

import httpx2
import uvicorn

from pulumi_alicdn.emulator.api.app import Api
from pulumi_alicdn.emulator.control.app import PREFIX, Admin
from pulumi_alicdn.emulator.network.origin import Origin
from pulumi_alicdn.emulator.network.transports import Transports
from pulumi_alicdn.emulator.settings import HOST, Settings
from pulumi_alicdn.emulator.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from pulumi_alicdn.emulator.values import JsonObject

# Official clients put a thousand URLs into the query, so a request line can be hundreds of kilobytes.
MAX_HEAD_BYTES = 4 * 1024 * 1024
# Real seconds that an idle connection is kept; long, so that a client never loses a race for one.
KEEP_ALIVE_S = 120


class _Server(uvicorn.Server):
    """uvicorn's server, which tells when it is ready and leaves signals to us."""

    def __init__(self, config: uvicorn.Config, transports: Transports, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._transports = transports
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        self.should_exit = True
        # Open connections are not waited for: whoever ends an emulator has no more use for them.
        self.force_exit = True
        self._transports.abort_all()


class _ByPort:
    """Passes a request to the application of the port that it came to."""

    def __init__(self, applications: dict[int, ASGIApp]) -> None:
        self._applications = applications

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._applications[scope["server"][1]](scope, receive, send)
        except asyncio.CancelledError:
            # Requests are cancelled only when the emulator ends, and then nobody waits for them any more.
            return


class _ApiAndAdmin:
    """Passes a request to the admin calls or to the API, by its path."""

    def __init__(self, api: Api, admin: Admin) -> None:
        self._api = api
        self._admin = admin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        application = self._admin if scope["path"].startswith(PREFIX) else self._api
        await application(scope, receive, send)


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, or until standard input closes if the settings say so."""
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    transports = Transports()
    sockets = [_listen(settings.port), *(_listen(0) for _ in range(settings.edges))]
    applications: dict[int, ASGIApp] = {}
    origin: Origin | None = None
    origin_url = settings.origin_url
    if origin_url is None:
        origin = Origin(settings.origin_folder, transports)
        sockets.append(_listen(0))
        applications[_port(sockets[-1])] = origin
        origin_url = _url(sockets[-1])
    # Only an origin of somebody else's can speak TLS; without one, no certificates need to be loaded.
    client = httpx2.AsyncClient(verify=origin_url.startswith("https:"), trust_env=False, timeout=None)
    world = World(settings, client, origin, origin_url)
    applications[_port(sockets[0])] = _ApiAndAdmin(Api(world, transports), Admin(world))
    edge_sockets = sockets[1 : 1 + settings.edges]
    for edge, listening in zip(world.edges, edge_sockets, strict=True):
        applications[_port(listening)] = edge
    announcement: JsonObject = {
        "endpoint": _url(sockets[0]),
        "edges": [_url(listening) for listening in edge_sockets],
        "origin": origin_url,
        "access_key_id": settings.access_key_id,
        "access_key_secret": settings.access_key_secret,
        "pid": os.getpid(),
    }
    server = _Server(_config(_ByPort(applications), transports), transports, lambda: _announce(announcement))
    _stop_when_told(server, settings)
    async with client:
        await server.serve(sockets)
        # Also those that came after the signal, while the server was still listening.
        transports.abort_all()
        await asyncio.sleep(0)


def _config(application: ASGIApp, transports: Transports) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http=transports.protocol(),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        # The API and the edges date their answers by the virtual clock.
        date_header=False,
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        timeout_keep_alive=KEEP_ALIVE_S,
    )


def _stop_when_told(server: _Server, settings: Settings) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    if settings.until_stdin_closes:
        descriptor = sys.stdin.fileno()

        def read() -> None:
            if not os.read(descriptor, 4096):
                loop.remove_reader(descriptor)
                server.stop()

        loop.add_reader(descriptor, read)


def _listen(port: int) -> socket.socket:
    # The protocol is named because asyncio turns Nagle's algorithm off only where it is: without that, every
    # answer on a kept connection takes 40 ms longer.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((HOST, port))
    return listening


def _port(listening: socket.socket) -> int:
    return int(listening.getsockname()[1])


def _url(listening: socket.socket) -> str:
    return f"http://{HOST}:{_port(listening)}"


def _announce(announcement: JsonObject) -> None:
    sys.stdout.write(json.dumps(announcement) + "\n")
    sys.stdout.flush()
