"""Ctrl-C, a second Ctrl-C, SIGTERM, and a command line that vanishes: what the user reads, and what is left running."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from crash.engine_side import Engine, Provider, ProviderGoneError, RefusedError, environment, refresh
from crash.processes import providers
from pulumi_alicdn.emulator.running import Emulator
from support.call_log import submits
from support.stack import Stack, eventually

ASKED = "DescribeVodRefreshTasks"
PROGRAM = """
release = alicdn.RefreshTask("homepage", service="vod", object_paths=["https://media.example.com/index.m3u8"])
pulumi.export("status", release.status)
"""


def waiting(stack: Stack, cloud: Emulator) -> subprocess.Popen[str]:
    """An `up` whose wait is under way."""
    child = stack.popen("up", "--yes", "--skip-preview")
    eventually(lambda: len(submits(cloud)) == 1 and len(cloud.calls(ASKED)) >= 4, "a wait under way")
    return child


def completes(stack: Stack, cloud: Emulator) -> None:
    """The next `up` ends well and submits nothing."""
    stack.up().expect_ok()
    assert stack.outputs()["status"] == "Complete"
    assert len(submits(cloud)) == 1
    assert len(cloud.tasks()) == 1


@pytest.mark.parametrize(
    ("number", "said"),
    [(signal.SIGINT, "^C received; cancelling"), (signal.SIGTERM, "SIGTERM received; cancelling")],
)
def test_the_first_signal_lets_the_wait_end_and_stores_it(
    number: signal.Signals, said: str, emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=20)
    stack = stacks(PROGRAM, cloud)
    child = waiting(stack, cloud)
    seen = len(cloud.calls(ASKED))

    os.kill(child.pid, number)
    eventually(lambda: len(cloud.calls(ASKED)) >= seen + 2, "the wait goes on")
    output, _ = child.communicate(timeout=60)

    assert child.returncode != 0
    assert said in output
    assert "error: update canceled" in output
    assert "Traceback" not in output
    cloud.admin("calls", method="DELETE")
    assert stack.up().expect_ok().changes()["unchanged"] == 6
    assert stack.outputs()["status"] == "Complete"
    assert cloud.calls() == [], "it had been stored"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_second_signal_ends_at_once_and_the_next_up_goes_on(
    number: signal.Signals, emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=600)
    stack = stacks(PROGRAM, cloud)
    child = waiting(stack, cloud)

    def ended_by_another() -> bool:
        # One that arrives before the engine has heeded the one before is lost: send as many as it takes. One that
        # arrives while the engine ends keeps it from removing the lock of the stack: give it time before the next.
        os.kill(child.pid, number)
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=5)
        return child.poll() is not None

    eventually(ended_by_another, "the command has ended")
    output, _ = child.communicate(timeout=60)

    assert child.returncode != 0
    # The second signal ends the engine's providers, too. On a loaded machine, the engine may see the step fail for want
    # of its provider before it says that it was cancelled.
    assert "error: update cancelled" in output or "error: update failed" in output
    assert "received; cancelling" in output
    assert "Traceback" not in output
    eventually(lambda: not providers(child.pid), "no provider is left")
    cloud.advance(600)
    completes(stack, cloud)


def test_ctrl_c_in_a_terminal_reaches_the_whole_group_and_is_no_different(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=600)
    stack = stacks(PROGRAM, cloud)
    child = waiting(stack, cloud)

    os.killpg(child.pid, signal.SIGINT)
    cloud.advance(600)
    output, _ = child.communicate(timeout=180)

    assert "error: update canceled" in output
    assert "Traceback" not in output
    completes(stack, cloud)


def test_the_providers_of_a_killed_command_line_end_by_themselves(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=600)
    stack = stacks(PROGRAM, cloud)
    child = waiting(stack, cloud)
    assert len(providers(child.pid)) == 2

    os.kill(child.pid, signal.SIGKILL)

    eventually(lambda: not providers(child.pid), "both providers have ended")
    stack.cancel()
    cloud.advance(600)
    completes(stack, cloud)


def test_an_orphan_that_was_about_to_submit_does_not(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=1)
    # The second question is the submission's: what has been submitted since the intent?
    cloud.admin("faults", {"faults": [{"action": ASKED, "nth": 2, "kind": "delay", "seconds": 1}]})
    stack = stacks(PROGRAM, cloud)
    child = stack.popen("up", "--yes", "--skip-preview")
    eventually(lambda: len(cloud.calls(ASKED)) == 2, "the question before the submit")

    os.kill(child.pid, signal.SIGKILL)

    eventually(lambda: not providers(child.pid), "both providers have ended")
    assert submits(cloud) == []
    stack.cancel()
    cloud.admin("clock", {"speed": 30})
    completes(stack, cloud)


def test_a_provider_notices_that_its_engine_is_gone_before_it_submits(
    emulators: Callable[..., Emulator], engine: Engine, next_engine: Engine, tmp_path: Path
) -> None:
    cloud = emulators(effect_s=1)
    stack = refresh("https://media.example.com/index.m3u8")
    variables = environment(tmp_path, cloud)
    with Provider(engine, variables, {}) as provider:
        stack.make(provider, "intent")
        engine.end()
        with pytest.raises((ProviderGoneError, RefusedError)):
            stack.make(provider, "submission")
        eventually(provider.ended, "the process has ended")
        assert provider.complaints() == ""
    assert submits(cloud) == []
    cloud.admin("clock", {"speed": 30})
    with Provider(next_engine, variables, {}) as provider:
        stack.up(provider)
    assert stack.status() == "Complete"
    assert len(submits(cloud)) == 1
