"""`alicdn refresh --verify` and `alicdn wait --verify`: what nodes serve after a task whose bytes nobody has here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

import pytest

from cli.command_line import Ended, Run
from cli.node_world import anew, world_of
from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import Json, JsonObject
from support.call_log import NewSubmits

DOMAIN_NAME = "cdn.example.com"
DOMAIN = f"http://{DOMAIN_NAME}"
URL = f"{DOMAIN}/app.js"
NODES = 24
FROM_HERE = "seen from this runner only"

Command = Callable[..., Ended]


@pytest.fixture(scope="module")
def world() -> Iterator[Emulator]:
    with world_of(NODES) as running:
        yield running


@pytest.fixture
def network(world: Emulator) -> Emulator:
    """The emulator as new, its clock moving 30 times as fast; all nodes have the file as it was."""
    anew(world)
    world.admin("origin", {"files": {"/app.js": "old"}})
    world.admin("world", {"fill": [URL]})
    world.admin("origin", {"files": {"/app.js": "new"}})
    return world


@pytest.fixture
def command(network: Emulator, run: Run) -> Command:
    def once(*arguments: str) -> Ended:
        return run(*arguments, env={**network.environment(), "ALICDN_SERVICE": "cdn"})

    return once


def elsewhere(network: Emulator) -> dict[str, Any]:
    """A node that DNS does not name to this machine."""
    return next(one for one in reversed(network.nodes) if one["address"] not in network.dns)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]


def lag(network: Emulator) -> dict[str, Any]:
    """Let one node keep the old file for good."""
    stale = elsewhere(network)
    copy: Json = {"edge": stale["address"], "url": URL, "body": "old", "outlives": 9}
    network.admin("edges", {"copies": [copy]})
    return stale


def of_domain(**settings: Json) -> JsonObject:
    return {"settings": {DOMAIN_NAME: {"service": "cdn", **settings}}}


def test_a_refresh_is_verified_at_every_node_and_waiting_for_it_again_verifies_it_again(
    network: Emulator, command: Command
) -> None:
    done = command("refresh", URL, "--verify", "network", "--output", "json")

    assert done.code == 0, done.err
    assert f"alicdn: 1 URL: {NODES} nodes in 8 places serve what the origin serves" in done.err
    submitted = NewSubmits(network).take
    submitted()
    stale = lag(network)

    again = command("wait", done.objects[0]["task_id"], "--verify", "network", "--timeout", "4")

    assert again.code == 1
    where = f"{stale['address']}:{network.node_port} ({stale['country']}, {stale['province']}, {stale['provider']})"
    assert f"  {where}: {URL}: serves {digest('old')}… (3 bytes, " in again.err
    assert f", the origin serves {digest('new')}…\n" in again.err
    assert "Run the same `alicdn wait` to check again." in again.err
    assert submitted() == []


def test_without_an_origin_a_node_that_serves_what_it_served_is_stale_where_others_changed(
    network: Emulator, command: Command
) -> None:
    network.admin("account", {"denied_actions": ["DescribeCdnDomainConfigs"]})
    stale = lag(network)

    done = command("refresh", URL, "--verify", "network", "--timeout", "4")

    assert done.code == 1
    assert f"{stale['address']}:{network.node_port}" in done.err
    assert f"as before the refresh, while {NODES - 1} edges serve something else now" in done.err
    assert "--verify network` to check again: it submits nothing." in done.err


def test_without_an_origin_and_without_a_before_nothing_is_proven_and_nothing_has_failed(command: Command) -> None:
    task = command("refresh", URL, "--output", "json").objects[0]["task_id"]
    # An origin that cannot be reached from here.
    done = command("wait", task, "--verify", "network", "--origin", "http://127.0.0.1:9")

    assert done.code == 3
    assert f"{URL} cannot be judged at {NODES} edges" in done.err
    assert "Name an origin that answers here with --origin" in done.err
    assert "serve what the origin serves" not in done.err


def test_without_the_right_to_list_nodes_the_edges_are_those_of_dns_and_that_is_said(
    network: Emulator, command: Command
) -> None:
    network.admin("account", {"denied_actions": ["DescribeUserVipsByDomain"]})

    done = command("refresh", URL, "--verify", "network", "--timeout", "4")

    assert f"the edges of cdn.example.com are those that DNS names, {FROM_HERE}" in done.err
    # DNS does not know this domain on the machine of a test.
    assert done.code == 5
    assert f"({FROM_HERE}): {URL}: its name has no address in DNS" in done.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("refresh", f"{DOMAIN}/x/", "--type", "directory"), "--type is 'directory', whose files are not known here"),
        (("refresh", "--media-id", "1"), "--media-id name no URLs"),
        (("refresh", URL, "--no-wait"), "--verify needs the end of the task: leave --no-wait out"),
    ],
)
def test_what_cannot_be_verified_is_refused_before_anything_is_sent(
    network: Emulator, command: Command, arguments: tuple[str, ...], says: str
) -> None:
    done = command(*arguments, "--verify", "network")
    assert done.code == 2
    assert says in done.err
    assert network.calls() == []


def test_a_task_for_a_directory_has_no_url_to_request(command: Command) -> None:
    task = command("refresh", f"{DOMAIN}/x/", "--type", "directory", "--output", "json").objects[0]["task_id"]
    done = command("wait", task, "--verify", "network")
    assert done.code == 2
    assert f"task {task} is about '{DOMAIN}/x/', of the type directory" in done.err


@pytest.mark.parametrize(
    ("where", "changed", "says"),
    [
        ("domains", {"domains": {DOMAIN_NAME: "offline"}}, "cdn.example.com is offline: start it in the console"),
        (
            "domain-settings",
            of_domain(configs=[{"function": "https_force", "args": {"enable": "on"}}]),
            "cdn.example.com sends every http request to https: write URL with https://",
        ),
        (
            "domain-settings",
            of_domain(configs=[{"function": "aliauth", "args": {"auth_type": "type_a"}}]),
            "answers signed URLs only (URL authentication, type A): name its type and key with --url-auth",
        ),
        (
            "domain-settings",
            of_domain(service="vod"),
            "cdn.example.com is a domain of vod and not of cdn: set --service to vod",
        ),
    ],
)
def test_a_domain_with_which_no_edge_can_prove_anything_is_refused_before_the_submit(
    network: Emulator, command: Command, where: str, changed: JsonObject, says: str
) -> None:
    network.admin(where, changed)

    done = command("refresh", URL, "--verify", "network")

    assert done.code == 2
    assert says in done.err
    assert NewSubmits(network).take() == []
    assert not any(one["requests"] for one in network.nodes)


def test_what_may_get_in_the_way_of_a_proof_is_a_warning(network: Emulator, command: Command) -> None:
    listed: Json = [{"function": "ip_allow_list_set", "args": {"ip_list": "127.0.0.1"}}]
    network.admin("domain-settings", of_domain(configs=listed))

    done = command("refresh", URL, "--verify", "network")

    assert done.code == 0, done.err
    assert "alicdn: cdn.example.com answers listed addresses only: run where the address is listed" in done.err
