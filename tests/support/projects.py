"""A copy of an example of this project, with its own stack, and a folder that stands for its origin."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pulumi_alicdn.emulator.running import Emulator
from support.stack import Stack
from support.uploads import Uploads

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


class Project(Uploads):
    """An example that runs against an emulator; its asset folder is *assets*."""

    def __init__(self, stack: Stack, cloud: Emulator, origin: Path, name: str, assets: str = "dist") -> None:
        super().__init__(cloud, stack.folder / assets, origin)
        shutil.copytree(EXAMPLES / name, stack.folder, dirs_exist_ok=True)
        stack.run("stack", "init", "dev").expect_ok()  # the example's Pulumi.yaml names a project of its own
        self.stack = stack

    def configure(self, *pairs: str) -> None:
        """Set configuration of the stack from texts such as `edges[0]=127.0.0.1:80`."""
        flagged = [part for pair in pairs for part in ("--plaintext", pair)]
        self.stack.run("config", "set-all", "--path", *flagged).expect_ok()

    def edges(self) -> list[str]:
        """The emulator's edges, as configuration."""
        return [f"edges[{index}]={edge}" for index, edge in enumerate(self.cloud.edges)]

    def up_without_a_call(self) -> None:
        """Deploy what is deployed already: nothing is asked, let alone submitted."""
        before = len(self.cloud.calls())
        self.stack.up().expect_ok()
        assert [call["action"] for call in self.cloud.calls()[before:]] == []

    def expect_everywhere(self, urls: Mapping[str, bytes]) -> None:
        """Every edge serves exactly these bytes."""
        for url, content in urls.items():
            assert [answer.body for answer in self.cloud.get_everywhere(url)] == [content] * len(self.cloud.edges), url


def fresh(outputs: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """What the summary of a proof says of each edge; no probe found anything else."""
    seen = list(outputs)
    assert [one["other"] for one in seen] == [0] * len(seen)
    return {one["edge"]: one["fresh"] for one in seen}
