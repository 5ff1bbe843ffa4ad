"""`alicdn terraform install`: lets Terraform and OpenTofu find the provider."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click

from pulumi_alicdn.cli import console, plugin_folder
from pulumi_alicdn.errors import AlicdnError, InputError
from pulumi_alicdn.extras import install_command

_EXTRA: Final = "terraform"
"""The extra of the package that brings what the provider needs."""

_MODULES: Final = ("cryptography", "google.protobuf", "msgpack")
"""What it brings, as modules."""


@click.group()
def terraform() -> None:
    """Use the resources of Terraform and OpenTofu."""


@terraform.command()
@click.option("--dir", "folder", metavar="DIR", help="The folder of the configuration; default: this one.")
@click.option("--user", is_flag=True, help="For all configurations of this user, in ~/.terraform.d, instead.")
def install(*, folder: str | None, user: bool) -> None:
    """Write the file by which `terraform init` finds the provider, without a registry; print what to configure.

    The file is the same on every machine, so .terraform.lock.hcl can be committed. It starts terraform-provider-alicdn,
    which has to be on PATH whenever Terraform or OpenTofu runs. Run this on each machine, before `terraform init`, or
    commit the folder terraform.d.
    """
    if folder is not None and user:
        raise InputError("--dir does not go with --user; leave one of them out")
    system = plugin_folder.go_platform()
    missing = [name for name in _MODULES if not _there(name)]
    if missing:
        command = install_command(metadata.requires("pulumi-alicdn"), _EXTRA)
        raise AlicdnError(f"{missing[0]} is not installed, which the provider needs: {command}")
    root = Path(folder or ".")
    if not user and not root.is_dir():
        raise InputError(f"--dir is {folder!r}, but must be the folder of a configuration: there is no such folder")
    plugins = Path.home() / ".terraform.d" / "plugins" if user else root / "terraform.d" / "plugins"
    from pulumi_alicdn import __version__  # noqa: PLC0415  it takes 20 ms to load

    for path in plugin_folder.write_plugin(plugins, __version__, system):
        console.say(f"wrote {path}")
    console.result(plugin_folder.required_providers(__version__))
    console.say("put this block into the configuration, then run `terraform init` or `tofu init`")
    if shutil.which(plugin_folder.PROGRAM) is None:
        programs = shlex.quote(str(Path(sys.executable).parent))
        console.say(
            f"alicdn: {plugin_folder.PROGRAM} is not on PATH, where Terraform has to find it: "
            f"export PATH={programs}{os.pathsep}$PATH"
        )


def _there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False
