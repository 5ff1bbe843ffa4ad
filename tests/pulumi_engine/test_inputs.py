"""Wrong options on the real engine: reported at preview, in a sentence each, and nothing is sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pulumi_alicdn.emulator.running import Emulator
from support.call_log import submits
from support.stack import Stack

WRONG = [
    ("service='s3', object_paths=['https://a.example.com/x']", "service is 's3', but must be one of: vod, cdn"),
    ("service='vod', object_paths=[]", "object_paths is empty, but must name at least one URL"),
    (
        "service='vod', object_paths=['a.example.com/x']",
        "object_paths[0] is 'a.example.com/x', but must begin with http:// or https://",
    ),
    (
        "service='vod', object_type='directory', object_paths=['https://a.example.com/x']",
        "object_paths[0] is 'https://a.example.com/x', but a directory must end with /",
    ),
    (
        "service='vod', object_paths=['https://a.example.com/x\\nhttps://a.example.com/y']",
        "object_paths[0] is 'https://a.example.com/x\\nhttps://a.example.com/y', which holds 2 URLs",
    ),
    (
        "service='vod', object_paths=['https://a.example.com/x,https://a.example.com/y']",
        "which holds 2 URLs; write them separately: 'https://a.example.com/x', 'https://a.example.com/y'",
    ),
    (
        "service='vod', object_paths=['https://a.example.com/*']",
        "but a * is a letter here; write 'https://a.example.com/' with the type directory",
    ),
    (
        "service='cdn', object_paths=['https://a.example.com/a/../b.js']",
        "which holds '.' or '..' as a part of its path; write 'https://a.example.com/b.js'",
    ),
    (
        "service='cdn', object_paths=['https://例子.cn/中 文.js']",
        "write 'https://xn--fsqu00a.cn/%E4%B8%AD%20%E6%96%87.js'",
    ),
    (
        "service='cdn', object_paths=['https://*.example.com/x']",
        "object_paths[0] is 'https://*.example.com/x', but the domain must not be a wildcard",
    ),
    (
        "service='cdn', object_paths=['https://a.example.com/x', 'https://A.example.com/x']",
        "object_paths[1] is 'https://A.example.com/x', which object_paths[0] names already",
    ),
    (
        "service='cdn', object_type='folder', object_paths=['https://a.example.com/x']",
        "object_type is 'folder', but must be one of: file, directory, regex, ignore-params",
    ),
]


@pytest.fixture
def stack(stacks: Callable[..., Stack], emulators: Callable[..., Emulator]) -> Stack:
    return stacks("", emulators())


@pytest.mark.parametrize(("options", "sentence"), WRONG, ids=[sentence.split(",")[0][:40] for _, sentence in WRONG])
def test_a_wrong_option_is_reported_at_preview(stack: Stack, options: str, sentence: str) -> None:
    stack.write(f"alicdn.RefreshTask('wrong', {options})")
    assert sentence in stack.preview().expect_failure().output.replace("\\\\n", "\\n")


def test_wrong_waiting_options_are_reported_at_preview(stack: Stack) -> None:
    stack.write("alicdn.RefreshTask('wrong', service='vod', object_paths=['https://a.example.com/x'], timeout=-1)")
    said = stack.preview().expect_failure().output
    assert "timeout is -1.0, but must be a number of seconds above 0 and up to 86400 (24 hours)" in said


def test_a_region_that_the_service_has_not_is_reported_at_preview(stacks: Callable[..., Stack]) -> None:
    stack = stacks(
        "alicdn.RefreshTask('far', service='vod', object_paths=['https://a.example.com/x'])",
        ALIBABA_CLOUD_ACCESS_KEY_ID="id",
        ALIBABA_CLOUD_ACCESS_KEY_SECRET="canary",
    )
    stack.configure(alicdn__region="mars-1")
    assert "alicdn:region is 'mars-1', but vod has: " in stack.preview().expect_failure().output


ABSENT = "no Alibaba Cloud credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET"


def test_absent_credentials_are_a_warning_at_preview_and_an_error_of_an_update(
    stacks: Callable[..., Stack], emulators: Callable[..., Emulator]
) -> None:
    """The pull request of a fork has none, and its preview shows the plan."""
    cloud = emulators()
    without = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "", "HOME": "/nowhere"}
    stack = stacks(
        """
for name in ("one", "two"):
    alicdn.RefreshTask(name, service="vod", object_paths=[f"https://a.example.com/{name}"])
""",
        cloud,
        **without,
    )
    said = stack.preview().expect_ok().output
    assert said.split("Diagnostics:")[1].count("neither the credentials nor today's quota could be checked: ") == 1
    assert ABSENT in said
    assert "CredentialException" not in said

    said = stack.up().expect_failure().output
    assert ABSENT in said
    assert cloud.calls() == []

    for value, code in (("true", False), ("false", True), ("maybe", False)):
        stack.configure(alicdn__strictPreview=value)
        ended = stack.preview()
        assert ended.ok is code, ended.output
        said = ended.output
        assert ("alicdn:strictPreview is 'maybe', but must be true or false" if value == "maybe" else ABSENT) in said


def test_credentials_that_can_never_be_sent_fail_the_preview(stacks: Callable[..., Stack]) -> None:
    stack = stacks(
        "alicdn.RefreshTask('site', service='vod', object_paths=['https://a.example.com/x'])",
        HOME="/nowhere",
        ALIBABA_CLOUD_ACCESS_KEY_ID="an id with blanks",
        ALIBABA_CLOUD_ACCESS_KEY_SECRET="canary",
    )
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in stack.preview().expect_failure().output


def test_what_preview_cannot_know_yet_passes_it_and_is_checked_by_up(
    stacks: Callable[..., Stack], emulators: Callable[..., Emulator]
) -> None:
    cloud = emulators(effect_s=0.5)
    stack = stacks(
        """
first = alicdn.RefreshTask("first", service="vod", object_paths=["https://a.example.com/x"])
path = first.task_ids.apply(lambda ids: config.require("prefix") + ids[0])
alicdn.RefreshTask("second", service="vod", object_paths=[path], triggers=[first.effective_at])
""",
        cloud,
    )
    stack.configure(prefix="no-scheme/")
    stack.preview().expect_ok()
    assert "must begin with http:// or https://" in stack.up().expect_failure().output

    stack.configure(prefix="https://a.example.com/")
    stack.up().expect_ok()
    assert {row["Status"] for row in cloud.tasks()} == {"Complete"}
    assert len(cloud.tasks()) == 2


def test_a_file_that_the_origin_does_not_have_is_a_warning_and_another_origin_submits_nothing(
    stacks: Callable[..., Stack], emulators: Callable[..., Emulator], tmp_path: Path
) -> None:
    (tmp_path / "there.js").write_text("x")
    cloud = emulators(effect_s=0.5, origin=tmp_path)
    stack = stacks("", cloud)
    program = "paths = ['https://a.example.com/' + name for name in ('there.js', 'typo.js')]\n"
    program += "alicdn.RefreshTask('site', service='vod', object_paths=paths{})"
    stack.write(program.format(f", origin={cloud.origin!r}"))

    said = stack.up().expect_ok().output

    assert f"warning: the origin {cloud.origin} answers 404 or 410 for 1 of 2 URLs" in said
    assert "  https://a.example.com/typo.js" in said
    assert "  https://a.example.com/there.js" not in said

    stack.write(program.format(""))
    stack.up().expect_ok()
    assert len(submits(cloud)) == 1
