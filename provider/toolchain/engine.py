#!/usr/bin/env python3
"""Find, install or build a Pulumi engine; the last line printed is the folder to put on PATH.

Standard library only: it runs before the project's environment exists. Three sources, tried in this order:

1. ``path``: a ``pulumi`` on PATH that is at least :data:`OLDEST` and has its Python language host beside it;
2. ``build``: the published Go modules named in ``cli/go.mod`` (or ``newest/go.mod``) and ``langhost/go.mod``, with the
   ordinary Go toolchain, which compares each module with the checksum in the committed ``go.sum``;
3. ``archive``: the official archive, given up after :data:`GIVE_UP_S` seconds without a connection. It is unpacked only
   if its SHA-256 is the published one. No script of it is run.

What 2 and 3 make is kept in a per-user cache, keyed by version and by what it was built from, so that another
checkout on the same machine neither downloads nor builds again.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from go_builds import (
    ToolchainError,
    cache_key,
    cache_root,
    go_build,
    go_environment,
    locked,
    parse_version,
    publish,
    say,
    version_of,
)

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Engine:
    """A version of the engine that can be installed or built."""

    version: str
    """Version of the CLI, without a ``v``."""
    module: str
    """Folder of the Go module of the CLI, beside this file."""


ENGINES = {"pinned": Engine("3.250.0", "cli"), "newest": Engine("3.274.1", "newest")}
"""``pinned`` is installed or built unless another one is asked for; ``newest`` is the newest that can be built."""

OLDEST = (3, 230, 0)
"""The oldest ``pulumi`` accepted on PATH. [chosen: that of the oldest package that pyproject.toml allows]"""

ARCHIVES_URL = "https://github.com/pulumi/pulumi/releases/download/v{version}"
"""The folder of a version's official archives, with the file of their SHA-256 checksums beside them (Pulumi's release
page)."""

GIVE_UP_S = 5.0
"""Seconds for which the host of the archives may stay silent."""

DOWNLOAD_S = 300.0
"""Seconds within which a download has to end. [chosen: the archive has about 100 MB]"""

MAX_CHECKSUMS_BYTES = 1 << 20
"""Size of the file of checksums. [chosen: it has a line for each platform]"""

MAX_ARCHIVE_BYTES = 1 << 30
"""Size of the archive, and of each program in it. [chosen: ten times the present size]"""

SOURCES = ("path", "build", "archive")
LANGUAGE_HOST_SCRIPTS = ("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python")


def from_path(wanted: Engine | None) -> Path | None:
    """The folder of a usable ``pulumi`` on PATH, or None; only that of *wanted*, if one is."""
    pulumi = shutil.which("pulumi")
    if pulumi is None or shutil.which("pulumi-language-python") is None:
        return None
    version = version_of(pulumi, PULUMI_SKIP_UPDATE_CHECK="true")
    if version is None:
        return None
    if version < OLDEST:
        say(f"pulumi {'.'.join(map(str, version))} on PATH is older than {'.'.join(map(str, OLDEST))}: not used")
        return None
    if wanted is not None and version != parse_version(wanted.version):
        say(f"pulumi {'.'.join(map(str, version))} on PATH is not {wanted.version}: not used")
        return None
    return Path(pulumi).parent


def usable(folder: Path) -> bool:
    """Whether *folder* holds a complete engine."""
    names = ("pulumi", "pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python")
    return all(os.access(folder / name, os.X_OK) for name in names)


def platform_name() -> str:
    """This platform as the names of the archives have it, such as ``linux-x64``."""
    machine = platform.machine().lower()
    architecture = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(machine, machine)
    return f"{platform.system().lower()}-{architecture}"


def download(url: str, path: Path, max_bytes: int) -> str:
    """Store what *url* answers, at most *max_bytes*, and return its SHA-256."""
    digest, size, ends = hashlib.sha256(), 0, time.monotonic() + DOWNLOAD_S
    with urllib.request.urlopen(url, timeout=GIVE_UP_S) as answer, path.open("wb") as file:
        while part := answer.read1(1 << 20):
            size += len(part)
            if size > max_bytes or time.monotonic() > ends:
                raise ToolchainError(f"{url} has more than {max_bytes} bytes, or takes more than {DOWNLOAD_S:.0f} s")
            digest.update(part)
            file.write(part)
    return digest.hexdigest()


def published_checksum(checksums: str, name: str) -> str:
    """The SHA-256 of the file *name* in the published list: lines with checksum and name."""
    lines = [line.partition(" ") for line in checksums.splitlines()]
    found = {checksum.lower() for checksum, _, file in lines if file.lstrip(" *") == name}
    if len(found) != 1:
        raise ToolchainError(f"the published checksums do not name {name} once")
    return found.pop()


def unpack(archive: Path, folder: Path) -> None:
    """Write the programs of *archive* into *folder*, by their names alone: no path in it can lead elsewhere."""
    with tarfile.open(archive, "r:gz") as packed:
        for member in packed:
            content = packed.extractfile(member) if member.isfile() and member.size <= MAX_ARCHIVE_BYTES else None
            if content is not None:
                program = folder / PurePosixPath(member.name).name
                with program.open("wb") as file:
                    shutil.copyfileobj(content, file)
                program.chmod(0o755)


def from_archive(engine: Engine, target: Path, archives_url: str) -> None:
    """Put the engine of the official archive into *target*, if its SHA-256 is the published one."""
    name = f"pulumi-v{engine.version}-{platform_name()}.tar.gz"
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        root = Path(work)
        try:
            download(f"{archives_url}/pulumi-{engine.version}-checksums.txt", root / "checksums", MAX_CHECKSUMS_BYTES)
            expected = published_checksum((root / "checksums").read_text("utf-8", "replace"), name)
            say(f"downloading {archives_url}/{name}")
            actual = download(f"{archives_url}/{name}", root / name, MAX_ARCHIVE_BYTES)
        except OSError as error:
            raise ToolchainError(f"the official archive cannot be had from {archives_url}: {error}") from error
        if actual != expected:
            raise ToolchainError(f"{name} has the SHA-256 {actual}, and {expected} is published: it was not unpacked")
        say(f"{name} has the published SHA-256 {actual}")
        folder = root / "bin"
        folder.mkdir()
        try:
            unpack(root / name, folder)
        except (tarfile.TarError, OSError, EOFError) as error:
            raise ToolchainError(f"{name} cannot be unpacked: {error}") from error
        if not usable(folder):
            raise ToolchainError(f"{name} lacks a program of the engine")
        publish(folder, target)


def build(engine: Engine, target: Path) -> None:
    """Build CLI and Python language host from Go modules into *target*."""
    if shutil.which("go") is None:
        raise ToolchainError("there is no go to build it with")
    say(f"building pulumi {engine.version} from its Go modules into {target} (once per machine; 4 minutes on 2 cores)")
    version_flag = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{engine.version}"
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        folder = Path(work) / "bin"
        folder.mkdir()
        cli = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
        host = "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python"
        go_build("pulumi", HERE / engine.module, cli, folder / "pulumi", version_flag, 1650)
        go_build("its Python language host", HERE / "langhost", host, folder / "pulumi-language-python", "-s -w", 420)
        listed = subprocess.run(
            ["go", "list", "-m", "-f", "{{.Dir}}", "github.com/pulumi/pulumi/sdk/v3"],
            cwd=HERE / engine.module,
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


def find(sources: tuple[str, ...], wanted: Engine | None, archives_url: str) -> Path:
    """The folder of a usable engine, from the first of *sources* that yields one; exactly *wanted*, if one is."""
    if "path" in sources and (folder := from_path(wanted)) is not None:
        return folder
    engine = wanted or ENGINES["pinned"]
    key = cache_key(engine.version, HERE / engine.module, HERE / "langhost")
    target = cache_root("engine") / key / "bin"
    if usable(target):
        return target
    with locked(cache_root("engine") / f"{key}.lock", "the engine"):
        if usable(target):
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        missing = f"pulumi {wanted.version}" if wanted else "recent pulumi"
        reasons = [f"there is no {missing} on PATH"] if "path" in sources else []
        url = archives_url.format(version=engine.version)
        for source, make in (("build", build), ("archive", partial(from_archive, archives_url=url))):
            if source in sources:
                try:
                    make(engine, target)
                except (ToolchainError, subprocess.SubprocessError) as error:
                    reasons.append(str(error))
                else:
                    return target
    raise ToolchainError("; ".join(reasons) + ": install Pulumi (https://www.pulumi.com/docs/install/) or Go 1.26")


def main(arguments: list[str] | None = None) -> int:
    """Print the engine's folder; 1 with one sentence on stderr where there is none."""
    parser = argparse.ArgumentParser(description="Find, install or build a Pulumi engine.")
    parser.add_argument("--source", action="append", choices=SOURCES, help="allowed sources (default: all)")
    parser.add_argument(
        "--version",
        choices=tuple(ENGINES),
        help="this very engine (default: any recent one on PATH, or else the pinned one)",
    )
    parser.add_argument("--archives-url", default=ARCHIVES_URL, help="folder of the archives (default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        wanted = ENGINES[options.version] if options.version else None
        folder = find(tuple(options.source or SOURCES), wanted, options.archives_url)
    except (ToolchainError, OSError, subprocess.SubprocessError) as error:
        say(f"no Pulumi engine: {error}")
        return 1
    print(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
