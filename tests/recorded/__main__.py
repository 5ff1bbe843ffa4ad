"""Records states: `python -m recorded NAME…`. What is there already stays: a recorded state is a promise."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.metadata import version
from pathlib import Path

from pulumi_alicdn.emulator.running import Emulator
from recorded.front_ends import CommandRun, StackRun
from recorded.runs import Recording, Run
from recorded.scenarios import MANIFESTS, STATES, Scenario
from support.emulators import start
from support.stack import Stack, alone

STATES_FOLDER = Path(__file__).parent / "states"
MANIFESTS_FOLDER = Path(__file__).parent / "manifests"


def record(scenario: Scenario, front_end: Callable[[Emulator, Path, Path], AbstractContextManager[Run]]) -> Recording:
    """Deploy as *scenario* says, and take what is needed to go on from there."""
    with tempfile.TemporaryDirectory() as name:
        folder, origin = Path(name) / "project", Path(name) / "origin"
        folder.mkdir()
        origin.mkdir()
        asked = start(origin=origin, effect_s=scenario.effect_s, nodes=scenario.nodes or None)
        with asked as cloud, front_end(cloud, origin, folder) as run:
            began_at = cloud.admin("clock")["now"]
            run.program(scenario.program)
            run.write(scenario.files)
            for call, body in scenario.before:
                cloud.admin(call, body)
            scenario.leave(run)
            return {
                "version": version("pulumi-alicdn"),
                "began_at": began_at,
                "exported_at": cloud.admin("clock")["now"],
                "effect_s": scenario.effect_s,
                "nodes": scenario.nodes,
                "program": scenario.program,
                "files": run.files(),
                "before": scenario.before,
                "calls": run.sent(),
                "after": scenario.after,
                "submits": scenario.submits,
                "status": scenario.status,
                "state": run.export(),
            }


@contextmanager
def _stack(cloud: Emulator, origin: Path, folder: Path) -> Iterator[Run]:
    stack = Stack(folder, {**alone(folder), **cloud.environment()}, "")
    try:
        yield StackRun(cloud, origin, stack)
    finally:
        stack.close()


def _command(cloud: Emulator, origin: Path, folder: Path) -> AbstractContextManager[Run]:
    return nullcontext(CommandRun(cloud, origin, folder))


def main(names: list[str]) -> int:
    """Record the scenarios called *names*, by default all that have no recording yet."""
    wanted = {
        **{STATES_FOLDER / f"{name}.json": (scenario, _stack) for name, scenario in STATES.items()},
        **{MANIFESTS_FOLDER / f"{name}.json": (scenario, _command) for name, scenario in MANIFESTS.items()},
    }
    known = {file.stem for file in wanted}
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.stdout.write(f"There is no scenario {', '.join(unknown)}; there are {', '.join(sorted(known))}.\n")
        return 2
    for file, (scenario, front_end) in wanted.items():
        if names and file.stem not in names:
            continue
        if file.exists():
            sys.stdout.write(f"{file.stem}: recorded already\n")
            continue
        file.write_text(json.dumps(record(scenario, front_end), indent=1, sort_keys=True) + "\n")
        sys.stdout.write(f"{file.stem}: recorded\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
