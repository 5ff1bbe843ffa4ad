"""Finding the engine: what is there is used, what is too old is not, and nothing hangs where nothing can be had."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "provider" / "toolchain" / "engine.py"


def run(path: str, cache: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": path, "XDG_CACHE_HOME": str(cache), "HOME": str(cache), "HTTPS_PROXY": "http://127.0.0.1:9"}
    command = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def fake(folder: Path, version: str) -> Path:
    folder.mkdir()
    for name in ("pulumi", "pulumi-language-python"):
        program = folder / name
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(0o755)
    return folder


def test_a_recent_engine_on_path_is_used_as_it_is(tmp_path: Path) -> None:
    folder = fake(tmp_path / "bin", "v3.260.1")
    done = run(f"{folder}:/usr/bin:/bin", tmp_path)
    assert done.stdout.splitlines()[-1] == str(folder)


@pytest.mark.parametrize("version", ["v3.99.0", "not a version"])
def test_an_old_or_strange_engine_on_path_is_not_used(tmp_path: Path, version: str) -> None:
    folder = fake(tmp_path / "bin", version)
    done = run(f"{folder}:/usr/bin:/bin", tmp_path, "--source", "path")
    assert (done.returncode, done.stdout) == (1, "")


def test_without_network_and_go_one_sentence_says_what_to_install(tmp_path: Path) -> None:
    done = run("/usr/bin:/bin", tmp_path)
    if "building" in done.stderr:
        pytest.skip("this machine has a go in its system folders")
    assert (done.returncode, done.stdout) == (1, "")
    assert "install Pulumi" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.engine
def test_what_was_prepared_once_is_not_prepared_again(engine_path: str) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    command = [sys.executable, str(SCRIPT), "--source", "build"]
    if not engine_path.endswith("/bin") or "pulumi-alicdn" not in engine_path:
        pytest.skip("the engine of this machine is on PATH already")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines() == [engine_path]
    assert "building" not in done.stderr
