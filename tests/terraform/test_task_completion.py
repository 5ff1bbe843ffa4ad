"""A wait for tasks of somebody else as a resource of the real Terraform."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable

from pulumi_alicdn.api.spec import Kind, Service
from pulumi_alicdn.emulator.running import Emulator
from terraform.conftest import Workspace
from terraform.theirs import submits, submitted


def completion(task_ids: list[str], more: str = "", service: str = "cdn") -> str:
    return f"""
resource "alicdn_task_completion" "theirs" {{
  service  = "{service}"
  task_ids = {json.dumps(task_ids)}
  {more}
}}
"""


def test_a_wait_for_tasks_of_somebody_else_submits_nothing_and_remembers_that_they_are_complete(
    cloud: Emulator, workspaces: Callable[[str], Workspace]
) -> None:
    cloud.admin("clock", {"frozen": True})
    two = [submitted(cloud, Service.CDN, Kind.REFRESH, name) for name in ("a.js", "b.js")]
    sent = submits(cloud)
    made = workspaces(completion(["no id"], service="cnd"))
    before = len(cloud.calls())
    refused = made.run("validate")
    assert refused.code == 1
    assert "service is 'cnd', but must be one of: vod, cdn" in refused.said
    assert "task_ids[0] is 'no id', but must be one id of the service" in refused.said
    assert len(cloud.calls()) == before

    # Interrupted: the next apply goes on, in place.
    made.write(completion(two))
    child = made.begin("apply", "-auto-approve")
    end = time.monotonic() + 60
    while len(cloud.calls()) < before + 2 and time.monotonic() < end:
        time.sleep(0.01)
    os.killpg(child.pid, signal.SIGINT)
    said, _ = child.communicate(timeout=60)
    assert child.returncode == 1, said
    assert "the next apply goes on waiting for them" in " ".join(said.replace("│", " ").split())
    cloud.admin("clock", {"frozen": False})
    applied = made.run("apply", "-auto-approve")
    assert applied.code == 0, applied.said
    assert "0 to add, 1 to change, 0 to destroy" in applied.said
    state = made.attributes()
    assert (state["id"], state["kind"], state["status"]) == (",".join(two), "refresh", "Complete")
    asked = len(cloud.calls())
    assert made.without_keys().run("plan", "-detailed-exitcode").code == 0
    made.write(completion(two, 'timeouts {\n    update = "5m"\n  }'))
    assert made.run("apply", "-auto-approve").code == 0
    assert len(cloud.calls()) == asked

    # Other tasks that fail, and others that take too long: the state keeps what is true.
    bad = "http://example.com/c.js"
    fault = {"action": "RefreshObjectCaches", "kind": "fail", "description": "Internal Error", "paths": [bad]}
    cloud.admin("faults", {"faults": [fault]})
    three = submitted(cloud, Service.CDN, Kind.REFRESH, "c.js")
    made.write(completion([three]))
    failed = made.run("apply", "-auto-approve")
    assert failed.code == 1
    assert "example.com/c.js: Failed, Internal Error" in failed.said
    assert "this resource submits nothing: submit these again, for example with alicdn_refresh_task" in failed.said
    assert made.attributes()["id"] == ",".join(two)
    # In the next second: the service gives what one domain gets within a second one id.
    cloud.admin("clock", {"frozen": True, "advance_s": 1})
    four = submitted(cloud, Service.CDN, Kind.REFRESH, "d.js")
    made.write(completion([four], 'timeouts {\n    update = "1s"\n  }'))
    late = made.run("apply", "-auto-approve")
    assert late.code == 1
    assert "apply again to go on waiting; or raise the timeout in the block timeouts" in late.said
    made.write(completion([four], "wait = false"))
    assert made.run("apply", "-auto-approve").code == 0
    assert made.attributes()["status"] in ("Pending", "Refreshing")
    assert submits(cloud) == sent + 2
    cloud.admin("clock", {"frozen": False})
