"""A folder, its origin, a cloud and a stack with one AssetRelease, for tests of releases on the real engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pulumi_alicdn.emulator.running import Emulator
from support.call_log import polled
from support.stack import Stack
from support.uploads import Uploads

BASE = "https://www.example.com/"
OUTPUTS = ("status", "changed", "refreshed", "prefetched", "evidence", "evidence_summary")


class Site(Uploads):
    """The assets are the folder *dist* beside the program."""

    def __init__(self, stack: Stack, cloud: Emulator, origin: Path, **options: Any) -> None:  # noqa: ANN401  as a user writes them
        super().__init__(cloud, stack.folder / "dist", origin)
        self.stack = stack
        self.assets.mkdir()
        self.options = {
            "service": "cdn",
            "directory": "dist",
            "base_url": BASE,
            "edges": [edge.removeprefix("http://") for edge in cloud.edges],
            "origin": cloud.origin,
            "proof_patience": 0,
        }
        self._exported: tuple[str, ...] = OUTPUTS
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
            path = self.assets / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        if upload:
            self.upload()

    def waits(self) -> bool:
        """Whether a wait has begun."""
        return polled(self.cloud)

    def served(self, path: str) -> set[bytes]:
        """What all edges serve for the URL of *path*."""
        return {answer.body for answer in self.cloud.get_everywhere(BASE + path)}
