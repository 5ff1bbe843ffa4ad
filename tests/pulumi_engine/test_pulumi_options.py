"""Pulumi's own options of our resources work, or are refused by name, on the real engine."""

from __future__ import annotations

from collections.abc import Callable

from pulumi_alicdn.emulator.running import Emulator
from support.call_log import paths, submits
from support.stack import Stack

URL = "https://media.example.com/"

HABITS = f"""
O = pulumi.ResourceOptions

def changed(args):
    if args.type_ == "alicdn:index:RefreshTask":
        return {{**args.props, "object_paths": ["{URL}" + args.name + "-changed"], "timeout": 77}}

def transform(args):
    props = changed(args)
    return pulumi.ResourceTransformResult(props, args.opts) if props else None

def transformation(args):
    props = changed(args)
    return pulumi.ResourceTransformationResult(props, args.opts) if props else None

def task(name, opts):
    return alicdn.RefreshTask(
        name, service="vod", object_paths=["{URL}" + name], triggers=[config.require("version")], opts=opts
    )

class Group(pulumi.ComponentResource):
    def __init__(self, name, opts):
        super().__init__("my:index:Group", name, {{}}, opts)
        task("nested", O(parent=self))

plain = task("plain", O(retain_on_delete=True, delete_before_replace=True))
task("ignoring", O(ignore_changes=["triggers"]))
task("patient", O(custom_timeouts=pulumi.CustomTimeouts(create="1m30s")))
pulumi.export("ids", task("hidden", O(additional_secret_outputs=["task_ids"])).task_ids)
task("older", O(transformations=[transformation]))
task("own", O(transforms=[transform], depends_on=[plain]))
Group("group", O(transforms=[transform]))
renamed = config.get("renamed")
task(renamed or "former", O(aliases=[pulumi.Alias(name="former")] if renamed else None))
"""

REFUSED = f"""
alicdn.RefreshTask(
    "refused", service="vod", object_paths=["{URL}"],
    opts=pulumi.ResourceOptions(
        ignore_changes=["trigger"], replace_on_changes=["triggers"], import_="15700000001",
        additional_secret_outputs=["task_id"], custom_timeouts=pulumi.CustomTimeouts(create="soon"),
    ),
)
"""


def test_options_reach_the_steps_of_a_task(emulators: Callable[..., Emulator], stacks: Callable[..., Stack]) -> None:
    cloud = emulators(effect_s=1)
    stack = stacks(HABITS, cloud)
    stack.configure(version="1")
    stack.up().expect_ok()

    sent = {path.removeprefix(URL) for call in submits(cloud) for path in paths(call)}
    assert sent == {
        *("plain", "ignoring", "patient", "hidden", "former", "older-changed", "own-changed", "nested-changed"),
    }
    timeouts = {
        one["urn"].rpartition("::")[2]: one["outputs"].get("timeout")
        for one in stack.resources()
        if one["type"].endswith(":Wait")
    }
    assert timeouts["patient"] == 90
    assert timeouts["older"] == timeouts["own"] == timeouts["nested"] == 77
    assert stack.outputs()["ids"] == "[secret]"

    steps = [one for one in stack.resources() if "$pulumi-python:cdn:" in one["urn"]]
    plain = [one["urn"] for one in steps if one["urn"].endswith("::plain")]
    assert len(plain) == 3
    assert all(one.get("retainOnDelete") for one in steps if one["urn"] in plain)
    nested = [one["urn"] for one in steps if one["urn"].endswith("::nested")]
    assert len([urn for urn in nested if "my:index:Group$alicdn:index:RefreshTask$" in urn]) == 3

    stack.configure(version="2", renamed="latter")
    run = stack.up().expect_ok()
    assert "leaves its steps out" not in run.output
    assert "[diff: ~triggers]" in run.output, "the row of the task names the option"
    assert not [line for line in run.output.splitlines() if "pulumi-python:cdn:" in line and "[diff:" in line]
    assert len(submits(cloud)) == 8 + 7, "the trigger of one task is ignored, and an alias submits nothing more"

    (urn,) = [one["urn"] for one in stack.resources() if one["urn"].endswith("RefreshTask::plain")]
    stack.up("--replace", urn).expect_ok()
    assert [paths(call) for call in submits(cloud)][-1] == [f"{URL}plain"]
    assert len(submits(cloud)) == 16

    stack.configure(version="3")
    left_out = stack.up("--target", urn).expect_ok().output
    assert "plain: this run leaves its steps out, so nothing is submitted" in left_out
    assert "add --target-dependents" in left_out
    assert len(submits(cloud)) == 16
    whole = stack.up("--target", urn, "--target-dependents").expect_ok().output
    assert "plain: this run leaves" not in whole
    assert [f"{URL}plain"] in [paths(call) for call in submits(cloud)][16:]


def test_options_without_effect_are_refused_by_name(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators()
    found = stacks(REFUSED, cloud).preview().expect_failure().output
    for said in (
        "names 'trigger', which is not an option of RefreshTask",
        "RefreshTask takes no replace_on_changes",
        "RefreshTask takes no import_: RefreshTask.get attaches",
        "names 'task_id', which is not an output of RefreshTask",
        "must be a duration such as",
    ):
        assert said in found.replace("\n", " "), found
    assert not submits(cloud)
