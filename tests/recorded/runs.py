"""One recorded deployment: its cloud, its stack, and the way from both to a file and back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.cloud.connection import connect
from pulumi_alicdn.cloud.rpc import RpcClient
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.emulator.running import Emulator
from support.call_log import paths, polled, submits
from support.stack import Stack, eventually

Recording = dict[str, Any]


def instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


@dataclass(slots=True)
class Run:
    """A stack with its cloud; *origin* is the folder that the cloud's origin serves."""

    stack: Stack
    cloud: Emulator
    origin: Path
    _earlier: int = 0

    def begin_anew(self) -> None:
        """Count the calls of what follows only."""
        self._earlier = len(self.cloud.calls())

    def program(self, text: str) -> None:
        """Write the program; EDGES and ORIGIN are the cloud's own addresses."""
        edges = [edge.removeprefix("http://") for edge in self.cloud.edges]
        self.stack.write(f"EDGES, ORIGIN = {edges!r}, {self.cloud.origin!r}\n{text}")

    def write(self, files: Mapping[str, str]) -> None:
        """Have the folder beside the program and the origin hold these files, and nothing else."""
        for folder in (self.stack.folder / "dist", self.origin):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for name, content in files.items():
                (folder / name).write_text(content)

    def files(self) -> dict[str, str]:
        """What the folder beside the program holds."""
        return {file.name: file.read_text() for file in sorted((self.stack.folder / "dist").iterdir())}

    def sent(self) -> list[dict[str, Any]]:
        """The calls that submitted something, or tried to."""
        return submits(self.cloud)

    def submits(self) -> list[list[Any]]:
        """The action and the sorted object paths of each of them."""
        return [[call["action"], sorted(paths(call))] for call in self.sent()]

    def submit(self, service: str, *urls: str) -> None:
        """Submit a refresh as somebody else."""
        connect(self._settings(), Service(service)).submit(
            TaskSpec(Service(service), Kind.REFRESH, ObjectType.FILE, urls)
        )

    def send(self, call: Mapping[str, Any]) -> None:
        """Send a call of a log again, as it was."""
        RpcClient(self._settings(), Service(call["service"])).call(call["action"], {}, call["params"])

    def _settings(self) -> Settings:
        cloud = self.cloud
        return Settings(
            endpoint=cloud.endpoint, access_key_id=cloud.access_key_id, access_key_secret=cloud.access_key_secret
        )

    def has_begun(self, step: str) -> bool:
        """Whether the state on disk names a resource of the type *step*: it does so before the step is taken."""
        return any(f":{step}::" in file.read_text() for file in self.stack.folder.glob(".pulumi/stacks/**/dev.json"))

    def task_of(self, object_type: str) -> bool:
        """Whether the service has a task of this type."""
        return any(row["ObjectType"] == object_type for row in self.cloud.tasks())

    def polled(self) -> bool:
        """Whether a wait is under way."""
        return polled(self.cloud, self._earlier)

    def kill_once(self, condition: Callable[[], bool], what: str) -> None:
        """Deploy, and kill the deployment with all its processes once *condition* holds."""
        child = self.stack.popen("up", "--yes", "--skip-preview")
        eventually(condition, what)
        self.stack.kill(child)
        self.stack.run("cancel", "--yes").expect_ok()

    def addresses(self) -> dict[str, str]:
        """What stands for each address of the cloud in a recording."""
        edges = {edge.removeprefix("http://"): f"EDGE-{index}" for index, edge in enumerate(self.cloud.edges)}
        return {self.cloud.origin: "ORIGIN", **edges}

    def export(self) -> Recording:
        """The state as it is, without the addresses of this cloud."""
        text = self.stack.state()
        for address, name in self.addresses().items():
            text = text.replace(address, name)
        state: Recording = json.loads(text, object_hook=_without_positions)
        return state

    def restore(self, state: Recording) -> None:
        """Have the stack go on from a recorded state."""
        text = json.dumps(state)
        for address, name in self.addresses().items():
            text = text.replace(name, address)
        file = self.stack.folder / "recorded.json"
        file.write_text(text)
        self.stack.run("stack", "import", "--file", str(file)).expect_ok()


@contextmanager
def frozen(cloud: Emulator) -> Iterator[None]:
    """Stop the cloud's clock; afterwards it runs as before."""
    cloud.admin("clock", {"frozen": True})
    yield
    cloud.admin("clock", {"frozen": False})


def replay(run: Run, recording: Recording) -> None:
    """Bring a new cloud to where the recorded one was: same clock, same tasks, same ids."""
    with frozen(run.cloud):
        for name, body in recording["before"]:
            run.cloud.admin(name, body)
        for call in recording["calls"]:
            _move(run.cloud, call["at"])
            run.send(call)
        _move(run.cloud, recording["exported_at"])
        run.cloud.admin("faults", {"faults": []})
        run.cloud.admin("calls", method="DELETE")


def _without_positions(value: Recording) -> Recording:
    """A part of the state without the places in the program: they hold paths of the machine."""
    return {name: part for name, part in value.items() if name not in ("sourcePosition", "stackTrace")}


def _move(cloud: Emulator, at: str) -> None:
    shown = str(cloud.admin("clock")["now"])
    ahead_s = (instant(at) - instant(shown)).total_seconds()
    if ahead_s > 0:
        cloud.advance(ahead_s)
