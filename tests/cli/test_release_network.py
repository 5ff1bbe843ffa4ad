"""`alicdn release` at every node that the service lists: what DNS does not show, and what is said where it must do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.command_line import Ended, Run
from cli.node_world import anew, world_of
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import Json
from support.call_log import NewSubmits

DOMAIN = "http://cdn.example.com"
NODES = 48
FROM_HERE = "seen from this runner only"

Release = Callable[..., Ended]


@pytest.fixture(scope="module")
def world() -> Iterator[Emulator]:
    with world_of(NODES) as running:
        yield running


@pytest.fixture
def network(world: Emulator) -> Emulator:
    """The emulator as new, its clock moving 30 times as fast."""
    return anew(world)


@pytest.fixture
def release(network: Emulator, tmp_path: Path, run: Run) -> Release:
    """Release a folder of one file, of which the origin has *text*."""
    folder = tmp_path / "dist"
    folder.mkdir()
    # What DNS says is what the user names: nothing on a test's machine resolves the domain.
    seen = [part for address in network.dns for part in ("--edge", f"{address}:{network.node_port}")]

    def once(text: str, *more: str, dns: bool = False) -> Ended:
        (folder / "app.js").write_text(text)
        network.admin("origin", {"files": {"/app.js": text}})
        arguments = ["--manifest", str(tmp_path / "site.json"), "--service", "cdn", "--directory", str(folder)]
        where = ["--base-url", DOMAIN, "--origin", network.origin, "--proof-patience", "5", "--heal", "0"]
        nodes = seen if dns else ("--edges", "network")
        return run("release", *arguments, *where, *nodes, *more, env=network.environment())

    return once


def record(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "site.json").read_text())["steps"]["record"]
    return found


def requests(network: Emulator, name: str = "requests") -> int:
    """How many of them all nodes counted."""
    return sum(int(str(one[name])) for one in network.nodes)


def elsewhere(network: Emulator) -> dict[str, Any]:
    """A node that DNS does not name to this machine."""
    return next(one for one in reversed(network.nodes) if one["address"] not in network.dns)


def lag(network: Emulator, address: str) -> None:
    copy: Json = {"edge": address, "url": f"{DOMAIN}/app.js", "body": "old", "outlives": 9}
    network.admin("edges", {"copies": [copy]})


def test_one_stale_node_that_dns_does_not_name_fails_the_release_and_is_named_with_its_place(
    network: Emulator, release: Release, tmp_path: Path
) -> None:
    stale = elsewhere(network)
    lag(network, stale["address"])

    assert release("new", dns=True).code == 0
    (tmp_path / "site.json").unlink()
    found = release("new", "--output", "json")

    assert found.code == 1
    assert f"{stale['address']}:{network.node_port}" in found.err
    assert stale["province"] in found.err
    shown = json.loads(found.out)
    assert shown["unproven"] == [f"{DOMAIN}/app.js"]
    (other,) = (one for one in shown["evidence_summary"] if one["other"])
    assert (other["place"], other["provider"]) == (f"{stale['country']}, {stale['province']}", stale["provider"])


def test_all_nodes_are_asked_once_and_one_of_them_sends_the_bytes(
    network: Emulator, release: Release, tmp_path: Path
) -> None:
    network.admin("origin", {"files": {"/app.js": "old"}})
    network.admin("world", {"fill": [f"{DOMAIN}/app.js"]})
    network.admin("world", None, "DELETE")

    done = release("new")

    assert done.code == 0, done.err
    places = len({(one["country"], one["province"]) for one in network.nodes})
    assert f"1 URL at 48 nodes in {places} places: 48 checks, all fresh" in done.err
    assert len(record(tmp_path)["evidence_summary"]) == NODES
    assert requests(network, "bodies") == 1
    assert requests(network) == NODES


def test_a_budget_is_kept_to_the_request_and_the_report_says_what_it_left_out(
    network: Emulator, release: Release
) -> None:
    done = release("new", "--proof-budget", "requests=20")

    assert done.code == 0, done.err
    assert requests(network) <= 20
    assert "of 48 checks, as proof_budget allows (20 requests" in done.err
    assert "of 48 nodes had none" in done.err


def test_without_the_right_to_list_nodes_the_edges_are_those_of_dns_and_that_is_said(
    network: Emulator, release: Release
) -> None:
    network.admin("account", {"denied_actions": ["DescribeUserVipsByDomain"]})

    done = release("new")

    assert f"the edges of cdn.example.com are those that DNS names, {FROM_HERE}" in done.err
    assert "allow these credentials DescribeUserVipsByDomain" in done.err
    # DNS does not know this domain: nothing is submitted that could not be proven.
    assert done.code == 2
    assert "which has no address in DNS" in done.err


def test_half_of_the_rights_proves_the_release_at_nodes_without_places(network: Emulator, release: Release) -> None:
    network.admin("account", {"denied_actions": ["BatchDescribeCdnIpInfo"]})

    done = release("new")

    assert done.code == 0, done.err
    assert "the places of 48 nodes of cdn.example.com are not known" in done.err
    assert "allow these credentials BatchDescribeCdnIpInfo" in done.err
    assert "1 URL on 48 edges: 48 checks, all fresh" in done.err


def test_the_next_run_asks_nobody_again_and_submits_nothing(network: Emulator, release: Release) -> None:
    assert release("new").code == 0
    submitted = NewSubmits(network).take
    submitted()
    network.admin("world", None, "DELETE")

    again = release("new")

    assert again.code == 0
    assert submitted() == []
    assert requests(network) == 0
