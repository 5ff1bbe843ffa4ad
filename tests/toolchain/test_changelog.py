"""Each file in changes/ is an entry for users, and the next release is made of them without a line lost."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
KINDS = [kind["directory"] for kind in PROJECT["tool"]["towncrier"]["type"]]
NAME = re.compile(rf"\+[a-z0-9]+(-[a-z0-9]+)*\.({'|'.join(KINDS)})\.md")
GUIDE = "README.md"
MAX_LETTERS = 600


def complaint(name: str, text: str) -> str:
    """What is wrong with a file of changes/; empty if nothing is."""
    if not NAME.fullmatch(name):
        return f"its name is not like +short-name.{'|'.join(KINDS)}.md"
    entry = text.strip()
    if text != entry + "\n" or "\n\n" in text:
        return "it is not one entry with a line break at its end"
    if re.match(r"[-*#+] ?", entry) or re.search(r"(?<!\w)#\d", entry):
        return "it has a bullet, a heading or the number of an issue"
    if not entry.endswith("."):
        return "it does not end with a full stop"
    return f"it has more than {MAX_LETTERS} letters" if len(entry) > MAX_LETTERS else ""


def towncrier(folder: Path, *options: str) -> str:
    """What towncrier prints in *folder*."""
    command = [sys.executable, "-m", "towncrier", "build", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_each_file_is_an_entry_for_users() -> None:
    files = [path for path in (ROOT / "changes").iterdir() if path.name != GUIDE]
    wrong = {path.name: complaint(path.name, path.read_text(encoding="utf-8")) for path in files}
    assert {name: why for name, why in wrong.items() if why} == {}


def test_what_is_no_entry_is_noticed() -> None:
    good = "+short-name.added.md"
    assert complaint(good, "Users can `do` it.\n") == ""
    for name, text in (
        ("short-name.added.md", "Users can do it.\n"),
        ("+Short.added.md", "Users can do it.\n"),
        ("+short.feature.md", "Users can do it.\n"),
        (good, ""),
        (good, "Users can do it."),
        (good, "Users can do it\n"),
        (good, "- Users can do it.\n"),
        (good, "Users can do it (#12).\n"),
        (good, "One.\n\nTwo.\n"),
        (good, f"{'o' * MAX_LETTERS}.\n"),
    ):
        assert complaint(name, text), (name, text)


def test_the_next_release_has_each_entry_and_all_that_was_written_before(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "changes", tmp_path / "changes")
    for kind in KINDS:
        (tmp_path / "changes" / f"+one-more.{kind}.md").write_text(f"An entry that is {kind}.\n")
    files = [path for path in (tmp_path / "changes").iterdir() if path.name != GUIDE]
    entries = {" ".join(path.read_text(encoding="utf-8").split()) for path in files}
    before = (tmp_path / "CHANGELOG.md").read_text(encoding="utf-8")

    draft = towncrier(tmp_path, "--draft")
    assert (tmp_path / "CHANGELOG.md").read_text(encoding="utf-8") == before
    assert {entry for entry in entries if f"- {entry}" not in " ".join(draft.split())} == set()

    towncrier(tmp_path, "--yes")
    written = (tmp_path / "CHANGELOG.md").read_text(encoding="utf-8")
    head, rest = before.split("## Unreleased\n")
    start, release = written.split("## Unreleased\n")
    assert start == head
    assert release.strip().startswith(f"## {PROJECT['project']['version']} (")
    assert release.endswith(rest.lstrip("\n"))
    assert {entry for entry in entries if f"- {entry}" not in " ".join(release.split())} == set()
    assert [path.name for path in (tmp_path / "changes").iterdir()] == [GUIDE]
