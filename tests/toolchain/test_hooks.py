"""The hooks that `make hooks` installs: a copy of the project passes them, and each finds what is broken, offline."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEW = "provider/pulumi_alicdn/releases/report/new"
PREK_S = 240


class Clone:
    """A copy of all files that git tracks here, in a repository of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in self._git(ROOT, "ls-files", "-z").stdout.split("\0"):
            # A tracked file may be deleted in the working tree.
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        self.environment = {
            **os.environ,
            "UV_PROJECT_ENVIRONMENT": sys.prefix,
            # The environment's own package is the original; the layers of the copy are to be read.
            "PYTHONPATH": str(folder / "provider"),
            "UV_OFFLINE": "1",
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        self._git(folder, "init", "--quiet")
        self._git(folder, "config", "user.name", "Somebody")
        self._git(folder, "config", "user.email", "somebody@example.com")
        self.add()

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")
        self.add()

    def add(self) -> None:
        self._git(self.folder, "add", "--all")

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PREK_S,
            check=False,
        )

    def prek(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run(str(Path(sys.executable).with_name("prek")), *arguments)

    @staticmethod
    def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)


@pytest.fixture(scope="module", autouse=True)
def _biome_is_installed() -> None:
    """Install Biome as `make lint` does, so that the hooks need no network."""
    subprocess.run([sys.executable, str(ROOT / "provider" / "toolchain" / "biome.py"), "--version"], check=True)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_all_files_of_the_project_pass(clone: Clone) -> None:
    done = clone.prek("run", "--all-files")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("hook", "name", "text", "finding"),
    [
        ("ruff", f"{NEW}.py", '"""A module."""\n\nimport json\n', "F401"),
        ("ruff-format", f"{NEW}.py", '"""A module."""\nA  =  1\n', "1 file reformatted"),
        (
            "import-linter",
            f"{NEW}.py",
            '"""A module."""\n\nfrom pulumi_alicdn.cloud.client import AlibabaCloud\n',
            "layers point one way BROKEN",
        ),
        ("djlint", f"{NEW}.html.jinja", "<p>{{ name }}</div>\n", "H025"),
        ("biome", f"{NEW}.css", "a {\n  colour: red;\n}\n", "noUnknownProperty"),
        ("biome", f"{NEW}.js", "var one = 1;\nif (one == 2) one = one;\n", "noSelfAssign"),
        ("codespell", "README.md", "Purge teh cache.\n", "teh ==> the"),  # codespell:ignore teh
        ("vulture", f"{NEW}.py", "def never_called() -> None:\n    pass\n", "unused function 'never_called'"),
    ],
)
def test_each_hook_finds_what_is_broken(clone: Clone, hook: str, name: str, text: str, finding: str) -> None:
    clone.write(name, text)
    done = clone.prek("run", hook, "--files", name)
    assert done.returncode != 0
    assert finding in done.stdout, done.stdout


def test_a_commit_that_breaks_a_rule_is_refused(clone: Clone) -> None:
    assert clone.prek("install").returncode == 0
    clone.write("broken.py", "import json\n")
    done = clone.run("git", "commit", "--message", "Break a rule")
    assert done.returncode != 0
    assert "F401" in done.stdout, done.stdout
