"""What a kill can leave of the engine's own files, and the way out that docs/promises.md names."""

from __future__ import annotations

from collections.abc import Callable

from pulumi_alicdn.emulator.running import Emulator
from support.call_log import submits
from support.stack import Stack

PROGRAM = """
release = alicdn.RefreshTask("homepage", service="vod", object_paths=["https://media.example.com/index.m3u8"])
pulumi.export("status", release.status)
"""


def test_an_empty_attrs_file_is_deleted_and_nothing_is_lost(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=1)
    stack = stacks(PROGRAM, cloud)
    stack.up().expect_ok()
    (attrs,) = stack.folder.rglob("stacks/*/dev.json.attrs")
    attrs.write_bytes(b"")
    assert "failed to load checkpoint: EOF" in stack.up().expect_failure().output

    stack.cancel()

    assert stack.up().expect_ok().changes() == {"unchanged": 6}
    assert len(submits(cloud)) == 1
