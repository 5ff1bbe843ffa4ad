"""An engine, its provider processes or both are killed: no process is left, and other resources finish their work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from crash.processes import Started, kill_providers, of_session, providers
from pulumi_alicdn.emulator.running import Emulator
from support.call_log import submits
from support.scale import runs
from support.stack import Stack, eventually

ASKED = "DescribeVodRefreshTasks"
SUBMITTED = "RefreshVodObjectCaches"
LEFT_S = 10.0
"""Seconds after a kill within which every process has ended."""

PROGRAM = """
release = alicdn.RefreshTask("homepage", service="vod", object_paths=["https://media.example.com/index.m3u8"])
pulumi.export("status", release.status)
"""

OWN_RESOURCE = """
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Slow(ResourceProvider):
    def create(self, props):
        import pathlib, time
        folder = pathlib.Path(props["folder"])
        (folder / "begun").touch()
        while not (folder / "go on").exists():
            time.sleep(0.05)
        (folder / "finished").touch()
        return CreateResult("slow", {})

class Own(Resource):
    pass

Own(Slow(), "own", {"folder": os.getcwd()})
"""

IDLE = """
import asyncio

pulumi.ProviderResource("pulumi-python", "idle", {})
pulumi.export("never", pulumi.Output.from_input(asyncio.sleep(600)))
"""

MOMENTS = {"intent": (ASKED, 1), "submit": (SUBMITTED, 1), "wait": (ASKED, 3)}
"""The call that is under way at the kill. The second question is the submission's."""


def under_way(stack: Stack, cloud: Emulator, moment: str) -> int:
    """An `up` that the cloud keeps waiting at *moment*; the leader of its session."""
    action, nth = MOMENTS[moment]
    cloud.admin("faults", {"faults": [{"action": action, "nth": nth, "kind": "delay", "seconds": 60}]})
    child = stack.popen("up", "--yes", "--skip-preview")
    eventually(lambda: len(cloud.calls(action)) >= nth, f"the {moment} is under way")
    return child.pid


def nothing_left(leader: int) -> None:
    """No process of Python is left. Pulumi's own language host ends some minutes after its engine."""

    def left() -> list[Started]:
        return [one for one in of_session(leader) if "/pulumi-language-python " not in one.arguments]

    eventually(lambda: not left(), "no process is left", LEFT_S)


@pytest.mark.timeout(runs(600))
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("killed", ["engine", "providers", "both"])
def test_after_a_kill_no_process_is_left(
    moment: str, killed: str, emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    for _ in range(runs(6)):
        cloud = emulators(effect_s=600)
        stack = stacks(PROGRAM, cloud)
        leader = under_way(stack, cloud, moment)
        assert len(providers(leader)) == 2

        if killed != "providers":
            os.kill(leader, signal.SIGKILL)
        if killed != "engine":
            kill_providers(leader)

        nothing_left(leader)


def test_an_engine_that_is_killed_before_the_first_request_to_a_provider_leaves_no_process(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    stack = stacks(IDLE, emulators())
    child = stack.popen("up", "--yes", "--skip-preview")
    eventually(lambda: bool(providers(child.pid)), "a provider that nothing is asked of")

    os.kill(child.pid, signal.SIGKILL)

    eventually(lambda: not providers(child.pid), "no provider is left", LEFT_S)


def test_other_programs_of_the_environment_load_nothing_of_ours() -> None:
    shown = "import sys; print([name for name in sys.modules if name.startswith(('pulumi', 'socket', 'threading'))])"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True, env={})
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_create_of_another_resource_is_finished_before_its_process_ends(
    moment: str, emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=600)
    stack = stacks(PROGRAM + OWN_RESOURCE, cloud)
    leader = under_way(stack, cloud, moment)
    eventually((stack.folder / "begun").exists, "the create of the other resource")

    os.kill(leader, signal.SIGKILL)
    eventually(lambda: len(providers(leader)) == 1, "the process of the waits has ended")
    (stack.folder / "go on").touch()

    nothing_left(leader)
    assert (stack.folder / "finished").exists()
    cloud.admin("faults", {"faults": []})
    stack.cancel()
    cloud.admin("clock", {"speed": 300})
    stack.up().expect_ok()
    assert len(submits(cloud)) == 1


def test_a_create_in_a_provider_process_of_the_user_is_finished_too(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    own = 'mine = pulumi.ProviderResource("pulumi-python", "mine", {})' + OWN_RESOURCE
    own = own.replace("os.getcwd()})", "os.getcwd()}, pulumi.ResourceOptions(provider=mine))")
    stack = stacks(PROGRAM + own, emulators(effect_s=600))
    child = stack.popen("up", "--yes", "--skip-preview")
    eventually((stack.folder / "begun").exists, "the create of the other resource")

    os.kill(child.pid, signal.SIGKILL)
    eventually(lambda: len(providers(child.pid)) == 1, "our processes have ended")
    (stack.folder / "go on").touch()

    nothing_left(child.pid)
    assert (stack.folder / "finished").exists()


def test_our_steps_end_while_the_create_of_another_resource_goes_on(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=600)
    # The submission is refused for now, and would be tried again.
    cloud.admin("faults", {"faults": [{"action": SUBMITTED, "kind": "throttle", "times": -1}]})
    stack = stacks(PROGRAM + OWN_RESOURCE, cloud)
    child = stack.popen("up", "--yes", "--skip-preview")
    eventually(lambda: bool(cloud.calls(SUBMITTED)), "a refused submission")
    eventually((stack.folder / "begun").exists, "the create of the other resource")

    os.kill(child.pid, signal.SIGKILL)
    eventually(lambda: len(providers(child.pid)) == 1, "the process of the waits has ended")
    cloud.admin("faults", {"faults": []})
    cloud.admin("calls", method="DELETE")
    cloud.advance(600)
    (stack.folder / "go on").touch()

    nothing_left(child.pid)
    assert cloud.calls() == [], "nobody is left to receive an answer"


def test_the_first_ctrl_c_lets_the_create_of_another_resource_end(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=600)
    stack = stacks(PROGRAM + OWN_RESOURCE, cloud)
    child = stack.popen("up", "--yes", "--skip-preview")
    eventually(lambda: len(cloud.calls(ASKED)) >= 3, "a wait under way")
    eventually((stack.folder / "begun").exists, "the create of the other resource")

    os.killpg(child.pid, signal.SIGINT)
    (stack.folder / "go on").touch()
    cloud.advance(600)
    output, _ = child.communicate(timeout=60)

    assert "error: update canceled" in output
    assert (stack.folder / "finished").exists()
    nothing_left(child.pid)
