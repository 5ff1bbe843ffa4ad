"""A folder of assets, the origin to which it is uploaded, and the cloud before that origin."""

from __future__ import annotations

import shutil
from pathlib import Path

from pulumi_alicdn.emulator.running import Emulator
from support.call_log import NewSubmits


class Uploads:
    """*assets* is the folder; *origin* is the one that the cloud's origin serves."""

    def __init__(self, cloud: Emulator, assets: Path, origin: Path) -> None:
        self.cloud = cloud
        self.assets = assets
        self.origin = origin
        self._new_submits = NewSubmits(cloud)

    def upload(self) -> None:
        """Do what an upload does: afterwards the origin has the folder, and nothing else."""
        for path in self.origin.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(self.assets, self.origin, dirs_exist_ok=True)

    def submitted(self) -> list[tuple[str, set[str]]]:
        """The action and the object paths of each submit since the last time."""
        return [(action, set(urls)) for action, urls in self._new_submits.take()]
