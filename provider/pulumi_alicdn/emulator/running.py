"""Emulators as child processes, and calls to them, for tests and other programs."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import select
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, Protocol
from urllib.parse import urlsplit

from pulumi_alicdn.emulator.values import Json, JsonObject

_START_S: Final = 30.0
"""Real seconds within which the emulator starts. [chosen: a start takes well under one]"""

_STOP_S: Final = 5.0
"""Real seconds within which the emulator stops. [chosen: a stop takes less than a start]"""

_ANSWER_S: Final = 60.0
"""Real seconds within which an admin call is answered. [chosen: a clock call may run many effects]"""


class EmulatorError(RuntimeError):
    """The emulator did not start, or refused an admin call."""


class Child(Protocol):
    """A child process whose standard input and output are pipes, such as :class:`subprocess.Popen`."""

    @property
    def stdin(self) -> IO[Any] | None:
        """Where the emulator reads: it stops as this closes."""

    @property
    def stdout(self) -> IO[Any] | None:
        """Where the emulator writes its addresses."""

    def poll(self) -> int | None:
        """Return the exit code, or None while the process runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code as soon as there is one. Raises subprocess.TimeoutExpired."""

    def terminate(self) -> None:
        """Send SIGTERM."""

    def kill(self) -> None:
        """Send SIGKILL."""


def spawned(arguments: Sequence[str], environment: Mapping[str, str]) -> Child:
    """Start `python -m pulumi_alicdn.emulator` with *arguments* in *environment*."""
    return subprocess.Popen(  # noqa: S603  (our own module, started by our own interpreter)
        [sys.executable, "-m", "pulumi_alicdn.emulator", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    )


@dataclass(frozen=True, slots=True)
class EdgeAnswer:
    """The answer of an edge; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def cache(self) -> str:
        """``HIT`` or ``MISS``."""
        return self.headers.get("x-cache", "")


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator: its addresses, its account and its process."""

    endpoint: str
    edges: tuple[str, ...]
    origin: str
    access_key_id: str
    access_key_secret: str = field(repr=False)
    pid: int
    node_port: int = 0
    """The port at which every node answers on its own address; 0 where the machine has no addresses for nodes."""
    dns: tuple[str, ...] = ()
    """The addresses of the nodes that DNS names to this machine."""
    resolver: str = ""
    """Where a DNS server answers that so, over UDP; ``host:port``."""

    def environment(self) -> dict[str, str]:
        """The environment variables with which clients find and use the emulator."""
        return {
            "ALIBABA_CLOUD_ACCESS_KEY_ID": self.access_key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": self.access_key_secret,
            "ALICDN_ENDPOINT": self.endpoint,
            "ALICDN_NODE_PORT": str(self.node_port),
        }

    def admin(self, name: str, body: JsonObject | None = None, method: str | None = None) -> dict[str, Json]:
        """Call ``/_emulator/NAME``: GET, or POST with a body. Raises EmulatorError with the sentence of a refusal."""
        verb = method or ("GET" if body is None else "POST")
        content = None if body is None else json.dumps(body, default=list).encode()
        answer = _request(self.endpoint, verb, f"/_emulator/{name}", {"Content-Type": "application/json"}, content)
        value: dict[str, Json] = json.loads(answer.body)
        if answer.status != http.client.OK:
            raise EmulatorError(str(value.get("error", answer.status)))
        return value

    def advance(self, seconds: float) -> None:
        """Move the clock by virtual seconds, and return once all effects that are due have ended."""
        self.admin("clock", {"advance_s": seconds})

    def calls(self, action: str | None = None) -> list[dict[str, Json]]:
        """The logged API calls, oldest first."""
        return self._listed("calls" if action is None else f"calls?action={action}", "calls")

    def tasks(self) -> list[dict[str, Json]]:
        """All task rows, oldest first."""
        return self._listed("tasks", "tasks")

    @property
    def nodes(self) -> list[dict[str, Json]]:
        """All nodes: name, address, country, province, city and provider, and what they were asked so far."""
        return self._listed("world", "nodes")

    def at_node(
        self, address: str, url: str, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> EdgeAnswer:
        """One node's answer for a URL of an accelerated domain."""
        target, host = _target(url)
        sent = {"Host": host, "Accept-Encoding": "identity", **(headers or {})}
        return _request(f"http://{address}:{self.node_port}", method, target, sent, None)

    def get(self, edge: int, url: str, method: str = "GET", encoding: str = "identity") -> EdgeAnswer:
        """One edge's answer for a URL of an accelerated domain; *encoding* is the Accept-Encoding header."""
        target, host = _target(url)
        return _request(self.edges[edge], method, target, {"Host": host, "Accept-Encoding": encoding}, None)

    def get_everywhere(self, url: str) -> list[EdgeAnswer]:
        """Every edge's answer for a URL, in their order."""
        return [self.get(index, url) for index in range(len(self.edges))]

    def _listed(self, name: str, field: str) -> list[dict[str, Json]]:
        found = self.admin(name)[field]
        return [dict(entry) for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


@contextlib.contextmanager
def start(
    *,
    edges: int = 3,
    nodes: int | None = None,
    origin: str | Path | None = None,
    domains: Sequence[str] = (),
    effect_s: float = 6.0,
    speed: float = 1.0,
    start_at: str | None = None,
    port: int = 0,
    access_key_id: str | None = None,
    access_key_secret: str | None = None,
    strict: bool | None = None,
    status: str | None = None,
    spawn: Callable[[Sequence[str], Mapping[str, str]], Child] = spawned,
) -> Iterator[Emulator]:
    """Run an emulator in a child process, and stop that process afterwards.

    *spawn* starts the process. *strict* and *status* are modes (see :mod:`pulumi_alicdn.emulator.modes`), as they are
    by default where None.
    The child also stops when this process ends, even by SIGKILL: it watches its standard input. Raises EmulatorError if
    it does not start.
    """
    arguments = ["--edges", str(edges), "--effect-s", str(effect_s), "--speed", str(speed), "--port", str(port)]
    if nodes is not None:
        arguments += ["--nodes", str(nodes)]
    if start_at is not None:
        arguments += ["--start", start_at]
    if origin is not None:
        arguments += ["--origin", str(origin)]
    for domain in domains:
        arguments += ["--domain", domain]
    if strict is not None:
        arguments.append("--strict" if strict else "--lenient")
    if status is not None:
        arguments += ["--status", status]
    child = spawn([*arguments, "--until-stdin-closes"], _environment(access_key_id, access_key_secret))
    try:
        yield _announced(child)
    finally:
        _stop(child)
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()


def _environment(access_key_id: str | None, access_key_secret: str | None) -> dict[str, str]:
    # The child must import the same package as this process, also if this process found it in an unusual folder.
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    # Pass the key in the environment: the list of processes shows arguments.
    if access_key_id is not None:
        environment["ALICDN_EMULATOR_ACCESS_KEY_ID"] = access_key_id
    if access_key_secret is not None:
        environment["ALICDN_EMULATOR_ACCESS_KEY_SECRET"] = access_key_secret
    return environment


def _announced(child: Child) -> Emulator:
    if child.stdout is None:
        raise EmulatorError("The emulator's output cannot be read.")
    ready, _, _ = select.select([child.stdout], [], [], _START_S)
    line = child.stdout.readline() if ready else b""
    if not line:
        raise EmulatorError(f"The emulator did not start (exit code {child.poll()}).")
    announcement = json.loads(line)
    return Emulator(**{**announcement, "edges": tuple(announcement["edges"]), "dns": tuple(announcement["dns"])})


def _stop(child: Child) -> None:
    child.terminate()
    try:
        child.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()


def _target(url: str) -> tuple[str, str]:
    """The target of a request for a URL, and its host."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), parts.hostname or ""


def _request(base: str, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> EdgeAnswer:
    address = urlsplit(base)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=_ANSWER_S)
    try:
        connection.request(method, target, body, dict(headers))
        answer = connection.getresponse()
        return EdgeAnswer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()
