"""Servers that drip, never end, or send bombs: the real command ends soon after its timeout, and stays small."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from cli.command_line import COMMAND
from pulumi_alicdn.cli.exit_codes import ExitCode
from support.hostile_server import LARGE, LOOP, SLOW, HostileServer
from support.measuring import measuring
from support.scale import NIGHTLY
from support.watched_process import Watched, WatchedProcess, all_ended

ALL: Final = {**SLOW, **LARGE, **LOOP}
SOME: Final = ("headers that drip", "body that drips", "endless chunks", "gzip bomb", "page of a million objects")
KINDS: Final = list(ALL) if NIGHTLY else [*SOME, *LOOP]
"""The servers that each command meets. tests/cloud/test_bounds.py has all of them for each request."""

AT_A_TIME: Final = 6
"""Processes that run together: most of their time they wait."""

TIMEOUT_S: Final = 1.0
START_S: Final = 60.0
"""Seconds that so many processes may take to start on a machine that is busy."""

MAX_MIB: Final = 200.0
ENDS_S: Final = TIMEOUT_S + 10.0
PATIENCE_S: Final = 50.0
"""Seconds for a command without a timeout: half a minute of retries, and one request."""

KEYS: Final = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAIcanary", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "canary-secret"}
WAIT: Final = ("wait", "1", "--timeout", str(TIMEOUT_S))


@pytest.fixture
def alone(tmp_path: Path) -> dict[str, str]:
    """Nothing of this machine's own settings."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "VIRTUAL_ENV") if name in os.environ}
    return {**kept, **measuring(), "HOME": str(tmp_path), "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}


Run = tuple[Sequence[str], Mapping[str, str]]


def ended(runs: Mapping[str, Run], alone: dict[str, str], folder: Path, within_s: float) -> dict[str, Watched]:
    """Run the commands, a few at a time; each has ended in time with a sentence, and was small."""
    found: dict[str, Watched] = {}
    names = list(runs)
    for at in range(0, len(names), AT_A_TIME):
        some = names[at : at + AT_A_TIME]
        begun = [WatchedProcess([*COMMAND, *runs[name][0]], {**alone, **runs[name][1]}, folder / name) for name in some]
        found |= dict(zip(some, all_ended(begun, START_S + within_s), strict=True))
    for name, one in found.items():
        assert one.peak_mib < MAX_MIB, f"{name}: {one.peak_mib} MiB"
        assert "Traceback" not in one.err, one.err
        assert "canary-secret" not in one.out + one.err
        assert one.code != ExitCode.OK, f"{name}: {one.out}"
    return found


Addresses = Callable[[Sequence[str]], dict[str, str]]


@pytest.fixture
def addresses() -> Iterator[Addresses]:
    """Start a server of each kind; they end with the test."""
    with ExitStack() as running:
        yield lambda kinds: {kind: running.enter_context(HostileServer(ALL[kind])).address for kind in kinds}


def test_a_wait_ends_whatever_the_service_sends(addresses: Addresses, alone: dict[str, str], tmp_path: Path) -> None:
    runs = {kind: (WAIT, {**KEYS, "ALICDN_ENDPOINT": f"http://{at}"}) for kind, at in addresses(KINDS).items()}
    for kind, one in ended(runs, alone, tmp_path / "runs", ENDS_S).items():
        wanted = ExitCode.FAILED if kind in LOOP else ExitCode.UNREACHABLE
        assert one.code == wanted, f"{kind}: {one.err}"
        assert "alicdn: DescribeVodRefreshTasks: " in one.err


def test_a_wait_ends_whatever_the_server_of_its_credentials_sends(
    addresses: Addresses, alone: dict[str, str], tmp_path: Path
) -> None:
    kinds = ["silent", "headers that drip", "body that drips", "redirect that drips", "endless chunks", "gzip bomb"]
    runs = {
        kind: (WAIT, {"ALIBABA_CLOUD_CREDENTIALS_URI": f"http://{at}/credentials", "ALICDN_ENDPOINT": "http://[::1]:1"})
        for kind, at in addresses(kinds).items()
    }
    for kind, one in ended(runs, alone, tmp_path / "runs", ENDS_S).items():
        assert one.code == ExitCode.UNREACHABLE, f"{kind}: {one.err}"
        address = runs[kind][1]["ALIBABA_CLOUD_CREDENTIALS_URI"].split("/")[2]
        assert f"alicdn: DescribeVodRefreshTasks: no credentials came from {address}: it " in one.err


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("sleep 30", "its command did not end in time"),
        ("sh -c 'sleep 30 & sleep 30'", "its command did not end in time"),
        ("yes", "its command failed with exit status -9"),
    ],
)
def test_a_wait_ends_whatever_the_command_of_its_profile_does(
    command: str, said: str, alone: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / ".aliyun" / "config.json"
    file.parent.mkdir()
    profile = {"name": "ext", "mode": "External", "process_command": command}
    file.write_text(json.dumps({"current": "ext", "profiles": [profile]}))
    runs: dict[str, Run] = {"ext": (WAIT, {"ALICDN_ENDPOINT": "http://[::1]:1"})}
    one = ended(runs, alone, tmp_path / "runs", ENDS_S)["ext"]
    assert (one.code, said in one.err) == (ExitCode.DENIED, True), one.err


def test_commands_without_a_timeout_end_too(addresses: Addresses, alone: dict[str, str], tmp_path: Path) -> None:
    commands = {"quota": ["quota"], "tasks": ["tasks", "--all"], "task": ["tasks", "--task-id", "1"]}
    runs: dict[str, Run] = {
        f"{name}, {kind}": (command, {**KEYS, "ALICDN_ENDPOINT": f"http://{at}"})
        for kind, at in addresses(["body that drips", "endless chunks"]).items()
        for name, command in commands.items()
    }
    for name, one in ended(runs, alone, tmp_path / "runs", PATIENCE_S).items():
        assert one.code == ExitCode.UNREACHABLE, f"{name}: {one.err}"


def test_a_refresh_ends_and_submits_nothing(addresses: Addresses, alone: dict[str, str], tmp_path: Path) -> None:
    command = ["refresh", "https://media.example.com/a.js", "--timeout", str(TIMEOUT_S)]
    runs: dict[str, Run] = {
        kind: (command, {**KEYS, "ALICDN_ENDPOINT": f"http://{at}"}) for kind, at in addresses(SOME).items()
    }
    for kind, one in ended(runs, alone, tmp_path / "runs", ENDS_S).items():
        assert one.code == ExitCode.UNREACHABLE, f"{kind}: {one.err}"
        assert "RefreshVodObjectCaches" not in one.err


def test_a_proof_ends_whatever_edges_and_origin_send(
    addresses: Addresses, alone: dict[str, str], tmp_path: Path
) -> None:
    runs: dict[str, Run] = {}
    for kind, at in addresses(KINDS).items():
        servers = ["--edge", at, "--origin", f"http://{at}", "--timeout", str(TIMEOUT_S)]
        runs[kind] = (["verify", "https://media.example.com/a.js", "--sha256", "0" * 64, *servers], {})
    ended(runs, alone, tmp_path / "runs", ENDS_S)
