"""The manifest file of `alicdn release`: whole or not at all, by one run at a time, and damage is noticed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from pulumi_alicdn.errors import AlicdnError, InputError
from pulumi_alicdn.state import ReleaseFileState
from pulumi_alicdn.system.release_file import ReleaseFile

STEPS = cast("ReleaseFileState", {"record": {"status": "live", "base_urls": ["https://www.example.com/é"]}})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "site.json"


def test_what_was_written_is_read_and_without_a_file_there_is_nothing(path: Path) -> None:
    file = ReleaseFile(str(path))
    assert file.read() == {}
    file.write(STEPS)
    later = cast("ReleaseFileState", {**STEPS, "refresh": {}})
    file.write(later)
    assert ReleaseFile(str(path)).read() == later
    assert [one.name for one in path.parent.iterdir()] == ["site.json"]


def test_what_a_killed_run_left_half_written_is_no_obstacle(path: Path) -> None:
    file = ReleaseFile(str(path))
    file.write(STEPS)
    path.with_name(".site.json.new").write_text('{"form": "alicdn-rel')
    assert file.read() == STEPS
    file.write({})
    assert file.read() == {}


def test_a_link_stands_for_its_file(path: Path) -> None:
    link = path.with_name("link.json")
    link.symlink_to(path)
    ReleaseFile(str(link)).write(STEPS)
    assert link.is_symlink()
    assert ReleaseFile(str(path)).read() == STEPS


def test_the_rights_of_the_file_stay(path: Path) -> None:
    file = ReleaseFile(str(path))
    file.write(STEPS)
    path.chmod(0o600)
    file.write({})
    assert path.stat().st_mode & 0o777 == 0o600


DAMAGE: dict[str, tuple[Callable[[str], str], str]] = {
    "cut off": (lambda text: text[:-4], "is damaged"),
    "empty": (lambda _: "", "is damaged"),
    "not text": (lambda _: "\udcff", "is damaged"),
    "too deep": (lambda _: "[" * 100_000, "is damaged"),
    "of others": (lambda _: '{"version": 3}', "is not of this version of `alicdn release`"),
    "no object": (lambda _: "[]", "is not of this version of `alicdn release`"),
    "later": (lambda text: text.replace("release-1", "release-2"), "is not of this version of `alicdn release`"),
    "changed": (lambda text: text.replace("live", "dead"), "was changed or is damaged"),
    "without steps": (lambda _: '{"form": "alicdn-release-1"}', "was changed or is damaged"),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_or_foreign_file_is_refused_with_the_way_out(path: Path, how: str) -> None:
    file = ReleaseFile(str(path))
    file.write(STEPS)
    change, sentence = DAMAGE[how]
    path.write_bytes(change(path.read_text()).encode(errors="surrogateescape"))
    with pytest.raises(InputError, match=sentence) as refused:
        file.read()
    assert str(refused.value).startswith(f"the manifest file {str(path)!r} ")
    assert "Restore the file from a backup, or name a new file" in str(refused.value)


def test_only_one_holds_the_lock(path: Path) -> None:
    one, two = ReleaseFile(str(path)), ReleaseFile(str(path))
    with one.locked():
        with pytest.raises(AlicdnError, match="another `alicdn release` is under way"), two.locked():
            pass
        one.write(STEPS)
    with two.locked():
        assert two.read() == STEPS


def test_a_place_that_cannot_be_read_or_written_is_named(path: Path) -> None:
    absent = ReleaseFile(str(path.parent / "absent" / "site.json"))
    with pytest.raises(InputError, match="cannot be written: No such file or directory"), absent.locked():
        pass
    with pytest.raises(AlicdnError, match="cannot be written: No such file or directory"):
        absent.write(STEPS)
    path.mkdir()
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        ReleaseFile(str(path)).read()
    with pytest.raises(AlicdnError, match="cannot be written"):
        ReleaseFile(str(path)).write(STEPS)
    assert list(path.iterdir()) == []
