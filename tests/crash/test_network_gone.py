"""The network is gone for longer than the timeout: a sentence that says so, and the next `up` goes on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from crash.wire import Wire
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import JsonObject
from support.call_log import submits
from support.scale import NIGHTLY
from support.stack import Stack, eventually

ASKED = "DescribeVodRefreshTasks"
PROGRAM = """
release = alicdn.RefreshTask(
    "homepage",
    service="vod",
    object_paths=["https://media.example.com/index.m3u8"],
    timeout=config.get_float("timeout"),
)
pulumi.export("status", release.status)
"""


def goes_on(stack: Stack, cloud: Emulator) -> None:
    """With time to spare the next `up` completes, and what was submitted stays the only submit."""
    stack.configure(timeout="600")
    stack.up().expect_ok()
    assert stack.outputs()["status"] == "Complete"
    assert len(submits(cloud)) == 1
    assert len(cloud.tasks()) == 1


def test_cut_off_while_waiting(emulators: Callable[..., Emulator], stacks: Callable[..., Stack]) -> None:
    cloud = emulators(effect_s=600)
    with Wire(cloud) as wire, ThreadPoolExecutor(1) as pool:
        stack = stacks(PROGRAM, cloud, ALICDN_ENDPOINT=wire.endpoint)
        stack.configure(timeout="6")
        running = pool.submit(stack.up)
        eventually(lambda: len(submits(cloud)) == 1 and len(cloud.calls(ASKED)) >= 3, "a wait under way")

        wire.cut()
        said = running.result(120).expect_failure().output

        assert "not effective after 6 s" in said
        assert "https://media.example.com/index.m3u8" in said
        assert str(cloud.tasks()[0]["TaskId"]) in said
        assert f"The last poll failed: {ASKED}: no connection to 127.0.0.1:{wire.port}" in said
        assert f"trying again after: no connection to 127.0.0.1:{wire.port}" in said
        assert "run `pulumi up` again to go on waiting" in said
        wire.restore()
        cloud.advance(600)
        goes_on(stack, cloud)


def lose_the_answer_to_the_submit(cloud: Emulator) -> None:
    """And give no answer from then on."""
    lost: JsonObject = {"action": "RefreshVodObjectCaches", "kind": "reset-after"}
    silent: JsonObject = {"action": ASKED, "nth": 3, "kind": "reset-before", "times": -1}
    cloud.admin("faults", {"faults": [lost, silent]})


def test_cut_off_between_the_submit_and_its_answer_for_a_while(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=2)
    lose_the_answer_to_the_submit(cloud)
    stack = stacks(PROGRAM, cloud)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(stack.up)
        eventually(lambda: len(cloud.calls(ASKED)) >= 5, "three polls without an answer")
        cloud.admin("faults", {"faults": []})
        running.result(120).expect_ok()
    assert stack.outputs()["status"] == "Complete"
    assert len(submits(cloud)) == 1
    assert len(cloud.tasks()) == 1


@pytest.mark.skipif(not NIGHTLY, reason="waits out the minutes for which an outage is ridden out: nightly only")
def test_cut_off_between_the_submit_and_its_answer_for_longer_than_anybody_waits(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=6, speed=30)
    lose_the_answer_to_the_submit(cloud)
    stack = stacks(PROGRAM, cloud)

    said = stack.up().expect_failure().output

    assert f"{ASKED}: the connection to {cloud.endpoint.removeprefix('http://')} broke before an answer came" in said
    assert len(submits(cloud)) == 1
    cloud.admin("faults", {"faults": []})
    goes_on(stack, cloud)


@pytest.mark.parametrize("kind", ["reset-before", "http-500", "throttle"])
def test_no_answer_for_the_whole_of_a_wait(
    kind: str, emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=600)
    # The first two questions are the intent's and the submission's.
    cloud.admin("faults", {"faults": [{"action": ASKED, "nth": 3, "kind": kind, "times": -1}]})
    stack = stacks(PROGRAM, cloud)
    stack.configure(timeout="2")

    said = stack.up().expect_failure().output

    assert "not effective after 2 s" in said
    assert "The last poll failed: DescribeVodRefreshTasks: " in said
    cloud.admin("faults", {"faults": []})
    cloud.advance(600)
    goes_on(stack, cloud)
