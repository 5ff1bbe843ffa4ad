"""What earlier versions stored: a later version goes on with each, and submits nothing extra."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pulumi_alicdn.emulator.running import Emulator
from recorded.front_ends import CommandRun, StackRun
from recorded.runs import Recording, Run, replay
from recorded.scenarios import DAYS_LATER, MANIFESTS, STATES
from support.stack import Stack

HERE = Path(__file__).parent
STATE_FILES = sorted((HERE / "states").glob("*.json"))
MANIFEST_FILES = sorted((HERE / "manifests").glob("*.json"))


def goes_on(
    file: Path, emulators: Callable[..., Emulator], origin: Path, front_end: Callable[[Emulator, Path], Run]
) -> None:
    """Deploy what *file* recorded, twice."""
    recording: Recording = json.loads(file.read_text())
    world = {"nodes": recording["nodes"]} if recording.get("nodes") else {}
    cloud = emulators(origin=origin, effect_s=recording["effect_s"], start_at=recording["began_at"], **world)
    run = front_end(cloud, origin)
    run.program(recording["program"])
    run.write(recording["files"])
    replay(run, recording)
    run.restore(recording["state"])
    for name, body in recording["after"]:
        cloud.admin(name, body)

    status = run.deploy()

    assert run.submits() == [[action, sorted(paths)] for action, paths in recording["submits"]]
    assert status == recording["status"]
    run.deploy()
    assert len(run.submits()) == len(recording["submits"])


@pytest.mark.parametrize("file", STATE_FILES, ids=lambda file: str(file.stem))
def test_a_later_version_goes_on_with_a_state(
    file: Path, emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path
) -> None:
    goes_on(file, emulators, origin, lambda cloud, origin: StackRun(cloud, origin, stacks("", cloud)))


def test_calls_that_were_stored_in_one_step_are_not_sent_again_after_the_service_has_forgotten_them(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path, tmp_path: Path
) -> None:
    """While the service lists their tasks, a lookup would find them."""
    recording: Recording = json.loads((HERE / "states" / "three-calls-in-one-step-done.json").read_text())
    recording["after"] = [*recording["after"], DAYS_LATER]
    file = tmp_path / "later.json"
    file.write_text(json.dumps(recording))
    goes_on(file, emulators, origin, lambda cloud, origin: StackRun(cloud, origin, stacks("", cloud)))


@pytest.mark.parametrize("file", MANIFEST_FILES, ids=lambda file: str(file.stem))
def test_a_later_version_goes_on_with_a_manifest_file(
    file: Path, emulators: Callable[..., Emulator], origin: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    goes_on(file, emulators, origin, lambda cloud, origin: CommandRun(cloud, origin, folder))


def test_each_scenario_is_recorded() -> None:
    assert {file.stem for file in STATE_FILES} >= set(STATES)
    assert {file.stem for file in MANIFEST_FILES} >= set(MANIFESTS)
