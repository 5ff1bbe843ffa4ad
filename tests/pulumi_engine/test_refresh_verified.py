"""RefreshTask with `verify`: nodes are asked before the submit and after the task, and what is known is remembered."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import JsonObject
from pulumi_alicdn.freshness.contents import unpacked
from support.call_log import NewSubmits
from support.stack import Stack

DOMAIN = "http://www.example.com"
A, B = f"{DOMAIN}/a.js", f"{DOMAIN}/b.js"
NODES, PLACES = 24, 8
PROGRAM = f"""
task = alicdn.RefreshTask(
    "task", service="cdn", object_paths=["{A}", "{B}"], triggers=[config.get("version")], verify=config.get("verify"),
    timeout=config.get_float("timeout"),
)
pulumi.export("status", task.status)
pulumi.export("verified", task.verified)
"""
PROVEN = f"2 URLs: {NODES} nodes in {PLACES} places serve what the origin serves"


class World:
    """A cloud with nodes that hold the files of the origin as they were, and a stack with one refresh of both."""

    def __init__(self, cloud: Emulator, stack: Stack, origin: Path) -> None:
        self.cloud, self.stack, self._origin = cloud, stack, origin
        self.submits = NewSubmits(cloud)

    def upload(self, text: str) -> None:
        for name in ("a.js", "b.js"):
            (self._origin / name).write_text(f"{name} {text}")

    def requests(self) -> int:
        """Count the requests at all nodes since the last call."""
        found = sum(int(str(one["requests"])) for one in self.cloud.nodes)
        self.cloud.admin("world", None, "DELETE")
        return found

    def submitted(self) -> int:
        return len(self.submits.take())

    def step(self, name: str) -> dict[str, Any]:
        (found,) = (one for one in self.stack.resources() if one["type"].endswith(f":{name}"))
        outputs: dict[str, Any] = found["outputs"]
        return outputs


@pytest.fixture
def world(emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path) -> World:
    cloud = emulators(origin=origin, effect_s=0.3, edges=1, nodes=NODES)
    if not cloud.node_port:
        pytest.skip("this system has no addresses for nodes")
    made = World(cloud, stacks(PROGRAM, cloud), origin)
    made.upload("1")
    cloud.admin("world", {"fill": [A, B]})
    made.upload("2")
    return made


def test_all_nodes_are_asked_before_and_after_and_the_next_up_asks_nobody(world: World) -> None:
    world.stack.configure(version="1", verify="network")
    settings: JsonObject = {"service": "cdn", "configs": [{"function": "aliauth", "args": {"auth_type": "type_a"}}]}
    world.cloud.admin("domain-settings", {"settings": {"www.example.com": settings}})
    refused = world.stack.preview().expect_failure().output
    assert "www.example.com answers signed URLs only (URL authentication, type A): name its type and key" in refused
    world.cloud.admin("domain-settings", {"settings": {"www.example.com": {"service": "cdn"}}})
    world.requests()

    world.stack.up().expect_ok()

    assert world.stack.outputs() == {"status": "Complete", "verified": PROVEN}
    assert world.submitted() == 1
    assert world.requests() == 2 * 2 * NODES
    before = unpacked(world.step("Intent")["served_before"])
    assert {url: len(by_edge) for url, by_edge in before.items()} == {A: NODES, B: NODES}
    assert "served_before" not in world.step("Verify")
    world.cloud.admin("calls", method="DELETE")
    assert set(world.stack.up().expect_ok().changes()) == {"unchanged"}
    assert (world.cloud.calls(), world.requests()) == ([], 0)

    # Without the option nothing is asked, and with it again the end of the same task is verified.
    world.stack.configure(verify="off")
    world.stack.up().expect_ok()
    assert world.stack.outputs() == {"status": "Complete"}
    world.stack.configure(verify="network")
    world.stack.up().expect_ok()
    assert world.stack.outputs()["verified"] == PROVEN
    assert (world.submitted(), world.requests()) == (0, 2 * NODES)


def test_ignored_and_transformed_options_of_verify_are_carried_out_and_stay_secret(world: World) -> None:
    hidden = "a-value-that-nobody-sees"
    given = f"""
