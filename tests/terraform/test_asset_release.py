"""A folder as a resource of the real Terraform: what changed is refreshed, and proven at every edge."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from crash.wire import Moment, Wire
from pulumi_alicdn.emulator.running import Emulator
from support.emulators import start
from terraform.conftest import DEADLINE_S, Workspace
from terraform.killing import killed_at

BASE = "http://example.com/"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the origin of this module serves."""
    return tmp_path_factory.mktemp("origin")


@pytest.fixture(scope="module")
def _running(served: Path) -> Iterator[Emulator]:
    """The emulator of this module has an origin."""
    with start(effect_s=1, edges=2, domains=["example.com"], origin=served) as running:
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

    def forget(self, name: str, *of_edges: str) -> None:
        """Make the state that of an earlier version, which had no such attributes."""
        file = self.made.folder / "terraform.tfstate"
        state = json.loads(file.read_text())
        attributes = state["resources"][0]["instances"][0]["attributes"]
        del attributes[name]
        for one in attributes["evidence_summary"]:
            for other in of_edges:
                del one[other]
        file.write_text(json.dumps(state))

    def begun(self) -> subprocess.Popen[str]:
        """An apply that has begun to wait for its tasks."""
        before = len(self.cloud.calls("DescribeRefreshTaskById"))
        child = self.made.begin("apply", "-auto-approve")
        end = time.monotonic() + DEADLINE_S
        while len(self.cloud.calls("DescribeRefreshTaskById")) == before and time.monotonic() < end:
            time.sleep(0.02)
        return child

    def submits(self) -> list[Any]:
        found: list[Any] = self.cloud.calls("RefreshObjectCaches")
        return found

    def sent(self) -> list[str]:
        """The paths of all submits, in order."""
        return [path for call in self.submits() for path in sorted(call["params"]["ObjectPath"].split("\n"))]

    def configure(self, more: str = "", edges: Sequence[str] = ()) -> None:
        """Write the configuration; without *edges*, all are named."""
        edges = edges or [edge.removeprefix("http://") for edge in self.cloud.edges]
        self.made.write(
            f'resource "alicdn_asset_release" "site" {{\n  directory = "dist"\n'
            f'  base_urls = ["{BASE}"]\n  edges = {json.dumps(edges)}\n  origin = "{self.cloud.origin}"\n'
            f"  proof_patience = 0\n  {more}\n}}\n"
        )


@pytest.fixture
def site(cloud: Emulator, workspaces: Callable[[str], Workspace], served: Path) -> Site:
    for left in served.iterdir():
        left.unlink()
    made = Site(cloud, workspaces(""), served)
    cloud.admin("domain-settings", {"settings": {"example.com": {"service": "cdn"}}})
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
    assert sorted(state["refreshed"]) == site.sent()
    assert state["prefetched"] == []
    assert [(one["fresh"], one["other"]) for one in state["evidence_summary"]] == [(4, 0), (4, 0)]
    site.forget("refreshed", "place", "provider")
    before = len(site.cloud.calls())
    unchanged = site.made.without_keys().run("plan", "-detailed-exitcode")
    assert (unchanged.code, len(site.cloud.calls())) == (0, before), unchanged.said

    # The nodes that the service lists have a place and a provider.
    site.configure(edges=["network"])
    site.write("a.js", "a.js 2")
    planned = site.made.run("plan", "-detailed-exitcode")
    assert planned.code == 2, planned.said
    assert "will be updated in-place" in planned.said
    assert "1 of 3 files changed (0 added, 1 changed, 0 removed)" in planned.said
    assert state["release"] not in planned.said
    changed = site.made.run("apply", "-auto-approve")
    assert (changed.code, site.sent()[4:]) == (0, [f"{BASE}a.js"]), changed.said
    assert site.state()["changed"] == ["a.js"]
    nodes = [(f"{one['country']}, {one['province']}", one["provider"]) for one in site.cloud.nodes]
    assert sorted((one["place"], one["provider"]) for one in site.state()["evidence_summary"]) == sorted(nodes)
    site.configure()

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


