"""The gate, on the real engine: done means that every edge serves the new bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from pulumi_alicdn.emulator.running import Emulator
from support.call_log import submits
from support.stack import COMMAND_S, Stack, eventually

URL = "https://media.example.com/index.m3u8"

PROGRAM = """
release = alicdn.RefreshTask(
    "homepage",
    service=config.get("service") or "vod",
    object_paths=["https://media.example.com/index.m3u8"],
    triggers=[config.get("trigger") or "1"],
    wait=config.get_bool("wait"),
    timeout=config.get_float("timeout"),
)
for name in ("status", "task_ids", "objects", "submitted_at", "effective_at", "request_ids"):
    pulumi.export(name, getattr(release, name))
"""


def served(cloud: Emulator, url: str = URL) -> list[bytes]:
    return [answer.body for answer in cloud.get_everywhere(url)]


def stale_cloud(emulators: Callable[..., Emulator], origin: Path, effect_s: float) -> Emulator:
    """A cloud whose edges keep the old bytes, while its origin has the new ones."""
    asset = origin / "index.m3u8"
    asset.write_bytes(b"old")
    cloud = emulators(origin=origin, effect_s=effect_s)
    assert served(cloud) == [b"old"] * 3
    asset.write_bytes(b"new")
    return cloud


def test_up_returns_once_every_edge_serves_the_new_bytes(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path
) -> None:
    cloud = stale_cloud(emulators, origin, effect_s=4)
    assert served(cloud) == [b"old"] * 3
    stack = stacks(PROGRAM, cloud)

    done = stack.up().expect_ok()

    assert served(cloud) == [b"new"] * 3
    assert done.changes() == {"created": 6}
    outputs = stack.outputs()
    assert outputs["status"] == "Complete"
    assert len(outputs["task_ids"]) == 1
    assert outputs["submitted_at"] < outputs["effective_at"]
    (seen,) = outputs["objects"]
    assert seen["object_path"] == URL
    assert (seen["status"], seen["process"], seen["task_id"]) == ("Complete", "100%", outputs["task_ids"][0])
    (submit,) = submits(cloud)
    assert outputs["request_ids"] == [submit["request_id"]]


def test_without_waiting_an_edge_still_serves_the_old_bytes(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path
) -> None:
    cloud = stale_cloud(emulators, origin, effect_s=600)
    stack = stacks(PROGRAM, cloud)
    stack.configure(wait="false")

    stack.up().expect_ok()

    assert b"old" in served(cloud)
    assert stack.outputs()["status"] in ("Pending", "Refreshing")
    cloud.advance(600)
    stack.refresh().expect_ok()
    assert stack.completion()["status"] == "Complete"
    assert served(cloud) == [b"new"] * 3
    assert stack.up().expect_ok().changes() == {"unchanged": 6}
    assert stack.outputs()["status"] == "Complete"
    assert len(submits(cloud)) == 1


def test_only_a_changed_trigger_submits_again(emulators: Callable[..., Emulator], stacks: Callable[..., Stack]) -> None:
    cloud = emulators(effect_s=1)
    stack = stacks(PROGRAM, cloud)
    stack.preview().expect_ok()
    assert submits(cloud) == []
    stack.up().expect_ok()
    assert len(submits(cloud)) == 1

    cloud.admin("calls", method="DELETE")
    assert stack.up().expect_ok().changes() == {"unchanged": 6}
    assert cloud.calls() == [], "a second `up` without changes asks the service nothing"
    stack.refresh().expect_ok()
    stack.configure(timeout="1200")
    assert stack.up().expect_ok().changes() == {"updated": 2, "unchanged": 4}
    stack.configure(trigger="2")
    stack.preview().expect_ok()
    assert submits(cloud) == []

    assert stack.up().expect_ok().changes() == {"updated": 4, "unchanged": 2}
    assert len(submits(cloud)) == 1
    cloud.admin("calls", method="DELETE")
    stack.run("destroy", "--yes", "--skip-preview").expect_ok()
    assert cloud.calls() == [], "there is nothing to undo"


def test_the_cdn_too_with_the_configuration_of_the_stack(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=1)
    stack = stacks(PROGRAM)
    stack.configure(service="cdn", alicdn__endpoint=cloud.endpoint, alicloud__region="cn-hangzhou")
    stack.configure_secret(alicloud__accessKey=cloud.access_key_id, alicloud__secretKey=cloud.access_key_secret)

    stack.up().expect_ok()

    assert stack.outputs()["status"] == "Complete"
    assert {call["service"] for call in cloud.calls()} == {"cdn"}
    assert cloud.access_key_secret not in stack.state()


def test_progress_is_shown_on_the_row_of_the_resource(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    # Time goes on as polls are shown: on a busy machine, none would be before the end of a task of some seconds.
    cloud = emulators(effect_s=600)
    child = stacks(PROGRAM, cloud).popen("up", "--yes", "--skip-preview")
    assert child.stdout is not None
    shown: list[str] = []
    seen = False
    for line in child.stdout:
        shown.append(line)
        if not seen and "Wait homepage creating" in line and "URLs" in line:
            seen = bool(re.search(r"\d+% · 0/1 URLs · ~\d+ s left$", line.rstrip()))
            cloud.advance(600 if seen else 60)
    assert (child.wait(), seen) == (0, True), "".join(shown)


def test_a_wait_that_was_given_up_goes_on_in_the_next_up(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=600)
    stack = stacks(PROGRAM, cloud)
    stack.configure(timeout="2")

    late = stack.up().expect_failure().output

    (submit,) = submits(cloud)
    assert "not effective after 2 s" in late
    assert "run `pulumi up` again" in late
    assert str(cloud.tasks()[0]["TaskId"]) in late
    cloud.advance(600)
    stack.up().expect_ok()
    assert stack.outputs()["status"] == "Complete"
    assert submits(cloud) == [submit]


def test_get_blocks_until_the_task_of_somebody_else_is_effective(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path
) -> None:
    cloud = stale_cloud(emulators, origin, effect_s=600)
    other = stacks(PROGRAM, cloud)
    other.configure(wait="false")
    other.up().expect_ok()
    (task_id,) = other.outputs()["task_ids"]
    stack = stacks(
        f"""
