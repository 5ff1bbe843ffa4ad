"""Each configuration of examples/terraform: formatted, valid, and its own tests and an apply run at a local cloud."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from pulumi_alicdn.emulator.running import Emulator
from support.emulators import start
from terraform.conftest import Workspace
from terraform.theirs import submits

EXAMPLES: Final = Path(__file__).resolve().parents[2] / "examples" / "terraform"
SUBMITS: Final = {"refresh": 2, "prefetch": 2, "release": 1}
"""The submits of an example's tests: the first release and the next one. The same release again submits nothing."""

VALUES: Final = {"refresh": ["-var=release=1"], "prefetch": ["-var=release=1"], "release": []}
"""What an apply of the example is given."""


@pytest.fixture(scope="module")
def _running() -> Iterator[Emulator]:
    """The origin of this module serves what the example releases."""
    with start(effect_s=1, edges=2, domains=["example.com"], origin=EXAMPLES / "release" / "site") as running:
        yield running


@pytest.mark.parametrize("name", SUBMITS)
def test_an_example_is_formatted_valid_and_does_what_its_tests_say(
    cloud: Emulator, workspaces: Callable[[str], Workspace], name: str
) -> None:
    made = workspaces("")
    shutil.copytree(EXAMPLES / name, made.folder, dirs_exist_ok=True)
    edges = json.dumps([edge.removeprefix("http://") for edge in cloud.edges])
    made.environment["TF_VAR_edges"] = edges
    for command in (["fmt", "-check", "-diff"], ["validate"], ["test"]):
        done = made.run(*command)
        assert done.code == 0, done.said
    assert "0 failed" in done.said
    assert submits(cloud) == SUBMITS[name], cloud.tasks()

    # A user's apply, after which nothing is left to do.
    applied = made.run("apply", "-auto-approve", *VALUES[name])
    assert applied.code == 0, applied.said
    assert made.attributes()["status"] in ("Complete", "live")
    assert made.run("plan", "-detailed-exitcode", *VALUES[name]).code == 0
    assert (made.folder / "release.html").exists() == (name == "release")


def test_each_example_has_a_test_and_a_page_of_its_own_and_is_named_on_the_page() -> None:
    page = (EXAMPLES / "README.md").read_text()
    folders = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())
    assert folders == sorted(SUBMITS)
    for name in folders:
        assert list((EXAMPLES / name).glob("*.tftest.hcl"))
        assert (EXAMPLES / name / "README.md").exists()
        assert f"examples/terraform/{name}`" in page
