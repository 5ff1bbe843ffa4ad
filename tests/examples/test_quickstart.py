"""The commands of the README in a fresh copy of the project: `make up`, `make up-terraform` and `make down`."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from pulumi_alicdn.emulator.running import Emulator
from support.terminal import show
from support.terraform_program import needed

ROOT = Path(__file__).resolve().parents[2]
QUICKSTART = ROOT / "examples" / "quickstart"
NODES, PLACES = 24, 8
MAKE_S = 280.0
COLUMNS = 200


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Path]:
    """A copy of all files that git has or would take; what `make up` started there is ended by `make down`."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    folder = tmp_path / "clone"
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    yield folder
    make(folder, "down")
    assert not (folder / ".state").exists()


def environment() -> dict[str, str]:
    """That of a new user: the copy makes a Python environment of its own."""
    return {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL")}


def make(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["make", *arguments], cwd=folder, env=environment(), capture_output=True, text=True, timeout=MAKE_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def served(folder: Path, asset: str) -> list[bytes]:
    """What each node of the running quickstart serves."""
    cloud = Emulator(**json.loads((folder / ".state" / "emulator.json").read_text()))
    return [cloud.at_node(str(node["address"]), f"https://www.example.com/{asset}").body for node in cloud.nodes]


def release(folder: Path, number: int, asset: str) -> bytes:
    return (folder / "examples" / "quickstart" / "releases" / str(number) / asset).read_bytes()


@pytest.mark.engine
def test_make_up_ends_with_every_node_serving_the_new_release_and_shows_the_place_that_lagged(clone: Path) -> None:
    seen = show(["make", "up"], COLUMNS, clone, environment(), MAKE_S)
    assert seen.code == 0, seen.drawn
    said = "\n".join(seen.screens[-1])

    for asset in ("index.html", "app.js", "style.css"):
        assert served(clone, asset) == [release(clone, 2, asset)] * NODES
    rows = [line for line in said.splitlines() if line.endswith(("release 1", "release 2"))]
    late, others = rows[:1], rows[1:]
    assert len(rows) == PLACES
    # On a busy machine, the first of the five nodes may have the new release when the last is asked.
    lagged = r"\W*!\s+China, Guangdong\s+5\s+release 1\s+release 1(, release 2)? \(stale\)\s+release 2"
    assert [row for row in late if not re.fullmatch(lagged, row.rstrip())] == []
    assert all("stale" not in row for row in others)
    assert "5 nodes in China, Guangdong still served an old release." in said
    assert "all 24 nodes in 8 places serve release 2." in said
    assert seen.rows("not yet at 5 nodes in China, Guangdong"), seen.rows("proven")
    assert f"{NODES} nodes in {PLACES} places" in (clone / ".state" / "release.html").read_text()
    # Pulumi's own tree, in its colors, and the row of the place that lagged in red.
    assert seen.rows("├─ pulumi-python:cdn:Proof")
    assert re.search(r" 4/4 URLs effective after \d+ s$", seen.last("URLs effective after"))
    assert "\x1b[31m" in next(
        line for line in seen.drawn.splitlines() if "China, Guangdong" in line and "(stale)" in line
    )

    again = make(clone, "up", "EFFECT_S=3")
    assert re.search(r"^Resources:\n +\d+ unchanged\n\n", again, re.MULTILINE), again
    assert "updating..." not in again
    assert "The local cloud runs already, with EFFECT_S=6" in again


@pytest.mark.engine
def test_make_up_terraform_ends_with_every_node_serving_the_new_release_and_takes_turns(
    clone: Path,
) -> None:
    program = Path(needed()).name
    said = make(clone, "up-terraform", "EFFECT_S=1")
    assert f"Deploying release 2 with `{program} apply`" in said
    assert 'status = "live"' in said
    assert f"Release 2 is live at {NODES} nodes." in said
    assert f"all {NODES} nodes in {PLACES} places serve release 2." in said
    for asset in ("index.html", "app.js", "style.css"):
        assert served(clone, asset) == [release(clone, 2, asset)] * NODES
    assert f"{NODES} nodes in {PLACES} places" in (clone / ".state" / "release.html").read_text()
    assert "No changes." in make(clone, "up-terraform")
    left = make(clone, "up-terraform", "RELEASE=1", "WAIT=false")
    assert "alicdn_refresh_task.site[0]: Creation complete" in left
    assert "2 added, 0 changed, 3 destroyed" in left
    turned = make(clone, "up", "WAIT=false")
    assert f"{program} deployed here last: pulumi begins anew." in turned
    back = make(clone, "up-terraform", "RELEASE=1", "WAIT=false")
    assert "2 added, 0 changed, 0 destroyed" in back  # it uploads again what the other one has replaced


@pytest.mark.engine
def test_without_waiting_some_node_still_serves_the_old_release(clone: Path) -> None:
    said = make(clone, "up", "WAIT=false", "EFFECT_S=600")
    assert release(clone, 1, "app.js") in served(clone, "app.js")
    assert "24 of 24 nodes in 8 places do not serve release 2 yet" in said


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("RELEASE=7", "RELEASE is '7', but must be 1 or 2."),
        ("RELEASE=it's", """RELEASE is "it's", but must be 1 or 2."""),
        ("WAIT=no", "WAIT is 'no', but must be true or false."),
        ("EFFECT_S=nan", "EFFECT_S is 'nan', but must be a number of seconds from 0 to 600."),
    ],
)
def test_a_wrong_value_is_one_sentence_and_starts_nothing(given: str, sentence: str) -> None:
    """The command of `make up`, without its environment and its engine."""
    shown = subprocess.run(
        ["make", "--no-print-directory", "-n", "up", given], cwd=ROOT, capture_output=True, text=True, check=True
    )
    flags = shown.stdout[shown.stdout.index("demo.py up") + len("demo.py up") :]
    demo = QUICKSTART / "demo.py"
    done = subprocess.run(
        ["bash", "-c", f'"$0" "{demo}" up {flags}', sys.executable], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{sentence}\n")


@pytest.fixture(scope="module")
def picture() -> Any:  # noqa: ANN401  a module beside a program, and of no package
    found = spec_from_file_location("picture", QUICKSTART / "picture.py")
    assert found is not None
    assert found.loader is not None
    module = module_from_spec(found)
    # A dataclass looks its module up by name.
    sys.modules["picture"] = module
    found.loader.exec_module(module)
    return module


def shown(table: object, *, color: bool) -> list[str]:
    text = io.StringIO()
    console = Console(file=text, force_terminal=color, no_color=not color, width=80, color_system="standard")
    console.print(table)
    return text.getvalue().splitlines()


def test_a_stale_place_comes_first_and_stands_out_with_and_without_colors(picture: Any) -> None:  # noqa: ANN401
    first, second, third = (picture.Node(str(number), place) for number, place in enumerate(("A", "A", "B, C")))
    old, new, mixed = ["release 1"] * 2, ["release 2"] * 2, ["release 1", "release 2"]
    seen = picture.Seen(
        {first: old, second: old, third: old},
        {first: new, second: new, third: mixed},
        {first: new, second: new, third: new},
    )

    assert [re.split(" {2,}", line.rstrip()) for line in shown(picture.table(seen, "release 2"), color=False)[1:]] == [
        ["!", "B, C", "1", "release 1", "release 1, release 2 (stale)", "release 2"],
        ["", "A", "2", "release 1", "release 2", "release 2"],
    ]
    _, late, other = shown(picture.table(seen, "release 2"), color=True)
    assert "\x1b[31m" in late
    assert "\x1b[31m" not in other
    assert picture.sentences(seen, "release 2", 2.5) == [
        "When the service said Complete, 1 node in B, C still served an old release.",
        "The deployment went on asking, and ended 2.5 s later: all 3 nodes in 2 places serve release 2.",
    ]