release = alicdn.RefreshTask.get("theirs", "{task_id}", service="vod")
pulumi.export("status", release.status)
pulumi.export("paths", release.objects.apply(lambda rows: [row.object_path for row in rows]))
""",
        cloud,
    )

    stack.preview().expect_ok()
    assert b"old" in served(cloud), "a preview polls once, and does not wait"
    asked = len(cloud.calls())
    child = stack.popen("up", "--yes", "--skip-preview")
    eventually(lambda: len(cloud.calls()) > asked, "the wait asks for the task", COMMAND_S)
    assert child.poll() is None
    cloud.advance(600)
    output, _ = child.communicate(timeout=COMMAND_S)
    assert child.returncode == 0, output

    assert served(cloud) == [b"new"] * 3
    assert stack.outputs() == {"status": "Complete", "paths": [URL]}
    assert len(submits(cloud)) == 1
    stack.refresh().expect_ok()
    assert stack.completion()["status"] == "Complete"


def test_changed_configuration_reaches_the_waits_too(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    account = {"access_key_id": "id", "access_key_secret": "secret"}
    first, second = emulators(effect_s=1, **account), emulators(effect_s=1, **account)
    keys = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "secret"}
    stack = stacks(PROGRAM, None, **keys)
    stack.configure(alicdn__endpoint=first.endpoint)
    stack.up().expect_ok()
    first.admin("calls", method="DELETE")

    stack.configure(alicdn__endpoint=second.endpoint)
    stack.up().expect_ok()
    assert second.calls() == [], "another address alone refreshes nothing"
    stack.configure(trigger="2")
    stack.up().expect_ok()

    assert first.calls() == []
    assert len(submits(second)) == 1
    assert {row["Status"] for row in second.tasks()} == {"Complete"}
