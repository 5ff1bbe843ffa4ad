"""The Terraform or OpenTofu that tests run: the one on PATH, else what `make tofu` has built."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FINDER = ROOT / "provider" / "toolchain" / "tofu.py"
CHOSEN = "TEST_TERRAFORM"
"""The variable with the path of a program to run in place of the one that is found."""


@cache
def found() -> str | None:
    """The program's path; None where there is none."""
    chosen = os.environ.get(CHOSEN)
    if chosen:
        return chosen
    command = [sys.executable, str(FINDER), "--source", "path", "--source", "cache"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout.strip() or None


def needed() -> str:
    """The program's path; skips the test where there is none."""
    program = found()
    if program is None:
        pytest.skip("neither terraform nor tofu is on PATH, and `make tofu` has built none")
    return program
