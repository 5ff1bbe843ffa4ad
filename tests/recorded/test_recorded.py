"""States that earlier versions stored: a later version goes on with each, and submits nothing extra."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pulumi_alicdn.emulator.running import Emulator
from recorded.runs import Recording, Run, replay
from recorded.scenarios import SCENARIOS
from support.stack import Stack

STATES = sorted((Path(__file__).parent / "states").glob("*.json"))


@pytest.mark.parametrize("file", STATES, ids=lambda file: str(file.stem))
def test_a_later_version_goes_on_and_submits_nothing_extra(
    file: Path, emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path
) -> None:
    recording: Recording = json.loads(file.read_text())
    cloud = emulators(origin=origin, effect_s=recording["effect_s"], start_at=recording["began_at"])
    run = Run(stacks("", cloud), cloud, origin)
    run.program(recording["program"])
    run.write(recording["files"])
    replay(run, recording)
    run.restore(recording["state"])
    for name, body in recording["after"]:
        cloud.admin(name, body)

    run.stack.up().expect_ok()

    assert run.submits() == [[action, sorted(paths)] for action, paths in recording["submits"]]
    assert run.stack.outputs()["status"] == recording["status"]
    run.stack.up().expect_ok()
    assert len(run.submits()) == len(recording["submits"])


def test_each_scenario_is_recorded() -> None:
    assert {file.stem for file in STATES} >= set(SCENARIOS)
