"""A folder, its origin, a cloud and a stack with one AssetRelease, for tests of releases on the real engine."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from pulumi_alicdn.emulator.running import Emulator
from support.call_log import SUBMITS, paths, submits
from support.stack import Stack

BASE = "https://www.example.com/"
OUTPUTS = ("status", "changed", "refreshed", "prefetched", "evidence", "evidence_summary")


class Site:
    """The folder *dist* beside the program; *origin* is what the cloud's origin serves."""

    def __init__(self, stack: Stack, cloud: Emulator, origin: Path, **options: Any) -> None:  # noqa: ANN401  as a user writes them
        self.stack = stack
        self.cloud = cloud
        self.origin = origin
        self.folder = stack.folder / "dist"
        self.folder.mkdir()
        self.options = {
            "service": "cdn",
            "directory": "dist",
            "base_url": BASE,
            "edges": [edge.removeprefix("http://") for edge in cloud.edges],
            "origin": cloud.origin,
            "proof_patience": 0,
        }
        self._exported: tuple[str, ...] = OUTPUTS
        self._told = 0
        self.configure(**options)

    def configure(self, prologue: str = "", **options: Any) -> None:  # noqa: ANN401  as a user writes them
        """Write the program with these options too, one that is None left out; *prologue* runs before it."""
        self.options |= options
        given = {name: value for name, value in self.options.items() if value is not None}
        exports = "\n".join(f'pulumi.export("{name}", site.{name})' for name in self._exported)
        self.stack.write(f"{prologue}\nsite = alicdn.AssetRelease('site', **{given!r})\n{exports}\n")

    def export(self, *names: str) -> None:
        """Have the stack export these outputs only."""
        self._exported = names
        self.configure()

    def put(self, *, upload: bool = True, **files: str) -> None:
        """Write files, named by their path without a suffix (`.txt`), and upload them."""
        self.write({f"{name}.txt": content for name, content in files.items()}, upload=upload)

    def write(self, files: dict[str, str], *, upload: bool = True) -> None:
        """Write files by their paths, and upload them."""
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        if upload:
            self.upload()

    def upload(self) -> None:
        """Afterwards the origin has the folder, and nothing else."""
        for path in self.origin.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(self.folder, self.origin, dirs_exist_ok=True)

    def submitted(self) -> list[tuple[str, set[str]]]:
        """The action and the object paths of each submit since the last time."""
        new = submits(self.cloud)[self._told :]
        self._told += len(new)
        return [(call["action"], set(paths(call))) for call in new]

    def waits(self) -> bool:
        """Whether a wait has begun: the service was asked about tasks after the last submit."""
        actions = [str(call["action"]) for call in self.cloud.calls()]
        last = max((place for place, action in enumerate(actions) if action in SUBMITS), default=len(actions))
        return any(action.startswith("Describe") and "Quota" not in action for action in actions[last + 1 :])

    def served(self, path: str) -> set[bytes]:
        """What all edges serve for the URL of *path*."""
        return {answer.body for answer in self.cloud.get_everywhere(BASE + path)}
