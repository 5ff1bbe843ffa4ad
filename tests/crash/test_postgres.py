"""State on a real PostgreSQL backend: the engine's lock holds, and who comes after a killed holder submits nothing."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator

import pytest

from crash.postgres import programs, server
from pulumi_alicdn.emulator.running import Emulator
from support.call_log import submits
from support.stack import Stack, eventually

PROGRAM = """
release = alicdn.RefreshTask("homepage", service="vod", object_paths=["https://media.example.com/index.m3u8"])
pulumi.export("status", release.status)
"""
LOCKED = "the stack is currently locked by 1 lock(s)"

pytestmark = pytest.mark.skipif(programs() is None, reason="no PostgreSQL server is installed (Debian: postgresql)")


@pytest.fixture
def database() -> Iterator[str]:
    folder = programs()
    assert folder is not None
    with server(folder) as url:
        yield url


def holder(stack: Stack, cloud: Emulator) -> subprocess.Popen[str]:
    """A runner that waits, and holds the lock meanwhile."""
    child = stack.popen("up", "--yes", "--skip-preview")
    eventually(lambda: len(submits(cloud)) == 1 and len(cloud.calls()) >= 5, "a wait under way")
    return child


def test_two_runners_one_finishes_and_a_killed_one_is_succeeded(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], database: str
) -> None:
    cloud = emulators(effect_s=600)
    stack = stacks(PROGRAM, cloud, PULUMI_BACKEND_URL=database)

    first = holder(stack, cloud)
    assert LOCKED in stack.up().expect_failure().output
    cloud.advance(600)
    output, _ = first.communicate(timeout=180)
    assert first.returncode == 0, output
    assert stack.up().expect_ok().changes() == {"unchanged": 6}
    assert len(submits(cloud)) == 1

    stack.run("destroy", "--yes", "--skip-preview").expect_ok()
    cloud.admin("calls", method="DELETE")
    killed = holder(stack, cloud)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate(timeout=60)
    assert LOCKED in stack.up().expect_failure().output
    stack.cancel()
    cloud.advance(600)
    stack.up().expect_ok()

    assert stack.outputs()["status"] == "Complete"
    assert len(submits(cloud)) == 1
    assert len(cloud.tasks()) == 2
