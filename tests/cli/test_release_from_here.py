"""`alicdn release` without the right to list nodes: DNS names the edges, the release passes, and it says so."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from cli.command_line import COMMAND
from support.own_network import ENDPOINT, run_in_own_network

FROM_HERE = "seen from this runner only"

WITHOUT_THE_RIGHT = f"""
import json, subprocess, sys, urllib.request
for call, body in (("account", {{"denied_actions": ["DescribeUserVipsByDomain"]}}), ("clock", {{"speed": 30}})):
    data = json.dumps(body).encode()
    headers = {{"Content-Type": "application/json"}}
    urllib.request.urlopen(urllib.request.Request("{ENDPOINT}/_emulator/" + call, data, headers)).read()
sys.exit(subprocess.run(sys.argv[1:]).returncode)
"""


def test_without_the_right_to_list_nodes_a_release_is_proven_at_those_of_dns_and_says_so(tmp_path: Path) -> None:
    site = tmp_path / "dist"
    site.mkdir()
    (site / "app.js").write_text("new")
    release = ["release", "--manifest", "site.json", "--service", "cdn", "--directory", str(site)]
    command = [*COMMAND, *release, "--base-url", "http://cdn.example.com", "--summary-file", "summary.md"]

    ended = run_in_own_network(tmp_path, site, [sys.executable, "-c", WITHOUT_THE_RIGHT, *command])

    assert ended.code == 0, ended.err
    assert f"the edges of cdn.example.com are those that DNS names, {FROM_HERE}" in ended.err
    record = json.loads((tmp_path / "site.json").read_text())["steps"]["record"]
    assert record["status"] == "live"
    assert {one["place"] for one in record["evidence"]} == {FROM_HERE}
    assert {one["place"] for one in record["evidence_summary"]} == {FROM_HERE}
    assert FROM_HERE in (tmp_path / "summary.md").read_text()
