"""The public types, as mypy and pyright see them in the installed wheel: both find each wrong line, and only these.

Every program of the pages and of the examples is checked as well, and has no wrong line.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from manual.pages import blocks
from support.node_packages import install, missing_program
from support.wheel import install_wheel

HERE = Path(__file__).parent
PROVIDER = HERE.parents[1] / "provider"
EXAMPLES = HERE.parents[1] / "examples"
PROGRAMS = ("right.py", "wrong.py")
PUBLIC = (
    "__init__.py",
    "errors.py",
    "state",
    "api",
    "releases/proof/evidence.py",
    "resources/asset_release.py",
    "resources/functions.py",
    "resources/option_types.py",
    "resources/program.py",
    "resources/task",
    "resources/task_steps.py",
    "tasks/verdict.py",
)
"""Modules that hold public names, and what these are made of."""


def marked(name: str) -> list[int]:
    """The lines of a program that say that they are wrong."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [number for number, line in enumerate(lines, 1) if "# wrong:" in line]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that has the wheel, and pulumi-alicloud, which one example uses."""
    interpreter = install_wheel(tmp_path_factory.mktemp("wheel")) / "python"
    (packages,) = (interpreter.parents[1] / "lib").glob("python*/site-packages")
    alicloud = find_spec("pulumi_alicloud")
    assert alicloud is not None
    assert alicloud.origin is not None
    # It is large, and only its types are read: a link is enough.
    (packages / "pulumi_alicloud").symlink_to(Path(alicloud.origin).parent)
    return interpreter


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """These, and those of all pages and examples, in a folder from which the sources are out of sight."""
    for name in PROGRAMS:
        shutil.copy(HERE / name, tmp_path)
    for number, block in enumerate(blocks("python")):
        page = re.sub(r"\W", "_", block.page.removesuffix(".md").lower())
        (tmp_path / f"page_{page}_{number}.py").write_text(block.text, encoding="utf-8")
    for file in EXAMPLES.glob("*/*.py"):
        name = f"example_{file.parent.name.replace('-', '_')}.py" if file.name == "__main__.py" else file.name
        assert not (tmp_path / name).exists(), f"two examples have a file {name}"
        shutil.copy(file, tmp_path / name)
    assert len(list(tmp_path.glob("*_*.py"))) > 15
    return tmp_path


@pytest.fixture(scope="session")
def pyright() -> list[str]:
    """The command."""
    missing = missing_program()
    if missing is not None:
        pytest.skip(f"there is no {missing} on PATH, and pyright needs it")
    return ["node", str(install(HERE / "node", "type-checkers") / "pyright" / "index.js"), "--outputjson"]


def complaints(pyright: list[str], folder: Path, python: Path, include: list[str]) -> list[tuple[str, int, str]]:
    """Path, line and sentence of each error that pyright finds in strict mode."""
    settings = {"include": include, "exclude": [], "typeCheckingMode": "strict", "extraPaths": []}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    done = subprocess.run(
        [*pyright, "--project", str(folder), "--pythonpath", str(python)], capture_output=True, text=True, check=False
    )
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["summary"]["filesAnalyzed"] >= len(include)
    return [(one["file"], one["range"]["start"]["line"] + 1, one["message"]) for one in found["generalDiagnostics"]]


def test_there_are_twenty_wrong_lines() -> None:
    assert {name: len(marked(name)) for name in PROGRAMS} == {"right.py": 0, "wrong.py": 20}


def test_mypy_finds_the_wrong_lines_and_no_other(python: Path, programs: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", str(programs / "cache")]
    done = subprocess.run(
        [*command, "--python-executable", str(python), *sorted(path.name for path in programs.glob("*.py"))],
        cwd=programs,
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.findall(r"^(\w+\.py):(\d+): error: ", done.stdout, re.MULTILINE)
    assert {(name, int(line)) for name, line in found} == {("wrong.py", line) for line in marked("wrong.py")}, (
        done.stdout + done.stderr
    )


def test_pyright_finds_the_wrong_lines_and_no_other(pyright: list[str], python: Path, programs: Path) -> None:
    found = complaints(pyright, programs, python, sorted(path.name for path in programs.glob("*.py")))
    lines = {(Path(path).name, line) for path, line, _ in found}
    assert lines == {("wrong.py", line) for line in marked("wrong.py")}, found


def test_pyright_finds_nothing_in_the_public_modules(pyright: list[str], python: Path, tmp_path: Path) -> None:
    (tmp_path / "pulumi_alicdn").symlink_to(PROVIDER / "pulumi_alicdn")
    assert complaints(pyright, tmp_path, python, [f"pulumi_alicdn/{name}" for name in PUBLIC]) == []
