"""Several accounts and regions in one program: a Provider of ours for the resources that name it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from pulumi_alicdn.emulator.running import Emulator
from support.call_log import paths, submits
from support.stack import Stack

URL = "https://media.example.com/"

TWO = f"""
other = pulumi.Output.secret(os.environ["OTHER"])
second = alicdn.Provider("second", profile="second", endpoint=other) if config.get_bool("use") else None

def task(name, opts):
    made = alicdn.RefreshTask(name, service="vod", object_paths=["{URL}" + name], triggers=["1"], opts=opts)
    pulumi.export(name, made.status)

task("here", None)
task("there", pulumi.ResourceOptions(provider=second))
"""


def test_a_task_goes_to_the_account_of_its_provider_and_stays_done_without_it(
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
    stack = stacks(TWO, first, HOME=str(tmp_path), OTHER=keys["ALICDN_ENDPOINT"])
    stack.configure(use="true")
    stack.up().expect_ok()

    assert [paths(call) for call in submits(first)] == [[f"{URL}here"]]
    assert [paths(call) for call in submits(second)] == [[f"{URL}there"]]
    assert stack.outputs() == {"here": "Complete", "there": "Complete"}
    assert keys["ALICDN_ENDPOINT"] not in stack.state(), "the endpoint is secret"

    stack.configure(use="false")
    stack.up().expect_ok()
    assert len(submits(first)) == len(submits(second)) == 1, "another account submits nothing again"
