"""Pulumi's own options of our resources work, or are refused by name, on the real engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from pulumi_alicdn.emulator.running import Emulator
from support.call_log import paths, submits
from support.options_shown import RELEASE, TASKS, shows
from support.stack import Stack
from support.uploads import Uploads

URL = "https://media.example.com/"

HABITS = f"""
O = pulumi.ResourceOptions

def changed(args):
    if args.type_ == "alicdn:index:RefreshTask":
        return {{**args.props, "object_paths": ["{URL}" + args.name + "-changed"], "timeout": 77}}

def transform(args):
    props = changed(args)
    if props and args.name == "own":
        # Two that have no effect there, and are said to have none.
        more = pulumi.ResourceOptions(ignore_changes=["triggers"])
        return pulumi.ResourceTransformResult(
            {{**props, "verify": "network"}}, pulumi.ResourceOptions.merge(args.opts, more)
        )
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

plain = task("plain", O(retain_on_delete=True))
task("ignoring", O(ignore_changes=["triggers"]))
task("patient", O(custom_timeouts=pulumi.CustomTimeouts(create="1m30s"), delete_before_replace=True))
hidden = O(additional_secret_outputs=["task_ids"], replacement_trigger=config.require("anew"))
pulumi.export("ids", task("hidden", hidden).task_ids)
task("older", O(transformations=[transformation]))
task("own", O(transforms=[transform], depends_on=[plain]))
Group("group", O(transforms=[transform]))
warm = alicdn.PrefetchTask(
    "warm", service="vod", object_paths=["{URL}warm"], triggers=[config.require("version")],
    opts=O(
        ignore_changes=["triggers"], custom_timeouts=pulumi.CustomTimeouts(update="85s"),
        additional_secret_outputs=["objects"], deleted_with=plain, replace_with=[plain],
    ),
)
awaited = alicdn.TaskCompletion(
    "awaited", service="vod", task_ids=plain.task_ids,
    opts=O(
        ignore_changes=["task_ids"], custom_timeouts={{"create": "80s"}}, additional_secret_outputs=["objects"],
        retain_on_delete=True, deleted_with=plain, replacement_trigger=config.require("anew"),
    ),
)
got = alicdn.RefreshTask.get(
    "got", plain.task_ids[0], service="vod",
    opts=O(
        depends_on=[warm], custom_timeouts={{"update": "75s"}}, additional_secret_outputs=["objects"],
        transforms=[transform],
    ),
)
for name, one in (("warm", warm), ("awaited", awaited), ("got", got)):
    pulumi.export(name, one.objects)
renamed = config.get("renamed")
named = O(aliases=[pulumi.Alias(name="former")] if renamed else None)
task(renamed or "former", O.merge(named, O(replace_with=[plain])))
"""

REFUSED = f"""
O = pulumi.ResourceOptions
wrong = O(
    ignore_changes=["trigger"], replace_on_changes=["triggers"], import_="15700000001", id="15700000001",
    additional_secret_outputs=["task_id"], custom_timeouts=pulumi.CustomTimeouts(create="soon", update="2m"),
    hooks=pulumi.ResourceHookBinding(after_create=[print]),
)
makes = [
    lambda: alicdn.RefreshTask("refresh", service="vod", object_paths=["{URL}"], timeout=60, opts=wrong),
    lambda: alicdn.PrefetchTask("prefetch", service="vod", object_paths=["{URL}"], opts=wrong),
    lambda: alicdn.TaskCompletion("completion", service="vod", task_ids=["15700000001"], opts=wrong),
    lambda: alicdn.RefreshTask.get("get", "15700000001", service="vod", opts=wrong),
    lambda: alicdn.AssetRelease("release", service="vod", directory=".", base_url="{URL}", opts=wrong),
]
said = []
for make in makes:
    try:
        make()
    except pulumi.RunError as error:
        said.append(str(error))
raise pulumi.RunError(" | ".join(said))
"""

SITE = f"""
O = pulumi.ResourceOptions
BASE = "https://www.example.com/"
seen = []

def transform(args):
    if args.type_ == "alicdn:index:AssetRelease":
        seen.append(dict(args.props))

