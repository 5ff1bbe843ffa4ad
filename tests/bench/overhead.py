"""What the provider adds to a deployment, on the real engine: to an `up`, to one without changes, to an import.

Measured against the same things without this provider, in turns, so that a busy machine slows down both:

- an `up` with one RefreshTask against one with a dynamic resource that sleeps as long as the task's effect takes;
- an `up` without changes, of the same two stacks;
- `import pulumi_alicdn` against `import pulumi`, each in a new interpreter; and once more with a resource named:
  that is when Pulumi and the resources are loaded.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.goals import Verdict
from pulumi_alicdn.emulator.running import Emulator, start
from support.stack import Stack

EFFECT_S = 6.0
UPS, UNCHANGED_UPS, IMPORTS = 3, 5, 9
_ENGINE = Path(__file__).resolve().parents[2] / "provider" / "toolchain" / "engine.py"

OURS = """\
import pulumi
import pulumi_alicdn as alicdn

release = alicdn.RefreshTask("homepage", service="vod", object_paths=["https://media.example.com/index.m3u8"])
pulumi.export("status", release.status)
"""

THEIRS = f"""\
import time
import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Sleeper(ResourceProvider):
    def create(self, props):
        time.sleep({EFFECT_S})
        return CreateResult("slept", dict(status="Complete"))

class Sleep(Resource):
    status: pulumi.Output[str]

    def __init__(self, name):
        super().__init__(Sleeper(), name, dict(status=None))

pulumi.export("status", Sleep("sleep").status)
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """Seconds that something took with this provider and without it, run by run."""

    ours_s: list[float]
    theirs_s: list[float]

    @property
    def ratio(self) -> float:
        """Of the medians."""
        return median(self.ours_s) / median(self.theirs_s)

    @property
    def difference_s(self) -> float:
        """Of the medians."""
        return median(self.ours_s) - median(self.theirs_s)


@dataclass(frozen=True, slots=True)
class Found:
    """All pairs."""

    up: Pair
    unchanged: Pair
    imported: Pair
    loaded: Pair


def took_s(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def in_turns(ours: Callable[[int], float], theirs: Callable[[int], float], runs: int) -> Pair:
    mine, others = [], []
    for number in range(runs):
        others.append(theirs(number))
        mine.append(ours(number))
    return Pair(mine, others)


def _imports(statement: str) -> Pair:
    def run(code: str) -> float:
        return took_s(lambda: subprocess.run([sys.executable, "-c", code], check=True))

    for code in ("import pulumi", statement):
        run(code)  # so that no measured run is the first to read the files
    return in_turns(lambda _: run(statement), lambda _: run("import pulumi"), IMPORTS)


def engine_path(version: str = "") -> str:
    """The folder of the real engine, found or built; that of *version* (`pinned` or `newest`), if one is given."""
    chosen = ["--version", version] if version else []
    found = subprocess.run([sys.executable, str(_ENGINE), *chosen], stdout=subprocess.PIPE, text=True, check=True)
    return found.stdout.splitlines()[-1]


@contextmanager
def stacks(folder: Path, cloud: Emulator, engine: str = "") -> Iterator[Callable[[str, str], Stack]]:
    """Make stacks that keep everything in *folder*, with the engine in that folder, or any recent one."""
    made: list[Stack] = []
    path = os.pathsep.join([engine or engine_path(), str(Path(sys.executable).parent), os.environ["PATH"]])

    def make(name: str, program: str) -> Stack:
        place = folder / name
        place.mkdir()
        environment = {
            "PATH": path,
            "HOME": os.environ.get("HOME", str(folder)),
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{place}",
            "PULUMI_CONFIG_PASSPHRASE": "bench",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
            **cloud.environment(),
        }
        made.append(Stack(place, environment, program))
        # Without the imports that tests share: what is compared must not load this provider too.
        (place / "__main__.py").write_text(program)
        return made[-1]

    try:
        yield make
    finally:
        for stack in made:
            stack.close()


def run() -> Found:
    """Measure everything; takes about two minutes."""
    with (
        tempfile.TemporaryDirectory(prefix="pulumi-alicdn-bench-") as folder,
        start(effect_s=EFFECT_S) as cloud,
        stacks(Path(folder), cloud) as make,
    ):
        ours = [make(f"ours-{number}", OURS) for number in range(UPS)]
        theirs = [make(f"theirs-{number}", THEIRS) for number in range(UPS)]
        up = in_turns(
            lambda number: took_s(lambda: ours[number].up().expect_ok()),
            lambda number: took_s(lambda: theirs[number].up().expect_ok()),
            UPS,
        )
        unchanged = in_turns(
            lambda _: took_s(lambda: ours[0].up().expect_ok()),
            lambda _: took_s(lambda: theirs[0].up().expect_ok()),
            UNCHANGED_UPS,
        )
    return Found(
        up, unchanged, _imports("import pulumi_alicdn"), _imports("import pulumi_alicdn; pulumi_alicdn.RefreshTask")
    )


def verdicts(found: Found) -> list[Verdict]:
    """Hardly more than the wait itself; hardly anything where nothing changes."""
    return [
        Verdict("up: added to the wait itself", found.up.difference_s, 1.5, "s"),
        Verdict("up without changes / an empty dynamic resource", found.unchanged.ratio, 1.15),
        Verdict("import pulumi_alicdn / import pulumi", found.imported.ratio, 1.25),
        Verdict("import pulumi_alicdn and name a resource / import pulumi", found.loaded.ratio, 1.25),
    ]


def plain(found: Found) -> dict[str, Any]:
    """As JSON takes it."""
    return {"effect_s": EFFECT_S, **asdict(found)}
