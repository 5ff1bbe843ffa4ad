"""SIGKILL of all of Terraform, provider included, at each call of a create and of an update, up to the first poll."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from crash.wire import Moment, Phase, Wire
from pulumi_alicdn.emulator.running import Emulator
from support.scale import runs
from terraform.conftest import Workspace, task
from terraform.killing import killed_at

POINTS: list[tuple[str, int, Phase]] = [
    ("DescribeRefreshTasks", 1, "asked"),
    ("DescribeRefreshTasks", 1, "answered"),
    ("Refresh", 1, "asked"),
    ("Refresh", 1, "held"),
    ("Refresh", 1, "answered"),
    ("Describe", 3, "answered"),
]
"""The calls of a task: one that declares it, the submit, and the first poll; another one looks the task up before."""


@pytest.fixture
def wire(cloud: Emulator) -> Iterator[Wire]:
    with Wire(cloud) as found:
        yield found


@pytest.mark.timeout(runs(120, nightly_times=25))
@pytest.mark.parametrize("half", ["create", "update"])
@pytest.mark.parametrize(("action", "nth", "phase"), POINTS)
def test_a_kill_at_any_call_sends_nothing_twice_and_loses_nothing(
    action: str, nth: int, phase: Phase, half: str, cloud: Emulator, wire: Wire, workspaces: Callable[[str], Workspace]
) -> None:
    count = runs(1, nightly_times=25)
    made = workspaces("")
    made.environment["ALICDN_ENDPOINT"] = wire.endpoint
    cloud.admin("quota", {"UrlRemain": 100_000})
    for number in range(count):
        folder = f"{half}{number}"
        if half == "create":
            (made.folder / "terraform.tfstate").unlink(missing_ok=True)
        else:
            made.write(task(f"before {number}", folder=folder))
            assert made.run("apply", "-auto-approve").code == 0
        cloud.admin("clock", {"frozen": False, "speed": 1})
        made.write(task("new", folder=folder))
        before = len(cloud.calls("RefreshObjectCaches"))
        killed_at(made, wire, Moment(action, nth, phase), "-refresh=false")
        cloud.admin("clock", {"speed": 30})
        again = made.run("apply", "-auto-approve")
        assert again.code == 0, again.said
        assert len(cloud.calls("RefreshObjectCaches")) - before == 1, (number, again.said)
        assert made.attributes()["status"] == "Complete"
    rows = Counter(str(row["ObjectPath"]) for row in cloud.tasks())
    assert set(rows.values()) == {1 if half == "create" else 2}
    assert made.run("plan", "-detailed-exitcode").code == 0
    journal = json.loads((made.folder / ".terraform" / "alicdn-intents.json").read_text())
    assert len([one for kept in journal.values() for one in kept]) < count + 1
