"""Which tests show quickly that a change works: those of the folders that it touches. `make test-quick` runs them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
ALWAYS = ("tests/test_house.py", "tests/test_public_names.py")
BASES = ("origin/main", "main", "HEAD")


def places(changed: Iterable[str]) -> list[str]:
    """Return the folders and files of the tests of *changed* files, which are named from the project's root."""
    found = {*ALWAYS, *map(_place, map(PurePosixPath, changed))}
    return sorted(place for place in found if place and (ROOT / place).exists())


def _place(path: PurePosixPath) -> str:
    match path.parts:
        case ("provider", "pulumi_alicdn", _):
            return f"tests/test_{path.stem}.py"
        case ("provider", "pulumi_alicdn", folder, *_) | ("provider", "toolchain" as folder, *_):
            return f"tests/{folder}"
        case ("tests", name) if name.startswith("test_"):
            return f"tests/{name}"
        case ("tests", folder, _, *_) if folder != "support":
            return f"tests/{folder}"
    return ""


def changed_files() -> list[str]:
    """Return what differs from the commit at which this branch left the main one, and files that are new."""
    (base, *_) = filter(None, (_git("merge-base", "HEAD", name) for name in BASES))
    return [*_git("diff", "--name-only", *base), *_git("ls-files", "--others", "--exclude-standard")]


def _git(*arguments: str) -> list[str]:
    """Return the lines that git prints; none where it fails."""
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()


if __name__ == "__main__":
    sys.stdout.write(" ".join(places(changed_files())))
