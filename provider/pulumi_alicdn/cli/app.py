"""The command `alicdn`: global options, the commands, and how each error ends."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

import click

from pulumi_alicdn.cli import console, interrupt
from pulumi_alicdn.cli.cloud_options import CloudOptions, connection_options
from pulumi_alicdn.cli.commands.doctor import doctor
from pulumi_alicdn.cli.commands.edge_table import edges
from pulumi_alicdn.cli.commands.emulator import emulator
from pulumi_alicdn.cli.commands.quota import quota
from pulumi_alicdn.cli.commands.refresh import prefetch, refresh
from pulumi_alicdn.cli.commands.release import release
from pulumi_alicdn.cli.commands.tasks import tasks
from pulumi_alicdn.cli.commands.terraform_install import terraform
from pulumi_alicdn.cli.commands.verify import verify
from pulumi_alicdn.cli.commands.wait import wait
from pulumi_alicdn.cli.exit_codes import ExitCode, exit_code
from pulumi_alicdn.cli.flags import common_flags
from pulumi_alicdn.errors import AlicdnError, InputError, crash_site

_PASSED_ON: Final = ("service", "output")
"""The options before a command's name that are the command's own."""

_EPILOG: Final = """\b
Exit codes:
  0 effective, or asked and answered    3 not effective in time
  1 failed, or refused by the service   4 denied, or no credentials
  2 wrong usage; nothing was sent       5 unreachable, throttled or unanswered
  130, 143 ended by Ctrl-C or SIGTERM; the tasks go on in the cloud

Credentials come from the default chain only: environment, OIDC, profile, ECS role or URI.

\b
Completion of names: put the line of your shell into its start file.
  bash: eval "$(_ALICDN_COMPLETE=bash_source alicdn)"
  zsh:  eval "$(_ALICDN_COMPLETE=zsh_source alicdn)"
  fish: _ALICDN_COMPLETE=fish_source alicdn | source"""


class _Commands(click.Group):
    """The commands. An option that all of them share may also come before the command's name."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command, with the options of the connection if it connects to the cloud."""
        super().add_command(cmd if cmd in (emulator, terraform) else connection_options(cmd), name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, and give it what came before its name; what comes after it takes precedence."""
        name, command, rest = super().resolve_command(ctx, args)
        before = [(option, ctx.params[option]) for option in _PASSED_ON if ctx.params[option] is not None]
        return name, command, [*(part for option, value in before for part in (f"--{option}", value)), *rest]


@click.group(name="alicdn", cls=_Commands, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--service", metavar="vod|cdn", help="The product; see the command.")
@click.option("--output", metavar="|".join(common_flags.OUTPUTS), help="Output format, where the command has one.")
@click.version_option(package_name="pulumi-alicdn", message="alicdn %(version)s")
@click.pass_context
def group(context: click.Context, /, **_passed_on: object) -> None:
    """Refresh and prefetch tasks of Alibaba Cloud VOD and CDN: submit, wait until effective, list.

    The options below may come before or after the command.
    """
    context.obj = context.obj or CloudOptions()


connection_options(group)
for _command in (tasks, wait, refresh, prefetch, release, verify, edges, doctor, quota, emulator, terraform):
    group.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, by default that of this process; return its exit code."""
    console.ready()
    interrupt.heed_signals()
    try:
        code = group.main(None if arguments is None else list(arguments), prog_name="alicdn", standalone_mode=False)
    except AlicdnError as error:
        return _failed(error)
    except click.ClickException as error:
        return _misused(error)
    except (click.Abort, KeyboardInterrupt) as error:
        interrupt.noticed()
        console.say("alicdn: interrupted; nothing was submitted")
        return interrupt.code(error.__cause__ or error)
    except Exception as error:
        if os.environ.get("ALICDN_DEBUG"):
            raise
        return _unforeseen(error)
    return code if isinstance(code, int) else ExitCode.OK


def _failed(error: AlicdnError) -> int:
    # An InputError has one sentence per line; the lines of any other error belong to one sentence.
    heads = str(error).splitlines() if isinstance(error, InputError) else [str(error)]
    for sentence in (*heads, *getattr(error, "__notes__", ())):
        console.say(f"alicdn: {sentence}")
    return exit_code(error)


def _misused(error: click.ClickException) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        console.say(error.format_message())
        return ExitCode.USAGE
    console.say(f"alicdn: {error.format_message()}")
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        console.say(f"`{context.command_path} --help` shows the usage.")
    return ExitCode.USAGE


def _unforeseen(error: Exception) -> int:
    """Report a result that cannot be written, or an error that is our own fault."""
    if isinstance(error, console.UnwritableError):
        console.say(
            f"alicdn: the result cannot be written to standard output: {error}; what was submitted goes on in the "
            "cloud, and `alicdn tasks` lists it"
        )
        return ExitCode.FAILED
    console.say(
        f"alicdn: unexpected {crash_site(error)}: a fault of alicdn; `alicdn tasks` lists what was "
        "submitted (ALICDN_DEBUG=1 shows the traceback)"
    )
    return ExitCode.FAILED
