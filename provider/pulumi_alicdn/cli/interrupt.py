"""Ctrl-C and SIGTERM: the command ends, the tasks do not, and the last line says how to go on."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

import click

from pulumi_alicdn.cli import console


class TerminatedError(KeyboardInterrupt):
    """SIGTERM, raised where Ctrl-C would be raised."""


def heed_sigterm() -> None:
    """From now on SIGTERM ends the process as Ctrl-C does: with a last line, and the terminal in order."""
    signal.signal(signal.SIGTERM, _terminate)


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise TerminatedError


def code(error: BaseException | None) -> int:
    """The exit code after *error*: 143 after SIGTERM, else 130."""
    return 128 + (signal.SIGTERM if isinstance(error, TerminatedError) else signal.SIGINT)


@contextmanager
def explain_interruption(known_ids: Callable[[], Sequence[str]], how: str) -> Iterator[None]:
    """Where the block is interrupted, say that the tasks go on, and *how* to follow them.

    *known_ids* gives the ids of all tasks that are known by then; ``{ids}`` in *how* stands for them.
    """
    try:
        yield
    except KeyboardInterrupt as error:
        # On a terminal, what Ctrl-C left there (^C) keeps a line of its own.
        head = "\nalicdn: interrupted" if sys.stderr.isatty() else "alicdn: interrupted"
        if task_ids := known_ids():
            console.say(f"{head}; the tasks go on in the cloud: {how.format(ids=','.join(task_ids))}")
        else:
            console.say(f"{head} before a task id was known; `alicdn tasks` lists what was submitted")
        raise click.exceptions.Exit(code(error)) from None
