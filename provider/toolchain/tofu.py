#!/usr/bin/env python3
"""Find Terraform or OpenTofu, or build OpenTofu; the last line printed is the program.

Standard library only: it runs before the project's environment exists. Three sources, tried in this order:

1. ``path``: a ``terraform``, else a ``tofu``, on PATH that is at least :data:`OLDEST`;
2. ``cache``: what an earlier build has left;
3. ``build``: the published Go modules named in ``tofu/go.mod``, with the ordinary Go toolchain, which compares each
   module with the checksum in the committed ``go.sum``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from go_builds import ToolchainError, cache_key, cache_root, go_build, locked, publish, say, version_of

HERE = Path(__file__).resolve().parent

VERSION = "1.11.0"
"""The OpenTofu that is built, as ``tofu/go.mod`` has it."""

OLDEST = (1, 8, 0)
"""The oldest program accepted on PATH. [chosen: `tofu test` and `terraform test` are the same from there on]"""

SOURCES = ("path", "cache", "build")


def from_path() -> Path | None:
    """A usable program on PATH, or None."""
    for name in ("terraform", "tofu"):
        found = shutil.which(name)
        if found is None:
            continue
        version = version_of(found, CHECKPOINT_DISABLE="1")
        if version is not None and version >= OLDEST:
            return Path(found)
        say(f"{found} is no program of version {'.'.join(map(str, OLDEST))} or later: not used")
    return None


def build(target: Path) -> None:
    """Build OpenTofu from its Go modules into *target*."""
    if shutil.which("go") is None:
        raise ToolchainError("there is no go to build it with: install OpenTofu, Terraform or Go 1.26")
    say(f"building OpenTofu {VERSION} from its Go modules into {target} (once per machine; 8 minutes or so on 2 cores)")
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        folder = Path(work) / "bin"
        folder.mkdir()
        flags = "-s -w -X github.com/opentofu/opentofu/version.dev=no"
        go_build("tofu", HERE / "tofu", "github.com/opentofu/opentofu/cmd/tofu", folder / "tofu", flags, 1620)
        publish(folder, target)


def find(sources: tuple[str, ...]) -> Path:
    """A usable program, from the first of *sources* that yields one."""
    if "path" in sources and (program := from_path()) is not None:
        return program
    key = cache_key(VERSION, HERE / "tofu")
    target = cache_root("tofu") / key / "bin"
    program = target / "tofu"
    if "cache" in sources and os.access(program, os.X_OK):
        return program
    if "build" not in sources:
        raise ToolchainError("there is none on PATH, and `make tofu` has built none")
    with locked(cache_root("tofu") / f"{key}.lock", "OpenTofu"):
        if not os.access(program, os.X_OK):
            target.parent.mkdir(parents=True, exist_ok=True)
            build(target)
    return program


def main(arguments: list[str] | None = None) -> int:
    """Print the program's path; 1 with one sentence on stderr where there is none."""
    parser = argparse.ArgumentParser(description="Find Terraform or OpenTofu, or build OpenTofu.")
    parser.add_argument("--source", action="append", choices=SOURCES, help="allowed sources (default: all)")
    options = parser.parse_args(arguments)
    try:
        program = find(tuple(options.source or SOURCES))
    except (ToolchainError, OSError, subprocess.SubprocessError) as error:
        say(f"neither Terraform nor OpenTofu: {error}")
        return 1
    print(program)
    return 0


if __name__ == "__main__":
    sys.exit(main())
