"""A service that drips, never ends, or sends bombs, on the real engine: a resource ends soon after its timeout."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

import pytest

from crash.processes import providers
from support.hostile_server import LARGE, SLOW, HostileServer
from support.scale import NIGHTLY
from support.stack import COMMAND_S, Stack

TIMEOUT_S: Final = 3.0
ENDS_S: Final = TIMEOUT_S + 10.0 + 15.0
"""Seconds from the first request until the engine has ended, too, on a machine that is busy."""

MAX_MIB: Final = 200.0
ALL: Final = {**SLOW, **LARGE}
KINDS: Final = list(ALL) if NIGHTLY else ["body that drips", "headers that drip", "endless chunks", "gzip bomb"]

KEYS: Final = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAIcanary", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "canary-secret"}
WAITING: Final = f"""
alicdn.TaskCompletion("theirs", service="vod", task_ids=["1"], timeout={TIMEOUT_S})
"""
SUBMITTING: Final = """
alicdn.RefreshTask("ours", service="vod", object_paths=["https://media.example.com/a.js"])
"""


class Memory:
    """Notes the most memory of the dynamic providers of a command while it is entered."""

    def __init__(self, child: subprocess.Popen[str]) -> None:
        self._child = child
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.peak_mib = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            for one in providers(self._child.pid):
                try:
                    status = Path(f"/proc/{one.pid}/status").read_text()
                except OSError:
                    continue  # it ended meanwhile
                found = re.search(r"VmHWM:\s*(\d+) kB", status)
                self.peak_mib = max(self.peak_mib, int(found[1]) / 1024 if found else 0.0)


def failed_up(stack: Stack) -> str:
    """Run `pulumi up`, which fails; return its output."""
    child = stack.popen("up", "--yes", "--skip-preview")
    with Memory(child) as memory:
        output, _ = child.communicate(timeout=COMMAND_S)
    assert child.returncode != 0, output
    assert "Traceback" not in output, output
    assert "canary-secret" not in output
    assert 0.0 < memory.peak_mib < MAX_MIB, f"{memory.peak_mib} MiB"
    return output


@pytest.mark.parametrize("kind", KINDS)
def test_a_wait_ends_whatever_the_service_sends(kind: str, stacks: Callable[..., Stack]) -> None:
    with HostileServer(ALL[kind]) as server:
        stack = stacks(WAITING, None, **KEYS, ALICDN_ENDPOINT=f"http://{server.address}")
        output = failed_up(stack)
        assert server.asked_at is not None
        assert time.monotonic() - server.asked_at < ENDS_S
    assert f"DescribeVodRefreshTasks: {server.address} " in output


def test_a_wait_ends_whatever_the_server_of_its_credentials_sends(stacks: Callable[..., Stack]) -> None:
    with HostileServer(SLOW["body that drips"]) as server:
        uri = f"http://{server.address}/credentials"
        stack = stacks(WAITING, None, ALIBABA_CLOUD_CREDENTIALS_URI=uri, ALICDN_ENDPOINT="http://[::1]:1")
        output = failed_up(stack)
    assert f"no credentials came from {server.address}: it had not sent its whole answer in time" in output


def test_a_submit_ends_before_it_has_begun(stacks: Callable[..., Stack]) -> None:
    with HostileServer(SLOW["headers that drip"]) as server:
        stack = stacks(SUBMITTING, None, **KEYS, ALICDN_ENDPOINT=f"http://{server.address}")
        output = failed_up(stack)
    assert f"DescribeVodRefreshTasks: {server.address} had not sent its whole answer in time" in output
