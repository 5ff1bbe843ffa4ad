"""Secret options on the real engine: what they are part of is secret in the state, and in no line that a run prints."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import JsonObject
from support.call_log import submits
from support.stack import Stack

CANARY: Final = "canary9f8e7d6c"
ASKED: Final = "DescribeVodRefreshTasks"
SECRET: Final = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
"""The mark of a secret in a state."""

REFRESH = """
task = alicdn.RefreshTask(
    "homepage", service="vod", object_paths=config.get_secret_object("paths"), triggers=[config.get_secret("trigger")],
    timeout=config.get_float("timeout"), retry_failed=config.get_int("retries"), origin=config.get_secret("origin"),
)
pulumi.export("objects", task.objects)
pulumi.export("status", task.status)
pulumi.export("count", task.objects.apply(len))
"""


def clean(stack: Stack, output: str) -> None:
    """Look for the secret in what a run printed, and in all that it left."""
    assert CANARY not in output, output
    for path in stack.folder.rglob("*"):
        if path.is_file() and path.name != "__main__.py":
            assert CANARY.encode() not in path.read_bytes(), path
    assert CANARY not in stack.state()
    assert CANARY not in stack.run("stack", "output").expect_ok().output


def secret(entry: dict[str, Any]) -> set[str]:
    """Return the names of the outputs that the state holds as secrets."""
    return {
        name for name, value in entry["outputs"].items() if isinstance(value, dict) and SECRET.items() <= value.items()
    }


def step(stack: Stack, name: str) -> dict[str, Any]:
    (found,) = [entry for entry in stack.resources() if entry["type"].endswith(f":{name}")]
    return found


def test_secret_object_paths_are_secret_in_everything_that_holds_them(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=1)
    stack = stacks(REFRESH, cloud)
    paths = [f"https://media.example.com/{CANARY}/{name}?auth_key={CANARY}" for name in ("a.m3u8", "b.m3u8")]

    def up(trigger: str, *faults: JsonObject, command: str = "up", **options: str) -> str:
        cloud.admin("faults", {"faults": list(faults)})
        stack.configure_secret(
            paths=json.dumps(paths), trigger=f"{CANARY}-{trigger}", origin=f"https://{CANARY}.example"
        )
        stack.configure(**{"timeout": "20", "retries": "0", **options})
        output = stack.run(command, "--diff", *(("--yes", "--skip-preview") if command == "up" else ())).output
        clean(stack, output)
        return output

    up("good", command="preview")
    up("good")
    assert (stack.outputs()["status"], stack.outputs()["objects"]) == ("Complete", "[secret]")
    assert secret(step(stack, "Intent")) >= {"object_paths", "triggers", "fingerprint"}
    assert secret(step(stack, "Submission")) >= {"object_paths", "superseded", "adopted"}
    assert secret(step(stack, "Completion")) >= {"object_paths", "objects", "superseded", "origin"}
    shown = json.loads(stack.run("stack", "output", "--json", "--show-secrets").expect_ok().output)
    assert [entry["object_path"] for entry in shown["objects"]] == paths
    assert stack.up().expect_ok().changes() == {"unchanged": 6}

    said = up("failed", {"action": "RefreshVodObjectCaches", "kind": "fail"})
    assert "refresh of 2 of 2 URLs failed on vod" in said
    assert "  object 2 of 2 (secret): Failed" in said, said
    said = up("failed again", {"action": "RefreshVodObjectCaches", "kind": "fail", "times": 2}, retries="1")
    assert "object 1 of 2 (secret): Failed" in said
    late = up("late", {"action": ASKED, "nth": 3, "kind": "reset-before", "times": -1}, timeout="3")
    assert "TaskTimeoutError" in late
    quoted = {"kind": "error", "code": "Quotes", "message": f"no such object: {' '.join(paths)}"}
    assert "no such object: object 1 of 2 (secret)" in up("quoted", {"action": ASKED, **quoted})
    clean(stack, stack.refresh().output)

    paths[1] = f"{CANARY}.example.com/x y"
    said = up("wrong", command="preview")
    assert "object_paths[1] is secret, but must begin with http:// or https://" in said, said
    paths[:] = [f"https://{CANARY}.example.com/{CANARY}/?x=#", f"https://{CANARY}.example.com/{CANARY}/?x=#"]
    assert "object_paths[0] is secret, but a fragment" in up("twice", command="preview")


def test_what_becomes_secret_is_secret_without_another_submit(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=1)
    stack = stacks(REFRESH.replace("get_secret", "get"), cloud)
    path = f"https://media.example.com/{CANARY}.m3u8"
    stack.configure(paths=json.dumps([path]), timeout="20")
    stack.up().expect_ok()
    sent = len(submits(cloud))
    stack.write(REFRESH)
    stack.configure_secret(paths=json.dumps([path]))
    assert stack.up().expect_ok().changes().keys() == {"updated", "unchanged"}
    assert [resource for resource in stack.resources() if CANARY in json.dumps(resource)] == []
    assert stack.up().expect_ok().changes() == {"unchanged": 6}
    stack.write(REFRESH.replace("get_secret", "get"))
    stack.configure(paths=json.dumps([path]))
    stack.up().expect_ok()
    assert stack.outputs()["objects"][0]["object_path"] == path
    assert secret(step(stack, "Completion")) == set()
    assert len(submits(cloud)) == sent
