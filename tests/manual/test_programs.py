"""What README and the pages tell a user to type or to copy runs, to the letter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from manual.pages import ROOT, blocks, commands, program, typed
from pulumi_alicdn.emulator.running import Emulator
from support.call_log import paths, submits
from support.stack import Stack

EXAMPLES = ROOT / "examples"
RUN_ELSEWHERE = (
    "make up",
    "make down",
    "make test",
    "make wheel",
    "make example",
    "pip install",
    "pulumi ",
    "alicdn emulator",
    "alicdn release",
    "alicdn verify",
    "alicdn doctor",
    "alicdn edges",
    "alicdn terraform install",
    "terraform ",
    "cd examples/terraform",
)
"""Commands that other tests run: those of the quickstart, the wheel and the examples with their engine; what stays
until it is ended; Terraform's; and what needs the edges of a local cloud, whose ports nobody knows before."""
PROGRAMS = {
    "triggers=[version],  # a change submits again": "a task",
    'object_type="directory"': "a refresh and a prefetch",
    "TaskCompletion(": "a wait",
    "iter_refresh_tasks(": "questions",
    'prefetch=["*.mp4"': "a folder",
    "automation.": "automation",
    "alicdn.Provider(": "a second account",
    'exclude=["*.map"]': "static-site",
    "BucketObject(": "own-domain",
}
"""Every program of the pages, by a word that only it has, with what it is about. A test below runs each of them; the
tests of the examples run the last two."""


def environment(cloud: Emulator) -> dict[str, str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, **cloud.environment(), "PATH": path}


def put(stack: Stack, word: str) -> None:
    (stack.folder / "__main__.py").write_text(program(word))


def test_each_command_runs(emulators: Callable[..., Emulator], tmp_path: Path) -> None:
    cloud = emulators(effect_s=0.2)
    cloud.admin("origin", {"files": {"/app.js": "new", "/index.m3u8": "new"}})
    # Other tests run these, in order: test_tutorial.py, and the tests of the examples.
    in_order = [*typed("docs/tutorial.md"), *typed("examples/attach/README.md")]
    here = [one for one in commands() if not one.startswith(RUN_ELSEWHERE) and one not in in_order]
    assert sum(command.startswith("alicdn") for command in here) >= 5
    assert sum(command.startswith("curl") for command in here) == 4
    for command in here:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            env=environment(cloud),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        assert '"error"' not in done.stdout, command


def test_each_program_is_run() -> None:
    assert {block.text for block in blocks("python")} == {program(word) for word in PROGRAMS}


@pytest.mark.parametrize(
    ("shown", "example"),
    [
        ("triggers=[version],  # a change submits again", "minimal"),
        ('exclude=["*.map"]', "static-site"),
        ("BucketObject(", "own-domain"),
    ],
)
def test_the_pages_show_examples_to_the_letter(shown: str, example: str) -> None:
    assert program(shown) == (EXAMPLES / example / "__main__.py").read_text(encoding="utf-8")


def test_the_pages_show_the_preview_pipeline_to_the_letter() -> None:
    (shown,) = blocks("yaml")
    assert shown.text == (EXAMPLES / "pipelines" / "github-preview.yml").read_text(encoding="utf-8")


def test_a_refresh_and_then_a_prefetch_and_a_wait_for_a_task_of_somebody_else(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=0.3)
    cloud.admin("origin", {"files": {"/scripts/start.js": "new"}})
    stack = stacks("", cloud)
    put(stack, 'object_type="directory"')
    stack.configure(version="1")
    stack.up().expect_ok()
    assert stack.outputs() == {"warm": "Complete"}
    assert [call["action"] for call in submits(cloud)] == ["RefreshObjectCaches", "PushObjectCache"]

    submit = [
        "alicdn",
        "refresh",
        "--service",
        "vod",
        "--no-wait",
        "--output",
        "json",
        "https://media.example.com/a.ts",
    ]
    submitted = subprocess.run(submit, env=environment(cloud), capture_output=True, text=True, check=True)
    put(stack, "TaskCompletion(")
    stack.configure(task=json.loads(submitted.stdout)[0]["task_id"])
    stack.up().expect_ok()
    assert stack.outputs() == {"status": "Complete"}


def test_the_automation_api(emulators: Callable[..., Emulator], stacks: Callable[..., Stack]) -> None:
    cloud = emulators(effect_s=0.3)
    stack = stacks("", cloud)
    done = subprocess.run(
        [sys.executable, "-c", program("automation."), "1"],
        cwd=stack.folder,
        env=stack.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "Complete"
    assert [paths(call) for call in submits(cloud)] == [["https://media.example.com/index.m3u8"]]


def test_a_second_account(emulators: Callable[..., Emulator], stacks: Callable[..., Stack], tmp_path: Path) -> None:
    cloud = emulators(effect_s=0.3)
    keys = cloud.environment()
    profile = {"name": "partner", "mode": "AK", "region_id": "cn-beijing"}
    profile |= {name.removeprefix("ALIBABA_CLOUD_").lower(): keys[name] for name in keys if "ACCESS_KEY" in name}
    (tmp_path / ".aliyun").mkdir()
    (tmp_path / ".aliyun" / "config.json").write_text(json.dumps({"current": "partner", "profiles": [profile]}))
    stack = stacks("", cloud, HOME=str(tmp_path))
    put(stack, "alicdn.Provider(")
    stack.up().expect_ok()
    assert [paths(call) for call in submits(cloud)] == [["https://www.example.org/"]]


def test_a_folder_but_for_the_addresses(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path
) -> None:
    cloud = emulators(origin=origin, effect_s=0.5)
    stack = stacks("", cloud)
    edges = [edge.removeprefix("http://") for edge in cloud.edges]
    shown, ours = 'origin="https://origin.example.com"', f'origin="{cloud.origin}", edges={edges}'
    text = program('prefetch=["*.mp4"')
    assert text.count(shown) == 1
    (stack.folder / "__main__.py").write_text(text.replace(shown, ours))
    files = ["film.mp4", "fonts/one.woff2", "index.html"]
    for name in files:
        for folder in (stack.folder / "dist", origin):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(name)

    stack.up().expect_ok()

    # The index file is served at the URL of its folder, too.
    fresh = [{"edge": edge, "fresh": len(files) + 1, "other": 0} for edge in sorted(edges)]
    outputs = stack.outputs()
    assert outputs["changed"] == files
    assert sorted(outputs["evidence"], key=lambda one: str(one["edge"])) == fresh
    warmed = submits(cloud)[-1]
    assert (warmed["action"], paths(warmed)) == (
        "PushObjectCache",
        [f"https://www.example.com/{name}" for name in files[:2]],
    )
    assert "Release is live" in (stack.folder / "release.html").read_text()


def test_asking_the_service(emulators: Callable[..., Emulator]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program("iter_refresh_tasks(")],
        env=environment(emulators()),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["0 failed", "2000 URLs left today"]
