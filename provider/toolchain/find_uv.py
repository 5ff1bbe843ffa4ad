#!/usr/bin/env python3
"""Find uv, or install it into a per-user cache; the last line printed is its path.

Standard library only: it runs before anything is installed. A uv on PATH is used as it is; else a pinned one is
installed from the Python package index into a virtual environment of its own, once per machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

VERSION = "0.13.9"


def cached() -> Path:
    """Where a uv of ours lies, whether it is there or not."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "pulumi-alicdn" / f"uv-{VERSION}" / "bin" / "uv"


def find() -> Path | None:
    """A uv that is there already."""
    on_path = shutil.which("uv")
    if on_path is not None:
        return Path(on_path)
    return cached() if os.access(cached(), os.X_OK) else None


def install() -> Path:
    """Install the pinned uv; what is half done is never seen at its place."""
    target = cached().parents[1]
    target.parent.mkdir(parents=True, exist_ok=True)
    print(f"installing uv {VERSION} into {target} (once per machine)", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        folder = Path(work) / "venv"
        venv.create(folder, with_pip=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, f"uv=={VERSION}"], check=True, stdout=sys.stderr)
        # Only the program itself is kept: a virtual environment cannot be moved, and uv needs nothing of it.
        (Path(work) / "done" / "bin").mkdir(parents=True)
        shutil.copy2(folder / "bin" / "uv", Path(work) / "done" / "bin" / "uv")
        if not target.exists():
            (Path(work) / "done").rename(target)
    return cached()


def main() -> int:
    """Print the path of uv; 1 with one sentence on stderr where none can be had."""
    found = find()
    if found is None:
        try:
            found = install()
        except (OSError, subprocess.SubprocessError) as error:
            print(f"uv cannot be installed: {error}", file=sys.stderr)
            return 1
    print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
