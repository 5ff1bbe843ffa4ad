"""Asking the service from a program: plain calls, and functions of outputs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable

from pulumi_alicdn.emulator.running import Emulator
from support.call_log import submits
from support.stack import Stack

PROGRAM = """
release = alicdn.RefreshTask("two", service="cdn", object_paths=[f"https://cdn.example.com/{name}" for name in "ab"])
page = alicdn.describe_refresh_tasks_output("cdn", task_id=release.task_ids[0], page_size=1)
pulumi.export("total", page["total_count"])
pulumi.export("first", page["tasks"][0]["status"])
rows = alicdn.iter_refresh_tasks_output("cdn", domain_name="cdn.example.com", object_type="file", status=release.status)
pulumi.export("paths", rows.apply(lambda rows: sorted(row["object_path"] for row in rows)))
after = release.status.apply(lambda _: "cdn")
pulumi.export("left", alicdn.describe_refresh_quota_output(after)["Url"])
"""

PLAIN = """
import json, pulumi_alicdn as alicdn
page = alicdn.describe_refresh_tasks("vod", object_type="file", status="Failed")
rows = list(alicdn.iter_refresh_tasks("vod"))
print(json.dumps([page["total_count"], len(rows), alicdn.describe_refresh_quota("vod")["Dir"]]))
try:
    alicdn.describe_refresh_tasks("intl-2020", page_size=60)
except alicdn.InputError as error:
    print(error)
try:
    alicdn.iter_refresh_tasks("vod", status="Pending")
except alicdn.InputError as error:
    print(error)
"""


def test_functions_of_outputs_answer_what_the_service_has(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=1)
    stack = stacks(PROGRAM, cloud)
    stack.preview().expect_ok()
    stack.up().expect_ok()
    assert stack.outputs() == {
        "total": 2,
        "first": "Complete",
        "paths": ["https://cdn.example.com/a", "https://cdn.example.com/b"],
        "left": {"total": 10000, "remaining": 9998},
    }
    assert len(submits(cloud)) == 1


def test_plain_calls_need_no_stack_and_wrong_questions_cost_no_request(emulators: Callable[..., Emulator]) -> None:
    cloud = emulators()
    environment = {**os.environ, **cloud.environment()}
    done = subprocess.run([sys.executable, "-c", PLAIN], env=environment, capture_output=True, text=True, check=True)
    answers, missing, pending = done.stdout.splitlines()
    assert json.loads(answers) == [0, 0, {"total": 100, "remaining": 100}]
    assert missing == (
        "domain_name is missing, but intl-2020 requires it in every query; "
        "object_type is missing, but intl-2020 requires it in every query; "
        "page_size is 60, but must be a whole number from 1 to 50 for intl-2020"
    )
    assert "status is 'Pending', but must be one of: Complete, Refreshing, Failed" in pending
    assert len(cloud.calls()) == 3
