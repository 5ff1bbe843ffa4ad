"""What would be published: complete, free of what is no part of the product, and the same bytes each time."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def built(folder: Path) -> dict[str, str]:
    """Build sdist and wheel into *folder*; the SHA-256 of each."""
    find = [sys.executable, str(ROOT / "provider" / "toolchain" / "find_uv.py")]
    uv = subprocess.run(find, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    command = [uv, "build", "--quiet", "--no-create-gitignore", "--out-dir", str(folder)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=240)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_sdist_and_wheel_are_complete_and_reproducible(tmp_path: Path) -> None:
    first = built(tmp_path / "first")
    assert len(first) == 2
    assert built(tmp_path / "second") == first

    # What an index would refuse: metadata that it does not know, or a description that it cannot show.
    check = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *(str(tmp_path / "first" / name) for name in first)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert check.returncode == 0, check.stdout + check.stderr
    assert check.stdout.count("PASSED") == 2

    (wheel,) = (tmp_path / "first").glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        (metadata,) = [packed.read(name).decode() for name in names if name.endswith(".dist-info/METADATA")]
    (sdist,) = (tmp_path / "first").glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        sources = [name.partition("/")[2] for name in archive.getnames()]
    package = ROOT / "provider" / "pulumi_alicdn"
    listed = subprocess.run(["git", "ls-files", "."], cwd=package, capture_output=True, text=True, check=True)
    assert {f"pulumi_alicdn/{name}" for name in listed.stdout.splitlines()} <= set(names)
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"pulumi_alicdn", "pulumi_alicdn.pth"}
    licences = {name.partition(".dist-info/licenses/")[2] for name in names} - {""}
    assert licences == {"LICENSE", "provider/pulumi_alicdn/terraform/tfplugin6/LICENSE"}
    assert "License-Expression: Apache-2.0 AND MPL-2.0" in metadata
    assert "pulumi_alicdn/py.typed" in names
    for name in [*names, *sources]:
        assert "__pycache__" not in name
        assert not name.startswith(("tests", ".state", ".venv"))
    assert {"README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml"} <= set(sources)
