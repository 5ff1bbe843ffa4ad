"""A new trigger on the real engine updates the steps of a task in place; each call of a submission is a step."""

from __future__ import annotations

import json
from collections.abc import Callable

from pulumi_alicdn.emulator.running import Emulator
from support.call_log import paths, submits
from support.options_shown import TASKS, shows
from support.stack import Stack

URL = "https://media.example.com/index.m3u8"
REGEXES = [f"https://cdn.example.com/{name}/.*[.]js" for name in ("a", "b", "c")]

PROTECTED = f"""
alicdn.RefreshTask(
    "homepage", service="vod", object_paths=["{URL}"], triggers=[config.require("version")],
    opts=pulumi.ResourceOptions(protect=True),
)
"""

SEVERAL = """
import asyncio

async def found():
    return config.require_object("paths")

given = pulumi.Output.from_input(found()) if config.get_bool("later") else config.require_object("paths")
if config.get_bool("secret"):
    given = pulumi.Output.secret(given)
made = alicdn.RefreshTask("scripts", service="cdn", object_type="regex", object_paths=given)
pulumi.export("status", made.status)
pulumi.export("task_ids", made.task_ids)
"""


def steps(stack: Stack) -> dict[str, str]:
    """The id of each resource of ours by its name and type."""
    return {
        one["urn"].rpartition("::")[2] + " " + one["type"].rpartition(":")[2]: one["id"]
        for one in stack.resources()
        if one["type"].startswith("pulumi-python:cdn:")
    }


@shows(TASKS, "protect")
def test_a_protected_task_takes_a_new_trigger(emulators: Callable[..., Emulator], stacks: Callable[..., Stack]) -> None:
    cloud = emulators(effect_s=1)
    stack = stacks(PROTECTED, cloud)
    stack.configure(version="1")
    stack.up().expect_ok()
    before = steps(stack)
    stack.configure(version="2")

    run = stack.up().expect_ok()

    assert run.changes() == {"updated": 4, "unchanged": 2}
    assert steps(stack) == before, "no step was replaced"
    assert [paths(call) for call in submits(cloud)] == [[URL], [URL]]
    assert stack.up().expect_ok().changes() == {"unchanged": 6}


def test_each_call_of_a_task_is_a_step_also_where_its_objects_are_outputs(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=1)
    stack = stacks(SEVERAL, cloud)
    for number, later in enumerate(("false", "true"), 1):
        stack.configure(paths=json.dumps([f"{one}{number}" for one in REGEXES]), later=later)
        stack.up().expect_ok()
        assert stack.outputs()["status"] == "Complete"
        assert [name for name in steps(stack) if name.endswith("Submit")] == [
            *("scripts Submit", "scripts#2 Submit", "scripts#3 Submit"),
        ]
        assert len(submits(cloud)) == 3 * number
        assert stack.up().expect_ok().changes() == {"unchanged": 8}
    stack.configure(paths=json.dumps(REGEXES[:1]))
    stack.up().expect_ok()
    assert "scripts#2 Submit" not in steps(stack)
    assert len(submits(cloud)) == 7


def test_the_steps_of_tasks_with_numbers_in_their_names_do_not_meet(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=1)
    urls = REGEXES[:2]
    programs = [
        f"alicdn.RefreshTask({name!r}, service='cdn', object_type='regex', object_paths={[one + name for one in urls]})"
        for name in ("site", "site-2", "site2")
    ]
    stacks("\n".join(programs), cloud).up().expect_ok()
    assert len(submits(cloud)) == 6


def test_objects_that_are_secret_stay_so_in_each_call(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=1)
    stack = stacks(SEVERAL, cloud)
    for later in ("false", "true"):
        stack.configure(paths=json.dumps(REGEXES), later=later, secret="true")
        stack.up().expect_ok()
        given = [one["inputs"]["object_paths"] for one in stack.resources() if one["type"].endswith(":Submit")]
        assert len(given) == 3
        assert all("ciphertext" in one for one in given)
