"""The nodes of a domain and the tasks of a service as data sources of the real Terraform."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pulumi_alicdn.api.spec import Kind, Service
from pulumi_alicdn.emulator.running import Emulator
from terraform.conftest import Workspace
from terraform.theirs import submitted


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


def tasks(name: str, filters: str) -> str:
    return f"""
data "alicdn_refresh_tasks" "{name}" {{
  service = "cdn"
  {filters}
}}

output "{name}" {{
  value = data.alicdn_refresh_tasks.{name}.tasks
}}
"""


LATER = 'resource "terraform_data" "later" {\n  input = "later"\n}\n'


def outputs(made: Workspace) -> dict[str, Any]:
    state = json.loads((made.folder / "terraform.tfstate").read_text())
    return {name: one["value"] for name, one in state["outputs"].items()}


def test_nodes_and_tasks_are_listed_by_filters_of_which_each_wrong_one_is_named(
    cloud: Emulator, workspaces: Callable[[str], Workspace]
) -> None:
    made = workspaces(
        edges("http://example.com/")
        + tasks("words", 'object_type = "bits"\n  status = "Pending"\n  task_id = "1,2"')
        + tasks("alone", 'status = "Failed"\n  since = "2h"\n  start_time = "2020-01-01T00:00:00Z"')
        + tasks("long", 'since = "100h"')
        + tasks("odd", 'since = "soon"\n  object_path = terraform_data.later.output')
        + LATER
    )
    refused = made.run("validate")
    assert refused.code == 1
    for sentence in (
        "domain_name is 'http://example.com/'",
        "object_type is 'bits', but cdn can be asked for: ",
        "status is 'Pending', but must be one of: ",
        "task_id is '1,2', but must be one id",
        "status is 'Failed', which goes together with object_type only",
        "since is '2h', but start_time is set, too; leave one of them out",
        "start_time is '2020-01-01T00:00:00Z', but only tasks of the last 3 days can be asked for",
        "since is '100h', but the service remembers tasks for 3 days only",
        "since is 'soon', but must be a duration such as 30m or 48h",
    ):
        assert sentence in refused.said
    assert "object_path is" not in refused.said, "what is not known yet breaks no rule"
    assert cloud.calls() == []

    cloud.admin("origin", {"files": {"/c.js": "new"}})
    fault = {"action": "RefreshObjectCaches", "kind": "fail", "description": "Internal Error", "paths": [path("b.js")]}
    cloud.admin("faults", {"faults": [fault]})
    refresh = submitted(cloud, Service.CDN, Kind.REFRESH, "a.js", "b.js")
    prefetch = submitted(cloud, Service.CDN, Kind.PREFETCH, "c.js")
    cloud.advance(60)
    made.write(
        edges("example.com")
        + tasks("all", 'since = "48h"')
        + tasks("one", f'task_id = "{refresh}"')
        + tasks("failed", 'object_type = "file"\n  status = "Failed"')
        + tasks("prefetched", 'object_type = "preload"\n  domain_name = "example.com"')
        + tasks("nothing", f'object_path = "{path("a.js")}?"')
    )
    applied = made.run("apply", "-auto-approve")
    assert applied.code == 0, applied.said
    found = outputs(made)
    rows = {(one["task_id"], one["object_path"]): one for one in found["all"]}
    assert set(rows) == {(refresh, path("a.js")), (refresh, path("b.js")), (prefetch, path("c.js"))}
    assert len(found["all"]) == len(rows)
    (failed,) = found["failed"]
    assert (failed["object_path"], failed["status"]) == (path("b.js"), "Failed")
    assert failed["description"] == "Internal Error"
    assert failed["creation_time"].endswith("Z")
    assert [one["object_type"] for one in found["prefetched"]] == ["preload"]
    assert sorted(one["object_path"] for one in found["one"]) == [path("a.js"), path("b.js")]
    assert found["nothing"] == []
    known = {str(node["address"]): node for node in cloud.nodes}
    assert len(found["edges"]) == len(known) > 1
    for one in found["edges"]:
        node = known[one["address"]]
        assert [one[name] for name in ("country", "province", "city", "provider")] == [
            node[name] for name in ("country", "province", "city", "provider")
        ]


def path(name: str) -> str:
    return f"http://example.com/{name}"
