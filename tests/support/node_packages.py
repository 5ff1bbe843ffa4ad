"""Packages of Node.js that tests need, each set installed once per lock file into the user's cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

INSTALL_S = 240


def missing_program() -> str | None:
    """The program without which nothing can be installed, None if all are there."""
    return next((program for program in ("node", "npm") if shutil.which(program) is None), None)


def install(manifest: Path, name: str) -> Path:
    """Install what the folder *manifest* names, and return the folder of modules."""
    files = [manifest / name for name in ("package.json", "package-lock.json", ".npmrc")]
    digest = hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pulumi-alicdn"
    folder = home / f"{name}-{digest}"
    if not folder.is_dir():
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home) as temporary:
            place = Path(temporary) / name
            place.mkdir()
            for file in files:
                shutil.copy(file, place)
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=INSTALL_S, check=False)
            assert done.returncode == 0, done.stderr
            try:
                place.rename(folder)
            except OSError:
                # Another process was faster.
                assert folder.is_dir()
    return folder / "node_modules"
