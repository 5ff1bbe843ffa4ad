"""The file by which Terraform and OpenTofu find the provider, in a folder where both look without configuration."""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pulumi_alicdn.errors import AlicdnError
from pulumi_alicdn.phrases import show

PROGRAM: Final = "terraform-provider-alicdn"
"""The program of the package that is the provider."""

SOURCE: Final = "alicdn/alicdn"
"""The provider's address, without the host of a registry."""

SCRIPT: Final = f"""#!/bin/sh
type {PROGRAM} >&2 || {{ echo "{PROGRAM} is not on PATH: activate the environment of pulumi-alicdn"; exit 1; }}
exec {PROGRAM} "$@"
"""
"""The file. Nothing in it is of one machine: its hash in .terraform.lock.hcl is the same everywhere.

Terraform shows the first line that a provider writes to its standard output, and nothing of its standard error.
"""

_REGISTRIES: Final = ("registry.terraform.io", "registry.opentofu.org")
"""The hosts that Terraform and OpenTofu add to the address."""

_SYSTEMS: Final = {"Linux": "linux", "Darwin": "darwin"}
"""The systems on which the provider runs, by Go's names. On others its socket would be open to all users."""

_MACHINES: Final = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
"""Kinds of machines by Go's names; one that is not here has the same name."""


def go_platform(system: str | None = None, machine: str | None = None) -> str:
    """Return the system and the machine by Go's names, such as `linux_amd64`. Raises AlicdnError for other systems."""
    system, machine = system or platform.system(), (machine or platform.machine()).lower()
    if system not in _SYSTEMS:
        raise AlicdnError(f"the provider for Terraform runs on Linux and macOS, and this is {system or 'unknown'}")
    return f"{_SYSTEMS[system]}_{_MACHINES.get(machine, machine)}"


def write_plugin(plugins: Path, version: str, system: str) -> Sequence[Path]:
    """Write the file of *version* for *system* below *plugins*, once for each registry; return both.

    Raises AlicdnError if a file cannot be written.
    """
    targets = [plugins / host / SOURCE / version / system / f"{PROGRAM}_v{version}" for host in _REGISTRIES]
    for target in targets:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _replace(target)
        except OSError as error:
            raise AlicdnError(f"{show(str(target))} cannot be written: {error.strerror}") from None
    return targets


def _replace(target: Path) -> None:
    """Write a second file and rename it: a Terraform that starts in between must not run half a script."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, delete=False) as file:
        written = Path(file.name)
        try:
            file.write(SCRIPT)
            file.flush()
            written.chmod(0o755)
            written.replace(target)
        except OSError:
            written.unlink(missing_ok=True)
            raise


def required_providers(version: str) -> str:
    """Return the block that a configuration needs."""
    return f"""terraform {{
  required_providers {{
    alicdn = {{
      source  = "{SOURCE}"
      version = "{version}"
    }}
  }}
}}"""
