"""The command `alicdn`: global options, the commands, and how each error ends."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

import click

from pulumi_alicdn.cli import console, interrupt
from pulumi_alicdn.cli.cloud_options import CloudOptions
from pulumi_alicdn.cli.commands.doctor import doctor
from pulumi_alicdn.cli.commands.edge_table import edges
from pulumi_alicdn.cli.commands.emulator import emulator
from pulumi_alicdn.cli.commands.quota import quota
from pulumi_alicdn.cli.commands.refresh import prefetch, refresh
from pulumi_alicdn.cli.commands.release import release
from pulumi_alicdn.cli.commands.tasks import tasks
from pulumi_alicdn.cli.commands.verify import verify
from pulumi_alicdn.cli.commands.wait import wait
from pulumi_alicdn.cli.exit_codes import ExitCode, exit_code
from pulumi_alicdn.errors import AlicdnError, InputError, crash_site

_EPILOG: Final = """\b
Exit codes:
  0 effective, or asked and answered    3 not effective in time
  1 failed, or refused by the service   4 denied, or no credentials
  2 wrong usage; nothing was sent       5 unreachable, throttled or unanswered

Credentials come from the default chain only: environment, OIDC, profile, ECS role or URI."""


@click.group(name="alicdn", epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--region", metavar="ID", help="Region; else ALIBABA_CLOUD_REGION_ID, else the service's own default.")
@click.option("--endpoint", metavar="HOST|URL", help="Where the API is, such as an emulator; else ALICDN_ENDPOINT.")
@click.option("--profile", metavar="NAME", help="Profile of the aliyun command line that gives the credentials.")
@click.version_option(package_name="pulumi-alicdn", message="alicdn %(version)s")
@click.pass_context
def group(context: click.Context, region: str | None, endpoint: str | None, profile: str | None) -> None:
    """Refresh and prefetch tasks of Alibaba Cloud VOD and CDN: submit, wait until effective, list."""
    context.obj = CloudOptions(region, endpoint, profile)


for _command in (tasks, wait, refresh, prefetch, release, verify, edges, doctor, quota, emulator):
    group.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, by default that of this process; return its exit code."""
    interrupt.heed_signals()
    try:
        code = group.main(None if arguments is None else list(arguments), prog_name="alicdn", standalone_mode=False)
    except AlicdnError as error:
        return _failed(error)
    except click.exceptions.NoArgsIsHelpError as error:
        console.say(error.format_message())
        return ExitCode.USAGE
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
    console.say(f"alicdn: {error.format_message()}")
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        console.say(f"`{context.command_path} --help` shows the usage.")
    return ExitCode.USAGE


def _unforeseen(error: Exception) -> int:
    """Report an error that is our own fault."""
    console.say(
        f"alicdn: unexpected {crash_site(error)}: a fault of alicdn; `alicdn tasks` lists what was "
        "submitted (ALICDN_DEBUG=1 shows the traceback)"
    )
    return ExitCode.FAILED
