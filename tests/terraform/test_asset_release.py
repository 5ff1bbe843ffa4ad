"""A folder as a resource of the real Terraform: what changed is refreshed, and proven at every edge."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pulumi_alicdn.emulator.running import Emulator
from support.emulators import start
from terraform.conftest import Workspace

BASE = "http://example.com/"


@pytest.fixture(scope="module")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """The emulator of this module has an origin."""
    origin = tmp_path_factory.mktemp("origin")
    with start(effect_s=1, edges=2, domains=["example.com"], origin=origin) as running:
        yield running


class Site:
    """A folder of assets and the origin that serves them."""

    def __init__(self, cloud: Emulator, made: Workspace, origin: Path) -> None:
        self.cloud = cloud
        self.made = made
        self._origin = origin
        self._uploads = 1_000_000_000

    def write(self, name: str, content: str | None) -> None:
        """Put a file into the folder, or remove it, and upload that."""
        self._uploads += 1
        for folder in (self.made.folder / "dist", self._origin):
            folder.mkdir(exist_ok=True)
            if content is None:
                (folder / name).unlink()
            else:
                (folder / name).write_text(content)
                os.utime(folder / name, (self._uploads, self._uploads))

    def state(self) -> dict[str, Any]:
        text = (self.made.folder / "terraform.tfstate").read_text()
        found: dict[str, Any] = json.loads(text)["resources"][0]["instances"][0]
        assert found.get("status") != "tainted"
        return dict(found["attributes"])

    def sent(self) -> list[str]:
        """The paths of all submits, in order."""
        calls: list[Any] = self.cloud.calls("RefreshObjectCaches")
        return [path for call in calls for path in sorted(call["params"]["ObjectPath"].split("\n"))]

    def configure(self, more: str = "") -> None:
        edges = json.dumps([edge.removeprefix("http://") for edge in self.cloud.edges])
        self.made.write(
            f'resource "alicdn_asset_release" "site" {{\n  service = "cdn"\n  directory = "dist"\n'
            f'  base_urls = ["{BASE}"]\n  edges = {edges}\n  origin = "{self.cloud.origin}"\n'
            f"  proof_patience = 0\n  {more}\n}}\n"
        )


@pytest.fixture
def site(cloud: Emulator, workspaces: Callable[[str], Workspace], tmp_path_factory: pytest.TempPathFactory) -> Site:
    origin = next(iter(sorted(tmp_path_factory.getbasetemp().glob("origin*"))))
    for left in origin.iterdir():
        left.unlink()
    made = Site(cloud, workspaces(""), origin)
    made.configure()
    for name in ("index.html", "a.js", "b.js"):
        made.write(name, f"{name} 1")
    return made


def test_a_folder_is_released_and_only_its_changes_are_after_that(site: Site) -> None:
    created = site.made.run("apply", "-auto-approve")
    assert created.code == 0, created.said
    assert site.sent() == [BASE, f"{BASE}a.js", f"{BASE}b.js", f"{BASE}index.html"]
    state = site.state()
    assert (state["status"], state["files"], state["unproven"]) == ("live", 3, [])
    assert [(one["fresh"], one["other"]) for one in state["evidence_summary"]] == [(4, 0), (4, 0)]
    before = len(site.cloud.calls())
    unchanged = site.made.run("plan", "-detailed-exitcode")
    assert (unchanged.code, len(site.cloud.calls())) == (0, before), unchanged.said

    site.write("a.js", "a.js 2")
    planned = site.made.run("plan", "-detailed-exitcode")
    assert planned.code == 2, planned.said
    assert "will be updated in-place" in planned.said
    assert "1 of 3 files changed (0 added, 1 changed, 0 removed)" in planned.said
    assert state["release"] not in planned.said
    changed = site.made.run("apply", "-auto-approve")
    assert (changed.code, site.sent()[4:]) == (0, [f"{BASE}a.js"]), changed.said
    assert site.state()["changed"] == ["a.js"]

    for edge in (0, 1):
        site.cloud.get(edge, f"{BASE}b.js")
    site.write("b.js", None)
    removed = site.made.run("apply", "-auto-approve")
    assert (removed.code, site.sent()[5:]) == (0, [f"{BASE}b.js"]), removed.said
    assert (site.state()["changed"], site.state()["files"]) == (["b.js"], 2)
    assert site.made.run("plan", "-detailed-exitcode").code == 0
    assert site.made.run("destroy", "-auto-approve").code == 0
    assert len(site.sent()) == 6


def test_a_stale_edge_is_refreshed_again_and_named_where_that_does_not_help(site: Site) -> None:
    assert site.made.run("apply", "-auto-approve").code == 0
    site.write("a.js", "a.js 2")
    copy: dict[str, Any] = {"edge": "edge-1", "url": f"{BASE}a.js", "body": "a.js 1", "outlives": 1}
    site.cloud.admin("edges", {"copies": [copy]})
    healed = site.made.run("apply", "-auto-approve")
    assert (healed.code, site.sent()[4:]) == (0, [f"{BASE}a.js"] * 2), healed.said
    assert site.state()["healed"] == [f"{BASE}a.js"]

    site.write("a.js", "a.js 3")
    site.cloud.admin("edges", {"copies": [{**copy, "outlives": 2}]})
    stale = site.made.run("apply", "-auto-approve")
    assert stale.code == 1
    assert f"{BASE}a.js" in stale.said
    assert "terraform apply" in stale.said
    assert site.state()["status"] == "unfinished"
    again = site.made.run("apply", "-auto-approve")
    assert (again.code, site.state()["status"]) == (0, "live"), again.said
    assert site.made.run("plan", "-detailed-exitcode").code == 0


def test_a_failed_release_goes_on_with_what_is_missing(site: Site) -> None:
    bad = f"{BASE}a.js"
    fault: dict[str, Any] = {"action": "RefreshObjectCaches", "kind": "fail", "paths": [bad]}
    fault["description"] = "Internal Error"
    site.cloud.admin("faults", {"faults": [fault]})
    failed = site.made.run("apply", "-auto-approve")
    assert failed.code == 1
    assert "a.js: Failed, Internal Error" in failed.said
    assert "apply again: it submits only what failed" in failed.said
    again = site.made.run("apply", "-auto-approve")
    assert again.code == 0, again.said
    assert site.sent()[4:] == [bad]
    assert site.state()["status"] == "live"


@pytest.mark.parametrize("update", [False, True])
def test_a_killed_apply_is_followed_by_one_that_submits_nothing_again(site: Site, *, update: bool) -> None:
    site.cloud.admin("clock", {"frozen": False, "speed": 1})
    if update:
        assert site.made.run("apply", "-auto-approve").code == 0
        site.write("a.js", "a.js 2")
    before = len(site.sent())
    child = site.made.begin("apply", "-auto-approve")
    end = time.monotonic() + 60
    while len(site.sent()) == before and time.monotonic() < end:
        time.sleep(0.01)
    os.killpg(child.pid, signal.SIGKILL)
    child.communicate()
    sent = len(site.sent())
    again = site.made.run("apply", "-auto-approve")
    assert (again.code, len(site.sent())) == (0, sent), again.said
    assert site.state()["status"] == "live"
    assert site.made.run("plan", "-detailed-exitcode").code == 0
