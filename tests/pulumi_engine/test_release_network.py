"""AssetRelease with nothing configured: all nodes that the service lists are asked, first the origin that it names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pulumi_alicdn.emulator.running import Emulator
from support.site import Site
from support.stack import Stack

BASE = "http://www.site.test/"
"""A domain that no DNS has: the nodes that the service lists need none."""
NODES, PLACES = 24, 8

PROGRAM = """
site = alicdn.AssetRelease(
    "site", service="cdn", directory="dist", base_url={base!r}, proof_patience=5,
    proof_budget={{"requests": 500}}, summary_file="summary.md",
)
pulumi.export("evidence_summary", site.evidence_summary)
pulumi.export("evidence", site.evidence)
pulumi.export("status", site.status)
"""


def test_a_release_is_proven_at_every_node_with_its_place(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path
) -> None:
    cloud = emulators(origin=origin, effect_s=0.3, edges=1, nodes=NODES)
    if not cloud.node_port:
        pytest.skip("this system has no addresses for nodes")
    site = Site(stacks("", cloud), cloud, origin)
    site.stack.write(PROGRAM.format(base=BASE))
    site.write({"a.txt": "1"})

    assert f"the origin is {cloud.origin}, which cdn names" in site.stack.up().expect_ok().output

    found = site.stack.outputs()
    assert found["status"] == "live"
    assert len({one["edge"] for one in found["evidence_summary"]}) == NODES
    assert len({one["place"] for one in found["evidence_summary"]}) == PLACES
    assert {one["place"] for one in found["evidence"]} == {one["place"] for one in found["evidence_summary"]}
    assert f"at {NODES} nodes in {PLACES} places" in (site.stack.folder / "summary.md").read_text()
    cloud.admin("world", None, "DELETE")
    asked = len(cloud.calls())
    assert set(site.stack.up().expect_ok().changes()) == {"unchanged"}
    assert len(cloud.calls()) == asked
    assert sum(int(str(one["requests"])) for one in cloud.nodes) == 0
