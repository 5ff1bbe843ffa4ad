"""Many tasks, many objects, many domains: what is submitted, and how long it takes."""

from __future__ import annotations

import time
from collections.abc import Callable

from pulumi_alicdn.emulator.running import Emulator
from support.call_log import paths, submits
from support.stack import Stack

EIGHT = """
for number in range(8):
    alicdn.RefreshTask(f"task-{number}", service="vod", object_paths=[f"https://media.example.com/{number}.m3u8"])
"""

MANY = """
template = config.require("template")
urls = [template.format(number) for number in range(config.require_int("count"))]
release = alicdn.RefreshTask("many", service=config.require("service"), object_paths=urls)
pulumi.export("ids", release.task_ids)
pulumi.export("complete", release.objects.apply(lambda rows: sum(row.status == "Complete" for row in rows)))
"""


def many(stacks: Callable[..., Stack], cloud: Emulator, service: str, count: int, template: str) -> Stack:
    stack = stacks(MANY, cloud)
    stack.configure(service=service, count=str(count), template=template)
    return stack


def test_eight_tasks_take_hardly_longer_than_one(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    effect_s = 20.0
    cloud = emulators(effect_s=effect_s)
    stack = stacks(EIGHT, cloud)
    started = time.monotonic()

    stack.up().expect_ok()

    took = time.monotonic() - started
    # Not a measure of speed: waits that held one another up, four at a time, would take twice the effect.
    assert took < 1.5 * effect_s + 10
    assert len(submits(cloud)) == 8
    assert {row["Status"] for row in cloud.tasks()} == {"Complete"}


def test_a_thousand_objects_are_one_submit_and_all_accounted_for(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=2)
    stack = many(stacks, cloud, "vod", 1000, "https://media.example.com/assets/{:04}.ts")

    stack.up().expect_ok()

    (submit,) = submits(cloud)
    assert len(paths(submit)) == 1000
    assert stack.outputs()["complete"] == 1000
    assert len(cloud.tasks()) == 1000


def test_2500_objects_on_cdn_are_three_submits(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=2)
    stack = many(stacks, cloud, "cdn", 2500, "https://cdn.example.com/assets/{:04}.ts")

    stack.up().expect_ok()

    assert [len(paths(call)) for call in submits(cloud)] == [1000, 1000, 500]
    assert stack.outputs()["complete"] == 2500


def test_2500_objects_on_vod_exceed_its_daily_quota_and_none_is_submitted(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=2)
    stack = many(stacks, cloud, "vod", 2500, "https://media.example.com/assets/{:04}.ts")

    refused = stack.up().expect_failure().output

    assert (
        "refresh of 2500 URLs needs more than today's vod quota: 2000 of 2000 are left; nothing was submitted"
        in refused
    )
    assert submits(cloud) == []


def test_no_call_names_more_than_ten_cdn_domains_or_ten_ids(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=1)
    stack = many(stacks, cloud, "cdn", 25, "https://cdn-{}.example.com/index.html")

    stack.up().expect_ok()

    calls = submits(cloud)
    assert [len(paths(call)) for call in calls] == [10, 10, 5]
    assert len(stack.outputs()["ids"]) == 25
    stack.refresh().expect_ok()
    asked = [call for call in cloud.calls() if call["action"] == "DescribeRefreshTaskById"]
    assert len(asked) >= 3
    assert all(str(call["params"]["TaskId"]).count(",") < 10 for call in asked if isinstance(call["params"], dict))


def test_two_stacks_at_once_do_not_disturb_each_other(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=3)
    made = [many(stacks, cloud, "vod", 3, f"https://media.example.com/{name}/{{}}.ts") for name in ("one", "two")]

    running = [stack.popen("up", "--yes", "--skip-preview") for stack in made]
    outputs = [child.communicate(timeout=120)[0] for child in running]

    assert [child.returncode for child in running] == [0, 0], outputs
    assert sorted(len(paths(call)) for call in submits(cloud)) == [3, 3]
    assert [stack.outputs()["complete"] for stack in made] == [3, 3]
