"""How long a folder of 10,000 files and 1 GB takes to scan, beside `sha256sum` in parallel over the same files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from pulumi_alicdn.system.folder import scan

FILES, SIZE = 10_000, 100_000
ROUNDS = 3
SHA256SUM = "find . -type f -print0 | xargs -0 -P{processors} -n{each} sha256sum"


def make(folder: Path, files: int, size: int) -> None:
    """Fill *folder* with *files* of *size* bytes of noise, a hundred to a sub-folder."""
    for number in range(files):
        path = folder / f"season-{number // 1000:02}" / f"episode-{number // 100:03}" / f"segment-{number:05}.ts"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(size))


def sha256sum(folder: Path) -> str:
    """Hash all of *folder*, in as many processes as there are processors, and return the lines."""
    processors = len(os.sched_getaffinity(0))
    command = SHA256SUM.format(processors=processors, each=100)
    return subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=True).stdout


def measure(files: int = FILES, size: int = SIZE) -> dict[str, float | int]:
    """Time both in turn; seconds are medians, ``ratio`` ours by theirs. Raises AssertionError where hashes differ."""
    ours: list[float] = []
    theirs: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, files, size)
        expected = sha256sum(folder)  # also brings all files into memory, for both
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            found = scan(folder)
            scanned = time.perf_counter()
            sha256sum(folder)
            ours.append(scanned - begun)
            theirs.append(time.perf_counter() - scanned)
        lines = {f"{asset.sha256.hex()}  ./{asset.path}" for asset in found.manifest.values()}
        if lines != set(expected.splitlines()):
            raise AssertionError("scan and sha256sum disagree")
    return {
        "files": files,
        "bytes": files * size,
        "rounds": ROUNDS,
        "ours_s": round(median(ours), 3),
        "sha256sum_s": round(median(theirs), 3),
        "ratio": round(median(ours) / median(theirs), 3),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(), indent=2) + "\n")
