"""One recorded deployment: its cloud, what its front end stored, and the way from both to a file and back."""

from __future__ import annotations

import json
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pulumi_alicdn.api.spec import Kind, ObjectType, Service, TaskSpec
from pulumi_alicdn.cloud.connection import connect
from pulumi_alicdn.cloud.rpc import RpcClient
from pulumi_alicdn.cloud.settings import Settings
from pulumi_alicdn.emulator.running import Emulator
from support.call_log import paths, polled, submits

Recording = dict[str, Any]


def instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


class Run(ABC):
    """A front end with its cloud; *folder* holds the folder of assets, *origin* is what the cloud's origin serves."""

    def __init__(self, cloud: Emulator, folder: Path, origin: Path) -> None:
        self.cloud = cloud
        self.folder = folder
        self.origin = origin
        self._earlier = 0

    @abstractmethod
    def program(self, text: str) -> None:
        """Take what a user writes; EDGES and ORIGIN in it are the cloud's own addresses."""

    @abstractmethod
    def deploy(self) -> str:
        """Deploy, which succeeds, and return the status."""

    @abstractmethod
    def fail(self) -> None:
        """Deploy, which fails."""

    @abstractmethod
    def kill_once(self, condition: Callable[[], bool], what: str) -> None:
        """Deploy, and kill the deployment with all its processes once *condition* holds."""

    @abstractmethod
    def stored(self) -> str:
        """What the front end stored, as JSON."""

    @abstractmethod
    def restore(self, stored: Recording) -> None:
        """Have the front end go on from what was stored in a recording."""

    def begin_anew(self) -> None:
        """Count the calls of what follows only."""
        self._earlier = len(self.cloud.calls())

    def write(self, files: Mapping[str, str]) -> None:
        """Have the folder of assets and the origin hold these files, and nothing else."""
        for folder in (self.folder / "dist", self.origin):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for name, content in files.items():
                (folder / name).write_text(content)

    def files(self) -> dict[str, str]:
        """What the folder of assets holds."""
        return {file.name: file.read_text() for file in sorted((self.folder / "dist").iterdir())}

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

    def task_of(self, object_type: str) -> bool:
        """Whether the service has a task of this type."""
        return any(row["ObjectType"] == object_type for row in self.cloud.tasks())

    def polled(self) -> bool:
        """Whether a wait is under way."""
        return polled(self.cloud, self._earlier)

    def edges(self) -> list[str]:
        """The edges as `host:port`."""
        return [edge.removeprefix("http://") for edge in self.cloud.edges]

    def export(self) -> Recording:
        """What is stored, with names in place of the addresses of this cloud."""
        text = self.stored()
        for address, name in self._addresses().items():
            text = text.replace(address, name)
        stored: Recording = json.loads(text, object_hook=_without_positions)
        return stored

    def here(self, text: str) -> str:
        """*text* of a recording with the addresses of this cloud."""
        for address, name in self._addresses().items():
            text = text.replace(name, address)
        return text

    def _addresses(self) -> dict[str, str]:
        return {self.cloud.origin: "ORIGIN", **{edge: f"EDGE-{at}" for at, edge in enumerate(self.edges())}}


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
