"""Every example runs, most of them on the real engine, submits each task exactly once, and does what it says."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pulumi_alicdn.emulator.running import Emulator
from support.call_log import submits
from support.stack import Stack

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
RUNNER = EXAMPLES / "run.py"


def example(stacks: Callable[..., Stack], cloud: Emulator, name: str, **configuration: str) -> Stack:
    stack = stacks("", cloud)
    for path in (EXAMPLES / name).glob("*"):
        if path.is_file():
            (stack.folder / path.name).write_bytes(path.read_bytes())
    stack.run("stack", "init", "dev")  # the example's Pulumi.yaml names a project of its own
    stack.configure(**configuration)
    return stack


def test_every_example_is_tested_in_this_folder() -> None:
    tasks = {"minimal", "purge-then-prefetch", "quickstart"}
    releases = {"static-site", "vod-library", "two-domains", "gate-another-resource", "attach", "pipelines"}
    mocked = {"own-domain"}
    elsewhere = {"terraform"}  # tests/terraform runs each of its folders
    assert {path.name for path in EXAMPLES.iterdir() if path.is_dir()} == tasks | releases | mocked | elsewhere


def test_every_example_has_a_page_of_its_own_and_runs_at_a_local_cloud_or_says_why_not() -> None:
    runner = runpy.run_path(str(RUNNER))
    folders = {path.name for path in EXAMPLES.iterdir() if path.is_dir()}
    assert {*runner["SCENES"], *runner["ELSEWHERE"]} == folders
    for name in folders:
        page = (EXAMPLES / name / "README.md").read_text()
        assert (f"make example NAME={name}" in page) == (name in runner["SCENES"])


@pytest.mark.engine
@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("attach", ["https://media.example.com/index.m3u8", "old at 3", "nothing", "new at 3"]),
        ("vod-library", ["https://media.example.com/library/talk/0.ts", "nothing", "new at 3", "new at 3"]),
    ],
)
def test_an_example_runs_as_given_and_shows_what_happened(name: str, row: list[str], engine_path: str) -> None:
    done = subprocess.run(
        [sys.executable, str(RUNNER), name],
        env={**os.environ, "COLUMNS": "60", "PATH": os.pathsep.join([engine_path, os.environ["PATH"]])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert row in [re.split(" {3,}", line.strip()) for line in done.stdout.splitlines()]
    assert "Calls: " in done.stdout


def test_an_example_that_needs_an_account_says_so() -> None:
    done = subprocess.run([sys.executable, str(RUNNER), "own-domain"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "it needs an account" in done.stderr


def test_minimal(emulators: Callable[..., Emulator], stacks: Callable[..., Stack]) -> None:
    cloud = emulators(effect_s=2)
    stack = example(stacks, cloud, "minimal", version="1")
    stack.up().expect_ok()
    assert stack.outputs() == {"status": "Complete"}
    stack.up().expect_ok()
    assert len(submits(cloud)) == 1
    stack.configure(version="2")
    stack.up().expect_ok()
    assert len(submits(cloud)) == 2


def test_purge_then_prefetch(emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path) -> None:
    assets = origin / "assets"
    assets.mkdir()
    (assets / "app.js").write_text("old")
    (assets / "style.css").write_text("old")
    cloud = emulators(origin=origin, effect_s=2)
    urls = [f"https://cdn.example.com/assets/{name}" for name in ("app.js", "style.css")]
    for url in urls:
        cloud.get_everywhere(url)
    (assets / "app.js").write_text("new")
    (assets / "style.css").write_text("new")
    stack = example(stacks, cloud, "purge-then-prefetch", version="1", domain="cdn.example.com")

    stack.up().expect_ok()

    assert stack.outputs() == {"purged": "Complete", "warm": dict.fromkeys(urls, "Complete")}
    assert [call["action"] for call in submits(cloud)] == ["RefreshObjectCaches", "PushObjectCache"]
    for url in urls:
        assert [(answer.body, answer.cache) for answer in cloud.get_everywhere(url)] == [(b"new", "HIT")] * 3
