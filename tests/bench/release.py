"""What a folder of 10,000 files costs where nothing changes, and how large it makes the state.

A preview without changes is measured against one of an empty program, in turns; the time of hashing the folder, in this
process, is counted apart. The state is the text that the engine stores, by the way of the first release.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.goals import Verdict
from bench.overhead import Pair, in_turns, stacks, took_s
from pulumi_alicdn.emulator.running import Emulator, start
from pulumi_alicdn.system.folder import scan
from support.stack import Stack

FILES = 10_000
RUNS = 5
KB = 1000

EMPTY = "import pulumi\n"
OURS = """\
import json, os
import pulumi_alicdn as alicdn

alicdn.AssetRelease("site", **json.loads(os.environ["RELEASE"]))
"""

WAYS: Mapping[str, Mapping[str, Any]] = {
    "nothing": {"first_release": "nothing"},
    "directory": {"strategy": "directory"},
    "prefetch": {"first_release": "prefetch", "prefetch": ["segment-0000*.ts"]},
    "files": {"strategy": "files", "verify": "off"},
}
"""Options of a first release. ``directory`` is proven at one edge in full, so that it has as much evidence as the state
keeps; ``prefetch`` prefetches ten, and is proven so too."""


@dataclass(frozen=True, slots=True)
class Found:
    """``state_kb`` by the way of the first release, ``changed_kb`` the same after a second one of three files."""

    files: int
    preview: Pair
    hashing_s: list[float]
    state_kb: dict[str, float]
    changed_kb: float

    @property
    def ratio(self) -> float:
        """Of the medians, without the hashing."""
        return (median(self.preview.ours_s) - median(self.hashing_s)) / median(self.preview.theirs_s)


def fill(folder: Path, files: int) -> None:
    """Put as many small files into *folder*, a hundred to a sub-folder."""
    for number in range(files):
        path = folder / f"season-{number // 1000:02}" / f"episode-{number // 100:03}" / f"segment-{number:05}.ts"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{number}")


def _kb(stack: Stack) -> float:
    (stored,) = (stack.folder / ".pulumi" / "stacks").rglob("dev.json")
    return stored.stat().st_size / KB


def _plenty(cloud: Emulator) -> None:
    cloud.admin("quota", dict.fromkeys(("UrlQuota", "UrlRemain", "PreloadQuota", "PreloadRemain"), 10 * FILES))


def run(files: int = FILES, runs: int = RUNS) -> Found:
    """Measure everything; takes about two minutes."""
    with tempfile.TemporaryDirectory(prefix="pulumi-alicdn-bench-") as name:
        folder = Path(name) / "dist"
        fill(folder, files)
        with start(effect_s=0.5, edges=1, origin=folder) as cloud, stacks(Path(name), cloud) as make:
            _plenty(cloud)
            common = {
                "service": "cdn",
                "directory": str(folder),
                "base_url": "https://www.example.com/",
                "edges": [edge.removeprefix("http://") for edge in cloud.edges],
            }
            releases = {way: make(way, OURS) for way in WAYS}
            for way, stack in releases.items():
                stack.environment["RELEASE"] = json.dumps({**common, **WAYS[way]})
                stack.up().expect_ok()
            state_kb = {way: _kb(stack) for way, stack in releases.items()}
            ours, theirs = releases["nothing"], make("empty", EMPTY)
            theirs.up().expect_ok()
            preview = in_turns(
                lambda _: took_s(lambda: ours.preview().expect_ok()),
                lambda _: took_s(lambda: theirs.preview().expect_ok()),
                runs,
            )
            hashing_s = [took_s(lambda: scan(folder)) for _ in range(runs)]
            for path in sorted(folder.rglob("*.ts"))[:3]:
                path.write_text("changed")
            ours.up().expect_ok()
            return Found(files, preview, hashing_s, state_kb, _kb(ours))


def verdicts(found: Found) -> list[Verdict]:
    """A folder without changes is hashed and compared, nothing more; the state stays one that a backend takes."""
    return [
        Verdict("preview without changes, but for hashing / an empty program", found.ratio, 1.5),
        *(
            Verdict(f"state after a first release by {way}", found.state_kb[way], 1500.0, "kB")
            for way in ("nothing", "directory", "prefetch")
        ),
        Verdict("state after a second one, of three files", found.changed_kb, 1500.0, "kB"),
    ]


def plain(found: Found) -> dict[str, Any]:
    """As JSON takes it."""
    return asdict(found)
