"""What is loaded when, and how many connections calls take: start-up is counted in modules, not in time."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pulumi_alicdn.api.rows import Query
from pulumi_alicdn.api.spec import Service
from pulumi_alicdn.cloud.connection import connect
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.emulator.running import Emulator, start

HEAVY = ("alibabacloud_tea_openapi", "alibabacloud_credentials", "aiohttp", "requests", "httpx2", "jinja2", "rich")


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import pulumi_alicdn", ("pulumi", "grpc", *HEAVY)),
        ("import pulumi_alicdn; pulumi_alicdn.RefreshTask", HEAVY),
        ("import pulumi_alicdn.resources.dynamic", HEAVY),
    ],
)
def test_nothing_is_loaded_before_it_is_needed(statement: str, absent: tuple[str, ...]) -> None:
    # Pulumi itself loads some of it: only what comes on top counts.
    code = f"import sys{', pulumi' if 'pulumi' not in absent else ''}; before = set(sys.modules); {statement}; "
    code += "print(*sorted({name.split('.')[0] for name in set(sys.modules) - before}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "pulumi_alicdn" in loaded
    assert not loaded.intersection(absent)


@contextmanager
def counted(cloud: Emulator) -> Iterator[tuple[str, list[socket.socket]]]:
    """An address that leads to *cloud*, and the connections that were made to it."""
    host, _, port = cloud.endpoint.removeprefix("http://").rpartition(":")
    made: list[socket.socket] = []

    def pump(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65_536):
                sink.sendall(data)
        except OSError:
            pass  # the other side has hung up

    def accept(listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.create_connection((host, int(port)))
            made.extend((client, server))
            for ends in ((client, server), (server, client)):
                threading.Thread(target=pump, args=ends, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", made
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for one in made:
                one.close()


def test_calls_share_one_connection() -> None:
    with start() as cloud, counted(cloud) as (endpoint, made):
        settings = Settings(
            region="cn-shanghai",
            endpoint=endpoint,
            access_key_id=cloud.access_key_id,
            access_key_secret=cloud.access_key_secret,
        )
        api = connect(settings, Service.VOD)
        for _ in range(5):
            api.describe(Query())
        assert len(cloud.calls()) == 5
        assert len(made) == 2, "one of ours, and the one that it leads to"
