"""A task of somebody else that is imported by the real Terraform, which then goes on with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pulumi_alicdn.api.spec import Kind, Service
from pulumi_alicdn.emulator.running import Emulator
from terraform.conftest import Workspace, task
from terraform.theirs import submits, submitted

REFRESH = "alicdn_refresh_task.site"
PREFETCH = "alicdn_prefetch_task.video"
PREFETCHED = """
resource "alicdn_prefetch_task" "video" {
  service      = "vod"
  object_paths = ["http://example.com/a.js"]
  area         = "domestic"
}
"""


def in_state(made: Workspace, name: str) -> dict[str, Any]:
    return next(found for at in range(9) if (found := made.attributes(at))["id"] == name)


def test_an_imported_task_is_waited_for_and_never_submitted_again(
    cloud: Emulator, workspaces: Callable[[str], Workspace]
) -> None:
    cloud.admin("origin", {"files": {"/a.js": "new"}})
    cloud.admin("clock", {"frozen": True})
    refresh = submitted(cloud, Service.CDN, Kind.REFRESH, "b.js", "a.js")
    prefetch = submitted(cloud, Service.VOD, Kind.PREFETCH, "a.js")
    made = workspaces(task("1", "force = true") + PREFETCHED)
    for name, given, says in (
        (REFRESH, "cdn/987654321", "cdn lists no task 987654321: it was never submitted by this account and region"),
        (REFRESH, refresh, "must be SERVICE/TASK, such as cdn/704222904"),
        (REFRESH, f"cdn/{prefetch}", f"but vod does: import vod/{prefetch}."),
        (REFRESH, f"vod/{prefetch}", "is a prefetch, not a refresh: import it as alicdn_prefetch_task"),
    ):
        refused = made.run("import", name, given)
        assert refused.code == 1
        assert says in refused.said
    assert not (made.folder / "terraform.tfstate").exists()
    assert made.run("import", REFRESH, f"cdn/{refresh}").code == 0
    assert made.run("import", PREFETCH, f"vod/{prefetch}").code == 0
    found = in_state(made, f"task-{refresh}")
    assert found["status"] in ("Pending", "Refreshing")
    cloud.admin("clock", {"frozen": False})
    applied = made.run("apply", "-auto-approve")
    assert applied.code == 0, applied.said
    assert "0 to add, 2 to change, 0 to destroy" in applied.said
    assert submits(cloud) == 2
    assert {in_state(made, f"task-{one}")["status"] for one in (refresh, prefetch)} == {"Complete"}
    before = len(cloud.calls())
    assert made.run("plan", "-detailed-exitcode").code == 0
    assert len(cloud.calls()) == before

    # One that is Complete is asked for once, and taken over without a call.
    assert made.run("state", "rm", REFRESH).code == 0
    assert made.run("import", REFRESH, f"cdn/{refresh}").code == 0
    assert len(cloud.calls()) == before + 1
    assert in_state(made, f"task-{refresh}")["status"] == "Complete"
    taken = made.run("apply", "-auto-approve")
    assert taken.code == 0, taken.said
    assert "0 to add, 1 to change, 0 to destroy" in taken.said
    assert made.run("plan", "-detailed-exitcode").code == 0
    assert len(cloud.calls()) == before + 1

    # From then on it is like any other.
    made.write(task("2", "force = true") + PREFETCHED)
    assert made.run("apply", "-auto-approve").code == 0
    assert submits(cloud) == 3
