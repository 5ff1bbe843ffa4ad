"""The versions that files of the project pin, each read from the one file that decides it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT: Final = Path(__file__).resolve().parents[2]
TOOLCHAIN: Final = ROOT / "provider" / "toolchain"


def _one(file: Path, pattern: str) -> str:
    """What the only match of *pattern* in *file* holds."""
    (found,) = re.findall(pattern, file.read_text(encoding="utf-8"), re.MULTILINE)
    return str(found)


@cache
def project() -> Mapping[str, Any]:
    """What pyproject.toml says of the project."""
    read: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return read


def oldest_python() -> str:
    """The oldest Python, such as `3.11`."""
    return str(project()["requires-python"]).removeprefix(">=")


def newest_python() -> str:
    """The Python of `make test-newest`."""
    return _one(ROOT / "Makefile", r"^NEWEST_PYTHON \?= ([\d.]+)$")


def engine(name: str) -> str:
    """The version of the engine that is `pinned` or `newest`."""
    folder = {"pinned": "cli", "newest": "newest"}[name]
    return _one(TOOLCHAIN / folder / "go.mod", r"^\s*github\.com/pulumi/pulumi/pkg/v3 v(\S+)")


def opentofu() -> str:
    """The version of OpenTofu that is built."""
    return _one(TOOLCHAIN / "tofu" / "go.mod", r"^\s*github\.com/opentofu/opentofu v(\S+)")


def go() -> str:
    """The version of Go that builds them, such as `1.26`."""
    (found,) = {_one(TOOLCHAIN / name / "go.mod", r"^go (\d+\.\d+)") for name in ("cli", "newest", "langhost", "tofu")}
    return found


def oldest(script: str) -> str:
    """The oldest program on PATH that `engine.py` or `tofu.py` takes, such as `3.230`."""
    return ".".join(_one(TOOLCHAIN / script, r"^OLDEST = \((.*)\)$").split(", ")[:2])


@cache
def needs() -> Mapping[str, Requirement]:
    """What the package needs, with all its extras, by name."""
    extras = project()["optional-dependencies"]
    lines = [*project()["dependencies"], *(line for name in extras for line in extras[name])]
    return {canonicalize_name(one.name): one for one in map(Requirement, sorted(lines))}


def lowest(name: str) -> Version:
    """The lowest version of a package that is allowed."""
    (bound,) = [Version(one.version) for one in needs()[name].specifier if one.operator == ">="]
    return bound


@cache
def locked() -> Mapping[str, Version]:
    """The version of each package in uv.lock."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    return {one["name"]: Version(one["version"]) for one in lock["package"]}
