"""The project's wheel, installed into an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str) -> str:
    """What a command prints that must succeed; it runs outside this environment."""
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        input="",
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    ).stdout


def find_uv() -> str:
    """The program that installs packages."""
    return run(sys.executable, str(ROOT / "provider" / "toolchain" / "find_uv.py")).splitlines()[-1]


def install_more(programs: Path, *packages: str) -> None:
    """Install *packages* into the environment whose programs are in that folder."""
    run(find_uv(), "pip", "install", "--quiet", "--python", str(programs / "python"), *packages)


def install_wheel(folder: Path) -> Path:
    """Build the wheel, install it and what it depends on, and return the folder of the environment's programs."""
    uv = find_uv()
    run(uv, "build", "--wheel", "--quiet", "--out-dir", str(folder / "dist"))
    (wheel,) = (folder / "dist").glob("*.whl")
    home = folder / "empty"
    run(uv, "venv", "--quiet", "--seed", "--python", sys.executable, str(home))
    install_more(home / "bin", str(wheel))
    return home / "bin"
