"""The server: it opens the ports, serves API, edges and origin in one event loop, and stops on a signal."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Final

import httpx2
import uvicorn
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pulumi_alicdn.emulator.announcement import as_exports, as_json
from pulumi_alicdn.emulator.api.app import Api
from pulumi_alicdn.emulator.body_limit import BodyLimit
from pulumi_alicdn.emulator.control.app import PREFIX, Admin
from pulumi_alicdn.emulator.network.gates import Gates
from pulumi_alicdn.emulator.network.nodes import NetworkState, loopback_nodes
from pulumi_alicdn.emulator.network.origin import Origin
from pulumi_alicdn.emulator.network.resolver import Resolver
from pulumi_alicdn.emulator.network.transports import Transports
from pulumi_alicdn.emulator.settings import HOST, Settings
from pulumi_alicdn.emulator.sockets import allow_many, at_one_port, bound, keeping_port
from pulumi_alicdn.emulator.values import JsonObject
from pulumi_alicdn.emulator.world import World, edge_name

MAX_HEAD_BYTES: Final = 4 * 1024 * 1024
"""Size of a request's line and headers. [chosen: official clients put 1,000 URLs into the query, hundreds of kB]"""

MAX_BODY_BYTES: Final = 16 * 1024 * 1024
"""Size of the body of a call of the API or of the control. [chosen: 1,000 URLs of the greatest length, and files for
the origin, stay below it]"""

MAX_VISITOR_BODY_BYTES: Final = 64 * 1024
"""Size of the body of a request to an edge or the origin. [chosen: visitors only ask, and have no use for a body]"""

KEEP_ALIVE_S: Final = 120
"""Real seconds that an idle connection stays open. [chosen: long, so that none closes just as a client uses it]"""


class _Server(uvicorn.Server):
    """uvicorn's server, which opens the gates of nodes, calls back when it is ready, and leaves signals to us."""

    def __init__(self, config: uvicorn.Config, transports: Transports, gates: Gates, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._transports = transports
        self._gates = gates
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        protocol = self._transports.protocol()
        self._gates.open(lambda: protocol(config=self.config, server_state=self.server_state, app_state={}))
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._gates.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        self.should_exit = True
        # Do not wait for open connections: a test that stops the emulator would wait for them, too.
        self.force_exit = True
        self._transports.abort_all()


class _ByAddress:
    """Passes a request to the application of the address and port that it came to."""

    def __init__(self, applications: dict[tuple[str, int], ASGIApp]) -> None:
        self._applications = applications

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not scope["path"].startswith("/"):
            # An edge would append it to the address of the origin, and so ask another host.
            await Response("The target of a request begins with a slash.\n", 400)(scope, receive, send)
            return
        try:
            await self._applications[tuple(scope["server"])](scope, receive, send)
        except asyncio.CancelledError:
            # Requests are cancelled only when the emulator stops: do not print a traceback.
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
    allow_many()
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    transports = Transports()
    sockets = [bound(HOST, settings.port)]
    applications: dict[tuple[str, int], ASGIApp] = {}
    origin: Origin | None = None
    origin_url = settings.origin_url
    if origin_url is None:
        origin = Origin(settings.origin_folder, transports)
        sockets.append(bound(HOST))
        applications[sockets[-1].getsockname()] = BodyLimit(origin, MAX_VISITOR_BODY_BYTES)
        origin_url = _url(sockets[-1])
    # Only an origin given by URL can use TLS. Without one, loading the certificates would only cost time.
    client = httpx2.AsyncClient(verify=origin_url.startswith("https:"), trust_env=False, timeout=None)
    edge_sockets = [keeping_port(HOST) for _ in range(settings.edges)]
    node_sockets = at_one_port([node.address for node in loopback_nodes(settings.node_count)], settings.node_port)
    if not node_sockets and settings.node_count > settings.edges:
        raise OSError(errno.EADDRNOTAVAIL, "this machine has no addresses such as 127.0.1.1 for nodes")
    # The first nodes are the edges, so they have two sockets.
    of_edges = [list(filter(None, pair)) for pair in zip_longest(node_sockets, edge_sockets)]
    gates = Gates({edge_name(index): own for index, own in enumerate(of_edges)}, transports)
    # Without addresses, the edges have only their own ports, which the service cannot list.
    world = World(settings, client, origin, origin_url, gates, NetworkState(empty_list=not node_sockets))
    applications[sockets[0].getsockname()] = BodyLimit(
        _ApiAndAdmin(Api(world, transports), Admin(world)), MAX_BODY_BYTES
    )
    for edge, own in zip(world.edges, of_edges, strict=True):
        for listening in own:
            applications[listening.getsockname()] = BodyLimit(edge, MAX_VISITOR_BODY_BYTES)
    dns, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Resolver(world.resolve), (HOST, settings.dns_port)
    )
    host, port = dns.get_extra_info("sockname")
    announcement: JsonObject = {
        "endpoint": _url(sockets[0]),
        "edges": [_url(listening) for listening in edge_sockets],
        "node_port": node_sockets[0].getsockname()[1] if node_sockets else 0,
        "dns": list(world.nodes.dns()) if node_sockets else [],
        "resolver": f"{host}:{port}",
        "origin": origin_url,
        "access_key_id": settings.access_key_id,
        "access_key_secret": settings.access_key_secret,
        "pid": os.getpid(),
    }
    first = as_exports(announcement) if settings.exports else as_json(announcement)
    server = _Server(_config(_ByAddress(applications), transports), transports, gates, lambda: _announce(first))
    _stop_on_signal(server, settings)
    async with client:
        await server.serve(sockets)
        dns.close()
        # Close also the connections that came after the signal, while the server was still listening.
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
        # The API and the edges write Date themselves, by the virtual clock.
        date_header=False,
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        timeout_keep_alive=KEEP_ALIVE_S,
    )


def _stop_on_signal(server: _Server, settings: Settings) -> None:
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


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()
    return f"http://{host}:{port}"


def _announce(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
