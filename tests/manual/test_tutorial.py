"""README and the tutorial, typed by a stranger in a clean home and a fresh clone, and what they promise to show."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Final

import pytest

from manual.pages import ROOT, blocks, typed

FIND_UV: Final = ROOT / "provider" / "toolchain" / "find_uv.py"
SECOND_TERMINAL: Final = "alicdn emulator"
DEPLOYMENT: Final = "pulumi "
OTHER_TESTS: Final = ("make up", "make test")
"""What README tells to type and test_quickstart.py or CI runs."""
ACCOUNT: Final = "export ALIBABA_CLOUD_ACCESS_KEY_ID=…"
"""Where the part begins that needs an account. The tests of the example own-domain run its program."""
COMMAND_S: Final = 600.0
"""One of them installs 70 packages from the internet, on a machine that runs other tests."""
OF_THE_MACHINE: Final = ("PIP_", "UV_", "SSL_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PULUMI_ALICDN_")
"""How variables begin that say how this machine reaches the internet; a stranger has those of another one."""
START_S: Final = 30.0


class Terminal:
    """A shell in which one command is typed after the other."""

    def __init__(self, home: Path, checkout: Path, path: str) -> None:
        self.folder = str(checkout)
        self.environment = {
            **{name: value for name, value in os.environ.items() if name.upper().startswith(OF_THE_MACHINE)},
            "HOME": str(home),
            "PATH": path,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
        }
        self._kept = home / "environment"

    def type(self, command: str) -> tuple[int, str]:
        """The exit code of a command and all it printed; folder and variables stay for the next one."""
        script = f"{command}\ncode=$?\npwd > {self._kept}.folder\nenv -0 > {self._kept}\nexit $code\n"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_S,
            check=False,
        )
        self.folder = Path(f"{self._kept}.folder").read_text().strip()
        pairs = filter(None, self._kept.read_text().split("\0"))
        self.environment = dict(pair.split("=", 1) for pair in pairs)
        return done.returncode, done.stdout


@pytest.fixture
def terminal(tmp_path: Path, engine_path: str) -> Terminal:
    """A terminal in a fresh clone, in a home without files. On PATH: Pulumi, uv, Python and the system's programs."""
    checkout, home, tools = (tmp_path / name for name in ("checkout", "home", "tools"))
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, checkout / name)
    for folder in (home, tools):
        folder.mkdir()
    # The Python on which the environment of the tests was made: it has none of what the tests installed.
    base = Path(sys.executable).resolve()
    (tools / "python3").symlink_to(base)
    uv = subprocess.run([sys.executable, str(FIND_UV)], capture_output=True, text=True, check=True)
    (tools / "uv").symlink_to(uv.stdout.splitlines()[-1])
    here = str(Path(sys.executable).parent)
    path = [folder for folder in os.environ["PATH"].split(os.pathsep) if folder not in (here, engine_path)]
    return Terminal(home, checkout, os.pathsep.join([engine_path, str(tools), *path]))


@pytest.fixture
def second_terminal() -> Iterator[list[subprocess.Popen[str]]]:
    """What is started there, which is ended with the test."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for child in started:
        child.terminate()
        child.wait(timeout=START_S)


def start(command: str, terminal: Terminal, said: Path) -> tuple[subprocess.Popen[str], str]:
    """Start what stays in the second terminal; return it, and the lines that it prints first."""
    with said.open("w") as out:
        child = subprocess.Popen(
            ["bash", "-c", f"exec {command}"],
            cwd=terminal.folder,
            env=terminal.environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            text=True,
        )
    deadline = time.monotonic() + START_S
    while not said.read_text().endswith("\n"):
        assert child.poll() is None, f"{command} ended"
        assert time.monotonic() < deadline, f"{command} printed nothing"
        time.sleep(0.05)
    return child, said.read_text()


def paste(command: str, terminal: Terminal, started: list[subprocess.Popen[str]], said: Path) -> None:
    """Start a local cloud in the second terminal, and paste the lines that it prints into the first one."""
    child, exports = start(command, terminal, said)
    started.append(child)
    terminal.type(exports)


def submits(terminal: Terminal) -> int:
    """How many tasks the local cloud was asked for so far."""
    _, log = terminal.type("curl --silent $ALICDN_ENDPOINT/_emulator/calls")
    actions = [call["action"] for call in json.loads(log)["calls"]]
    return sum(action in ("RefreshObjectCaches", "PushObjectCache", "RefreshVodObjectCaches") for action in actions)


@pytest.mark.engine
@pytest.mark.timeout(1200)
def test_a_stranger_gets_a_site_onto_every_edge_and_a_forgotten_upload_fails(
    terminal: Terminal, second_terminal: list[subprocess.Popen[str]], tmp_path: Path
) -> None:
    ups: list[tuple[int, str, int]] = []
    lines = takewhile(lambda line: not line.startswith(ACCOUNT), typed("docs/tutorial.md"))
    checkout = terminal.folder
    for line in lines:
        if line.startswith(SECOND_TERMINAL):
            paste(line, terminal, second_terminal, tmp_path / "said")
            continue
        code, said = terminal.type(line)
        if line == "pulumi up --yes":
            ups.append((code, said, submits(terminal)))
        else:
            assert code == 0, f"{line}\n{said}"

    first, forgotten, second, nothing = ups
    assert (first[0], forgotten[0] != 0, second[0], nothing[0]) == (0, True, 0, 0), "\n".join(one[1] for one in ups)
    assert [one[2] for one in ups] == [2, 2, 3, 3]
    assert [re.search(r'status +: "live"', one[1]) is not None for one in (first, second)] == [True, True]
    assert "the origin does not have the release" in re.sub(r"\s+", " ", forgotten[1])
    assert "https://www.example.com/index.html" in forgotten[1]
    assert "unchanged" in nothing[1]
    assert (Path(terminal.folder) / "release.html").is_file()
    assert terminal.type("which alicdn")[1].strip() == str(tmp_path / "home/site/.venv/bin/alicdn")

    # README's program, in the same home and on the package that README installs.
    readme = [line for line in typed("README.md") if not line.startswith(OTHER_TESTS)]
    terminal.folder = checkout
    for line in (line for line in readme if not line.startswith(DEPLOYMENT)):
        code, said = terminal.type(line)
        assert code == 0, f"{line}\n{said}"
    page = tmp_path / "home" / "page"
    page.mkdir()
    shutil.copy2(Path(checkout) / "examples" / "minimal" / "Pulumi.yaml", page)
    (program,) = (block.text for block in blocks("python") if block.page == "README.md")
    (page / "__main__.py").write_text(program)
    terminal.folder = str(page)
    paste(f"{SECOND_TERMINAL} --env", terminal, second_terminal, tmp_path / "readme-said")
    deployed = [terminal.type(line) for line in readme if line.startswith(DEPLOYMENT)]
    assert [code for code, _ in deployed] == [0], "\n".join(said for _, said in deployed)
    assert re.search(r'status *: "Complete"', deployed[0][1])
    assert submits(terminal) == 1
