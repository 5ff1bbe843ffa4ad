"""What the README tells a user to type runs, to the letter."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from pulumi_alicdn.emulator.running import Emulator
from support.call_log import paths, submits
from support.stack import Stack

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()
COMMANDS = [line.split("  #")[0].removeprefix("$ ").strip() for line in re.findall(r"^\$ .*$", README, re.MULTILINE)]
PROGRAMS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
RUN_ELSEWHERE = (
    "make up",
    "make test",
    "make wheel",
    "alicdn emulator",
    "alicdn release",
    "alicdn verify",
    "alicdn doctor",
    "alicdn edges",
)
"""Commands that other tests run: the two of the quickstart, the wheel, what stays until it is ended, and what needs the
edges of a local cloud, whose ports nobody knows before."""


def program(word: str) -> str:
    """The only program of the README that has this word."""
    (found,) = [text for text in PROGRAMS if word in text]
    return str(found)


def environment(cloud: Emulator) -> dict[str, str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, **cloud.environment(), "PATH": path}


def test_each_command_of_the_readme_runs(emulators: Callable[..., Emulator]) -> None:
    cloud = emulators(effect_s=0.2)
    cloud.admin("origin", {"files": {"/app.js": "new", "/index.m3u8": "new"}})
    typed = [command for command in COMMANDS if not command.startswith(RUN_ELSEWHERE)]
    assert sum(command.startswith("alicdn") for command in typed) >= 5
    assert sum(command.startswith("curl") for command in typed) == 4
    for command in typed:
        done = subprocess.run(
            ["bash", "-c", command], env=environment(cloud), capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        assert '"error"' not in done.stdout, command


def test_each_program_of_the_readme_runs_below() -> None:
    assert sorted(PROGRAMS) == sorted(
        program(word) for word in ("RefreshTask(", "AssetRelease(", "iter_refresh_tasks(")
    )


def test_the_program_with_a_task_runs_as_shown(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    cloud = emulators(effect_s=0.5)
    stack = stacks("", cloud)
    (stack.folder / "__main__.py").write_text(program("RefreshTask("))
    stack.configure(version="1")
    stack.up().expect_ok()
    assert stack.outputs() == {"status": "Complete"}
    assert [paths(call) for call in submits(cloud)] == [["https://media.example.com/index.m3u8"]]


def test_the_program_with_a_folder_runs_as_shown_but_for_the_addresses(
    emulators: Callable[..., Emulator], stacks: Callable[..., Stack], origin: Path
) -> None:
    cloud = emulators(origin=origin, effect_s=0.5)
    stack = stacks("", cloud)
    edges = [edge.removeprefix("http://") for edge in cloud.edges]
    shown, ours = 'origin="https://origin.example.com"', f'origin="{cloud.origin}", edges={edges}'
    text = program("AssetRelease(")
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


def test_asking_the_service_runs_as_shown(emulators: Callable[..., Emulator]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program("iter_refresh_tasks(")],
        env=environment(emulators()),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["0 failed", "2000 URLs left today"]
