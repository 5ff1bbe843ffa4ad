#!/usr/bin/env python3
"""Find, install or build a Pulumi engine; the last line printed is the folder to put on PATH.

Standard library only: it runs before the project's environment exists. Three sources, tried in this order:

1. ``path``: a ``pulumi`` on PATH that is at least :data:`OLDEST` and has its Python language host beside it;
2. ``installer``: the official installer, given up after :data:`GIVE_UP_S` seconds without a connection;
3. ``build``: the published Go modules named in ``cli/go.mod`` and ``langhost/go.mod``, with the ordinary Go toolchain.

What 2 and 3 make is kept in a per-user cache, keyed by version and by what it was built from, so that another
checkout on the same machine neither downloads nor builds again.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent

VERSION = "3.250.0"
"""The engine that is installed or built: the newest whose Go modules are complete."""

OLDEST = (3, 150, 0)
"""The oldest ``pulumi`` accepted on PATH. [chosen: a year of releases before the one that the tests run]"""

INSTALLER_URL = "https://get.pulumi.com"
GIVE_UP_S = 5.0
"""Seconds to wait for the installer's host before building instead."""

SOURCES = ("path", "installer", "build")
LANGUAGE_HOST_SCRIPTS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")


class EngineError(Exception):
    """No engine could be had; the message says why, in one sentence."""


def say(message: str) -> None:
    """Report progress on stderr; stdout carries only the result."""
    print(message, file=sys.stderr, flush=True)


def cache_root() -> Path:
    """The per-user folder in which engines are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "pulumi-alicdn" / "engine"


def parse_version(text: str) -> tuple[int, int, int] | None:
    """``v3.250.0-dev`` -> ``(3, 250, 0)``; None if *text* holds no version."""
    found = re.search(r"v?(\d+)\.(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def from_path() -> Path | None:
    """The folder of a usable ``pulumi`` on PATH, or None."""
    pulumi = shutil.which("pulumi")
    if pulumi is None or shutil.which("pulumi-language-python") is None:
        return None
    try:
        answer = subprocess.run(
            [pulumi, "version"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = parse_version(answer.stdout)
    if answer.returncode != 0 or version is None:
        return None
    if version < OLDEST:
        say(f"pulumi {'.'.join(map(str, version))} on PATH is older than {'.'.join(map(str, OLDEST))}: not used")
        return None
    return Path(pulumi).parent


def usable(folder: Path) -> bool:
    """Whether *folder* holds a complete engine."""
    names = ("pulumi", "pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python")
    return all(os.access(folder / name, os.X_OK) for name in names)


def from_installer(target: Path) -> bool:
    """Run the official installer into *target*; False if its host cannot be reached in time or it fails."""
    try:
        with urllib.request.urlopen(INSTALLER_URL, timeout=GIVE_UP_S) as answer:
            script = answer.read(1 << 20)
    except (OSError, urllib.error.URLError):
        return False
    say(f"installing pulumi {VERSION} with the official installer")
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        root = Path(work)
        path = root / "install.sh"
        path.write_bytes(script)
        command = ["sh", str(path), "--version", VERSION, "--install-root", str(root / "pulumi"), "--no-edit-path"]
        try:
            done = subprocess.run(command, check=False, timeout=300, stdout=sys.stderr)
        except subprocess.TimeoutExpired:
            return False
        if done.returncode != 0 or not usable(root / "pulumi" / "bin"):
            return False
        publish(root / "pulumi" / "bin", target)
    return True


def publish(source: Path, target: Path) -> None:
    """Move a finished engine to its place in one step, so that nobody ever sees half of one."""
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
        raise EngineError("\n".join([f"go build of {label} failed:", *tail]))
    say(f"built {label} in {time.monotonic() - started:.0f} s")


def build(target: Path) -> None:
    """Build CLI and Python language host from Go modules into *target*."""
    if shutil.which("go") is None:
        raise EngineError(
            "no pulumi on PATH, its installer cannot be reached, and there is no go to build it with: "
            "install Pulumi (https://www.pulumi.com/docs/install/) or Go 1.26 and try again"
        )
    say(f"building pulumi {VERSION} from its Go modules into {target} (once per machine; 4 minutes or so on 2 cores)")
    version_flag = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{VERSION}"
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        folder = Path(work) / "bin"
        folder.mkdir()
        cli = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
        host = "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python"
        go_build("pulumi", HERE / "cli", cli, folder / "pulumi", version_flag, 1650)
        go_build("its Python language host", HERE / "langhost", host, folder / "pulumi-language-python", "-s -w", 420)
        listed = subprocess.run(
            ["go", "list", "-m", "-f", "{{.Dir}}", "github.com/pulumi/pulumi/sdk/v3"],
            cwd=HERE / "cli",
            env=go_environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        for script in LANGUAGE_HOST_SCRIPTS:
            copy = folder / Path(script).name
            shutil.copyfile(Path(listed.stdout.strip()) / script, copy)
            copy.chmod(0o755)
        publish(folder, target)


def cache_key() -> str:
    """Version, platform and a digest of what the engine is built from."""
    digest = hashlib.sha256()
    for name in ("cli/go.mod", "cli/go.sum", "langhost/go.mod", "langhost/go.sum"):
        digest.update((HERE / name).read_bytes())
    return f"{VERSION}-{platform.system().lower()}-{platform.machine()}-{digest.hexdigest()[:12]}"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an advisory lock, so that two checkouts building at once build one engine."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another process is preparing the engine: waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def find(sources: tuple[str, ...]) -> Path:
    """The folder of a usable engine, from the first of *sources* that yields one."""
    if "path" in sources and (folder := from_path()) is not None:
        return folder
    target = cache_root() / cache_key() / "bin"
    if usable(target):
        return target
    with locked(cache_root() / f"{cache_key()}.lock"):
        if usable(target):
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        if "installer" in sources and from_installer(target):
            return target
        if "build" not in sources:
            raise EngineError(f"no engine from {', '.join(sources)}")
        build(target)
    return target


def main(arguments: list[str] | None = None) -> int:
    """Print the engine's folder; 1 with one sentence on stderr where there is none."""
    parser = argparse.ArgumentParser(description="Find, install or build a Pulumi engine.")
    parser.add_argument("--source", action="append", choices=SOURCES, help="allowed sources (default: all)")
    options = parser.parse_args(arguments)
    try:
        folder = find(tuple(options.source or SOURCES))
    except (EngineError, OSError, subprocess.SubprocessError) as error:
        say(f"no Pulumi engine: {error}")
        return 1
    print(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
