"""The two commands of the README in a fresh copy of the project: `make up` and `make down`."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKE_S = 280.0


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


def make(folder: Path, *arguments: str) -> str:
    # The copy makes an environment of its own, as a new user's would.
    environment = {
        name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL")
    }
    done = subprocess.run(
        ["make", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=MAKE_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def served(folder: Path, asset: str) -> list[bytes]:
    """What each edge of the running quickstart serves."""
    bodies = []
    for edge in json.loads((folder / ".state" / "emulator.json").read_text())["edges"]:
        address = urlsplit(edge)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
        connection.request("GET", f"/{asset}", headers={"Host": "www.example.com"})
        bodies.append(connection.getresponse().read())
        connection.close()
    return bodies


def release(folder: Path, number: int, asset: str) -> bytes:
    return (folder / "examples" / "quickstart" / "releases" / str(number) / asset).read_bytes()


@pytest.mark.engine
def test_make_up_ends_with_every_edge_serving_the_new_release(clone: Path) -> None:
    said = make(clone, "up", "EFFECT_S=3")

    for asset in ("index.html", "app.js", "style.css"):
        assert served(clone, asset) == [release(clone, 2, asset)] * 3
    table = [line for line in said.splitlines() if "http://127.0.0.1" in line and "release 1" in line]
    assert len(table) == 9
    assert all(line.index("release 1") < line.index("release 2") for line in table)

    again = make(clone, "up", "EFFECT_S=3")
    assert "8 unchanged" in again


@pytest.mark.engine
def test_without_waiting_some_edge_still_serves_the_old_release(clone: Path) -> None:
    make(clone, "up", "WAIT=false", "EFFECT_S=120")
    assert release(clone, 1, "app.js") in served(clone, "app.js")
