"""Each configuration of examples/terraform: formatted, valid, and its own tests run at a local cloud."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pulumi_alicdn.emulator.running import Emulator
from terraform.conftest import Workspace

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "terraform"
FOLDERS = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())


@pytest.mark.parametrize("name", FOLDERS)
def test_an_example_is_formatted_valid_and_does_what_its_tests_say(
    cloud: Emulator, workspaces: Callable[[str], Workspace], name: str
) -> None:
    made = workspaces("")
    shutil.copytree(EXAMPLES / name, made.folder, dirs_exist_ok=True)
    for command in (["fmt", "-check", "-diff"], ["validate"], ["test"]):
        done = made.run(*command)
        assert done.code == 0, done.said
    assert "0 failed" in done.said
    # The first release and the next one; the same release again submits nothing.
    assert len([*cloud.calls("RefreshObjectCaches"), *cloud.calls("PushObjectCache")]) == 2


def test_each_example_has_a_test_of_its_own_and_is_named_on_the_page() -> None:
    page = (EXAMPLES / "README.md").read_text()
    assert FOLDERS
    for name in FOLDERS:
        assert list((EXAMPLES / name).glob("*.tftest.hcl"))
        assert f"examples/terraform/{name}`" in page
