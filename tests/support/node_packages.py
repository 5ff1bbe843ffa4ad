"""Packages of Node.js that tests need, each set installed once per lock file into the user's cache."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

INSTALL_S = 240


class NotInstalledError(Exception):
    """Something cannot be had on this machine; the message says why."""


def missing_program() -> str | None:
    """The program without which nothing can be installed, None if all are there."""
    return next((program for program in ("node", "npm") if shutil.which(program) is None), None)


def install(manifest: Path, name: str) -> Path:
    """Install what the folder *manifest* names, and return the folder of modules."""
    return cached(name, package_files(manifest), lambda place, _: install_into(place, manifest)) / "node_modules"


def package_files(manifest: Path) -> list[Path]:
    """What decides about the content of an installation."""
    return [manifest / name for name in ("package.json", "package-lock.json", ".npmrc")]


def install_into(folder: Path, manifest: Path) -> None:
    """Have *folder* hold the modules that the folder *manifest* names."""
    for file in package_files(manifest):
        shutil.copy(file, folder)
    run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)


def run(command: Sequence[str], folder: Path) -> None:
    """Run a step of an installation; raises NotInstalledError where it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_S, check=False)
    if done.returncode:
        raise NotInstalledError(f"{' '.join(command[:2])} failed: {done.stderr.strip()[-500:]}")


def cached(name: str, files: Sequence[Path], fill: Callable[[Path, Path], None]) -> Path:
    """The folder *name* in the user's cache, made once per content of *files*.

    *fill* is handed the folder that it fills, and the path at which that folder is found later.
    """
    digest = hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pulumi-alicdn"
    folder = home / f"{name}-{digest}"
    if not folder.is_dir():
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home) as temporary:
            place = Path(temporary) / name
            place.mkdir()
            fill(place, folder)
            try:
                place.rename(folder)
            except OSError:
                # Another process was faster.
                assert folder.is_dir()
    return folder
