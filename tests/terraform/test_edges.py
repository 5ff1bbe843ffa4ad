"""The nodes of a domain as a data source of the real Terraform."""

from __future__ import annotations

import json
from collections.abc import Callable

from pulumi_alicdn.emulator.running import Emulator
from terraform.conftest import Workspace


def edges(domain: str) -> str:
    return f"""
data "alicdn_edges" "site" {{
  service     = "cdn"
  domain_name = "{domain}"
}}

output "edges" {{
  value = data.alicdn_edges.site.edges
}}
"""


def test_the_nodes_of_a_domain_are_listed_with_their_places(
    cloud: Emulator, workspaces: Callable[[str], Workspace]
) -> None:
    made = workspaces(edges("http://example.com/"))
    refused = made.run("validate")
    assert refused.code == 1
    assert "domain_name is 'http://example.com/'" in refused.said
    assert cloud.calls() == []
    made.write(edges("example.com"))
    applied = made.run("apply", "-auto-approve")
    assert applied.code == 0, applied.said
    found = json.loads((made.folder / "terraform.tfstate").read_text())["outputs"]["edges"]["value"]
    known = {str(node["address"]): node for node in cloud.nodes}
    assert len(found) == len(known) > 1
    for one in found:
        node = known[one["address"]]
        assert [one[name] for name in ("country", "province", "city", "provider")] == [
            node[name] for name in ("country", "province", "city", "provider")
        ]
