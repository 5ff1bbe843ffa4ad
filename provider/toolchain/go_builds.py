"""What the programs of this folder share: a build from published Go modules, and a per-user cache for what it makes.

Standard library only: it runs before the project's environment exists.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class ToolchainError(Exception):
    """A program cannot be had; the message says why, in one sentence."""


def say(message: str) -> None:
    """Report progress on stderr; stdout carries only the result."""
    print(message, file=sys.stderr, flush=True)


def cache_root(name: str) -> Path:
    """The per-user folder in which programs of this sort are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "pulumi-alicdn" / name


def cache_key(version: str, *modules: Path) -> str:
    """Version, platform and a digest of the Go modules that it is built from."""
    digest = hashlib.sha256()
    for module in modules:
        for name in ("go.mod", "go.sum"):
            digest.update((module / name).read_bytes())
    return f"{version}-{platform.system().lower()}-{platform.machine()}-{digest.hexdigest()[:12]}"


def parse_version(text: str) -> tuple[int, int, int] | None:
    """``v3.250.0-dev`` -> ``(3, 250, 0)``; None if *text* holds no version."""
    found = re.search(r"v?(\d+)\.(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def version_of(program: str, **environment: str) -> tuple[int, int, int] | None:
    """The version that *program* states; None if it does not run. *environment*: keeps it from asking its makers."""
    try:
        answer = subprocess.run(
            [program, "version"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            env={**os.environ, **environment},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_version(answer.stdout) if answer.returncode == 0 else None


def publish(source: Path, target: Path) -> None:
    """Move a finished folder to its place in one step, so that nobody ever sees half of one."""
    if target.exists():
        shutil.rmtree(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    source.rename(target)


def go_environment() -> dict[str, str]:
    """Reproducible, cgo-free builds that never rewrite the committed go.sum."""
    return {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false -mod=readonly", "GOWORK": "off"}


def go_build(label: str, module: Path, package: str, output: Path, ldflags: str, expected: int) -> None:
    """Build *package* of *module* to *output*, showing how far it is (of about *expected* packages)."""
    command = ["go", "build", "-v", "-tags", "osusergo grpcnotrace", "-ldflags", ldflags, "-o", str(output), package]
    started = time.monotonic()
    compiled = 0
    tail: list[str] = []
    process = subprocess.Popen(
        command, cwd=module, env=go_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    interactive = sys.stderr.isatty()
    finished = threading.Event()

    def report() -> None:
        while not finished.wait(1 if interactive else 15):
            elapsed = int(time.monotonic() - started)
            text = f"building {label}: {compiled} of about {expected} packages, {elapsed} s"
            if interactive:
                print(f"\r{text}\x1b[K", end="", file=sys.stderr, flush=True)
            else:
                say(text)

    reporter = threading.Thread(target=report, daemon=True)
    reporter.start()
    try:
        for line in process.stderr:
            compiled += 1
            tail = [*tail[-19:], line.rstrip()]
        code = process.wait()
    finally:
        if process.poll() is None:
            process.kill()
        finished.set()
        reporter.join()
    if interactive:
        print("\r\x1b[K", end="", file=sys.stderr)
    if code != 0:
        raise ToolchainError("\n".join([f"go build of {label} failed:", *tail]))
    say(f"built {label} in {time.monotonic() - started:.0f} s")


@contextmanager
def locked(path: Path, name: str) -> Iterator[None]:
    """Hold an advisory lock, so that two checkouts at once build one *name*."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another process is preparing {name}: waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
