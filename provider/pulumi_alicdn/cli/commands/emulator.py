"""`alicdn emulator`: replaces this process by the local cloud, which is a separate program."""

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

    The emulator replaces this process and keeps its process id, so that it receives signals.
    `alicdn emulator --help` lists the options.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    # -P: without it, a module in the working directory could replace one of ours.
    os.execv(sys.executable, [sys.executable, "-P", "-m", "pulumi_alicdn.emulator", *arguments])  # noqa: S606