second = alicdn.Provider("second", endpoint=os.environ["OTHER"])
before = alicdn.RefreshTask("before", service="vod", object_paths=["{URL}before"])
group = pulumi.ComponentResource("my:index:Group", "group")
renamed = config.get("renamed")
site = alicdn.AssetRelease(
    renamed or "site", service="cdn", directory="dist", base_url=BASE, prefetch=["*.txt"], proof_patience=0,
    edges=json.loads(os.environ["EDGES"]), origin=os.environ["ORIGIN"],
    opts=O(
        provider=second, depends_on=[before], protect=config.get_bool("protect"), retain_on_delete=True,
        deleted_with=before, delete_before_replace=True, custom_timeouts=pulumi.CustomTimeouts(create="80s"),
        additional_secret_outputs=["refreshed"], parent=group, transforms=[transform], transformations=[transform],
        replacement_trigger=config.require("anew"), replace_with=[before],
        aliases=[pulumi.Alias(name="site")] if renamed else None,
    ),
)
pulumi.export("status", site.status)
pulumi.export("refreshed", site.refreshed)
pulumi.export("seen", site.urn.apply(lambda _: seen))
"""


def names(stack: Stack, option: str) -> set[str]:
    """The type and name of each step for which the state has *option*."""
    return set(values(stack, option))


def values(stack: Stack, option: str) -> dict[str, object]:
    """What the state has for *option*, by the type and name of each step that has it."""
    steps = [one for one in stack.resources() if one["type"].startswith("pulumi-python:cdn:") and one.get(option)]
    return {f"{one['type'].rpartition(':')[2]} {one['urn'].rpartition('::')[2]}": one[option] for one in steps}


def never_replaced(stack: Stack) -> set[str]:
    """The URN of the stack: what is deleted with a resource is replaced with it, by a recent engine."""
    return {one["urn"] for one in stack.resources() if one["type"] == "pulumi:pulumi:Stack"}


def first_of(output: str, step: str) -> str:
    """What the engine did first with *step*: `++` creates its replacement, `--` deletes the original."""
    return next(line.split()[0] for line in output.splitlines() if f":cdn:{step} " in line)


def of_task(name: str) -> set[str]:
    return {f"{step} {name}" for step in ("Intent", "Submit", "Wait")}


@shows(TASKS, "ignore_changes", "custom_timeouts", "additional_secret_outputs", "delete_before_replace")
@shows(TASKS, "transforms", "transformations", "parent", "depends_on", "aliases", "retain_on_delete", "deleted_with")
@shows(TASKS, "replacement_trigger", "replace_with")
def test_options_reach_the_steps_of_a_task(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path
) -> None:
    cloud = emulators(effect_s=1, origin=origin)
    (origin / "warm").write_text("warm")
    stack = stacks(HABITS, cloud)
    stack.configure(version="1", anew="1")
    begun = stack.up().expect_ok().output

    for said in ("a transform set verify, which has no effect", "a transform set ignore_changes, which has no effect"):
        assert f"own: {said}" in begun.replace("\n", " ")
    sent = {path.removeprefix(URL) for call in submits(cloud) for path in paths(call)}
    assert sent == {
        *("plain", "ignoring", "patient", "hidden", "former", "older-changed", "own-changed", "nested-changed", "warm"),
    }
    timeouts = {
        one["urn"].rpartition("::")[2]: one["outputs"].get("timeout")
        for one in stack.resources()
        if one["type"].endswith((":Wait", ":Attach"))
    }
    assert timeouts["patient"] == 90
    assert timeouts["older"] == timeouts["own"] == timeouts["nested"] == 77
    assert (timeouts["warm"], timeouts["awaited"], timeouts["got"]) == (85, 80, 75)
    assert [stack.outputs()[name] for name in ("ids", "warm", "awaited", "got")] == ["[secret]"] * 4
    retained, apart = names(stack, "retainOnDelete"), values(stack, "deletedWith")
    assert retained == {*of_task("plain"), "Attach awaited"}
    assert set(apart) == {*of_task("warm"), "Attach awaited", *of_task("nested")}
    assert set(apart.values()) == never_replaced(stack)
    found = {
        f"{one['type']} {one['urn'].rpartition('::')[2]}": one["outputs"]
        for one in stack.resources()
        if "$" in one["urn"]
    }
    done = found["pulumi-python:cdn:Wait plain"]["effective_at"]
    assert found["pulumi-python:cdn:Intent own"]["not_before"] >= done, "own depends on plain"

    steps = [one for one in stack.resources() if "$pulumi-python:cdn:" in one["urn"]]
    nested = [one["urn"] for one in steps if one["urn"].endswith("::nested")]
    assert len([urn for urn in nested if "my:index:Group$alicdn:index:RefreshTask$" in urn]) == 3

    stack.configure(version="2", renamed="latter")
    run = stack.up().expect_ok()
    assert "leaves its steps out" not in run.output
    assert "[diff: ~triggers]" in run.output, "the row of the task names the option"
    assert not [line for line in run.output.splitlines() if "pulumi-python:cdn:" in line and "[diff:" in line]
    assert len(submits(cloud)) == 9 + 7, "the triggers of two tasks are ignored, and an alias submits nothing more"
    again = {
        f"{one['type']} {one['urn'].rpartition('::')[2]}": one["outputs"]
        for one in stack.resources()
        if "$" in one["urn"]
    }
    attached = "pulumi-python:cdn:Attach "
    assert again[f"{attached}awaited"]["task_ids"] == found[f"{attached}awaited"]["task_ids"]
    assert again[f"{attached}got"]["task_ids"] != found[f"{attached}got"]["task_ids"]

    components = {one["urn"].rpartition("::")[2]: one["urn"] for one in stack.resources() if ":index:" in one["type"]}
    urn = components["plain"]
    polls = len(cloud.calls("DescribeVodRefreshTasks"))
    replaced = [part for name in ("plain", "patient") for part in ("--replace", components[name])]
    stack.configure(anew="2")
    anew = stack.up(*replaced).expect_ok().output
    submitted = [path for call in submits(cloud)[16:] for path in paths(call)]
    by_option = ("hidden", "latter", "warm")
    assert sorted(submitted) == sorted(URL + name for name in ("plain", "patient", *by_option))
    assert len(cloud.calls("DescribeVodRefreshTasks")) > polls
    assert first_of(anew, "Intent patient") == "--", "it is deleted before it is replaced"
    assert first_of(anew, "Intent plain") in ("++", "+-")
    assert first_of(anew, "Attach awaited") in ("++", "+-")

    stack.configure(version="3")
    left_out = stack.up("--target", urn).expect_ok().output
    assert "plain: this run leaves its steps out, so nothing is submitted" in left_out
    assert "add --target-dependents" in left_out
    assert len(submits(cloud)) == 21
    whole = stack.up("--target", urn, "--target-dependents").expect_ok().output
    assert "plain: this run leaves" not in whole
    assert [f"{URL}plain"] in [paths(call) for call in submits(cloud)][21:]


@shows(TASKS, "replace_on_changes", "import_", "id", "hooks")
@shows(RELEASE, "ignore_changes", "replace_on_changes", "import_", "id", "hooks")
def test_options_without_effect_are_refused_by_name(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators()
    found = stacks(REFUSED, cloud).preview().expect_failure().output
    by_name = {part.strip().partition(":")[0].split()[-1]: part for part in found.replace("\n", " ").split(" | ")}
    for said in (
        "names 'trigger', which is not an option of RefreshTask",
        "RefreshTask takes no replace_on_changes",
        "RefreshTask takes no import_: RefreshTask.get attaches",
        "RefreshTask takes no id: RefreshTask.get attaches",
        "names 'task_id', which is not an output of RefreshTask",
        "RefreshTask takes no hooks: ",
        "must be a duration such as",
        "timeout and custom_timeouts are both given",
        "both wait alike: give one, or the same",
    ):
        assert said in found.replace("\n", " "), found
    for name, resource in (
        *(("prefetch", "PrefetchTask"), ("completion", "TaskCompletion"), ("get", "RefreshTask.get")),
        ("release", "AssetRelease"),
    ):
        for option in ("replace_on_changes", "import_", "id", "hooks"):
            assert f"{resource} takes no {option}: " in by_name[name], by_name
    assert "AssetRelease takes no ignore_changes: " in by_name["release"]
    assert "RefreshTask.get takes no ignore_changes: " in by_name["get"]
    assert not submits(cloud)


@shows(RELEASE, "custom_timeouts", "additional_secret_outputs", "protect", "delete_before_replace", "provider")
@shows(RELEASE, "replacement_trigger", "replace_with")
@shows(RELEASE, "transforms", "transformations", "parent", "depends_on", "aliases", "retain_on_delete", "deleted_with")
def test_options_reach_the_steps_of_a_release(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path
) -> None:
    first = emulators(effect_s=1)
    keys = {"access_key_id": first.access_key_id, "access_key_secret": first.access_key_secret}
    second = emulators(effect_s=0.3, origin=origin, **keys)
    edges = json.dumps([edge.removeprefix("http://") for edge in second.edges])
    stack = stacks(SITE, first, OTHER=second.endpoint, EDGES=edges, ORIGIN=second.origin)
    site = Uploads(second, stack.folder / "dist", origin)
    site.assets.mkdir()

    def put(content: str) -> None:
        (site.assets / "a.txt").write_text(content)
        site.upload()

    (site.assets / "b.txt").write_text("b")
    put("1")
    changed = {"https://www.example.com/a.txt"}
    both = {*changed, "https://www.example.com/b.txt"}
    stack.configure(protect="true", anew="1")
    stack.up().expect_ok()
    assert [paths(call) for call in submits(first)] == [[f"{URL}before"]]
    assert site.submitted() == [("RefreshObjectCaches", both), ("PushObjectCache", both)]
    assert stack.outputs() == {"status": "live", "refreshed": "[secret]", "seen": [{}, {}]}
    ours = names(stack, "outputs") - of_task("before")
    steps = [one["urn"] for one in stack.resources() if one["type"].startswith("pulumi-python:")]
    assert len([urn for urn in steps if "my:index:Group$alicdn:index:AssetRelease$" in urn]) == len(ours)
    assert names(stack, "protect") == names(stack, "retainOnDelete") == names(stack, "deletedWith") == ours
    assert set(values(stack, "deletedWith").values()) == never_replaced(stack)
    assert {one.partition(" ")[0] for one in ours} >= {"Origin", "Intent", "Wait", "Proof"}
    completions = [one["outputs"] for one in stack.resources() if one["type"].endswith(":Wait")]
    assert sorted(one.get("timeout") or 0 for one in completions) == [0, 80, 80]
    (upload,) = [one for one in completions if one.get("timeout") is None]
    assert min(one["not_before"] for one in completions if one is not upload) >= upload["effective_at"]

    put("2")
    stack.configure(protect="false")
    stack.up().expect_ok()
    assert site.submitted() == [("RefreshObjectCaches", changed), ("PushObjectCache", changed)], "although protected"

    urns = {one["urn"].rpartition("::")[2]: one["urn"] for one in stack.resources() if ":index:" in one["type"]}
    for replaced in (["--replace", urns["site"]], ["--replace", urns["before"]], []):
        # The last one is replaced because of replacement_trigger alone, the second one because of replace_with.
        stack.configure(anew="1" if replaced else "2")
        anew = stack.up(*replaced).expect_ok().output
        assert site.submitted() == [("RefreshObjectCaches", changed), ("PushObjectCache", changed)]
        assert first_of(anew, "Intent site-refresh") == first_of(anew, "Intent site-prefetch") == "--"
        assert first_of(anew, "Proof site") == "~", "the release is proven anew"

    stack.configure(renamed="other")
    moved = stack.up().expect_ok()
    assert "first release of 2 files" in moved.output
    assert "deleted" not in moved.changes()
    assert site.submitted() == [("RefreshObjectCaches", both), ("PushObjectCache", both)]


ONE = f"""
alicdn.RefreshTask(
    "patient", service="vod", object_paths=["{URL}patient"], opts=pulumi.ResourceOptions(delete_before_replace=True)
)
"""


def test_a_task_that_is_deleted_first_is_replaced_before_any_other_step_has_begun(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    """The engine deletes what is replaced with a component before it has loaded the provider of the steps."""
    cloud = emulators(effect_s=1)
    stack = stacks(ONE, cloud)
    stack.up().expect_ok()
    (urn,) = (one["urn"] for one in stack.resources() if ":index:" in one["type"])

    stack.up("--replace", urn).expect_ok()

    assert len(submits(cloud)) == 2
