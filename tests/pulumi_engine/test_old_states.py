"""A stack that is deployed again after the 3 days for which the service remembers tasks: nothing is red for ever."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import JsonObject
from support.call_log import paths, submits
from support.stack import Stack, eventually

A, B = "https://media.example.com/a.m3u8", "https://media.example.com/b.m3u8"
DAYS_4 = 4 * 24 * 3600.0
REFRESH = f"""
release = alicdn.RefreshTask(
    "homepage",
    service="vod",
    object_paths=["{A}", "{B}"],
    timeout=config.get_float("timeout"),
    on_timeout=config.get("on_timeout"),
    wait=config.get_bool("wait"),
)
pulumi.export("status", release.status)
pulumi.export("task_ids", release.task_ids)
"""


def sent(cloud: Emulator) -> list[list[str]]:
    return [paths(call) for call in submits(cloud)]


@pytest.mark.parametrize("refreshed", [False, True])
def test_an_intent_of_four_days_ago_is_submitted_by_the_next_up(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], refreshed: bool
) -> None:
    cloud = emulators(effect_s=2)
    refused: JsonObject = {
        "action": "RefreshVodObjectCaches",
        "kind": "error",
        "code": "OperationDenied",
        "http_status": 403,
    }
    cloud.admin("faults", {"faults": [refused]})
    stack = stacks(REFRESH, cloud)
    stack.up().expect_failure()
    assert cloud.tasks() == []
    cloud.admin("faults", {"faults": []})
    cloud.advance(DAYS_4)
    if refreshed:
        stack.refresh().expect_ok()

    output = stack.up().expect_ok().output

    assert "lists tasks for 3 days only" in output
    assert len(cloud.tasks()) == 2
    assert stack.outputs()["status"] == "Complete"
    cloud.admin("calls", method="DELETE")
    stack.up().expect_ok()
    assert cloud.calls() == []


@pytest.mark.parametrize("refreshed", [False, True])
def test_a_wait_that_ran_out_four_days_ago_is_submitted_again_and_says_so(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], refreshed: bool
) -> None:
    cloud = emulators(effect_s=600)
    stack = stacks(REFRESH, cloud)
    stack.configure(timeout="2")
    stack.up().expect_failure()
    cloud.advance(DAYS_4)
    if refreshed:
        stack.refresh().expect_ok()
        assert len(sent(cloud)) == 1
    stack.configure(timeout="2", on_timeout="continue")

    output = stack.up().expect_ok().output

    assert "vod lists tasks for 3 days only and has forgotten those of 2 of 2 URLs" in output
    assert "They are submitted again" in output
    assert sent(cloud) == [[A, B], [A, B]]

    cloud.advance(600)
    stack.up().expect_ok()
    assert stack.outputs()["status"] == "Complete"
    assert len(sent(cloud)) == 2


def test_what_the_state_knows_to_be_complete_is_not_sent_again(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=1)
    failing: JsonObject = {
        "action": "RefreshVodObjectCaches",
        "kind": "fail",
        "description": "Internal Error",
        "paths": [B],
    }
    cloud.admin("faults", {"faults": [failing]})
    stack = stacks(REFRESH, cloud)
    stack.configure(wait="false")
    stack.up().expect_ok()
    cloud.advance(60)
    stack.refresh().expect_ok()
    assert {one["object_path"]: one["status"] for one in stack.completion()["objects"]} == {A: "Complete", B: "Failed"}
    cloud.admin("faults", {"faults": []})
    cloud.advance(DAYS_4)
    stack.configure(wait="true")

    stack.up().expect_ok()

    assert sent(cloud) == [[A, B], [B]]
    assert stack.outputs()["status"] == "Complete"
    assert {one["object_path"] for one in stack.completion()["objects"]} == {A, B}


def test_a_task_that_was_never_waited_for_is_submitted_again_once_it_is_forgotten(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=600)
    stack = stacks(REFRESH, cloud)
    stack.configure(wait="false")
    stack.up().expect_ok()
    stack.up().expect_ok()
    assert len(sent(cloud)) == 1
    cloud.advance(DAYS_4)

    output = stack.up().expect_ok().output

    assert "has forgotten those of 2 of 2 URLs" in output
    stack.up().expect_ok()
    assert len(sent(cloud)) == 2


def test_killed_after_the_second_submit_the_next_up_sends_nothing(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=600)
    stack = stacks(REFRESH, cloud)
    stack.configure(timeout="2")
    stack.up().expect_failure()
    cloud.advance(DAYS_4)
    stack.configure(timeout="900")
    child = stack.popen("up", "--yes", "--skip-preview")
    eventually(lambda: len(sent(cloud)) == 2, "a second submit")
    stack.kill(child)
    stack.cancel()
    cloud.advance(600)

    stack.up().expect_ok()

    assert len(sent(cloud)) == 2
    assert stack.outputs()["status"] == "Complete"
