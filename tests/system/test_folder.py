"""Folders as manifests, with real files: what counts, what is refused, and what changes under our hands."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulumi_alicdn.errors import InputError
from pulumi_alicdn.releases.globs import Selection
from pulumi_alicdn.releases.manifest import difference, digest
from pulumi_alicdn.system.folder import scan

LONG_AGO = 1_700_000_000


def put(folder: Path, *paths: str, content: bytes = b"1") -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def contents(folder: Path, selection: Selection | None = None) -> dict[str, tuple[int, bytes]]:
    return {path: (one.size, one.sha256) for path, one in scan(folder, selection).manifest.items()}


def test_every_file_counts_with_its_size_and_hash(tmp_path: Path) -> None:
    sizes = [0, 1, 100_000, 256 * 1024, 256 * 1024 + 1, 3_000_000]
    for size in sizes:
        put(tmp_path, f"a/{size}/file.bin", content=os.urandom(size))
    put(tmp_path, ".hidden", "a b/été 你好 100% #1?.ts", "back\\slash")
    (tmp_path / "empty").mkdir()

    assert contents(tmp_path) == {
        file.relative_to(tmp_path).as_posix(): (
            file.stat().st_size,
            hashlib.sha256(file.read_bytes()).digest(),
        )
        for file in tmp_path.rglob("*")
        if file.is_file()
    }


def test_names_stay_as_they_are_on_disk(tmp_path: Path) -> None:
    put(tmp_path, "caf\u00e9.ts", "cafe\u0301.ts")
    assert set(scan(tmp_path).manifest) == {"caf\u00e9.ts", "cafe\u0301.ts"}


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    found = scan(tmp_path)
    assert (found.manifest, found.newest) == ({}, None)


def test_the_newest_file_is_reported(tmp_path: Path) -> None:
    put(tmp_path, "a", "b/c", "d")
    for path, when in (("a", LONG_AGO), ("b/c", LONG_AGO + 60), ("d", LONG_AGO + 30)):
        os.utime(tmp_path / path, (when, when))

    assert scan(tmp_path).newest == datetime.fromtimestamp(LONG_AGO + 60, UTC)


def test_another_time_and_another_name_of_the_folder_change_nothing_and_one_byte_does(tmp_path: Path) -> None:
    put(tmp_path, *(f"site/{number // 10}/{number}.ts" for number in range(200)))
    before = scan(tmp_path / "site").manifest
    (tmp_path / "site").rename(tmp_path / "moved")
    for file in (tmp_path / "moved").rglob("*.ts"):
        os.utime(file, (LONG_AGO, LONG_AGO))
    after = scan(tmp_path / "moved").manifest

    assert difference(before, after).count == 0
    assert digest(before) == digest(after)

    put(tmp_path, "moved/3/33.ts", content=b"2")
    assert difference(before, scan(tmp_path / "moved").manifest).changed == ("3/33.ts",)


def test_globs_say_what_counts_and_what_is_excluded_may_be_anything(tmp_path: Path) -> None:
    put(tmp_path, "index.html", "video/a.ts", "video/a.tmp", "node_modules/x/index.html")
    (tmp_path / "node_modules" / "bin").symlink_to("/nowhere")
    os.mkfifo(tmp_path / "video" / "pipe.tmp")
    put(tmp_path, "video/line\nbreak.tmp")
    exclude = ("node_modules/", "*.tmp")

    assert set(contents(tmp_path, Selection(exclude=exclude))) == {"index.html", "video/a.ts"}
    assert set(contents(tmp_path, Selection(("*.html",), exclude))) == {"index.html"}
    assert set(contents(tmp_path, Selection(("video/**",), exclude))) == {"video/a.ts"}


def test_what_is_not_included_may_be_anything_too(tmp_path: Path) -> None:
    put(tmp_path, "index.html")
    (tmp_path / "broken").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")

    assert set(contents(tmp_path, Selection(("*.html",)))) == {"index.html"}


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(["*.a", "x/", "/y", "x/**", "**/y/*.b", "*"]), max_size=2),
    st.lists(st.sampled_from(["*.a", "x/", "/y", "x/**", "**/y/*.b", "y/x"]), max_size=2),
)
def test_folders_that_are_passed_over_hold_nothing_that_counts(
    tmp_path: Path, include: list[str], exclude: list[str]
) -> None:
    paths = [f"{one}{two}{name}" for one in ("", "x/", "y/") for two in ("", "x/", "y/") for name in ("f.a", "f.b")]
    put(tmp_path, *paths)
    selection = Selection(tuple(include), tuple(exclude))

    assert set(contents(tmp_path, selection)) == {path for path in paths if selection.compiled().takes(path)}


def test_a_link_within_the_folder_counts_as_what_it_leads_to(tmp_path: Path) -> None:
    put(tmp_path, "v2/app.js", "shared/logo.svg")
    (tmp_path / "latest").symlink_to("v2")
    (tmp_path / "logo.svg").symlink_to("shared/logo.svg")
    (tmp_path / "v2" / "shared").symlink_to(tmp_path / "shared")

    assert set(contents(tmp_path)) == {
        "v2/app.js",
        "v2/shared/logo.svg",
        "shared/logo.svg",
        "logo.svg",
        "latest/app.js",
        "latest/shared/logo.svg",
    }


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    put(tmp_path, "releases/7/a.ts")
    (tmp_path / "current").symlink_to("releases/7")
    assert set(contents(tmp_path / "current")) == {"a.ts"}


@contextmanager
def a_socket(path: Path) -> Iterator[None]:
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(str(path))
        yield


def link(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (link("nowhere"), "a link that leads nowhere"),
        (link("odd"), "a link that leads nowhere"),
        (link("/etc/hostname"), "a link that leaves the folder, to '/etc/hostname'"),
        (link("/etc"), "a link that leaves the folder, to '/etc'"),
        (link("../../folder-2"), "a link that leaves the folder"),
        (link("."), "a link back to a folder that contains it"),
        (link(".."), "a link back to a folder that contains it"),
        (os.mkfifo, "which is a pipe, neither a file nor a folder"),
        (link("/dev/null"), "a link that leaves the folder, to '/dev/null'"),
    ],
)
def test_what_no_url_can_serve_is_refused_by_name(tmp_path: Path, make: Callable[[Path], None], says: str) -> None:
    put(tmp_path, "folder/a/fine.ts", "folder-2/fine.ts")
    make(tmp_path / "folder" / "a" / "odd")

    with pytest.raises(InputError) as raised:
        scan(tmp_path / "folder")
    assert str(raised.value).startswith(f"directory contains 'a/odd', {says}")
    assert str(raised.value).endswith("; remove it, or exclude it")
    assert set(scan(tmp_path / "folder", Selection(exclude=("odd",))).manifest) == {"a/fine.ts"}


def test_a_socket_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    with a_socket(Path("s")), pytest.raises(InputError, match=r"'s', which is a socket"):
        scan(tmp_path)


def test_links_that_lead_to_one_another_end(tmp_path: Path) -> None:
    put(tmp_path, "a/1", "b/2")
    (tmp_path / "a" / "b").symlink_to("../b")
    (tmp_path / "b" / "a").symlink_to("../a")

    with pytest.raises(InputError, match="a link back to a folder that contains it"):
        scan(tmp_path)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        (b"line\nbreak.ts", "whose name contains a line break or another control character"),
        (b"tab\t.ts", "whose name contains a line break or another control character"),
        (b"latin-\xe9.ts", "whose name is not UTF-8"),
    ],
)
@pytest.mark.parametrize("where", ["file", "folder"])
def test_a_name_that_no_url_carries_is_refused(tmp_path: Path, name: bytes, says: str, where: str) -> None:
    odd = tmp_path / os.fsdecode(name)
    put(odd, "a.ts") if where == "folder" else odd.write_bytes(b"1")

    with pytest.raises(InputError, match=says) as raised:
        scan(tmp_path)
    assert "\n" not in str(raised.value)
    str(raised.value).encode()


@pytest.mark.parametrize("wrong", ["missing", "file", "nul\0"])
def test_a_folder_that_is_none_is_reported(tmp_path: Path, wrong: str) -> None:
    put(tmp_path, "file")
    with pytest.raises(InputError, match=r"^directory is "):
        scan(tmp_path / wrong)


def test_a_bad_glob_is_reported(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"exclude\[0\] is '\[a', "):
        scan(tmp_path, Selection(exclude=("[a",)))


def open_files() -> Iterator[tuple[str, int]]:
    """What this process has open, and how far it has read it, as the kernel tells."""
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            target = str(descriptor.readlink())
            position = Path(f"/proc/self/fdinfo/{descriptor.name}").read_text().split()[1]
        except FileNotFoundError:
            continue  # closed meanwhile
        yield target, int(position)


def wait_until_read(path: Path) -> None:
    deadline = time.monotonic() + 30
    while not any(target == str(path) and position for target, position in open_files()):
        assert time.monotonic() < deadline
        time.sleep(0.001)


def while_read(path: Path, change: Callable[[], None]) -> threading.Thread:
    """Do *change* once, when *path* is being read."""

    def wait_and_change() -> None:
        wait_until_read(path)
        change()

    thread = threading.Thread(target=wait_and_change)
    thread.start()
    return thread


def large(path: Path) -> Path:
    """A file that takes a while to hash, and was written long ago."""
    with path.open("wb") as stream:
        stream.truncate(400_000_000)
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def expected(path: Path) -> bytes:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()


def append(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"more")


def overwrite_one_byte(path: Path) -> None:
    with path.open("r+b") as stream:
        stream.write(b"!")


def shorten(path: Path) -> None:
    os.truncate(path, 1000)


def replace(path: Path) -> None:
    other = path.with_name("other.tmp")
    other.write_bytes(b"another file")
    other.rename(path)


@pytest.mark.parametrize("change", [append, overwrite_one_byte, shorten, replace])
def test_a_file_that_changes_while_it_is_hashed_is_hashed_again(tmp_path: Path, change: Callable[[Path], None]) -> None:
    path = large(tmp_path / "large.ts")
    thread = while_read(path, lambda: change(path))
    found = scan(tmp_path, Selection(exclude=("*.tmp",))).manifest["large.ts"]
    thread.join()

    assert (found.size, found.sha256) == (path.stat().st_size, expected(path))


def test_a_file_that_goes_on_changing_is_refused(tmp_path: Path) -> None:
    path = large(tmp_path / "log.txt")
    done = threading.Event()

    def keep_writing() -> None:
        with path.open("r+b") as stream:
            while not done.wait(0.002):
                stream.write(b"!")
                stream.flush()
                stream.seek(0)
                os.utime(path, ns=(time.time_ns(), time.time_ns()))

    thread = threading.Thread(target=keep_writing)
    thread.start()
    try:
        with pytest.raises(InputError, match=r"'log.txt', which changed while it was read, 2 times in a row"):
            scan(tmp_path)
    finally:
        done.set()
        thread.join()


def test_a_file_that_goes_away_while_it_is_hashed_is_reported(tmp_path: Path) -> None:
    path = large(tmp_path / "large.ts")
    thread = while_read(path, path.unlink)
    with pytest.raises(InputError, match=r"'large.ts', which cannot be read: No such file"):
        scan(tmp_path)
    thread.join()


def test_no_file_stays_open_and_no_thread_goes_on(tmp_path: Path) -> None:
    put(tmp_path, *(f"{number}.ts" for number in range(100)))
    (tmp_path / "z").symlink_to("nowhere")
    with pytest.raises(InputError):
        scan(tmp_path)
    (tmp_path / "z").unlink()
    scan(tmp_path)

    assert [target for target, _ in open_files() if target.startswith(str(tmp_path))] == []
    assert [thread for thread in threading.enumerate() if thread.name.startswith("hash")] == []


def test_files_of_the_system_are_left_out_and_listed(tmp_path: Path) -> None:
    for name in (".DS_Store", "img/Thumbs.db", "img/a.png", ".git/objects/1", ".git/config", "sub/.git", "a.js"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    # What is left out need not be readable, nor a file that could be released.
    (tmp_path / ".git" / "link").symlink_to("/nowhere")
    found = scan(tmp_path)
    assert set(found.manifest) == {"a.js", "img/a.png"}
    assert found.left_out == (".DS_Store", ".git", "img/Thumbs.db", "sub/.git")
    named = scan(tmp_path, Selection(("**", "**/.git/config", "Thumbs.db")))
    assert set(named.manifest) == {"a.js", "img/a.png", ".git/config", "img/Thumbs.db"}
    assert scan(tmp_path, Selection(exclude=(".git", ".DS_Store"))).left_out == ("img/Thumbs.db",)
