"""Canary credentials through good and bad runs: they show up nowhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pulumi_alicdn.emulator.running import Emulator
from pulumi_alicdn.emulator.values import JsonObject
from support.stack import Stack

KEY = "CANARYKEYID0123456789"
SECRET = "canary-secret-9f8e7d6c5b4a"
TOKEN = "canary-sts-token-1a2b3c4d5e"

PROGRAM = """
release = alicdn.RefreshTask(
    "homepage",
    service="vod",
    object_paths=["https://media.example.com/index.m3u8"],
    triggers=[config.get_secret("trigger")],
    timeout=config.get_float("timeout"),
)
pulumi.export("status", release.status)
"""


def everything_of(stack: Stack, *outputs: str) -> str:
    """All that a run printed or left: output, state, history and whatever else lies in the backend."""
    left = [path.read_bytes() for path in stack.folder.rglob("*") if path.is_file() and path.name != "Pulumi.dev.yaml"]
    return "".join([*outputs, stack.state(), *(text.decode("utf-8", "replace") for text in left)])


def clean(text: str) -> None:
    for canary in (KEY, SECRET, TOKEN):
        assert canary not in text


def test_credentials_of_the_environment_leave_no_trace(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=1, access_key_id=KEY, access_key_secret=SECRET)
    stack = stacks(PROGRAM, cloud)
    good = stack.up().output
    cloud.admin("account", {"state": "suspended"})
    stack.configure_secret(trigger="2")
    bad = stack.up("--logtostderr", "-v=9").expect_failure().output
    stack.environment["ALIBABA_CLOUD_ACCESS_KEY_ID"] = KEY[::-1]
    unknown = stack.up().expect_failure().output
    clean(everything_of(stack, good, bad, unknown))
    assert KEY[::-1] not in everything_of(stack, unknown)


def test_credentials_of_the_stack_configuration_are_never_in_the_clear(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=1, access_key_id=KEY, access_key_secret=SECRET)
    sts: JsonObject = {"access_key_id": KEY, "access_key_secret": SECRET, "security_token": TOKEN, "expires_in_s": 3600}
    cloud.admin("account", {"sts": sts})
    stack = stacks(PROGRAM)
    stack.configure(alicdn__endpoint=cloud.endpoint)
    stack.configure_secret(alicloud__accessKey=KEY, alicloud__secretKey=SECRET, alicloud__securityToken=TOKEN)

    good = stack.up().expect_ok().output
    assert stack.outputs()["status"] == "Complete"
    cloud.admin("account", {"state": "not-open"})
    stack.configure(trigger="2")
    bad = stack.up().expect_failure().output

    clean(everything_of(stack, good, bad))


def test_the_provider_in_the_state_is_its_name_only(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], tmp_path: Path
) -> None:
    stack = stacks(PROGRAM, emulators(effect_s=1))
    stack.up().expect_ok()
    blobs = {
        entry["type"]: entry["inputs"]["__provider"]
        for entry in stack.resources()
        if "__provider" in entry.get("inputs", {})
    }
    assert len(blobs) == 3
    assert all(len(blob) < 300 for blob in blobs.values())

    # Another version of the package, before the installed one on the path: the same names, other code.
    package = tmp_path / "other" / "pulumi_alicdn"
    source = Path(__file__).resolve().parents[2] / "provider" / "pulumi_alicdn"
    for path in source.rglob("*.py"):
        copy = package / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text() + "\n\ndef _added_since() -> str:\n    return 'new code'\n")
    stack.environment["PYTHONPATH"] = str(package.parent)
    assert stack.up().expect_ok().changes() == {"unchanged": 6}
