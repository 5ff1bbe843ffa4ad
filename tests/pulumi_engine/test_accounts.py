"""Several accounts and regions in one program: a Provider of ours for the resources that name it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import JsonObject
from support.call_log import paths, submits
from support.options_shown import TASKS, shows
from support.stack import Stack

URL = "https://media.example.com/"

TWO = f"""
other = pulumi.Output.secret(os.environ["OTHER"])
second = alicdn.Provider("second", profile="second", endpoint=other) if config.get_bool("use") else None

def task(name, opts, version="1", timeout=None):
    made = alicdn.RefreshTask(
        name, service="vod", object_paths=["{URL}" + name], triggers=[version], timeout=timeout, opts=opts
    )
    pulumi.export(name, made.status)
    return made

first = [task("here", None), task("there", pulumi.ResourceOptions(provider=second))]
late = pulumi.ResourceOptions(provider=second, depends_on=first)
task("late", late, config.require("version"), config.get_float("timeout"))
"""


@shows(TASKS, "provider")
def test_a_task_goes_to_the_account_of_its_provider_and_an_unfinished_one_is_not_waited_for_at_another(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], tmp_path: Path
) -> None:
    first, second = emulators(effect_s=1), emulators(effect_s=1)
    keys = second.environment()
    profile = {
        "name": "second",
        "mode": "AK",
        "access_key_id": keys["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        "access_key_secret": keys["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        "region_id": "cn-shanghai",
    }
    (tmp_path / ".aliyun").mkdir()
    (tmp_path / ".aliyun" / "config.json").write_text(json.dumps({"current": "second", "profiles": [profile]}))
    under_way: JsonObject = {"kind": "row", "action": "DescribeVodRefreshTasks", "match": "late", "times": -1}
    second.admin("faults", {"faults": [{**under_way, "set": {"Status": "Refreshing", "Process": "50%"}}]})
    stack = stacks(TWO, first, HOME=str(tmp_path), OTHER=keys["ALICDN_ENDPOINT"])
    stack.configure(use="true", version="1", timeout="2")
    begun = stack.up().expect_failure().output

    assert [paths(call) for call in submits(first)] == [[f"{URL}here"]]
    assert [paths(call) for call in submits(second)] == [[f"{URL}there"], [f"{URL}late"]]
    assert "is not effective after 2 s" in begun
    assert "account" not in begun

    stack.configure(use="false")
    elsewhere = stack.up().expect_failure().output.replace("\n", " ")
    assert "If the account (profile or keys), the region or the endpoint has changed since" in elsewhere
    assert "go back to the former one until they are Complete, or change `triggers`" in elsewhere
    assert len(submits(first)) == 1
    # What the engine itself shows of another provider is all that is on a row: no list of our inputs.
    assert "secrets" not in elsewhere

    # Both ways out that the sentence names.
    second.admin("faults", {"faults": []})
    stack.configure(use="true", timeout="60")
    stack.up().expect_ok()
    assert stack.outputs() == dict.fromkeys(("here", "there", "late"), "Complete")
    assert keys["ALICDN_ENDPOINT"] not in stack.state(), "the endpoint is secret"
    assert (len(submits(first)), len(submits(second))) == (1, 2)
    stack.configure(use="false", version="2")
    stack.up().expect_ok()
    assert [paths(call) for call in submits(first)] == [[f"{URL}here"], [f"{URL}late"]]
    assert len(submits(second)) == 2, "another account submits nothing again"
