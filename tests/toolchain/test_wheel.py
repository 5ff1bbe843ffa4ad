"""The wheel, in an empty environment, with a program outside the project."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from pulumi_alicdn.emulator.running import Emulator
from support.stack import Stack

ROOT = Path(__file__).resolve().parents[2]


def uv() -> str:
    finder = [sys.executable, str(ROOT / "provider" / "toolchain" / "find_uv.py")]
    return subprocess.run(finder, capture_output=True, text=True, check=True).stdout.splitlines()[-1]


def run(*command: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=240
    ).stdout


def test_the_wheel_works_in_an_empty_environment(
    tmp_path: Path, emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    run(uv(), "build", "--wheel", "--quiet", "--out-dir", str(tmp_path / "dist"))
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    home = tmp_path / "empty"
    run(uv(), "venv", "--quiet", "--seed", "--python", sys.executable, str(home))
    run(uv(), "pip", "install", "--quiet", "--python", str(home / "bin" / "python"), str(wheel))
    cloud = emulators(effect_s=1)
    stack = stacks(
        """
release = alicdn.RefreshTask("homepage", service="cdn", object_paths=["https://cdn.example.com/index.html"])
pulumi.export("status", release.status)
pulumi.export("file", alicdn.__file__)
""",
        cloud,
    )
    first, rest = stack.environment["PATH"].split(os.pathsep, 1)
    stack.environment["PATH"] = os.pathsep.join([first, str(home / "bin"), rest])

    stack.up().expect_ok()

    outputs = stack.outputs()
    assert outputs["status"] == "Complete"
    assert Path(outputs["file"]).is_relative_to(home)
    version = run(str(home / "bin" / "alicdn"), "--version")
    assert "0.1.0" in version
