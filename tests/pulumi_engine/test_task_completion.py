"""Waiting for tasks that somebody else submitted: what the state remembers, and what a wrong id costs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pulumi_alicdn.emulator.running import Emulator
from support.call_log import submits
from support.stack import Stack

A, B = "https://media.example.com/a.m3u8", "https://media.example.com/b.m3u8"
DAYS_4 = 4 * 24 * 3600.0
THEIRS = f"""
release = alicdn.RefreshTask("theirs", service="vod", object_paths=["{A}", "{B}"], wait=False)
pulumi.export("id", release.task_ids[0])
"""
OURS = """
done = alicdn.TaskCompletion(
    "done",
    service="vod",
    task_ids=[config.require("id")],
    timeout=config.get_float("timeout"),
    on_timeout=config.get("on_timeout"),
)
pulumi.export("status", done.status)
pulumi.export("paths", done.objects.apply(lambda rows: sorted(row.object_path for row in rows)))
pulumi.export("effective_at", done.effective_at)
"""
GET = """
theirs = alicdn.RefreshTask.get("theirs", config.require("id"), service="vod")
pulumi.export("status", theirs.status)
pulumi.export("effective_at", theirs.effective_at)
"""


def their_id(cloud: Emulator, stacks: Callable[..., Stack]) -> str:
    stack = stacks(THEIRS, cloud)
    stack.up().expect_ok()
    return str(stack.outputs()["id"])


def test_a_completion_waits_and_asks_nothing_once_the_state_knows_it(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=2)
    stack = stacks(OURS, cloud)
    stack.configure(id=their_id(cloud, stacks))

    stack.preview().expect_ok()
    stack.up().expect_ok()

    known = stack.outputs()
    assert (known["status"], known["paths"]) == ("Complete", [A, B])
    cloud.advance(DAYS_4)
    stack.refresh().expect_ok()
    cloud.admin("calls", method="DELETE")
    stack.up().expect_ok()
    assert cloud.calls() == []
    assert stack.outputs() == known
    stack.configure(timeout="60")
    stack.up().expect_ok()
    assert cloud.calls() == []


def test_a_completion_that_ran_out_of_time_goes_on_and_another_id_is_waited_for(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=600)
    stack = stacks(OURS, cloud)
    stack.configure(id=their_id(cloud, stacks), timeout="1", on_timeout="continue")
    stack.up().expect_ok()
    assert stack.outputs()["status"] != "Complete"
    cloud.advance(600)
    stack.up().expect_ok()
    assert stack.outputs()["status"] == "Complete"

    stack.configure(id=their_id(cloud, stacks), on_timeout="fail")
    assert "is not effective after 1 s" in stack.up().expect_failure().output
    cloud.advance(600)
    stack.up().expect_ok()
    assert len(submits(cloud)) == 2


@pytest.mark.parametrize("program", [OURS, GET])
def test_a_wrong_id_costs_seconds_and_one_line(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], program: str
) -> None:
    cloud = emulators(effect_s=1)
    stack = stacks(program, cloud)
    stack.configure(id="15799999999")

    output = stack.up().expect_failure().output

    assert "vod lists no task 15799999999" in output
    assert ("`TaskCompletion` waits also for a task that is not listed yet" in output) == (program == GET)
    assert len(cloud.calls()) <= (2 if program == GET else 9), "the other service is asked once"


def test_a_get_of_a_task_that_was_complete_stays_complete_after_the_service_has_forgotten_it(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=2)
    stack = stacks(GET, cloud)
    stack.configure(id=their_id(cloud, stacks))
    stack.up().expect_ok()
    known = stack.outputs()
    assert known["status"] == "Complete"
    cloud.advance(DAYS_4)

    stack.up().expect_ok()
    stack.refresh().expect_ok()
    stack.up().expect_ok()

    assert stack.outputs() == known


def test_a_completion_with_wrong_options_fails_the_preview_with_all_of_them(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=1)
    stack = stacks("alicdn.TaskCompletion('it', service='cnd', task_ids=['1,2'], timeout=0)", cloud)
    output = stack.preview().expect_failure().output
    for part in ("service is 'cnd'", "task_ids[0] is '1,2', but must be one id", "timeout is 0"):
        assert part in output
    assert cloud.calls() == []


@pytest.mark.parametrize("program", [OURS, GET], ids=["TaskCompletion", "get"])
def test_a_task_of_the_other_service_is_named_with_its_service(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], program: str
) -> None:
    cloud = emulators(effect_s=1)
    stack = stacks(program.replace("vod", "cdn"), cloud)
    task_id = their_id(cloud, stacks)
    stack.configure(id=task_id)
    output = stack.up().expect_failure().output
    assert f"cdn lists no task {task_id}, but vod does: set service to 'vod'." in output
