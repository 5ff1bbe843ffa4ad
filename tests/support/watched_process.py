"""A process that is watched until it ends: how it ended, what it wrote, and the most memory that it had."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True)
class Watched:
    """How a process ended.

    ``peak_mib``: the most memory that it had, in MiB, as the kernel keeps it
    """

    code: int
    out: str
    err: str
    took_s: float
    peak_mib: float


class WatchedProcess:
    """Runs *command*, whose output goes to files in *folder*. Its memory is known on Linux only."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        folder.mkdir(parents=True)
        self._files = [folder / "out", folder / "err"]
        streams: list[IO[bytes]] = [file.open("wb") for file in self._files]
        self._began = time.monotonic()
        self._child = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=streams[0], stderr=streams[1]
        )
        for stream in streams:
            stream.close()
        self._peak_mib = 0.0
        self._took_s = 0.0

    def poll(self) -> bool:
        """Whether it has ended; note its memory."""
        status = Path(f"/proc/{self._child.pid}/status")
        if status.exists() and (found := re.search(r"VmHWM:\s*(\d+) kB", status.read_text())):
            self._peak_mib = int(found[1]) / 1024
        ended = self._child.poll() is not None
        self._took_s = self._took_s or (time.monotonic() - self._began if ended else 0.0)
        return ended

    def kill(self) -> None:
        self._child.kill()
        self._child.wait()

    @property
    def result(self) -> Watched:
        out, err = (file.read_text(errors="replace") for file in self._files)
        return Watched(self._child.wait(), out, err, self._took_s, self._peak_mib)


def all_ended(processes: Sequence[WatchedProcess], within_s: float) -> list[Watched]:
    """Poll until all have ended, and return how; after *within_s* seconds, kill the rest and fail."""
    deadline = time.monotonic() + within_s
    running = list(processes)
    try:
        while running := [one for one in running if not one.poll()]:
            assert time.monotonic() < deadline, f"{len(running)} of {len(processes)} still run after {within_s:g} s"
            time.sleep(0.02)
    finally:
        for one in running:
            one.kill()
    return [one.result for one in processes]
