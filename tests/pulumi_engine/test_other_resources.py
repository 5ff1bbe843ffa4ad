"""Other dynamic resources of the same program: their errors and settings stay as they are beside ours."""

from __future__ import annotations

from collections.abc import Callable

from pulumi_alicdn.emulator.running import Emulator
from support.stack import Stack

REFRESH = """
alicdn.RefreshTask("homepage", service="vod", object_paths=["https://media.example.com/index.m3u8"])
"""

FAILING = """
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

def third():
    raise ValueError("the other resource's own error")

def second():
    third()

class Failing(ResourceProvider):
    def create(self, props):
        import sys, time
        if "limit" in props:
            sys.tracebacklimit = int(props["limit"])
        time.sleep(float(props["after"]))
        if props["quotes_limit"]:
            raise ValueError(f"the limit is {getattr(sys, 'tracebacklimit', 'not set')}")
        second()

class Own(Resource):
    pass

def own(name, **props):
    Own(Failing(), name, {"after": 0, "quotes_limit": False, **props})
"""


def refusing(emulators: Callable[..., Emulator]) -> Emulator:
    """A cloud that refuses every submission."""
    cloud = emulators()
    cloud.admin(
        "faults",
        {
            "faults": [
                {
                    "action": "RefreshVodObjectCaches",
                    "kind": "error",
                    "code": "Forbidden.RAM",
                    "http_status": 403,
                    "times": -1,
                }
            ]
        },
    )
    return cloud


def test_the_traceback_of_another_resource_is_whole_whenever_ours_fails(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    program = REFRESH + FAILING + "for n in range(12): own(f'own-{n}', after=n / 10)\n"
    stack = stacks(program, refusing(emulators))

    said = stack.up("--parallel", "20", "--continue-on-error").output

    assert "pulumi_alicdn.DeniedError: " in said
    said = said.partition("Diagnostics:")[2]
    assert said.count("ValueError: the other resource's own error") == 12
    assert said.count("Traceback (most recent call last)") == 12
    assert said.count("in third") == 12
    assert said.count("in second") == 12


def test_a_limit_that_the_user_set_stays(emulators: Callable[..., Emulator], stacks: Callable[..., Stack]) -> None:
    program = REFRESH + FAILING + "own('sets', limit=1)\nown('quotes', after=3, quotes_limit=True)\n"
    stack = stacks(program, refusing(emulators))

    said = stack.up("--parallel", "20", "--continue-on-error").output

    assert "pulumi_alicdn.DeniedError: " in said
    assert "the limit is 1" in said
