"""Linters of others for the example pipelines: those of the environment, and one that is built from its Go module."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

ACTIONLINT: Final = "1.7.12"
BUILD_S: Final = 240.0


class NoLinterError(Exception):
    """There is none, and none can be had; the message says why."""


def actionlint() -> Path:
    """Return the actionlint of PATH, or build the pinned one into the user's cache, once per machine."""
    found = shutil.which("actionlint")
    if found:
        return Path(found)
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pulumi-alicdn"
    program = home / f"actionlint-{ACTIONLINT}" / "actionlint"
    if program.is_file():
        return program
    if shutil.which("go") is None:
        raise NoLinterError("no actionlint on PATH, and no go to build one with")
    done = subprocess.run(
        ["go", "install", f"github.com/rhysd/actionlint/cmd/actionlint@v{ACTIONLINT}"],
        env={**os.environ, "GOBIN": str(program.parent), "CGO_ENABLED": "0", "GOWORK": "off"},
        capture_output=True,
        text=True,
        timeout=BUILD_S,
        check=False,
    )
    if done.returncode:
        raise NoLinterError(f"actionlint cannot be built: {done.stderr.strip()[-500:]}")
    return program


def actionlint_or_skip() -> Callable[[Path], str]:
    """What actionlint says of a workflow; skips the test where there is none, but in CI."""
    try:
        program = str(actionlint())
    except NoLinterError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    command = (program, "-shellcheck", installed("shellcheck"), "-pyflakes", "")
    return lambda workflow: complaints(*command, str(workflow))


def installed(name: str) -> str:
    """The program of that name in this environment."""
    return str(Path(sys.executable).with_name(name))


def complaints(*command: str) -> str:
    """What a linter says of a file that it does not take; empty for one that it takes."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr if done.returncode else ""
