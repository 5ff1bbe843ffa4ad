"""The wheel, in an empty environment, with a program outside the project."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from pulumi_alicdn.emulator.running import Emulator
from support.stack import Stack
from support.wheel import install_more, install_wheel, run

ROOT = Path(__file__).resolve().parents[2]


def test_the_wheel_works_in_an_empty_environment(
    tmp_path: Path, emulators: Callable[..., Emulator], stacks: Callable[..., Stack]
) -> None:
    programs = install_wheel(tmp_path)
    cloud = emulators(effect_s=1)
    stack = stacks(
        """
release = alicdn.RefreshTask("homepage", service="cdn", object_paths=["https://cdn.example.com/index.html"])
pulumi.export("status", release.status)
pulumi.export("file", alicdn.__file__)
pulumi.export("version", alicdn.__version__)
""",
        cloud,
    )
    first, rest = stack.environment["PATH"].split(os.pathsep, 1)
    stack.environment["PATH"] = os.pathsep.join([first, str(programs), rest])

    stack.up().expect_ok()

    outputs = stack.outputs()
    assert outputs["status"] == "Complete"
    assert Path(outputs["file"]).is_relative_to(programs.parent)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert outputs["version"] == version
    with pytest.raises(subprocess.CalledProcessError):
        # Its engine is gone: the process ends by itself, although nothing is asked of it.
        run(str(programs / "python"), "-u", "-m", "pulumi.dynamic", "127.0.0.1:1")
    assert version in run(str(programs / "alicdn"), "--version")
    assert version in run(str(programs / "python"), "-m", "pulumi_alicdn", "--version")
    without = subprocess.run([programs / "alicdn", "emulator"], capture_output=True, text=True, timeout=60, check=False)
    assert without.returncode == 2
    assert "--edges" in run(str(programs / "alicdn"), "emulator", "-h")

    # After the commands of these sentences, nothing is missing.
    given = re.search(r"Run pip install (.*), and start the emulator again", without.stderr)
    assert given is not None, without.stderr
    lacking = [
        subprocess.run([programs / name, *more], capture_output=True, text=True, timeout=60, check=False).stderr
        for name, *more in (["alicdn", "terraform", "install", "--dir", str(tmp_path)], ["terraform-provider-alicdn"])
    ]
    needed = [re.search(r" is not installed, which the provider needs: pip install (.*)", said) for said in lacking]
    assert all(needed), lacking
    (more,) = {one[1] for one in needed if one is not None}
    install_more(programs, *shlex.split(given[1]), *shlex.split(more))
    started = run(str(programs / "alicdn"), "emulator", "--until-stdin-closes")
    assert started.startswith('{"endpoint":')
    assert "required_providers" in run(str(programs / "alicdn"), "terraform", "install", "--dir", str(tmp_path))
    itself = subprocess.run([programs / "terraform-provider-alicdn"], capture_output=True, timeout=60, check=False)
    assert b"Terraform and OpenTofu, which start it themselves" in itself.stderr
