"""A refresh as a resource of the real Terraform."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from pulumi_alicdn.emulator.running import Emulator
from terraform.conftest import Workspace, task


def submits(cloud: Emulator) -> int:
    return len(cloud.calls("RefreshObjectCaches"))


def test_a_release_is_complete_after_apply_and_asks_nothing_until_its_trigger_changes(
    cloud: Emulator, workspaces: Callable[[str], Workspace]
) -> None:
    made = workspaces(task("1"))
    assert made.run("apply", "-auto-approve").code == 0
    assert submits(cloud) == 1
    state = json.loads((made.folder / "terraform.tfstate").read_text())["resources"][0]["instances"][0]["attributes"]
    assert (state["status"], state["failed_objects"], len(state["task_ids"])) == ("Complete", [], 1)
    assert cloud.access_key_secret not in (made.folder / "terraform.tfstate").read_text()
    before = len(cloud.calls())
    assert made.run("plan", "-detailed-exitcode").code == 0
    assert len(cloud.calls()) == before
    made.write(task("2"))
    changed = made.run("apply", "-auto-approve")
    assert (changed.code, submits(cloud)) == (0, 2)
    assert "0 to add, 1 to change, 0 to destroy" in changed.said
    assert made.run("destroy", "-auto-approve").code == 0
    assert submits(cloud) == 2


def test_a_failed_object_is_named_and_the_replacement_submits_that_one_only(
    cloud: Emulator, workspaces: Callable[[str], Workspace]
) -> None:
    bad = "http://example.com/a.js"
    fault = {"action": "RefreshObjectCaches", "kind": "fail", "description": "Internal Error", "paths": [bad]}
    cloud.admin("faults", {"faults": [fault]})
    made = workspaces(task("1"))
    failed = made.run("apply", "-auto-approve")
    assert failed.code == 1
    assert "example.com/a.js: Failed, Internal Error" in failed.said
    assert "apply again: it submits only what failed" in failed.said
    again = made.run("apply", "-auto-approve")
    assert again.code == 0, again.said
    sent: list[Any] = cloud.calls("RefreshObjectCaches")
    assert [call["params"]["ObjectPath"] for call in sent[1:]] == [bad]


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_keeps_the_ids_and_the_next_apply_goes_on_waiting(
    times: int, cloud: Emulator, workspaces: Callable[[str], Workspace]
) -> None:
    cloud.admin("clock", {"frozen": True})
    made = workspaces(task("1"))
    child = made.begin("apply", "-auto-approve")
    end = time.monotonic() + 60
    while submits(cloud) == 0 and time.monotonic() < end:
        time.sleep(0.01)
    os.killpg(child.pid, signal.SIGINT)
    if times > 1:
        # Before the second one, Terraform has to take the first; it then ends without its state.
        assert child.stdout is not None
        next(line for line in child.stdout if "Interrupt received" in line)
        os.killpg(child.pid, signal.SIGINT)
    said, _ = child.communicate(timeout=60)
    assert child.returncode == 1, said
    cloud.admin("clock", {"frozen": False, "speed": 30})
    again = made.run("apply", "-auto-approve")
    assert (again.code, submits(cloud)) == (0, 1), again.said
    assert "replaced" not in again.said
    assert made.attributes()["status"] == "Complete"
    assert made.run("plan", "-detailed-exitcode").code == 0
