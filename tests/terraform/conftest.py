"""The real Terraform or OpenTofu with this provider, one emulator for a module, a folder for each test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from pulumi_alicdn.emulator.running import Emulator
from support.emulators import start
from support.python_shim import provider_folder
from support.terraform_program import needed

DEADLINE_S = 120.0
KEYS = ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET")

AS_USERS_START = {"test_kills.py", "test_goes_on.py"}
"""Files in which Terraform starts the provider as it does for users. In all others it has its modules loaded."""


def task(version: str, more: str = "", *, folder: str = "", name: str = "site") -> str:
    """A refresh of two files."""
    site = f"http://example.com{folder and '/' + folder}"
    return f"""
resource "alicdn_refresh_task" "{name}" {{
  service      = "cdn"
  object_paths = ["{site}/a.js", "{site}/b.js"]
  triggers     = {{ version = "{version}" }}
  {more}
}}
"""


@dataclass(frozen=True)
class Ran:
    code: int
    said: str


@dataclass(frozen=True)
class Workspace:
    """A folder with a configuration, and what runs in it."""

    folder: Path
    environment: dict[str, str]

    def without_keys(self, **more: str) -> Workspace:
        """The same folder with no credentials but those in *more*."""
        kept = {name: value for name, value in self.environment.items() if name not in KEYS}
        return replace(self, environment={**kept, **more})

    def write(self, resource: str) -> None:
        required = 'terraform {\n  required_providers {\n    alicdn = { source = "alicdn/alicdn" }\n  }\n}\n'
        (self.folder / "main.tf").write_text(required + resource)

    def attributes(self, at: int = 0) -> dict[str, Any]:
        """The attributes of the first instance of a resource in the state."""
        state = json.loads((self.folder / "terraform.tfstate").read_text())
        found: dict[str, Any] = state["resources"][at]["instances"][0]["attributes"]
        return found

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        command = [needed(), *arguments, "-no-color"]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def run(self, *arguments: str) -> Ran:
        child = self.begin(*arguments)
        said, _ = child.communicate(timeout=DEADLINE_S)
        return Ran(child.returncode, " ".join(said.replace("│", " ").split()))


@pytest.fixture(scope="module")
def _running() -> Iterator[Emulator]:
    with start(effect_s=1, edges=2, domains=["example.com"]) as running:
        yield running


@pytest.fixture
def cloud(_running: Emulator) -> Emulator:
    _running.admin("reset", {})
    return _running


@pytest.fixture
def workspaces(cloud: Emulator, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[str], Workspace]:
    needed()
    as_users_start = request.path.name in AS_USERS_START
    provider = str(Path(sys.executable).parent) if as_users_start else provider_folder()
    settings = tmp_path / "rc"
    overrides = f'dev_overrides {{\n    "alicdn/alicdn" = "{provider}"\n  }}\n  direct {{}}'
    settings.write_text(f"provider_installation {{\n  {overrides}\n}}\n")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "TF_CLI_CONFIG_FILE": str(settings),
        "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
        **cloud.environment(),
    }

    def make(resource: str) -> Workspace:
        folder = tmp_path / "configuration"
        folder.mkdir()
        made = Workspace(folder, environment)
        made.write(resource)
        return made

    return make
