"""Many resources in one configuration: one submit each, and polls that they share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pulumi_alicdn.emulator.running import Emulator
from support.emulators import start
from terraform.conftest import Workspace, task

MANY = 30
EFFECT_S = 15


@pytest.fixture(scope="module")
def _running() -> Iterator[Emulator]:
    """The tasks of this module take so long that all of them wait at once."""
    with start(effect_s=EFFECT_S, edges=1, domains=["example.com"]) as running:
        yield running


def test_thirty_resources_submit_once_each_and_share_their_polls(
    cloud: Emulator, workspaces: Callable[[str], Workspace]
) -> None:
    made = workspaces(task("1", f"count = {MANY}", folder="${count.index}"))
    applied = made.run("apply", "-auto-approve", f"-parallelism={MANY}")
    assert applied.code == 0, applied.said
    assert f"{MANY} added" in applied.said
    calls: list[Any] = cloud.calls()
    sent = [str(call["params"]["ObjectPath"]) for call in calls if call["action"] == "RefreshObjectCaches"]
    assert len(sent) == len(set(sent)) == MANY
    # One call each reads the service's time before the submit. Alone, a task of this length takes seven polls.
    polls = sum(str(call["action"]).startswith("Describe") for call in calls) - MANY
    assert polls <= 4 * MANY
    unchanged = made.run("plan", "-detailed-exitcode")
    assert (unchanged.code, len(cloud.calls())) == (0, len(calls)), unchanged.said
