"""The same history of a folder, released by AssetRelease and by Terraform: the same plan, submits and evidence."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from pulumi_alicdn.emulator.running import Emulator
from support.emulators import start
from support.scale import runs
from terraform.twins.forking import Forking, forking
from terraform.twins.twin_sites import Outcome, Twins

HISTORIES = runs(4, nightly_times=25)
"""Four for every change, a hundred at night."""

RUNS = 3
MOST_AGAIN = 5
"""Runs within which a release ends green, once nothing fails any more."""

SIDES = ("stored_stack", "plugin")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("twins")


@pytest.fixture(scope="module")
def clouds(place: Path) -> Iterator[Mapping[str, Emulator]]:
    with ExitStack() as opened:
        found = {}
        for side in SIDES:
            (place / f"{side}-origin").mkdir()
            running = start(effect_s=20, edges=2, domains=["www.example.com"], origin=place / f"{side}-origin")
            found[side] = opened.enter_context(running)
        yield found


@pytest.fixture(scope="module")
def processes(clouds: Mapping[str, Emulator], place: Path) -> Iterator[Mapping[str, Forking]]:
    with ExitStack() as opened:
        yield {side: opened.enter_context(forking(side, clouds[side], place)) for side in SIDES}


def options(chance: random.Random) -> dict[str, Any]:
    """Options of a release, most of them by chance."""
    service = chance.choice(["vod", "cdn"])
    return {
        "service": service,
        "submits": "RefreshVodObjectCaches" if service == "vod" else "RefreshObjectCaches",
        "first_release": chance.choice(["refresh", "refresh", "prefetch", "nothing"]),
        "strategy": chance.choice(["auto", "files", "directory"]),
        "prefetch": chance.choice([[], ["*.m3u8"], ["*.js", "*.css"]]),
        "allow_mass_removal": True,
        "heal": chance.choice([0, 1, 1, 2]),
        "proof": chance.choice(["require", "require", "warn"]),
        "proof_timeout": 60,
        "proof_patience": 0,
        "known_origin": chance.random() < 0.7,
        "triggers": {},
        "timeout": None,
    }


def expect_same(released: tuple[Outcome, Outcome]) -> Outcome:
    deployed, applied = released
    assert applied == deployed, (applied.said, deployed.said)
    return deployed


@pytest.mark.timeout(runs(600))
def test_both_front_ends_plan_call_and_find_the_same(
    clouds: Mapping[str, Emulator], processes: Mapping[str, Forking], place: Path
) -> None:
    for seed in range(HISTORIES):
        try:
            one_history(random.Random(seed), clouds, processes, place)  # noqa: S311  repeatable on purpose
        except Exception as error:
            error.add_note(f"history {seed}")
            raise


def one_history(
    chance: random.Random, clouds: Mapping[str, Emulator], processes: Mapping[str, Forking], place: Path
) -> None:
    for cloud in clouds.values():
        cloud.admin("reset", {})
        cloud.admin("calls", method="DELETE")
    twins = Twins(clouds, processes, place, options(chance), chance)
    for number in range(RUNS):
        twins.visit()
        before = twins.change()
        if twins.often(0.85):
            twins.upload()
        twins.stale(before)
        if twins.often(0.3):
            twins.fail()
        if twins.often(0.2):
            twins.options["triggers"] = {"version": str(number)}
        limit = 1 if twins.often(0.2) else None
        ended = expect_same(twins.run({"timeout": limit}))
        for _ in range(MOST_AGAIN):
            if not ended.failure:
                break
            twins.upload()
            ended = expect_same(twins.run({}))
        again = expect_same(twins.run({}))
        assert not again.failure or ended.failure
