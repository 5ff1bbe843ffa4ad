"""`alicdn emulator`: becomes the local cloud, which is a program of its own."""

from __future__ import annotations

import os
import sys

import click


@click.command(
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    options_metavar="[OPTIONS]",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="")
def emulator(arguments: tuple[str, ...]) -> None:
    """Run a local cloud on loopback: the API, caching edges and an origin.

    It takes the place of this process: same process id, so that signals reach it. Its own --help tells its options.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    # -P: as for this command itself, a module that happens to lie in the working directory is not taken for ours.
    os.execv(sys.executable, [sys.executable, "-P", "-m", "pulumi_alicdn.emulator", *arguments])  # noqa: S606