def test_a_release_that_ends_early_in_any_way_submits_once_and_a_replacement_submits_anew(site: Site) -> None:
    limited = 'timeouts {\n create = "500ms"\n }'
    site.cloud.admin("clock", {"frozen": True})
    site.configure(limited)
    planned = site.made.run("plan", "-out", "saved")
    assert (planned.code, site.submits()) == (0, []), planned.said
    late = site.made.run("apply", "saved")
    assert (late.code, len(site.submits())) == (1, 1), late.said
    assert "apply again to go on waiting, nothing is submitted twice" in late.said
    assert site.made.run("apply", "saved").code == 1
    assert len(site.submits()) == 1

    site.configure()
    child = site.begun()
    os.kill(child.pid, signal.SIGTERM)
    said, _ = child.communicate(timeout=DEADLINE_S)
    assert "Terraform asked to stop" in " ".join(said.replace("│", " ").split())
    assert site.state()["status"] == "unfinished"

    child = site.begun()
    for _ in range(2):
        # As Ctrl-C in a terminal: at the second one, Terraform ends without its state.
        os.killpg(child.pid, signal.SIGINT)
    child.communicate(timeout=DEADLINE_S)
    assert child.returncode == 1
    site.cloud.admin("clock", {"frozen": False, "speed": 30})
    again = site.made.run("apply", "-auto-approve")
    assert (again.code, len(site.submits()), site.state()["status"]) == (0, 1, "live"), again.said
    replaced = site.made.run("apply", "-auto-approve", "-replace=alicdn_asset_release.site")
    assert (replaced.code, site.sent()[4:]) == (0, site.sent()[:4]), replaced.said
    assert site.made.run("plan", "-detailed-exitcode").code == 0


@pytest.mark.parametrize("update", [False, True])
def test_a_killed_apply_is_followed_by_one_that_submits_nothing_again(site: Site, *, update: bool) -> None:
    site.cloud.admin("clock", {"frozen": False, "speed": 1})
    if update:
        assert site.made.run("apply", "-auto-approve").code == 0
        site.write("a.js", "a.js 2")
    before = len(site.sent())
    child = site.made.begin("apply", "-auto-approve")
    end = time.monotonic() + DEADLINE_S
    while len(site.sent()) == before and time.monotonic() < end:
        time.sleep(0.01)
    os.killpg(child.pid, signal.SIGKILL)
    child.communicate()
    sent = len(site.sent())
    again = site.made.run("apply", "-auto-approve")
    assert (again.code, len(site.sent())) == (0, sent), again.said
    assert site.state()["status"] == "live"
    assert site.made.run("plan", "-detailed-exitcode").code == 0


def test_a_release_through_another_endpoint_goes_on_with_what_it_finds_there_and_else_submits_nothing(
    site: Site,
) -> None:
    journal = site.made.folder / ".terraform" / "alicdn-intents.json"
    with Wire(site.cloud) as wire:
        killed_at(site.made, wire, Moment("Refresh", 1, "held"))
        site.made.environment["ALICDN_ENDPOINT"] = site.cloud.endpoint
        found = site.made.run("apply", "-auto-approve")
        assert (found.code, len(site.submits()), site.state()["status"]) == (0, 1, "live"), found.said
        before = len(site.cloud.calls())
        unchanged = site.made.run("plan", "-detailed-exitcode")
        assert (unchanged.code, len(site.cloud.calls())) == (0, before), unchanged.said
        assert json.loads(journal.read_text()) == {}

        # Nobody can tell this request from one that has reached another account.
        site.write("a.js", "a.js 2")
        killed_at(site.made, wire, Moment("Refresh", 1, "asked"))
        site.made.environment["ALICDN_ENDPOINT"] = site.cloud.endpoint
        for _ in ("the journal knows the former place", "so does the state, also without it"):
            refused = site.made.run("apply", "-auto-approve")
            assert (refused.code, len(site.submits())) == (1, 1), refused.said
            places = f"127.0.0.1:{wire.port}, and cdn does not list it through {site.cloud.endpoint[7:]}"
            said = f"declared this refresh, and may have submitted it, through {places}. Nothing was submitted."
            assert said in refused.said
            assert "Apply with the former endpoint and profile to go on with it, or change `triggers`" in refused.said
            journal.unlink(missing_ok=True)
        site.made.environment["ALICDN_ENDPOINT"] = wire.endpoint
        again = site.made.run("apply", "-auto-approve")
        assert (again.code, site.sent()[4:], site.state()["status"]) == (0, [f"{BASE}a.js"], "live"), again.said

        site.write("a.js", "a.js 3")
        killed_at(site.made, wire, Moment("Refresh", 1, "asked"))
        site.made.environment["ALICDN_ENDPOINT"] = site.cloud.endpoint
        site.configure('triggers = { account = "other" }')
        anew = site.made.run("apply", "-auto-approve")
        assert (anew.code, site.sent()[5:], site.state()["status"]) == (0, [f"{BASE}a.js"], "live"), anew.said
        assert site.made.run("plan", "-detailed-exitcode").code == 0
        assert json.loads(journal.read_text()) == {}