def transform(args):
    if args.type_ == "alicdn:index:RefreshTask":
        headers = {{"X-Key": "{hidden}-transformed"}}
        return pulumi.ResourceTransformResult({{**args.props, "request_headers": headers}}, args.opts)

changed = bool(config.get_bool("changed"))
task = alicdn.RefreshTask(
    "task", service="cdn", object_paths=["{A}"], verify="off" if changed else "network",
    request_headers=None if changed else {{"X-Key": "{hidden}"}},
    opts=pulumi.ResourceOptions(
        transforms=[transform] if config.get_bool("transformed") else None,
        ignore_changes=["verify", "request_headers"],
    ),
)
pulumi.export("verified", task.verified)
"""
    world.stack.write(given)
    world.stack.up().expect_ok()
    proven = f"1 URL: {NODES} nodes in {PLACES} places serve what the origin serves"
    assert world.stack.outputs()["verified"] == proven
    assert world.submitted() == 1
    world.requests()

    world.stack.configure(changed="true")
    world.stack.up().expect_ok()
    assert world.stack.outputs()["verified"] == proven
    assert (world.submitted(), world.requests()) == (0, 0)
    world.stack.configure(transformed="true")
    world.stack.up().expect_ok()
    assert (world.submitted(), world.requests()) == (0, 0)
    steps = [one for one in world.stack.resources() if one["type"].endswith(":Verify")]
    assert "request_headers" in steps[0]["inputs"]["secrets"]
    assert hidden not in json.dumps([one for one in world.stack.resources() if "$" in one["urn"]])


def test_a_stale_node_is_named_and_the_next_up_asks_again_and_submits_nothing(world: World) -> None:
    world.stack.configure(version="1", verify="network", timeout="6")
    stale = next(one for one in reversed(world.cloud.nodes) if one["address"] not in world.cloud.dns)
    world.cloud.admin("edges", {"copies": [{"edge": stale["address"], "url": A, "body": "old", "outlives": 1}]})

    said = world.stack.up().expect_failure().output

    assert f"the task is Complete, but not verified: 1 of 2 URLs at 1 of {NODES} edges" in said
    where = f"{stale['country']}, {stale['province']}, {stale['provider']}"
    assert f"{stale['address']}:{world.cloud.node_port} ({where}): {A}: serves " in said
    assert "Run `pulumi up` again: it checks again and submits nothing." in said
    assert world.submitted() == 1
    again = world.stack.up().expect_failure().output
    assert f"{stale['address']}:{world.cloud.node_port}" in again
    assert world.submitted() == 0

    world.stack.configure(version="2")
    world.stack.up().expect_ok()
    assert (world.submitted(), world.stack.outputs()["verified"]) == (1, PROVEN)


def test_where_the_origin_is_not_known_what_was_served_before_decides_also_after_a_failed_submit(world: World) -> None:
    world.cloud.admin("account", {"denied_actions": ["DescribeCdnDomainDetail"]})
    refused: JsonObject = {
        "kind": "error",
        "action": "RefreshObjectCaches",
        "code": "Forbidden.RAM",
        "http_status": 403,
    }
    world.cloud.admin("faults", {"faults": [refused]})
    world.stack.configure(version="1", verify="network")
    world.stack.up().expect_failure()
    assert world.step("Intent")["served_before"]
    world.submitted()
    world.requests()

    changed = world.stack.up().expect_ok()

    assert world.submitted() == 1
    # What is stored is not asked again.
    assert world.requests() == 2 * NODES
    serves = f"2 URLs: {NODES} nodes in {PLACES} places serve no longer what they served before the refresh"
    assert world.stack.outputs()["verified"] == serves
    assert "the origin of 2 URLs could not be compared: these credentials may not ask for it" in changed.output

    world.stack.configure(version="2")
    same = world.stack.up().expect_ok()
    assert "cannot be judged at 24 edges" in same.output
    assert "Name an origin that answers here with `origin`" in same.output
    assert "cannot be judged" in world.stack.outputs()["verified"]
    world.requests()
    assert set(world.stack.up().expect_ok().changes()) == {"unchanged"}
    assert world.requests() == 0
