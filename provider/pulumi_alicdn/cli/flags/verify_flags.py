"""The options of a task that is verified at the edges, which `refresh` and `wait` share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import click

from pulumi_alicdn.cli.flags import access_flags
from pulumi_alicdn.freshness.verify_options import VerifyAt
from pulumi_alicdn.releases.proof.judge import USER_AGENT
from pulumi_alicdn.releases.proof.visitors import stored_user_agent

F = TypeVar("F", bound=Callable[..., Any])

ORIGIN_HELP: Final = "The origin that --verify compares with. Default: the one that the service names."
"""The help of ``--origin`` where it is for this alone."""


def verify(command: F) -> F:
    """Add ``--verify``, the options for signed URLs and extra headers, and ``--user-agent``."""
    command = click.option(
        "--user-agent",
        metavar="TEXT",
        default=USER_AGENT,
        show_default=True,
        help="The User-Agent of the requests of --verify; `browser` for that of an ordinary browser.",
    )(access_flags.access(command))
    return click.option(
        "--verify",
        type=click.Choice([str(one) for one in VerifyAt]),
        default=str(VerifyAt.OFF),
        show_default=True,
        help="Request each URL once the task is Complete, at all nodes that the service lists or at the edges that DNS "
        "lists here: they have to serve what the origin serves.",
    )(command)


def options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a program that *given*, the values of the flags, stand for. Raises InputError."""
    return {
        "verify": given["verify"],
        **access_flags.read_access(given),
        "user_agent": stored_user_agent(given["user_agent"]),
    }
