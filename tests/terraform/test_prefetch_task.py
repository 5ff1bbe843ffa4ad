"""A prefetch, and today's quota beside it, with the real Terraform."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pulumi_alicdn.emulator.running import Emulator
from terraform.conftest import Workspace

CONFIGURATION = """
resource "alicdn_prefetch_task" "site" {
  service      = "cdn"
  object_paths = ["http://example.com/a.js"]
  area         = "AREA"
}

data "alicdn_refresh_quota" "today" {
  service    = "cdn"
  depends_on = [alicdn_prefetch_task.site]
}

output "left" {
  value = data.alicdn_refresh_quota.today.quota["Preload"]
}
"""


def test_a_prefetch_is_complete_after_apply_and_the_quota_is_read_after_it(
    cloud: Emulator, workspaces: Callable[[str], Workspace]
) -> None:
    cloud.admin("origin", {"files": {"/a.js": "new"}})
    made = workspaces(CONFIGURATION.replace("AREA", "nowhere"))
    refused = made.run("validate")
    assert refused.code == 1
    assert "area is 'nowhere', but must be one of: domestic, overseas" in refused.said
    assert cloud.calls() == []
    made.write(CONFIGURATION.replace("AREA", "domestic"))
    applied = made.run("apply", "-auto-approve")
    assert applied.code == 0, applied.said
    sent: list[Any] = cloud.calls("PushObjectCache")
    assert [call["params"]["Area"] for call in sent] == ["domestic"]
    state = json.loads((made.folder / "terraform.tfstate").read_text())
    (task,) = [one for one in state["resources"] if one["type"] == "alicdn_prefetch_task"]
    assert task["instances"][0]["attributes"]["status"] == "Complete"
    left = state["outputs"]["left"]["value"]
    assert left["remaining"] == left["total"] - 1
