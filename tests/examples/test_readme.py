"""What the README tells a user to type runs, to the letter."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pulumi_alicdn.emulator.running import Emulator

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()
COMMANDS = [line.split("  #")[0].removeprefix("$ ").strip() for line in re.findall(r"^\$ .*$", README, re.MULTILINE)]
RUN_ELSEWHERE = ("make up", "make test", "make wheel", "alicdn emulator", "alicdn release", "alicdn verify")
"""Commands that other tests run: the two of the quickstart, the wheel, what stays until it is ended, and what needs the
edges of a local cloud, whose ports nobody knows before."""


def environment(cloud: Emulator) -> dict[str, str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**os.environ, **cloud.environment(), "PATH": path}


def test_each_command_of_the_readme_runs(emulators: Callable[..., Emulator]) -> None:
    cloud = emulators(effect_s=0.2)
    cloud.admin("origin", {"files": {"/app.js": "new", "/index.m3u8": "new"}})
    typed = [command for command in COMMANDS if not command.startswith(RUN_ELSEWHERE)]
    assert sum(command.startswith("alicdn") for command in typed) >= 5
    assert sum(command.startswith("curl") for command in typed) == 3
    for command in typed:
        done = subprocess.run(
            ["bash", "-c", command], env=environment(cloud), capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        assert '"error"' not in done.stdout, command


@pytest.mark.parametrize("snippet", re.findall(r"```python\n(.*?)```", README, re.DOTALL))
def test_each_program_of_the_readme_is_python(snippet: str) -> None:
    compile(snippet, "README.md", "exec")


def test_asking_the_service_runs_as_shown(emulators: Callable[..., Emulator]) -> None:
    (snippet,) = [block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "iter_refresh" in block]
    done = subprocess.run(
        [sys.executable, "-c", snippet], env=environment(emulators()), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["0 failed", "2000 URLs left today"]
