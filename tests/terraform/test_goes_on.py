"""What follows an apply that ended early, with the real Terraform: it goes on, and nothing is submitted twice."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from crash.wire import Moment, Wire
from pulumi_alicdn.emulator.running import Emulator
from terraform.conftest import Ran, Workspace, task
from terraform.killing import killed_at

JOURNAL = Path(".terraform") / "alicdn-intents.json"
A = "http://example.com/a.js"


def submits(cloud: Emulator) -> list[Any]:
    """What each submit asked for."""
    sent: list[Any] = cloud.calls("RefreshObjectCaches")
    return [call["params"]["ObjectPath"] for call in sent]


def failing(cloud: Emulator) -> None:
    """Let the next task fail for one of its objects."""
    fault = {"action": "RefreshObjectCaches", "kind": "fail", "description": "Internal Error", "paths": [A]}
    cloud.admin("faults", {"faults": [fault]})


def apply(made: Workspace, *more: str) -> Ran:
    return made.run("apply", "-auto-approve", *more)


def no_change(made: Workspace) -> None:
    """A further plan is empty."""
    again = made.run("plan", "-detailed-exitcode")
    assert again.code == 0, again.said


@pytest.fixture
def wire(cloud: Emulator) -> Iterator[Wire]:
    with Wire(cloud) as found:
        yield found


def test_two_resources_that_are_alike_submit_twice_and_a_replacement_once_more(
    cloud: Emulator, workspaces: Callable[[str], Workspace]
) -> None:
    made = workspaces(task("1", "count = 2"))
    ran = apply(made)
    assert (ran.code, len(submits(cloud))) == (0, 2), ran.said
    no_change(made)
    replaced = apply(made, "-replace=alicdn_refresh_task.site[0]")
    assert (replaced.code, len(submits(cloud))) == (0, 3), replaced.said
    assert "1 added, 0 changed, 1 destroyed" in replaced.said
    no_change(made)
    assert json.loads((made.folder / JOURNAL).read_text()) == {}


def test_an_update_that_timed_out_goes_on_also_without_private_data_and_journal(
    cloud: Emulator, workspaces: Callable[[str], Workspace]
) -> None:
    made = workspaces(task("1"))
    assert apply(made).code == 0
    cloud.admin("clock", {"frozen": True})
    limited = 'timeouts {\n update = "500ms"\n }'
    made.write(task("2", limited))
    late = apply(made)
    assert (late.code, len(submits(cloud))) == (1, 2), late.said
    assert "apply again to go on waiting, nothing is submitted twice" in late.said
    state = json.loads((made.folder / "terraform.tfstate").read_text())
    assert state["resources"][0]["instances"][0].pop("private", None)
    (made.folder / "terraform.tfstate").write_text(json.dumps(state))
    (made.folder / JOURNAL).unlink()
    again = apply(made)
    assert (again.code, len(submits(cloud))) == (1, 2), again.said
    cloud.admin("clock", {"frozen": False, "speed": 30})
    made.write(task("2"))
    done = apply(made)
    assert (done.code, len(submits(cloud))) == (0, 2), done.said
    assert made.attributes()["status"] == "Complete"
    no_change(made)


def test_a_saved_plan_submits_once_and_is_refused_when_it_is_applied_again(
    cloud: Emulator, workspaces: Callable[[str], Workspace]
) -> None:
    made = workspaces(task("1"))
    planned = made.run("plan", "-out", "saved")
    assert (planned.code, len(submits(cloud))) == (0, 0), planned.said
    assert made.run("apply", "saved").code == 0
    assert len(submits(cloud)) == 1
    again = made.run("apply", "saved")
    assert (again.code, len(submits(cloud))) == (1, 1), again.said
    assert "Saved plan is stale" in again.said


def test_create_before_destroy_submits_only_what_failed(
    cloud: Emulator, workspaces: Callable[[str], Workspace]
) -> None:
    failing(cloud)
    made = workspaces(task("1", "lifecycle {\n create_before_destroy = true\n }"))
    failed = apply(made)
    assert failed.code == 1
    again = apply(made)
    assert again.code == 0, again.said
    assert submits(cloud)[1:] == [A]
    no_change(made)
    assert json.loads((made.folder / JOURNAL).read_text()) == {}


def test_a_task_that_was_destroyed_unfinished_is_gone_on_with_and_a_warning_says_how_to_submit_it_anew(
    cloud: Emulator, workspaces: Callable[[str], Workspace]
) -> None:
    failing(cloud)
    made = workspaces(task("1"))
    assert apply(made).code == 1
    destroyed = made.run("destroy", "-auto-approve")
    assert (destroyed.code, len(submits(cloud))) == (0, 1), destroyed.said
    again = apply(made)
    assert again.code == 0, again.said
    assert submits(cloud)[1:] == [A]
    assert "Change `triggers` to submit everything anew" in again.said
    assert made.attributes()["task_ids"][0] in again.said


def children(pid: int) -> Iterator[int]:
    """The processes that *pid* started, and those that these started."""
    for one in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = int((one / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid:
                yield int(one.name)
                yield from children(int(one.name))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="the processes of a machine without /proc are not listed")
@pytest.mark.parametrize("update", [False, True])
def test_a_plugin_that_is_killed_is_followed_by_an_apply_that_submits_nothing(
    update: bool, cloud: Emulator, wire: Wire, workspaces: Callable[[str], Workspace]
) -> None:
    made = workspaces(task("0"))
    made.environment["ALICDN_ENDPOINT"] = wire.endpoint
    if update:
        assert apply(made).code == 0
    made.write(task("1"))
    before = len(submits(cloud))
    child = made.begin("apply", "-auto-approve", "-refresh=false")

    def kill() -> None:
        for one in list(children(child.pid)):
            with suppress(OSError):  # the plan's own plugin may end meanwhile
                if b"terraform-provider-alicdn" in Path(f"/proc/{one}/cmdline").read_bytes():
                    os.kill(one, signal.SIGKILL)

    wire.at(Moment("Refresh", 1, "held"), kill)
    said, _ = child.communicate(timeout=120)
    assert child.returncode == 1, said
    # Terraform has two sentences for it: one where the connection broke first, one where the process was seen to end.
    assert "Plugin did not respond" in said or "Request cancelled" in said
    again = apply(made)
    assert (again.code, len(submits(cloud)) - before) == (0, 1), again.said
    assert made.attributes()["status"] == "Complete"
    no_change(made)


def test_a_cloud_that_is_gone_and_a_page_for_an_answer_are_said_and_the_next_apply_goes_on(
    cloud: Emulator, wire: Wire, workspaces: Callable[[str], Workspace]
) -> None:
    made = workspaces(task("1"))
    made.environment["ALICDN_ENDPOINT"] = wire.endpoint
    wire.cut()
    gone = apply(made)
    assert (gone.code, submits(cloud)) == (1, []), gone.said
    assert f"no connection to 127.0.0.1:{wire.port}" in one_error(gone)
    assert "Apply again once that is fixed" in one_error(gone)
    wire.restore()
    page = {"action": "RefreshObjectCaches", "kind": "page", "when": "after"}
    cloud.admin("faults", {"faults": [page]})
    odd = apply(made)
    assert "Traceback" not in odd.said
    assert "<html" not in odd.said
    again = apply(made)
    assert (again.code, len(submits(cloud))) == (0, 1), (odd.said, again.said)
    no_change(made)


def one_error(ran: Ran) -> str:
    """The only error of an apply."""
    (found,) = re.findall(r"Error: .*", ran.said)
    return str(found)


def test_sigterm_keeps_the_ids_and_the_next_apply_goes_on_waiting(
    cloud: Emulator, workspaces: Callable[[str], Workspace]
) -> None:
    cloud.admin("clock", {"frozen": True})
    made = workspaces(task("1"))
    child = made.begin("apply", "-auto-approve")
    end = time.monotonic() + 60
    while not submits(cloud) and time.monotonic() < end:
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGTERM)
    said, _ = child.communicate(timeout=60)
    assert child.returncode == 1, said
    assert "Terraform asked to stop" in " ".join(said.replace("│", " ").split())
    cloud.admin("clock", {"frozen": False, "speed": 30})
    again = apply(made)
    assert (again.code, len(submits(cloud))) == (0, 1), again.said
    no_change(made)


def test_an_update_that_found_no_service_leaves_the_state_as_it_was_and_is_done_by_the_next_apply(
    cloud: Emulator, wire: Wire, workspaces: Callable[[str], Workspace]
) -> None:
    made = workspaces(task("1"))
    made.environment["ALICDN_ENDPOINT"] = wire.endpoint
    assert apply(made).code == 0
    before = made.attributes()
    wire.cut()
    made.write(task("2"))
    gone = apply(made)
    assert (gone.code, len(submits(cloud))) == (1, 1), gone.said
    assert made.attributes() == before, "the ids of the task before would stand beside the new triggers"
    made.write(task("1"))
    no_change(made)
    wire.restore()
    made.write(task("2"))
    again = apply(made)
    assert (again.code, len(submits(cloud))) == (0, 2), again.said
    assert made.attributes()["status"] == "Complete"
    no_change(made)


DAYS_4 = 4 * 86_400.0
EARLY = task("1", "wait = false", name="early", folder="early")


def failed_after(cloud: Emulator, wire: Wire, made: Workspace, version: str, seconds: float) -> None:
    """Submit *version*; at its first poll, it is *seconds* old: one object has failed, the other may have ended."""
    cloud.admin("clock", {"frozen": True})
    failing(cloud)
    made.write(task(version))
    wire.at(Moment("DescribeRefreshTaskById", 1, "asked"), lambda: cloud.advance(seconds))
    failed = apply(made)
    assert (failed.code, "a.js: Failed, Internal Error" in failed.said) == (1, True), failed.said


def test_after_4_days_an_update_submits_only_what_failed_and_nothing_else_is_created_anew(
    cloud: Emulator, wire: Wire, workspaces: Callable[[str], Workspace]
) -> None:
    made = workspaces(task("1"))
    made.environment["ALICDN_ENDPOINT"] = wire.endpoint
    assert apply(made).code == 0
    failed_after(cloud, wire, made, "2", 60)
    found = made.attributes()
    assert (found["triggers"], found["status"]) == ({"version": "2"}, "Failed")
    assert [one["object_path"] for one in found["failed_objects"]] == [A]
    made.write(EARLY + task("2"))
    assert apply(made, "-target=alicdn_refresh_task.early").code == 0
    assert len(submits(cloud)) == 3
    cloud.admin("clock", {"frozen": False})
    cloud.advance(DAYS_4)

    before = len(cloud.calls())
    planned = made.run("plan", "-detailed-exitcode")
    assert (planned.code, len(submits(cloud))) == (2, 3), planned.said
    assert "0 to add, 1 to change, 0 to destroy" in planned.said
    asked = [str(call["action"]) for call in cloud.calls()[before:]]
    _, warned, which = planned.said.partition("Warning: Only what failed is submitted again:")
    assert warned, planned.said
    assert (A in which, "b.js" in which) == (True, False)
    state = made.folder / "terraform.tfstate"
    kept = state.read_text()
    state.write_text(kept.replace('\\"ended\\": true', '\\"ended\\": false').replace('"private":', '"none":'))
    assert state.read_text() != kept
    unsure = made.run("plan", "-refresh=false")
    assert "What failed is submitted again, and of the others, which had not ended with it," in unsure.said
    state.write_text(kept)
    # The rows of either task are gone: each is looked for once, and the quota is asked for.
    assert asked.count("DescribeRefreshQuota") == 1
    assert {"DescribeRefreshQuota", "DescribeRefreshTaskById", "DescribeRefreshTasks"} >= set(asked)

    again = apply(made)
    assert again.code == 0, again.said
    assert submits(cloud)[3:] == [A], "the service has forgotten that the other one was Complete"
    no_change(made)
    cloud.advance(DAYS_4)
    no_change(made)
    assert len(submits(cloud)) == 4


def test_an_apply_through_another_endpoint_goes_on_with_what_it_finds_there_and_else_submits_nothing(
    cloud: Emulator, wire: Wire, workspaces: Callable[[str], Workspace]
) -> None:
    made = workspaces(task("1"))
    killed_at(made, wire, Moment("Refresh", 1, "held"))
    made.environment["ALICDN_ENDPOINT"] = cloud.endpoint
    found = apply(made)
    assert (found.code, len(submits(cloud))) == (0, 1), found.said
    no_change(made)

    # Nobody can tell this request from one that has reached another account.
    made.write(task("2"))
    killed_at(made, wire, Moment("Refresh", 1, "asked"))
    made.environment["ALICDN_ENDPOINT"] = cloud.endpoint
    refused = apply(made)
    assert (refused.code, len(submits(cloud))) == (1, 1), refused.said
    host = cloud.endpoint.removeprefix("http://")
    assert (
        f"through 127.0.0.1:{wire.port}, and cdn does not list it through {host}. Nothing was submitted."
        in refused.said
    )
    assert "Apply with the former endpoint and profile to go on with it, or change `triggers`" in one_error(refused)
    assert made.attributes()["triggers"] == {"version": "1"}

    # A refusal leaves no doubt, so that it stands in nobody's way; a task that is listed has an id to go by.
    refusal = {
        "action": "RefreshObjectCaches",
        "kind": "error",
        "code": "InvalidDomain.NotFound",
        "message": "no domain",
    }
    cloud.admin("faults", {"faults": [refusal]})
    made.write(task("3"))
    denied = apply(made)
    assert "InvalidDomain.NotFound" in one_error(denied)
    failing(cloud)
    made.environment["ALICDN_ENDPOINT"] = wire.endpoint
    failed = apply(made)
    assert (failed.code, made.attributes()["status"]) == (1, "Failed"), failed.said
    made.environment["ALICDN_ENDPOINT"] = cloud.endpoint
    again = apply(made)
    assert again.code == 0, again.said
    assert submits(cloud)[-1] == A
    no_change(made)
    assert "3" in made.attributes()["triggers"].values()
