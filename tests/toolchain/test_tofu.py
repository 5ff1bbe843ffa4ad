"""Finding Terraform or OpenTofu: what is there is used, what is too old is not, and nothing is built unasked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "provider" / "toolchain" / "tofu.py"
SYSTEM = "/usr/bin:/bin"


def run(path: str, cache: Path, *sources: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": path, "XDG_CACHE_HOME": str(cache), "HOME": str(cache)}
    command = [sys.executable, str(SCRIPT), *(part for source in sources for part in ("--source", source))]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def program(folder: Path, name: str, version: str) -> Path:
    folder.mkdir(exist_ok=True)
    made = folder / name
    made.write_text(f"#!/bin/sh\necho '{version}'\n")
    made.chmod(0o755)
    return made


@pytest.mark.parametrize(("name", "version"), [("terraform", "Terraform v1.11.4"), ("tofu", "OpenTofu v1.12.0")])
def test_a_recent_program_on_path_is_used_as_it_is(tmp_path: Path, name: str, version: str) -> None:
    made = program(tmp_path / "bin", name, version)
    assert run(f"{made.parent}:{SYSTEM}", tmp_path).stdout == f"{made}\n"


def test_an_old_terraform_is_passed_over_for_a_recent_tofu(tmp_path: Path) -> None:
    program(tmp_path / "bin", "terraform", "Terraform v1.5.7")
    made = program(tmp_path / "bin", "tofu", "OpenTofu v1.11.0")
    done = run(f"{made.parent}:{SYSTEM}", tmp_path, "path")
    assert done.stdout == f"{made}\n"
    assert "of version 1.8.0 or later: not used" in done.stderr


def test_without_one_a_sentence_says_what_to_do(tmp_path: Path) -> None:
    said = "neither Terraform nor OpenTofu: there is none on PATH, and `make tofu` has built none\n"
    done = run(SYSTEM, tmp_path, "path", "cache")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", said)
    assert list(tmp_path.iterdir()) == []


def test_without_go_a_sentence_says_what_to_install(tmp_path: Path) -> None:
    done = run(str(tmp_path), tmp_path, "cache", "build")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("there is no go to build it with: install OpenTofu, Terraform or Go 1.26\n")
    assert "Traceback" not in done.stderr
