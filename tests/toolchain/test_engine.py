"""Finding the engine: what is there is used, what is too old is not, and nothing hangs where nothing can be had."""

from __future__ import annotations

import hashlib
import io
import os
import platform
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "provider" / "toolchain" / "engine.py"


def run(path: str, cache: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": path, "XDG_CACHE_HOME": str(cache), "HOME": str(cache), "HTTPS_PROXY": "http://127.0.0.1:9"}
    command = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def fake(folder: Path, version: str) -> Path:
    folder.mkdir()
    for name in ("pulumi", "pulumi-language-python"):
        program = folder / name
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(0o755)
    return folder


def test_a_recent_engine_on_path_is_used_as_it_is(tmp_path: Path) -> None:
    folder = fake(tmp_path / "bin", "v3.260.1")
    done = run(f"{folder}:/usr/bin:/bin", tmp_path)
    assert done.stdout.splitlines()[-1] == str(folder)


@pytest.mark.parametrize("version", ["v3.99.0", "not a version"])
def test_an_old_or_strange_engine_on_path_is_not_used(tmp_path: Path, version: str) -> None:
    folder = fake(tmp_path / "bin", version)
    done = run(f"{folder}:/usr/bin:/bin", tmp_path, "--source", "path")
    assert (done.returncode, done.stdout) == (1, "")


def test_without_network_and_go_one_sentence_says_what_to_install(tmp_path: Path) -> None:
    done = run("/usr/bin:/bin", tmp_path)
    if "building" in done.stderr:
        pytest.skip("this machine has a go in its system folders")
    assert (done.returncode, done.stdout) == (1, "")
    assert "install Pulumi" in done.stderr
    assert "there is no go to build it with; the official archive cannot be had" in done.stderr
    assert "Traceback" not in done.stderr


PROGRAMS = ("pulumi", "pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python")
SYSTEM = "/usr/bin:/bin"


def packed(names: Iterable[str]) -> bytes:
    """An archive of programs with these names, each of which would write a file if it were run."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        for name in names:
            content = f"#!/bin/sh\ntouch {name}-was-run\n".encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return written.getvalue()


ARCHIVE = packed(f"pulumi/{name}" for name in PROGRAMS)


@dataclass
class Releases:
    """A server of archives and their checksums, whatever platform and version they are asked for."""

    archive: bytes
    checksums: str
    asked: list[str] = field(default_factory=list)

    @contextmanager
    def serving(self) -> Iterator[str]:
        releases = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                releases.asked.append(self.path)
                name = self.path.rpartition("/")[2]
                body = releases.checksums.format(name=archive_name()).encode()
                body = releases.archive if name.endswith(".tar.gz") else body
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_port}"
            server.shutdown()


PINNED, NEWEST = "3.250.0", "3.274.1"


def archive_name(version: str = PINNED) -> str:
    """The name of the archive for this machine, as the release page has it."""
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return f"pulumi-v{version}-{platform.system().lower()}-{machine}.tar.gz"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def installed(tmp_path: Path, releases: Releases, *sources: str) -> subprocess.CompletedProcess[str]:
    with releases.serving() as url:
        chosen = [part for source in sources for part in ("--source", source)]
        return run(SYSTEM, tmp_path, *chosen, "--archives-url", url)


def test_an_archive_with_the_published_checksum_is_unpacked_and_nothing_of_it_is_run(tmp_path: Path) -> None:
    releases = Releases(ARCHIVE, f"{sha256(b'other')}  pulumi-v3.250.0-other.tar.gz\n{sha256(ARCHIVE)}  {{name}}\n")
    done = installed(tmp_path, releases, "archive")
    folder = Path(done.stdout.splitlines()[-1])
    assert {path.name for path in folder.iterdir()} == set(PROGRAMS)
    assert all(os.access(path, os.X_OK) for path in folder.iterdir())
    assert f"has the published SHA-256 {sha256(ARCHIVE)}" in done.stderr
    assert not list(tmp_path.rglob("*-was-run"))
    assert len(releases.asked) == 2


@pytest.mark.parametrize(
    ("archive", "checksums", "said"),
    [
        (ARCHIVE, f"{sha256(b'other')}  {{name}}\n", f"and {sha256(b'other')} is published: it was not unpacked"),
        (ARCHIVE[:-1], f"{sha256(ARCHIVE)}  {{name}}\n", "is published: it was not unpacked"),
        (ARCHIVE, "", "the published checksums do not name"),
        (ARCHIVE, f"{sha256(ARCHIVE)}  other-{{name}}\n", "the published checksums do not name"),
        (ARCHIVE, f"{sha256(ARCHIVE)}  {{name}}\n{sha256(b'')}  {{name}}\n", "do not name"),
        (ARCHIVE, "<html>not found</html>", "the published checksums do not name"),
        (b"no archive", f"{sha256(b'no archive')}  {{name}}\n", "cannot be unpacked"),
    ],
    # An archive holds the time at which it was made, and two workers make one each.
    ids=["another sum", "a byte is missing", "no sums", "another name", "two sums", "a page", "no archive"],
)
def test_any_other_archive_is_refused_in_one_sentence(
    tmp_path: Path, archive: bytes, checksums: str, said: str
) -> None:
    done = installed(tmp_path, Releases(archive, checksums), "archive")
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not [path for path in tmp_path.rglob("pulumi*") if path.is_file() and not path.name.endswith(".lock")]


def test_an_incomplete_archive_is_refused(tmp_path: Path) -> None:
    archive = packed(["pulumi/pulumi"])
    done = installed(tmp_path, Releases(archive, f"{sha256(archive)}  {{name}}\n"), "archive")
    assert (done.returncode, done.stdout) == (1, "")
    assert "lacks a program of the engine" in done.stderr


def test_paths_in_an_archive_lead_nowhere_else(tmp_path: Path) -> None:
    archive = packed([*(f"pulumi/{name}" for name in PROGRAMS), "../../../../escaped", f"{tmp_path}/absolute"])
    done = installed(tmp_path, Releases(archive, f"{sha256(archive)}  {{name}}\n"), "archive")
    folder = Path(done.stdout.splitlines()[-1])
    outside = [path for name in ("escaped", "absolute") for path in tmp_path.rglob(name) if path.parent != folder]
    assert outside == []


def test_the_verified_build_comes_before_any_download(tmp_path: Path) -> None:
    go = tmp_path / "go-bin" / "go"
    go.parent.mkdir()
    go.write_text("#!/bin/sh\necho no module can be had >&2\nexit 1\n")
    go.chmod(0o755)
    releases = Releases(ARCHIVE, f"{sha256(ARCHIVE)}  {{name}}\n")
    with releases.serving() as url:
        done = run(f"{go.parent}:{SYSTEM}", tmp_path, "--archives-url", url)
        only_build = run(f"{go.parent}:{SYSTEM}", tmp_path / "other", "--archives-url", url, "--source", "build")
    assert done.returncode == 0
    assert done.stderr.index("building pulumi") < done.stderr.index("downloading")
    assert only_build.returncode == 1
    assert "no module can be had" in only_build.stderr
    assert len(releases.asked) == 2


@pytest.mark.parametrize(("asked", "there"), [("pinned", PINNED), ("newest", NEWEST)])
def test_the_engine_that_is_asked_for_is_that_very_one(tmp_path: Path, asked: str, there: str) -> None:
    """`make engine ENGINE=newest`, but for the build, which takes minutes."""
    ours, other = fake(tmp_path / "ours", f"v{there}"), fake(tmp_path / "other", "v3.260.1")
    only_path = ("--version", asked, "--source", "path")
    assert run(f"{ours}:{SYSTEM}", tmp_path, *only_path).stdout.splitlines() == [str(ours)]
    done = run(f"{other}:{SYSTEM}", tmp_path, *only_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"pulumi 3.260.1 on PATH is not {there}: not used" in done.stderr
    assert f"there is no pulumi {there} on PATH" in done.stderr

    releases = Releases(ARCHIVE, f"{sha256(ARCHIVE)}  {archive_name(there)}\n")
    with releases.serving() as url:
        chosen = ("--version", asked, "--source", "archive", "--archives-url", f"{url}/v{{version}}")
        done = run(f"{other}:{SYSTEM}", tmp_path, *chosen)
        assert done.returncode == 0, done.stderr
        # Once it is there, neither version is taken for the other, and nothing is asked for again.
        again = run(f"{other}:{SYSTEM}", tmp_path, *only_path)
        wrong = run(f"{other}:{SYSTEM}", tmp_path, "--version", {"pinned": "newest"}.get(asked, "pinned"), *chosen[2:])
    assert again.stdout == done.stdout
    assert there in done.stdout
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert releases.asked[:2] == [f"/v{there}/pulumi-{there}-checksums.txt", f"/v{there}/{archive_name(there)}"]
    assert [path for path in releases.asked[2:] if there in path] == []


@pytest.mark.parametrize("name", ["pinned", "newest"])
def test_a_version_is_the_one_of_its_go_module(name: str) -> None:
    """The number that is asked for, and the modules that are built, are written in two files."""
    folder, version = {"pinned": ("cli", PINNED), "newest": ("newest", NEWEST)}[name]
    module = (SCRIPT.parent / folder / "go.mod").read_text(encoding="utf-8")
    assert f"github.com/pulumi/pulumi/pkg/v3 v{version}" in module


def test_a_version_that_has_no_name_is_refused_with_those_that_have_one(tmp_path: Path) -> None:
    done = run(SYSTEM, tmp_path, "--version", "3.1.0")
    assert (done.returncode, done.stdout) == (2, "")
    assert "pinned" in done.stderr
    assert "newest" in done.stderr


@pytest.mark.engine
def test_what_was_prepared_once_is_not_prepared_again(engine_path: str) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    command = [sys.executable, str(SCRIPT), "--source", "build"]
    if not engine_path.endswith("/bin") or "pulumi-alicdn" not in engine_path:
        pytest.skip("the engine of this machine is on PATH already")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines() == [engine_path]
    assert "building" not in done.stderr
