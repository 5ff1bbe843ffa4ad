"""What a folder of 10,000 files costs where nothing changes, and how large it makes the state; then one of 100,000.

A preview without changes is measured against one of an empty program, in turns; the time of hashing the folder, in this
process, is counted apart. The state is the text that the engine stores, by the way of the first release.
The larger folder is measured against the smaller one, in turns, so that a busy machine slows down both.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.goals import Verdict
from bench.memory import peaks
from bench.overhead import Pair, in_turns, stacks, took_s
from pulumi_alicdn.emulator.running import Emulator, start
from pulumi_alicdn.system.folder import scan
from support.stack import Stack

FILES = 10_000
MANY_FILES = 100_000
RUNS = 5
LARGE_RUNS = 3
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


LARGE_WAYS: Mapping[str, Mapping[str, Any]] = {
    "nothing": WAYS["nothing"],
    "directory": {**WAYS["directory"], "verify": "sample"},
}


@dataclass(frozen=True, slots=True)
class Large:
    """``preview``: that of the larger folder, against the smaller one. ``peak_mb`` by the role of a process."""

    files: int
    preview: Pair
    state_kb: dict[str, float]
    changed_kb: float
    peak_mb: dict[str, float]


@dataclass(frozen=True, slots=True)
class Found:
    """``state_kb`` by the way of the first release, ``changed_kb`` the same after a second one of three files."""

    files: int
    preview: Pair
    hashing_s: list[float]
    state_kb: dict[str, float]
    changed_kb: float
    large: Large

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


@dataclass(frozen=True, slots=True)
class _Site:
    """A folder with an origin and an edge; ``make`` makes stacks beside it."""

    folder: Path
    cloud: Emulator
    make: Callable[[str, str], Stack]

    def released(self, ways: Mapping[str, Mapping[str, Any]]) -> dict[str, Stack]:
        """Release the folder in each of these *ways*; return the stacks."""
        found = {way: self.make(way, OURS) for way in ways}
        common = {
            "service": "cdn",
            "directory": str(self.folder),
            "base_url": "https://www.example.com/",
            "edges": [edge.removeprefix("http://") for edge in self.cloud.edges],
        }
        for way, stack in found.items():
            stack.environment["RELEASE"] = json.dumps({**common, **ways[way]})
            stack.up().expect_ok()
        return found

    def change(self) -> None:
        """Change three files."""
        for path in sorted(self.folder.rglob("*.ts"))[:3]:
            path.write_text("changed")


@contextmanager
def _site(files: int) -> Iterator[_Site]:
    with tempfile.TemporaryDirectory(prefix="pulumi-alicdn-bench-") as name:
        folder = Path(name) / "dist"
        fill(folder, files)
        with start(effect_s=0.5, edges=1, origin=folder) as cloud, stacks(Path(name), cloud) as make:
            cloud.admin("quota", dict.fromkeys(("UrlQuota", "UrlRemain", "PreloadQuota", "PreloadRemain"), 10 * files))
            yield _Site(folder, cloud, make)


def run(files: int = FILES, runs: int = RUNS, many: int = MANY_FILES, large_runs: int = LARGE_RUNS) -> Found:
    """Measure everything; takes about four minutes."""
    with _site(files) as site:
        releases = site.released(WAYS)
        state_kb = {way: _kb(stack) for way, stack in releases.items()}
        ours, theirs = releases["nothing"], site.make("empty", EMPTY)
        theirs.up().expect_ok()
        preview = _previews(ours, theirs, runs)
        hashing_s = [took_s(lambda: scan(site.folder)) for _ in range(runs)]
        large = _large(many, large_runs, ours)
        site.change()
        ours.up().expect_ok()
        return Found(files, preview, hashing_s, state_kb, _kb(ours), large)


def _previews(ours: Stack, theirs: Stack, runs: int) -> Pair:
    def took(stack: Stack) -> float:
        return took_s(lambda: stack.preview().expect_ok())

    return in_turns(lambda _: took(ours), lambda _: took(theirs), runs)


def _large(files: int, runs: int, small: Stack) -> Large:
    with _site(files) as site, peaks() as peak_mb:
        releases = site.released(LARGE_WAYS)
        state_kb = {way: _kb(stack) for way, stack in releases.items()}
        ours = releases["nothing"]
        preview = _previews(ours, small, runs)
        site.change()
        ours.up().expect_ok()
        return Large(files, preview, state_kb, _kb(ours), peak_mb)


def verdicts(found: Found) -> list[Verdict]:
    """A folder without changes is hashed and compared, nothing more; the state stays one that a backend takes."""
    return [
        Verdict("preview without changes, but for hashing / an empty program", found.ratio, 1.5),
        *(
            Verdict(f"state after a first release by {way}", found.state_kb[way], 1500.0, "kB")
            for way in ("nothing", "directory", "prefetch")
        ),
        Verdict("state after a second one, of three files", found.changed_kb, 1500.0, "kB"),
        *_large_verdicts(found.large, found.files),
    ]


def _large_verdicts(found: Large, files: int) -> list[Verdict]:
    states = {f"a first release by {way}": kb for way, kb in found.state_kb.items()}
    states["a second one, of three files"] = found.changed_kb
    return [
        # Before, 6.6 s against 1.7 s.
        Verdict(f"preview without changes, {found.files:,} files / {files:,}", found.preview.ratio, 3.9),
        *(Verdict(f"state of {found.files:,} files after {what}", kb, 5000.0, "kB") for what, kb in states.items()),
        *(
            Verdict(f"peak memory of a {role} process, {found.files:,} files", mb, 200.0, "MB")
            for role, mb in sorted(found.peak_mb.items())
        ),
    ]


def plain(found: Found) -> dict[str, Any]:
    """As JSON takes it."""
    return asdict(found)
